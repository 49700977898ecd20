#!/usr/bin/env bash
# Repeats the simulations of data/reference/monte_carlo.txt, which come from an independent program.  The
# difference of each value is tested by Student's t, with the error of both and the degrees of freedom of
# the sum (Welch). False-alarm rate: 1e-4 per value, about 0.002 for the short rows; the seed is fixed.
# LONG=1: all rows, some minutes.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"
find_python h5py numpy
table=$srcdir/data/reference/monte_carlo.txt

row=0
while IFS='|' read -r form what values deck; do
	case $form in
	short*) ;;
	long*) [ -n "${LONG:-}" ] || continue ;;
	*) continue ;;
	esac
	row=$((row + 1))
	options=()
	for word in simulate.samples=10 simulate.replicas=2 simulate.burn_in=100 simulate.sweeps=500 \
		simulate.seed=5 $deck; do
		options+=(-s "$word")
	done
	what=${what# } what=${what% }
	"$mattis" simulate --quiet "${options[@]}" -o $row.h5 >/dev/null || fail "$what: $deck"
	echo "$row|$what|$values" >>rows
done <"$table"

"$python" - <<'PYTHON'
import math
import sys
import h5py
import numpy as np

CHANCE = 1e-4

def student_tail(t, dof):
    """Returns the probability of a larger |t|, integrated in u = arctan(t/sqrt(dof))."""
    norm = math.exp(math.lgamma((dof + 1) / 2) - math.lgamma(dof / 2)) / math.sqrt(math.pi)
    u = np.linspace(math.atan(t / math.sqrt(dof)), math.pi / 2, 20001)
    f = np.cos(u) ** (dof - 1)
    return 2 * norm * float(np.sum((f[1:] + f[:-1]) / 2) * (u[1] - u[0]))

def samples(f, name):
    """Returns the named quantity of every sample that did not escape."""
    kind, _, name = name.rpartition(":")
    name, _, pattern = name.rstrip("]").partition("[")
    x = np.abs(f["samples/" + name][()].reshape(f["samples/escaped"].size, -1))
    if kind == "sorted":
        x = -np.sort(-x)
    if kind == "mean":
        x = x.mean(1, keepdims=True)
    x = x[:, int(pattern or 1) - 1]
    return x[f["samples/escaped"][()].ravel() == 0]

failed = 0
for line in open("rows"):
    row, what, values = line.split("|")
    with h5py.File(row + ".h5") as f:
        for want in values.split():
            name, _, want = want.partition("=")
            value, error = map(float, want.split("+-"))
            x = samples(f, name)
            assert len(x) > 1, f"{what}: all samples escaped"
            own = x.std(ddof=1) / len(x) ** 0.5
            both = math.hypot(own, error)
            dof = min(1e6, (len(x) - 1) * (both / max(own, 1e-12)) ** 4)
            chance = student_tail(abs(x.mean() - value) / both, dof)
            print(f"{what}: {name} {x.mean():.5f}({own:.5f}), table {value}({error}),",
                  f"z = {(x.mean() - value) / both:+.1f}")
            if not chance > CHANCE:
                failed += 1
                print(f"   too far: by chance with probability {chance:.1g}")
sys.exit(failed > 0)
PYTHON
