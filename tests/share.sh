#!/usr/bin/env bash
# Patterns once per node: check_share on 1 and on 4 ranks; and a simulation whose tasks share a sample, on 1 and on 3 ranks, bit by bit.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
build=$(cd "${builddir:-build}" && pwd)
src=$(cd "${srcdir:-.}" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
if [ -x "$build/tests/check_share" ]; then
	for ranks in 1 4; do
		# shellcheck disable=SC2086 # the command and its options
		$MPIEXEC -n $ranks "$build/tests/check_share" >out.txt 2>&1 || { cat out.txt; exit 1; }
	done
fi
[ "${PYTHON:-}" ] || { echo "no Python: outputs were not compared"; exit 77; }
for ranks in 1 3; do
	# shellcheck disable=SC2086
	$MPIEXEC -n $ranks "$build/mattis" simulate -s model.P=4 -s model.K=50000 -s sweep.N=200 -s sweep.T=[0.2,0.4,0.6] \
		-s simulate.samples=2 -s simulate.replicas=2 -s simulate.burn_in=1 -s simulate.sweeps=3 -o $ranks.h5 --quiet >/dev/null || exit 1
done
"$PYTHON" "$src/tests/same.py" 1.h5 3.h5
