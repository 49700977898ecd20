#!/usr/bin/env bash
# mattis lines from the deck to the file: one table, the same on 1 and 2 ranks; --resume, --restart, bad decks.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
mattis=${builddir:-build}/mattis
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "lines.sh: $*" >&2; exit 1; }

# refuses PATTERN ARGUMENT...: exit 2 and one line
refuses() {
	local code=0 pattern=$1
	shift
	"$mattis" lines "$@" >/dev/null 2>"$dir/err" || code=$?
	{ [ $code = 2 ] && grep -q "$pattern" "$dir/err"; } || fail "$*: exit $code: $(cat "$dir/err")"
}

set -- -s model.P=4 -s model.rho=0.1 -s model.learning=supervised -s sweep.T=0.1:0.5:0.1 -s sweep.gamma=0:0.5:0.05
"$mattis" lines "$@" -o "$dir/1.h5" --quiet >"$dir/text"
grep -q '^  spinodal_1rsb *0 *gamma *0.3 *0.37145047' "$dir/text" || fail "no 1RSB spinodal of the reference tables at T = .3"
${MPIEXEC:-mpirun --bind-to none} -n 2 "$mattis" lines "$@" -o "$dir/2.h5" --quiet >/dev/null
"$mattis" lines -s model.P=4 -s model.rho=0.1 -s model.learning=supervised -s sweep.gamma=0:0.5:0.05 -s sweep.T=0.1:0.5:0.1 \
	-s lines.which=first_order -o "$dir/swapped.h5" --quiet >/dev/null
"$mattis" lines "$@" -o "$dir/1.h5" --resume | grep -q 'complete, nothing to do' || fail "--resume"
refuses 'lines.tolerance' "$@" -s lines.tolerance=1e-6 -o "$dir/1.h5" --resume
refuses 'exists' "$@" -o "$dir/1.h5"
refuses 'lines.which: must be names of spinodal' "$@" -s 'lines.which=spinodal AT'
refuses 'sweep.T: needs two values' -s model.P=4 -s model.gamma=0.1 -s sweep.T=0.5
"$mattis" lines -s model.P=2 -s sweep.gamma=0.25 -s sweep.T=0:2:0.5 -s lines.which=ergodic >"$dir/text"
grep -q '^  ergodic *0 *T *0.25 *1.5 ' "$dir/text" || fail "P = 2: T = 1 + sqrt(gamma)"
"$mattis" lines -s model.network=multitasking -s model.K=3 -s sweep.T=0 -s sweep.d=0.3:0.8:0.1 \
	-s lines.which=hierarchical_stability >"$dir/text"
grep -q '0.61803398' "$dir/text" || fail "multitasking: d_c(3) = (sqrt 5 - 1)/2"
"$mattis" lines -s model.P=4 -s sweep.T=3 -s sweep.gamma=0:0.1:0.05 -s lines.which=spinodal -o "$dir/none.h5" >/dev/null ||
	fail "no point at all"

python=${PYTHON:-$(sh "${srcdir:-.}/scripts/find-python" h5netcdf xarray pandas)} || exit 77
"$python" - "$dir" <<'PYTHON'
import sys
import numpy as np
import xarray as xr

top = sys.argv[1]
with xr.open_dataset(top + "/1.h5", group="lines") as table, xr.open_dataset(top + "/2.h5", group="lines") as other:
    assert table.sizes == {"point": table.points}, table.sizes
    assert table.identical(other)
    groups = dict(list(table.to_dataframe().groupby("line")))
    names = {"spinodal", "spinodal_1rsb", "merge_1rsb", "low_onset", "low_end", "first_order", "first_order_1rsb", "at", "learning",
             "dynamic_glass", "static_glass"}
    assert names == set(groups), set(groups)
    last = {name: table[table.along == "gamma"] for name, table in groups.items()}
    assert np.allclose(last["spinodal"]["T"], [0.1, 0.2, 0.3, 0.4, 0.5]) and (table.width <= 1e-8).all()
    assert (last["at"].gamma.values < last["spinodal"].gamma.values[: len(last["at"])]).all()
    merge = groups["merge_1rsb"].iloc[0]  # THEORY.md (R13)
    assert abs(merge["T"] - 0.46641070) < 1e-7 and abs(merge.gamma - 0.37226902) < 1e-7 and merge.along == ""
# Points along both axes lie on one line: load and temperature are those of the other order of the axes.
with xr.open_dataset(top + "/swapped.h5", group="lines") as other:
    a, b = groups["first_order"], other.to_dataframe().query("line == 'first_order'")
    for axis in "T", "gamma":
        for here, there in (a, b), (b, a):
            for _, point in here[here.along == axis].iterrows():
                assert min(abs(there["T"] - point["T"]) + abs(there.gamma - point.gamma)) < 2e-8, point
with xr.open_dataset(top + "/none.h5", group="lines") as empty:
    assert empty.points == 0
PYTHON
