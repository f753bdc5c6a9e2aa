#!/usr/bin/env bash
# Builds mediasoup's worker from the sources in its npm package, on a machine that reaches package registries only.
# README.md says how. What is complete in WORK is used again, so that an interrupted build goes on from there.
#
#   build.sh PACKAGE OPENSSL WORK OUTPUT
#     PACKAGE  folder of the npm package mediasoup
#     OPENSSL  folder of the source of OpenSSL; copied, never written to
#     WORK     where it is built
#     OUTPUT   the program
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 4 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
package=$1
openssl_source=$2
work=$3
output=$4
jobs=$(nproc)
mkdir -p "$work"

step() { echo "step: $*"; }

# once NAME COMMAND...: a step whose result in WORK/NAME is kept; one that was cut off starts anew.
once() {
	local name=$1
	shift
	[ ! -e "$work/$name.done" ] || return 0
	rm -rf "${work:?}/$name"
	"$@" "$work/$name"
	touch "$work/$name.done"
}

get_meson() {
	python3 -m pip install --quiet --no-user --disable-pip-version-check --require-hashes --no-deps \
		--requirement "$here/requirements.txt" --target "$1"
}

# Only what the worker needs.
configure_openssl() {
	cp -r "$openssl_source" "$1"
	cd "$1"
	./config --prefix="$work/openssl" --libdir=lib --openssldir=/etc/ssl \
		no-shared no-module no-dso no-engine no-legacy no-tests no-docs no-comp no-ui-console no-quic \
		no-ssl3 no-weak-ssl-ciphers no-cms no-cmp no-ct no-ocsp no-ts no-idea no-md4 no-rc4 no-seed \
		no-camellia no-cast no-bf no-sm2 no-sm3 no-sm4
	cd "$OLDPWD"
}

build_openssl() {
	make -C "$work/openssl-source" -j "$jobs" build_generated
	make -C "$work/openssl-source" -j "$jobs" libcrypto.a libssl.a
	make -C "$work/openssl-source" install_dev
}

# The source that belongs to the distribution's own library, signed as that is: a machine has no index of sources as a rule.
get_srtp() {
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/indexes"
	local list
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
		[ -f "$list" ] || continue
		sed 's/^deb\(-src\)\? /deb-src /; s/^Types:.*/Types: deb-src/' "$list" >"$1/indexes/$(basename "$list")"
	done
	local settings=(-o Dir::Etc::sourcelist=- -o "Dir::Etc::sourceparts=$1/indexes" -o "Dir::State::lists=$1/lists"
		-o "Dir::Cache=$1/cache" -o "APT::Sandbox::User=$(id -un)")
	apt-get -q "${settings[@]}" update
	cd "$1"
	apt-get -q "${settings[@]}" source libsrtp2
	cd "$OLDPWD"
	mv "$1"/libsrtp2-*/ "$1/source"
}

build_srtp() {
	use_meson setup --buildtype release --prefix "$1" --libdir lib -Ddefault_library=static -Dcrypto-library=openssl \
		-Dtests=disabled -Dpcap-tests=disabled -Ddoc=disabled "$work/srtp-source/build" "$work/srtp-source/source"
	use_meson install -C "$work/srtp-source/build"
}

use_meson() {
	PYTHONPATH=$work/python PKG_CONFIG_PATH=$work/openssl/lib/pkgconfig:$work/srtp/lib/pkgconfig \
		python3 -m mesonbuild.mesonmain "$@"
}

# Each wrap of meson names the folder that it would unpack its download into; a shim that is there already is used.
copy_sources() {
	cp -r "$package/worker" "$1"
	local shim name folder
	for shim in "$here"/shims/*/; do
		name=$(basename "$shim")
		folder=$(sed -n 's/^directory *= *//p' "$1/subprojects/$name.wrap")
		if [ -z "$folder" ]; then
			echo "this mediasoup has no wrap $name: the shims do not fit it" >&2
			return 1
		fi
		rm -rf "$1/subprojects/${folder:?}"
		cp -r "$shim" "$1/subprojects/$folder"
	done
}

configure_worker() {
	use_meson setup --wrap-mode=nodownload --buildtype release -Db_ndebug=true "$1" "$work/worker"
}

step 'getting meson'
once python get_meson
step 'configuring OpenSSL'
once openssl-source configure_openssl
step 'building OpenSSL'
once openssl build_openssl
step 'building libsrtp'
once srtp-source get_srtp
once srtp build_srtp
step 'configuring the worker'
once worker copy_sources
once build configure_worker
step 'building the worker'
PYTHONPATH=$work/python ninja -C "$work/build" -j "$jobs" mediasoup-worker

mkdir -p "$(dirname "$output")"
strip -o "$output" "$work/build/mediasoup-worker"
