#!/usr/bin/env bash
# The same numbers, bit by bit, on 1, 2 and 4 ranks; the portable kernel within 1e-13; --resume, --restart, printing.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mattis=${builddir:-build}/mattis
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "ranks.sh: $*" >&2; exit 1; }

cat >"$dir/deck.yaml" <<'DECK'
model: {network: dense, learning: supervised, P: 4, r: 0.8, M: 5}
sweep: {gamma: 0:0.4:0.02, T: [0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 1.1]}
DECK

for ranks in 1 2 4; do
	$MPIEXEC -n $ranks "$mattis" solve "$dir/deck.yaml" -o "$dir/$ranks.h5" --quiet >"$dir/$ranks.txt" 2>"$dir/err" ||
		fail "$ranks ranks: $(cat "$dir/err")"
done
"$mattis" solve "$dir/deck.yaml" -s run.kernel=portable -o "$dir/portable.h5" >/dev/null || fail "portable kernel"

# many jobs alone at once: no one takes away what another needs
for job in {1..16}; do
	"$mattis" solve -s model.P=4 -s sweep.gamma=0.1 -s sweep.T=0.5 >/dev/null 2>"$dir/alone.$job" || : >"$dir/failed.$job" &
done
wait
for job in {1..16}; do
	[ ! -e "$dir/failed.$job" ] || fail "one of 16 jobs at once: $(head -c 600 "$dir/alone.$job")"
done

# the file is not touched without being asked; complete files stay
before=$(cksum <"$dir/1.h5")
code=0
"$mattis" solve "$dir/deck.yaml" -o "$dir/1.h5" >/dev/null 2>&1 || code=$?
[ $code = 2 ] || fail "an existing file: exit $code"
"$mattis" solve "$dir/deck.yaml" -o "$dir/1.h5" --resume | grep -q 'complete, nothing to do' || fail "--resume of a complete file"
code=0
"$mattis" solve "$dir/deck.yaml" -s model.M=6 -o "$dir/1.h5" --resume >/dev/null 2>"$dir/err" || code=$?
{ [ $code = 2 ] && grep -q 'model.M' "$dir/err"; } || fail "--resume with another deck: exit $code"
[ "$before" = "$(cksum <"$dir/1.h5")" ] || fail "the file was touched"
"$mattis" solve "$dir/deck.yaml" -o "$dir/1.h5" --restart >/dev/null || fail "--restart"
"$mattis" solve "$dir/deck.yaml" -o "$dir/new.h5" --resume >/dev/null || fail "--resume of nothing starts"

# one point is printed, with the m of the reference tables (P = 4, gamma = .2, T = .5)
"$mattis" solve -s model.P=4 -s sweep.gamma=0.2 -s sweep.T=0.5 | grep -q '0.9869651488' || fail "one point"

if [ -z "${PYTHON:-}" ]; then
	echo "no Python: the numbers were not compared"
	exit 77
fi
"$PYTHON" - "$dir" <<'PYTHON'
import sys
import h5py
import numpy as np

def datasets(path):
    found = {}
    with h5py.File(path) as f:
        f.visititems(lambda name, o: found.update({name: o[()]}) if isinstance(o, h5py.Dataset) else None)
    return found

top = sys.argv[1]
one = datasets(top + "/1.h5")
assert {"m", "n", "q", "free_energy", "phase", "status"} <= set(one)
assert np.isfinite(one["m"][..., 0]).sum() > 50
for ranks in "2", "4":
    other = datasets(f"{top}/{ranks}.h5")
    assert set(one) == set(other)
    for name in one:
        assert one[name].tobytes() == other[name].tobytes() or one[name].dtype == object, (ranks, name)
portable = datasets(top + "/portable.h5")
for name in "m", "n", "q", "free_energy", "energy":
    assert np.array_equal(np.isnan(one[name]), np.isnan(portable[name])), name
    assert np.nanmax(np.abs(one[name] - portable[name])) < 1e-13, (name, np.nanmax(np.abs(one[name] - portable[name])))
assert np.array_equal(one["phase"], portable["phase"])
PYTHON
