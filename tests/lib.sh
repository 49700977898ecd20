# shellcheck shell=bash
# Sourced by the tests that are shell scripts: where things are, how a test fails, and a temporary folder.
#   srcdir, builddir   absolute paths
#   mattis             the program
#   mpirun             the launcher, quiet; `$mpirun -n 2 "$mattis" ...`
#   dir                a new folder, entered here and removed at the end
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2034
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
srcdir=$(cd "${srcdir:-.}" && pwd) builddir=$(cd "${builddir:-build}" && pwd)
export srcdir builddir
mattis=$builddir/mattis
mpirun="${MPIEXEC:-mpirun --bind-to none} -q"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

# fail MESSAGE: ends the test.
fail() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# complain MESSAGE: notes a failure and goes on.  A script that uses it ends with `exit $bad`.
bad=0
complain() {
	echo "${0##*/}: $*"
	bad=1
}

# skip REASON: ends the test as one that cannot run here.
skip() {
	echo "${0##*/}: skipped: $*"
	exit 77
}

# find_python MODULE...: sets python to one that has these modules; skips the test if there is none.
find_python() {
	python=$(sh "$srcdir/scripts/find-python" "$@") || skip "no Python with $*"
}

# same FILE FILE...: succeeds if the outputs of each pair are equal bit by bit, except for /provenance.
same() {
	"$python" "$srcdir/tests/same.py" "$@"
}
