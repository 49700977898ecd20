#!/usr/bin/env bash
# Tests mattis lines from the deck to the file: known values, identical tables on 1 and 2 ranks, --resume,
# --restart, faulty decks.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"

# refuses PATTERN ARGUMENT...: exit code 2 and one line that matches.
refuses() {
	local code=0 pattern=$1
	shift
	"$mattis" lines "$@" >/dev/null 2>"err" || code=$?
	{ [ $code = 2 ] && grep -q "$pattern" "err"; } || fail "$*: exit $code: $(cat "err")"
}

set -- -s model.P=4 -s model.rho=0.1 -s model.learning=supervised -s sweep.T=0.1:0.5:0.1 \
	-s sweep.gamma=0:0.5:0.05
"$mattis" lines "$@" -o "1.h5" --quiet >"text"
grep -q '^  spinodal_1rsb *0 *gamma *0.3 *0.37145047' "text" ||
	fail "no 1RSB spinodal of the reference tables at T = .3"
$mpirun -n 2 "$mattis" lines "$@" -o "2.h5" --quiet >/dev/null
"$mattis" lines -s model.P=4 -s model.rho=0.1 -s model.learning=supervised -s sweep.gamma=0:0.5:0.05 \
	-s sweep.T=0.1:0.5:0.1 \
	-s lines.which=first_order -o "swapped.h5" --quiet >/dev/null
"$mattis" lines "$@" -o "1.h5" --resume | grep -q 'complete, nothing to do' || fail "--resume"
refuses 'lines.tolerance' "$@" -s lines.tolerance=1e-6 -o "1.h5" --resume
refuses 'exists' "$@" -o "1.h5"
refuses 'lines.which: must be names of spinodal' "$@" -s 'lines.which=spinodal AT'
refuses 'sweep.T: needs two values' -s model.P=4 -s model.gamma=0.1 -s sweep.T=0.5
"$mattis" lines -s model.P=2 -s sweep.gamma=0.25 -s sweep.T=0:2:0.5 -s lines.which=ergodic >"text"
grep -q '^  ergodic *0 *T *0.25 *1.5 ' "text" || fail "P = 2: T = 1 + sqrt(gamma)"
"$mattis" lines -s model.network=multitasking -s model.K=3 -s sweep.T=0 -s sweep.d=0.3:0.8:0.1 \
	-s lines.which=hierarchical_stability >"text"
grep -q '0.61803398' "text" || fail "multitasking: d_c(3) = (sqrt 5 - 1)/2"
"$mattis" lines -s model.P=4 -s sweep.T=3 -s sweep.gamma=0:0.1:0.05 -s lines.which=spinodal -o "none.h5" \
	>/dev/null ||
	fail "no point at all"

find_python h5netcdf xarray pandas
"$python" - <<'PYTHON'
import numpy as np
import xarray as xr

with xr.open_dataset("1.h5", group="lines") as table, xr.open_dataset("2.h5", group="lines") as other:
    assert table.sizes == {"point": table.points}, table.sizes
    assert table.identical(other)
    groups = dict(list(table.to_dataframe().groupby("line")))
    names = {"spinodal", "spinodal_1rsb", "merge_1rsb", "low_onset", "low_end", "first_order",
             "first_order_1rsb", "at", "learning", "dynamic_glass", "static_glass"}
    assert names == set(groups), set(groups)
    last = {name: table[table.along == "gamma"] for name, table in groups.items()}
    assert np.allclose(last["spinodal"]["T"], [0.1, 0.2, 0.3, 0.4, 0.5]) and (table.width <= 1e-8).all()
    assert (last["at"].gamma.values < last["spinodal"].gamma.values[: len(last["at"])]).all()
    merge = groups["merge_1rsb"].iloc[0]  # THEORY.md (R13)
    assert abs(merge["T"] - 0.46641070) < 1e-7 and abs(merge.gamma - 0.37226902) < 1e-7 and merge.along == ""
# Points along both axes lie on one line: load and temperature are those of the other order of the axes.
with xr.open_dataset("swapped.h5", group="lines") as other:
    a, b = groups["first_order"], other.to_dataframe().query("line == 'first_order'")
    for axis in "T", "gamma":
        for here, there in (a, b), (b, a):
            for _, point in here[here.along == axis].iterrows():
                assert min(abs(there["T"] - point["T"]) + abs(there.gamma - point.gamma)) < 2e-8, point
with xr.open_dataset("none.h5", group="lines") as empty:
    assert empty.points == 0
PYTHON
