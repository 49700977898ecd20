#!/usr/bin/env bash
# Tests mattis compare: a simulation that agrees with the theory (exit code 0), the same against the theory
# of another temperature (3), extrapolation in 1/N, identical files on 1 and 2 ranks, and refused arguments.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"

# ends CODE PATTERN ARGUMENT...: mattis compare exits with this code and prints one line on stderr that
# matches.
ends() {
	local code=0 want=$1 pattern=$2
	shift 2
	"$mattis" compare --quiet "$@" >out 2>err || code=$?
	# shellcheck disable=SC2053
	[ $code = "$want" ] && [ "$(wc -l <err)" = 1 ] && [[ $(cat err) == $pattern ]] ||
		fail "$*: exit $code: $(cat err)"
}

several=(-s model.network=multitasking -s model.K=2 -s model.d=0.3 -s model.patterns=stratified -s sweep.N=400
	-s sweep.T=[0.1,0.2] -s simulate.start=hierarchical -s simulate.samples=6 -s simulate.replicas=2 \
		-s simulate.burn_in=100)
"$mattis" simulate --quiet "${several[@]}" -s simulate.sweeps=2000 -o two.h5 >/dev/null
"$mattis" compare --quiet two.h5 >out || fail "exit $?: $(cat out)"
grep -q '^# p, points: .*: agrees' out || fail "$(cat out)"
$mpirun -n 2 "$mattis" compare --quiet two.h5 -o ranks.h5 >/dev/null
ends 3 'two.h5: theory and simulation disagree: *q (points, p = *)*' two.h5 -s 'sweep.T=[0.15,0.25]' \
	-o wrong.h5
grep -q 'DISAGREES' out || fail "no disagreement in the table"
ends 3 '*disagree*' two.h5 -s model.d=0.35 --restart -o wrong.h5
"$mattis" compare two.h5 --dry-run -o new.h5 | grep -q '2 points' || fail "--dry-run"

dense=(-s model.P=2 -s model.learning=supervised -s model.r=0.8 -s model.M=5 -s model.gamma=0.02 \
	-s simulate.samples=12
	-s simulate.replicas=2 -s simulate.burn_in=50 -s simulate.sweeps=500)
"$mattis" simulate --quiet "${dense[@]}" -s sweep.N=[400,800] -s sweep.T=0.3 -o sizes.h5 >/dev/null
"$mattis" compare --quiet sizes.h5 >out || fail "exit $?: $(cat out)"
grep -q '^# m, N = infinity: .*: agrees' out && grep -q '^# m, points: .*: not decisive' out ||
	fail "$(cat out)"
ends 3 '*disagree*N = infinity*' sizes.h5 -s model.M=9 -o wrong.h5 --restart

ends 2 'two-compare.h5 exists: *--restart*' two.h5
ends 2 '*nothing to resume*' two.h5 --resume
ends 2 '*needs the name of one output*' two.h5 sizes.h5
ends 2 '*needs the name of one output*'
ends 1 'none.h5: no such file' none.h5
ends 2 '*not their number or length*' two.h5 -s sweep.T=0.1 -o no.h5
ends 2 '*model.d: must be*' two.h5 -s model.d=2 -o no.h5
"$mattis" solve -s model.P=2 -s model.gamma=0.02 -s sweep.T=0.3 -o solve.h5 >/dev/null
ends 1 'solve.h5: not an output of mattis simulate' solve.h5
head -c 9000 two.h5 >cut.h5
ends 1 'cut.h5: damaged: *' cut.h5
"$mattis" simulate --quiet "${dense[@]}" -s simulate.samples=1 -s simulate.sweeps=10 -s sweep.N=50 \
	-s sweep.T=0.3 -o one.h5 >/dev/null
ends 2 'one.h5: one sample has no error*' one.h5
"$mattis" simulate --quiet -s model.P=4 -s model.K=2 -s model.diagonal=true -s simulate.samples=2 \
	-s simulate.sweeps=10 -s sweep.N=50 \
	-s sweep.T=0.3 -o diagonal.h5 >/dev/null
ends 2 'diagonal.h5: *coincident sites*' diagonal.h5
"$mattis" simulate --quiet -s model.P=4 -s model.K=1 -s simulate.samples=2 -s simulate.sweeps=10 \
	-s sweep.N=50 -s sweep.T=0.1 \
	-o frozen.h5 >/dev/null
ends 1 'frozen.h5: nothing to compare: *' frozen.h5
[ ! -e no.h5 ] && [ -z "$(find . -name '*.tmp' -o -name '*.lock')" ] || fail "files left behind"

find_python h5py xarray h5netcdf matplotlib
same two-compare.h5 ranks.h5 | grep -v 'run.output differs' && fail "1 and 2 ranks have different numbers"
mattis=$mattis "$python" - <<'PYTHON'
import os
import subprocess

import h5py
import numpy as np
import xarray as xr

with h5py.File("two-compare.h5") as f:
    assert f.attrs["verdict"] == "agrees" and f.attrs["simulation"] == "two.h5"
    assert f["parameters"].attrs["sweep.T"] == "[0.1, 0.2]" and f["parameters"].attrs["model.K"] == 2
with h5py.File("wrong.h5") as f:
    assert f.attrs["verdict"] == "disagrees"

# The theory equals the solver's numbers, and |z| <= |t| for 12 samples; c_N = (N-1)/N is the finite-size
# factor.
d, t = xr.open_dataset("sizes-compare.h5"), xr.open_dataset("sizes-compare.h5", group="theory")
s = xr.open_dataset("sizes.h5")
assert (d.mark.values == 0).all() and np.allclose(d.m, s.m) and np.allclose(d.m_error, s.m_error)
assert ((d.m - t.m).values * t.m_z.values > 0).all()
assert (abs(t.m_z.values) <= abs((d.m - t.m) / d.m_error).values).all()
def solve(gamma, T):
    law = ["-s", "model.P=2", "-s", "model.learning=supervised", "-s", "model.r=0.8", "-s", "model.M=5"]
    point = ["-s", f"model.gamma={gamma!r}", "-s", f"sweep.T={T!r}", "-o", "point.h5", "--restart"]
    subprocess.run([os.environ["mattis"], "solve", *law, *point], check=True, stdout=subprocess.DEVNULL)
    with xr.open_dataset("point.h5") as p:
        p = p.sel(branch="retrieval")
        return p.m.item(), p.energy.item()

D = []
for i, N in enumerate((400, 800)):
    c = (N - 1) / N
    m, energy = solve(s.gamma_realised.values.ravel()[i] / c, 0.3 / c)
    assert abs(t.m.values.ravel()[i] - m) < 1e-9 and abs(t.energy.values.ravel()[i] - c * energy) < 1e-9
    D.append(s.m.values.ravel()[i] - m)
# Two sizes: the extrapolation is the line through both points.
x = xr.open_dataset("sizes-compare.h5", group="extrapolated")
assert abs(x.m.item() - (solve(0.02, 0.3)[0] + (800 * D[1] - 400 * D[0]) / 400)) < 1e-9
assert abs(x.m_slope.item() - (D[0] - D[1]) * 800) < 1e-6
family = xr.open_dataset("two-compare.h5", group="families")
assert set(family.variable.values) == {"p", "m", "q", "energy"} and (family.degrees <= family.entries).all()
PYTHON
exit 0
