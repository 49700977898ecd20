# shellcheck shell=bash disable=SC2034
# Sourced by quickstart and check from the top folder: Debian packages and the build in build/.
# SPDX-License-Identifier: GPL-3.0-or-later

packages=(gcc libc6-dev make autoconf automake pkg-config openmpi-bin libopenmpi-dev libhdf5-dev libgsl-dev
	libyaml-dev librandom123-dev zlib1g-dev python3-h5py python3-xarray python3-h5netcdf
	python3-matplotlib)
packages_test=(check dataset-fashion-mnist python3-netcdf4 netcdf-bin hdf5-tools qemu-user)

say() {
	printf '\n== %s\n' "$*"
}

# install_packages PACKAGE...: as root installs missing packages, otherwise prints the command.  Does nothing
# on systems other than Debian, where configure reports what is missing.
install_packages() {
	local package missing=()
	command -v dpkg-query >/dev/null || return 0
	for package; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
			missing+=("$package")
	done
	[ ${#missing[@]} -eq 0 ] && return
	if [ "$(id -u)" -eq 0 ]; then
		say "installing ${missing[*]}"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends "${missing[@]}" >/dev/null
	else
		say "some Debian packages are missing; as root, type"
		echo "apt-get install -y --no-install-recommends ${missing[*]}"
		echo "Continuing with the installed software (for example environment modules)."
	fi
}

# build FOLDER [ARGUMENT OF CONFIGURE]...: configures and builds there.
build() {
	local folder=$1
	shift
	say "building in $folder/"
	{ [ -x configure ] || ./autogen.sh; } && mkdir -p "$folder" &&
		(cd "$folder" && ../configure --quiet "$@") &&
		make -C "$folder" -j "$(nproc)" --no-print-directory
}

# run_tests FOLDER: runs make check there, $jobs tests at once, and prints the number of tests (count_tests).
# Fails if a test failed.
run_tests() {
	local code=0
	say "testing in $1/"
	rm -f "$1"/tests/*.trs
	# twice the number of cores, since tests wait for Open MPI half of their time
	make -C "$1" -j "${jobs:-$((2 * $(nproc)))}" --no-print-directory check VERBOSE=1 || code=$?
	echo
	count_tests "$1" || code=1
	return "$code"
}

# count_tests FOLDER...: prints "N passed, N failed, N skipped" for the last make check in these folders.  A
# test of a Check suite counts as one, a script as one.  Fails if a test failed or none passed.
count_tests() {
	local folder log result sum all failures errors passed=0 failed=0 skipped=0
	for folder; do
		for log in "$folder"/tests/*.trs; do
			[ -e "$log" ] || continue
			result=$(sed -n 's/^:test-result: *//p' "$log")
			sum=$(grep -E '^[0-9]+%: Checks: [0-9]+, Failures: ' "${log%.trs}.log" | tail -n 1 |
				sed -E 's/.*s: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+)$/\1 \2 \3/')
			case $result in
			SKIP*) skipped=$((skipped + 1)) ;;
			PASS*)
				[ "$sum" ] || sum="1 0 0"
				passed=$((passed + ${sum%% *}))
				;;
			*)
				[ "$sum" ] || sum="1 1 0"
				read -r all failures errors <<<"$sum"
				# the suite failed without a failed test: a memory error at its end
				[ $((failures + errors)) -gt 0 ] || all=$((all + 1)) errors=1
				failed=$((failed + failures + errors))
				passed=$((passed + all - failures - errors))
				;;
			esac
		done
	done
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $((passed)) -gt 0 ] && [ $((failed)) -eq 0 ]
}
