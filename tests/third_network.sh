#!/usr/bin/env bash
# The recipe in physics/network.h, followed to the letter by a third network (tests/third_network/): keys,
# errors of decks, solve and lines against the closed form, simulate against exact enumeration, compare,
# --resume after a stop, 1 and 2 ranks, and a plot.  A minimal network is solved, and refused by the commands
# that it has nothing for.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${srcdir:-.}/tests/lib.sh"
mattis=$builddir/tests/mattis_third
third=(-s model.network=third)
find_python h5py

# refused PATTERN COMMAND ARGUMENT...: the command ends with exit code 2 and one line that fits.
refused() {
	local code=0 pattern=$1
	shift
	"$mattis" "$@" >out 2>err || code=$?
	# shellcheck disable=SC2053
	[ $code = 2 ] && [ "$(wc -l <err)" = 1 ] && [[ $(cat err) == $pattern ]] ||
		fail "$*: exit $code: $(cat err)"
}

# No other code names the network, and the table of networks differs by the line of the recipe only.
if grep -rnE --exclude='*.md' 'third_network|minimal_network' "$srcdir"/{physics,montecarlo,src,scripts}; then
	fail "the network is named outside its folder"
fi
[ "$(diff "$srcdir/physics/networks.c" "$builddir/tests/third_network/networks.c" | grep -c '^>')" = 2 ] ||
	fail "more than two lines of networks.c are changed"

# Its parameter and its option are keys of this program, and of this network only.
"$mattis" keys >keys
grep -qE '^model\.J +real .* > 0 .*coupling of all pairs of spins \[axis\]' keys || fail "keys: no model.J"
grep -qE '^solve\.ordered_only +word +false\|true +false ' keys || fail "keys: no solve.ordered_only"
grep -qE '^model\.network .* dense +.*dense\|multitasking\|third\|minimal' keys || fail "keys: model.network"
dense=(-s model.P=4 -s model.gamma=0.1 -s sweep.T=1)
J=("${third[@]}" -s model.J=1 -s sweep.T=1)
refused 'model.J: missing; it must be a number > 0' solve "${third[@]}" -s sweep.T=1
refused '-s model.J: must be a number > 0 (is 0)' solve "${J[@]}" -s model.J=0
refused '-s model.J: is no parameter of the dense network' solve "${dense[@]}" -s model.J=1
refused '-s model.J: is no parameter of the multitasking network' solve -s model.network=multitasking \
	-s model.K=2 -s model.d=0.3 -s model.J=1 -s sweep.T=1
refused '-s sweep.J: is no parameter of the minimal network' solve -s model.network=minimal -s sweep.J=1 \
	-s sweep.T=1
for key in model.P=2 model.gamma=0.1 model.K=1 sweep.d=0.1 model.omega=0.1; do
	refused "-s ${key%=*}: is no parameter of the third network" solve "${J[@]}" -s $key
done
refused '-s solve.ordered_only: is no option of the dense network' solve "${dense[@]}" \
	-s solve.ordered_only=true
refused '-s solve.rsb: is no option of the third network' solve "${J[@]}" -s solve.rsb=true
refused '-s model.learning: must be storage: the third network has no examples' solve "${J[@]}" \
	-s model.learning=supervised

plane=("${third[@]}" -s sweep.J=[0.5,1,2])
"$mattis" solve "${plane[@]}" -s sweep.T=0:1.5:0.1 -o solve.h5 >/dev/null
$mpirun -n 2 "$mattis" solve "${plane[@]}" -s sweep.T=0:1.5:0.1 -o solve2.h5 >/dev/null
"$mattis" solve "${J[@]}" -s model.J=2 -s solve.ordered_only=true >out
[ "$(grep -cv '^#' out)" = 1 ] || fail "solve.ordered_only: $(cat out)"
"$mattis" lines "${plane[@]}" -s sweep.T=0.15:1.4:0.3 -o lines.h5 >/dev/null
$mpirun -n 2 "$mattis" lines "${plane[@]}" -s sweep.T=0.15:1.4:0.3 -o lines2.h5 >/dev/null
refused '-s lines.which: must be names of curie*' lines "${plane[@]}" -s sweep.T=0.5:1.5:0.5 -s lines.which=at

exact=("${third[@]}" -s model.J=2 -s sweep.N=[4,10] -s sweep.T=[1,1.6] -s simulate.samples=5
	-s simulate.replicas=4 -s simulate.start=random -s simulate.burn_in=100 -s simulate.sweeps=2000)
"$mattis" simulate --quiet "${exact[@]}" -o exact.h5 >/dev/null

# A second run adds a value of J: the points that are done keep their numbers.
run=("${third[@]}" -s sweep.N=[500,1000] -s sweep.T=[0.4,0.5] -s simulate.samples=6 -s simulate.replicas=2
	-s simulate.burn_in=50 -s simulate.sweeps=1000)
$mpirun -n 2 "$mattis" simulate --quiet "${run[@]}" -s sweep.J=[0.8,1] -o whole.h5 >/dev/null
"$mattis" simulate --quiet "${run[@]}" -s sweep.J=0.8 -s run.extendable=true -o part.h5 >/dev/null
"$mattis" simulate --quiet "${run[@]}" -s sweep.J=[0.8,1] -o part.h5 --resume >/dev/null
# The same, stopped after the first checkpoint.
code=0
"$mattis" simulate --quiet "${run[@]}" -s sweep.J=[0.8,1] -s run.wall_time=0.2 \
	-s run.checkpoint_interval=0.05 -o stopped.h5 >/dev/null 2>err || code=$?
