#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Install the Debian packages that a target needs, where they are missing:
#   tests/packages.sh build|run|test|bench
# With sudo where the caller is not root; where that cannot be, the command is printed and the exit status is 1.
# No service starts or is enabled by it: a policy-rc.d forbids starting while packages unpack, and what a package enables
# that was not installed before is disabled again.
set -eu

build="gcc libc6-dev make pkg-config libfcgi-dev libgdbm-dev libssl-dev libjson-c-dev libinih-dev libidn2-dev libcrypt-dev zlib1g-dev"
run="$build lighttpd multiwatch"
test="$run libcmocka-dev apache2-bin media-types spawn-fcgi libfcgi-bin chromium fonts-liberation fonts-noto-color-emoji cppcheck curl php-cli"
case ${1:-} in
build) wanted=$build ;;
run) wanted=$run ;;
test) wanted=$test ;;
bench) wanted="$run wrk curl" ;;
*) echo "usage: tests/packages.sh build|run|test|bench" >&2; exit 2 ;;
esac
# A Node.js from elsewhere is as good as Debian's.
if [ "$1" = test ] && ! { command -v node && command -v npm; } >/dev/null 2>&1; then
	wanted="$wanted nodejs npm"
fi

missing=
for package in $wanted; do
	dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
		echo "Packages are missing and this user cannot install them. Run as root, then try again:" >&2
		echo "  apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
fi

policy=/usr/sbin/policy-rc.d
made_policy=no
if [ ! -e $policy ]; then
	made_policy=yes
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
fi
restore() {
	[ $made_policy = no ] || $as_root rm -f $policy
}
trap restore EXIT
trap 'exit 1' INT TERM

install() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
}
echo "Installing:$missing" >&2
# An old package list names files that are no longer there: fetch it anew and try once more.
install >&2 || { $as_root apt-get -q update >&2 && install >&2; }

for service in lighttpd; do
	case " $missing " in
	*" $service "*)
		if command -v systemctl >/dev/null; then
			$as_root systemctl disable "$service" >/dev/null 2>&1 || :
		fi
		$as_root update-rc.d "$service" disable >/dev/null 2>&1 || :
		;;
	esac
done
