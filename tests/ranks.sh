#!/usr/bin/env bash
# Tests solve on 1, 2 and 4 ranks (bit for bit the same), the portable kernel (within 1e-13), --resume,
# --restart and the printed table.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"

cat >"deck.yaml" <<'DECK'
model: {network: dense, learning: supervised, P: 4, r: 0.8, M: 5}
sweep: {gamma: 0:0.4:0.02, T: [0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 1.1]}
DECK

for ranks in 1 2 4; do
	$MPIEXEC -n $ranks "$mattis" solve "deck.yaml" -o "$ranks.h5" --quiet >"$ranks.txt" 2>"err" ||
		fail "$ranks ranks: $(cat "err")"
done
"$mattis" solve "deck.yaml" -s run.kernel=portable -o "portable.h5" >/dev/null || fail "portable kernel"

# Many single-rank jobs at once do not disturb each other.
for job in {1..16}; do
	"$mattis" solve -s model.P=4 -s sweep.gamma=0.1 -s sweep.T=0.5 >/dev/null 2>"alone.$job" ||
		: >"failed.$job" &
done
wait
for job in {1..16}; do
	[ ! -e "failed.$job" ] || fail "one of 16 jobs at once: $(head -c 600 "alone.$job")"
done

# An existing file is not touched unless asked; complete files stay.
before=$(cksum <"1.h5")
code=0
"$mattis" solve "deck.yaml" -o "1.h5" >/dev/null 2>&1 || code=$?
[ $code = 2 ] || fail "an existing file: exit $code"
"$mattis" solve "deck.yaml" -o "1.h5" --resume | grep -q 'complete, nothing to do' ||
	fail "--resume of a complete file"
code=0
"$mattis" solve "deck.yaml" -s model.M=6 -o "1.h5" --resume >/dev/null 2>"err" || code=$?
{ [ $code = 2 ] && grep -q 'model.M' "err"; } || fail "--resume with another deck: exit $code"
[ "$before" = "$(cksum <"1.h5")" ] || fail "the file was touched"
"$mattis" solve "deck.yaml" -o "1.h5" --restart >/dev/null || fail "--restart"
"$mattis" solve "deck.yaml" -o "new.h5" --resume >/dev/null || fail "--resume of nothing starts"

# One point is printed, with the m of the reference tables (P = 4, gamma = 0.2, T = 0.5).
"$mattis" solve -s model.P=4 -s sweep.gamma=0.2 -s sweep.T=0.5 | grep -q '0.9869651488' || fail "one point"

find_python h5py numpy
same 1.h5 2.h5 1.h5 4.h5 || fail "other numbers on several ranks"
"$python" - <<'PYTHON'
import h5py
import numpy as np

def datasets(path):
    found = {}
    with h5py.File(path) as f:
        f.visititems(lambda name, o: found.update({name: o[()]}) if isinstance(o, h5py.Dataset) else None)
    return found

one = datasets("1.h5")
assert {"m", "n", "q", "free_energy", "phase", "status"} <= set(one)
assert np.isfinite(one["m"][..., 0]).sum() > 50
portable = datasets("portable.h5")
for name in "m", "n", "q", "free_energy", "energy":
    assert np.array_equal(np.isnan(one[name]), np.isnan(portable[name])), name
    difference = np.nanmax(np.abs(one[name] - portable[name]))
    assert difference < 1e-13, (name, difference)
assert np.array_equal(one["phase"], portable["phase"])
PYTHON