[ $code = 75 ] || [ $code = 0 ] || fail "stop: exit $code: $(cat err)"
[ $code = 0 ] || "$mattis" simulate --quiet "${run[@]}" -s sweep.J=[0.8,1] -o stopped.h5 --resume >/dev/null
same whole.h5 part.h5 whole.h5 stopped.h5 solve.h5 solve2.h5 lines.h5 lines2.h5 || fail "the outputs differ"

"$mattis" compare --quiet whole.h5 >out || fail "compare: exit $?: $(cat out)"
grep -q '^# magnetisation, N = infinity: .*: agrees' out || fail "$(cat out)"
code=0
"$mattis" compare --quiet whole.h5 -s 'sweep.J=[0.85,1.05]' -o wrong.h5 >out 2>err || code=$?
[ $code = 3 ] || fail "compare with another J: exit $code: $(cat err)"

# The minimal network has one branch with a free energy, and nothing else.
"$mattis" solve -s model.network=minimal -s sweep.T=0.5:2:0.5 -o minimal.h5 >out
grep -q '^ *2 *free *-1.38629' out || fail "minimal: $(cat out)"
refused '*model.network: the minimal network has no transition lines' lines -s model.network=minimal \
	-s sweep.T=0.5:2:0.5
refused '*model.network: *no simulation*' simulate -s model.network=minimal -s sweep.T=1 -s sweep.N=10
refused '*model.network: must be dense for mattis retrieve' retrieve -s model.network=minimal -s sweep.T=1

"$python" - <<'PYTHON'
import itertools
import math

import h5py
import numpy as np

with h5py.File("solve.h5") as f:
    assert f["magnetisation"].attrs["role"] == "overlap" and f["J"].attrs["long_name"].startswith("coupling")
    J, T, branch = f["J"][()], f["T"][()], list(f["branch"].asstr()[()])
    m, energy, free = f["magnetisation"][()], f["u"][()], f["f"][()]
    status = f["outcome"][()]
for (i, j), (k, t) in itertools.product(enumerate(J), enumerate(T)):
    b = branch.index("ordered")
    assert status[i, k, b] == (1 if t >= j else 0)
    if t >= j:
        assert np.isnan(m[i, k, b])
        continue
    x = m[i, k, b]
    if t > 0.1 * j:
        assert abs(j * x / math.atanh(x) - t) < 1e-8 * t / (1 - x * x), (j, t, x)
    entropy = -sum(p * math.log(p) for p in ((1 + x) / 2, (1 - x) / 2) if p > 0)
    assert abs(energy[i, k, b] + j * x * x / 2) < 1e-12
    assert abs(free[i, k, b] - energy[i, k, b] + t * entropy) < 1e-8
assert np.all(m[:, :, branch.index("disordered")] == 0)

with h5py.File("lines.h5") as f:
    table = f["lines"]
    found = sorted(zip(table["along"].asstr()[()], table["J"][()], table["T"][()], table["width"][()]))
assert [along for along, *_ in found] == ["J"] * 3 + ["T"] * 2, found
assert np.allclose([j for _, j, *_ in found], [0.75, 1.05, 1.35, 0.5, 1], rtol=0, atol=1e-12), found
assert all(abs(T - j) <= width for _, j, T, width in found), found

# All states by their magnetisation: |M|, M^2 and energy per spin at J = 2.
with h5py.File("exact.h5") as f:
    for (i, N), (k, T) in itertools.product(enumerate(f["N"][()]), enumerate(f["T"][()])):
        N = int(N)
        M = np.array([2 * up - N for up in range(N + 1)]) / N
        weight = np.array([math.comb(N, up) for up in range(N + 1)]) * np.exp(N * M * M / T)
        weight /= weight.sum()
        u, error = -(weight * M * M).sum(), f["u_error"][i, k]
        assert abs(f["u"][i, k] - u) < 5 * error and error < 0.01, (N, T, f["u"][i, k], u, error)
        assert abs(f["magnetisation"][i, k]) < 5 * f["magnetisation_error"][i, k]
with h5py.File("whole-compare.h5") as f:
    assert f.attrs["verdict"] == "agrees" and set(f["families/variable"].asstr()[()]) == {"magnetisation",
        "overlap_of_replicas", "u"}
PYTHON

python=$(sh "$srcdir/scripts/find-python" h5py xarray h5netcdf matplotlib) || exit 0
"$python" "$srcdir/scripts/plot_compare.py" whole-compare.h5 -o compare.png --dpi 40
[ -s compare.png ] || fail "plot_compare.py drew nothing"
# Phase diagrams: quantities are found by role, words and symbols by the attributes.
for file in solve lines; do
	"$python" "$srcdir/scripts/plot_phase_diagram.py" $file.h5 -o $file.svg >/dev/null
done
for words in 'magnetisation $M$ of the ordered branch' 'temperature $T$' \
	'coupling of all pairs of spins $J$'; do
	grep -qF "<!-- $words -->" solve.svg || fail "plot_phase_diagram.py: no label '$words'"
done
grep -qF '<!-- curie -->' lines.svg || fail "plot_phase_diagram.py: no line curie"
