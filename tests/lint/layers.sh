#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Check the direction of includes: a folder of src/ includes only itself and the folders before it, and each foreign library
# has one door. The order is that of LAYERS in the Makefile, given as arguments.
set -eu
awk -v order="$*" '
BEGIN {
	n = split(order, name, " ")
	for (i = 1; i <= n; i++)
		rank[name[i]] = i
	# Pages know nothing of each other, and the command line knows no HTTP.
	alone["portal"] = alone["api"] = alone["embed"] = 1
	for (f in rank)
		if (rank[f] > rank["gate"])
			closed["ctl " f] = 1
	door["gdbm.h"] = "^src/store/[^/]*$"
	door["openssl/"] = "^src/sign/"
	door["fcgiapp.h"] = "^src/web/serve\\.c$"
	door["ini.h"] = "^src/model/config\\.c$"
	door["idn2.h"] = "^src/base/origin\\.c$"
	door["zlib.h"] = "^src/base/codec\\.c$"
	door["crypt.h"] = "^src/sign/password\\.c$"
}
/^[ \t]*#[ \t]*include/ {
	file = $0
	sub(/^[^<"]*[<"]/, "", file)
	sub(/[>"].*/, "", file)
	for (d in door)
		if (index(file, d) == 1 && FILENAME !~ door[d])
			fail(file " has its door elsewhere (" door[d] ")")
	if (!index($0, "\""))
		next
	split(FILENAME, from, "/")
	split(file, to, "/")
	me = from[2]
	you = to[1]
	if (!(you in rank)) {
		fail("\"" file "\" is in no layer; write the path from src/")
		next
	}
	if (from[1] == "cgi-bin")
		next
	if (you != me && (rank[you] > rank[me] || (alone[you] && alone[me]) || ((me " " you) in closed)))
		fail(me " may not include " you)
}
function fail(what) {
	print FILENAME ":" FNR ": " what
	bad = 1
}
END { exit bad }
' $(find src cgi-bin -name '*.[ch]' | sort)
