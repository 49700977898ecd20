#!/usr/bin/env bash
# Opens what the store writes with xarray (both engines), h5py, ncdump, h5dump and h5diff.
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu
. "${srcdir:-.}/tests/lib.sh"
check_store=$builddir/tests/check_store
find_python h5py xarray h5netcdf netCDF4

"$check_store" write a.h5
"$check_store" write low.h5 2 4 0
"$check_store" write high.h5 3 4 2
"$python" "$srcdir/tests/store_xarray.py" a.h5 low.h5 high.h5

for tool in ncdump h5dump h5diff; do
	command -v $tool >/dev/null || skip "no $tool"
done
ncdump -h a.h5 >header
grep -q 'double m(gamma, T, branch)' header
grep -q 'status:flag_values = 0b, 1b, 2b' header
ncdump a.h5 | grep -q '"retrieval", "glass", "ergodic"'
h5dump a.h5 >/dev/null
"$check_store" write b.h5
h5diff a.h5 b.h5
same a.h5 b.h5
! same low.h5 high.h5 >/dev/null
