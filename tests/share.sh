#!/usr/bin/env bash
# Tests that the ranks of a node share the memory of patterns: check_share on 1 and 4 ranks, and a
# simulation whose tasks share a sample on 1 and 3 ranks, bit for bit.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
. "${srcdir:-.}/tests/lib.sh"
if [ -x "$builddir/tests/check_share" ]; then
	for ranks in 1 4; do
		# shellcheck disable=SC2086 # the command and its options
		$MPIEXEC -n $ranks "$builddir/tests/check_share" >out.txt 2>&1 || { cat out.txt; exit 1; }
	done
fi
find_python h5py
for ranks in 1 3; do
	# shellcheck disable=SC2086
	$MPIEXEC -n $ranks "$mattis" simulate -s model.P=4 -s model.K=50000 -s sweep.N=200 \
		-s sweep.T=[0.2,0.4,0.6] \
		-s simulate.samples=2 -s simulate.replicas=2 -s simulate.burn_in=1 -s simulate.sweeps=3 \
			-o $ranks.h5 --quiet >/dev/null || exit 1
done
same 1.h5 3.h5
