#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Rules of the house that a compiler does not know. Prints each breach as FILE:LINE: WHAT; exit status 1 where there is one.
set -eu
status=0
breach() {      # breach WHAT < lines "FILE:LINE:text"
	while IFS= read -r line; do
		printf '%s: %s\n' "$(printf '%s' "$line" | cut -d: -f1,2)" "$1"
		touch "$marker"
	done
}
marker=$(mktemp -u)

sources=$(git ls-files --cached --others --exclude-standard -- '*.c' '*.h' '*.js' '*.mjs' '*.css' '*.html' '*.sh' '*.awk' '*.lua' Makefile '*.conf' | grep -v '^tests/.*/golden/' || :)
for file in $sources; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file:1:" | breach "no SPDX line"
done
# Templates: a value is only ever escaped. (T16)
grep -nE '\{\{\{|\{\{&' -r templates | breach "raw value in a template" || :
grep -nE '<script(>| (type|nonce)="[^"]*">)[^<]' -r templates/portal | breach "inline script in a portal page" || :
grep -nE ' (style|on[a-z]+)=' -r templates | breach "inline style or handler" || :
# Scripts: no message to anybody, no text made into code or markup. (T12, T16)
grep -nE "postMessage\([^)]*['\"]\*['\"]" -r static | breach "message to any origin" || :
grep -nE '\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b' -r static | breach "markup or code made from text" || :
# C: unbounded or locale-bound string functions.
grep -nE '\b(strcpy|strcat|sprintf|gets|strtok|atoi|atol|system|popen)\(' -r src cgi-bin | breach "unsafe function" || :
for file in static/*.js $(git ls-files --cached --others --exclude-standard -- 'tests/*.mjs'); do
	[ ! -e "$file" ] || node --check "$file" 2>/dev/null || echo "$file:1:" | breach "does not parse"
done
for file in $(git ls-files --cached --others --exclude-standard -- '*.sh') lighttpd-conf/serve-dev apache-conf/serve-dev; do
	sh -n "$file" || echo "$file:1:" | breach "does not parse"
done
[ ! -e "$marker" ] || { rm -f "$marker"; status=1; }
exit $status
