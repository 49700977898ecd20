#!/usr/bin/env bash
# Tests mattis simulate from the deck to the file: bit for bit the same numbers on 1 and 2 ranks and with
# other kernels, the shape of the file, --resume, --dry-run, refused decks.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"

cat >deck.yaml <<'DECK'
title: a little of everything
model: {P: 4, learning: supervised, r: 0.8, M: 3}
sweep: {N: [20, 31], gamma: [0.1, 0.3], T: [0.3, 0.8]}
simulate: {samples: 3, replicas: 3, burn_in: 20, sweeps: 100, histogram: 8, curve: 10,
  configurations: true, magnetisations: true}
DECK
"$mattis" simulate deck.yaml -o 1.h5 >1.txt 2>err || fail "$(cat err)"
$mpirun -n 2 "$mattis" simulate deck.yaml -o 2.h5 >2.txt 2>err || fail "2 ranks: $(cat err)"
"$mattis" simulate deck.yaml -s simulate.field=tensor -o tensor.h5 >/dev/null 2>err ||
	fail "tensor: $(cat err)"
# Other instructions in the C library, too: all decisions use the program's own arithmetic.
GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA "$mattis" simulate deck.yaml -s run.kernel=portable \
	-o portable.h5 >/dev/null 2>err || fail "portable: $(cat err)"
grep -v '\.h5' 1.txt | cmp -s - <(grep -v '\.h5' 2.txt) || fail "1 and 2 ranks print different tables"
[ "$(grep -vc '^#' 1.txt)" = 8 ] || fail "not a line per point"

cat >ladder.yaml <<'DECK'
model: {P: 3, gamma: 0.3}
sweep: {T: [0.5, 0.7, 0.9], N: [12, 20]}
simulate: {samples: 2, replicas: 2, burn_in: 20, sweeps: 100, start: random}
DECK
for dynamics in metropolis parallel tempering annealing; do
	order=random
	[ $dynamics != parallel ] || order=sequential
	set -- -s simulate.dynamics=$dynamics -s simulate.order=$order
	"$mattis" simulate ladder.yaml "$@" -o $dynamics.1.h5 >/dev/null
	$mpirun -n 2 "$mattis" simulate ladder.yaml "$@" -o $dynamics.2.h5 >/dev/null
done
plefka=(-s simulate.field=plefka -s simulate.dynamics=parallel -s simulate.order=sequential)
"$mattis" simulate ladder.yaml "${plefka[@]}" -o plefka.1.h5 >/dev/null
$mpirun -n 2 "$mattis" simulate ladder.yaml "${plefka[@]}" -o plefka.2.h5 >/dev/null
cat >tap.yaml <<'DECK'
model: {P: 4, learning: supervised, r: 0.8, M: 3, gamma: 0.1}
sweep: {N: [20, 31], T: [0.1, 0.4]}
simulate: {field: plefka, dynamics: tap, samples: 2, replicas: 3, start: corrupted, magnetisations: true,
  sweeps: 100, damping: 0.2}
DECK
"$mattis" simulate tap.yaml -o tap.1.h5 >tap.txt
$mpirun -n 2 "$mattis" simulate tap.yaml -o tap.2.h5 >/dev/null
grep -q 'starts 3; points where all starts converged' tap.txt || fail "tap: $(cat tap.txt)"

# Noise on pairs is rounded to multiples, so it does not depend on the instruction set.
pairs=(-s model.P=4 -s model.K=5 -s sweep.w=[0.3,0.6] -s sweep.N=[20,31] -s sweep.T=0.5 \
	-s simulate.samples=2 -s simulate.sweeps=50)
"$mattis" simulate "${pairs[@]}" -o pairs.1.h5 >/dev/null
GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA $mpirun -n 2 "$mattis" simulate "${pairs[@]}" -o pairs.2.h5 \
	>/dev/null

# One point is printed without a file; stderr stays empty in short runs.
"$mattis" simulate -s model.P=2 -s model.K=3 -s sweep.N=50 -s sweep.T=0.3 -s simulate.burn_in=10 \
	-s simulate.sweeps=50 >out 2>err
{ [ "$(grep -vc '^#' out)" = 1 ] && [ ! -s err ]; } || fail "one point: $(cat out err)"
# --dry-run takes at most 2 s of processor time, here with samples of 1.25 GB; its estimate includes drawing
# samples.
(ulimit -t 2 && "$mattis" simulate -s model.P=4 -s model.K=10000000 -s sweep.N=1000 -s sweep.T=0.3 --dry-run \
	>out) || fail "--dry-run"
grep -q '^memory .*per rank, 1.25e+03 MB per sample' out || fail "--dry-run: $(cat out)"
grep -q '^time .*about .* h .*smaller networks' out || fail "--dry-run: $(cat out)"
(ulimit -t 1 && "$mattis" simulate -s model.P=2 -s model.learning=supervised -s model.r=0.02 \
	-s model.M=30000 -s model.K=1000 \
	-s sweep.N=100 -s sweep.T=0.3 -s simulate.sweeps=1 --dry-run >out) || fail "--dry-run, many examples"
grep -q '^time .*about' out || fail "--dry-run, much to draw: $(cat out)"
# The estimate is correct to a factor of 2, for jobs that sweep and for jobs that draw examples.
estimated() {
	local estimate took
	estimate=$("$mattis" simulate "$@" --dry-run | sed -n 's/^time *about \([0-9]*\) s.*/\1/p')
	took=$(TIMEFORMAT=%U; { time "$mattis" simulate "$@" >/dev/null 2>&1; } 2>&1)
	awk -v a="$estimate" -v b="$took" 'BEGIN { exit !(a > b / 2 && a < 2 * b) }' ||
		fail "--dry-run $*: $estimate s, it took $took s"
}
if [ -n "${LONG:-}" ]; then
	estimated ladder.yaml -s simulate.sweeps=400000
	once=(-s sweep.T=0 -s simulate.dynamics=parallel -s simulate.burn_in=1 -s simulate.sweeps=1 \
		-s simulate.replicas=1)
	estimated "${once[@]}" -s model.P=4 -s model.learning=unsupervised -s model.r=0.5 -s model.M=41 \
		-s model.gamma=0.2 -s sweep.N=80 \
		-s simulate.samples=20
	estimated "${once[@]}" -s model.network=multitasking -s model.d=0.3 -s model.learning=supervised \
		-s model.r=0.1 -s model.M=1000 \
		-s model.K=20 -s sweep.N=3000 -s simulate.samples=15
	estimated "${once[@]}" -s sweep.T=0.3 -s model.P=2 -s model.learning=supervised -s model.r=0.02 \
		-s model.M=30000 -s model.K=20 \
		-s sweep.N=1000 -s simulate.samples=1
fi

# The multitasking network at extensive load: K = gamma N.
"$mattis" simulate -s model.network=multitasking -s model.gamma=0.1 -s model.L=2 -s model.d=0.2 \
	-s sweep.N=50 -s sweep.T=0.3 \
	-s simulate.sweeps=20 -s simulate.samples=2 -o load.h5 >out 2>err ||
		fail "multitasking at a load: $(cat err)"
awk '!/^#/ { exit $3 != 5 }' out || fail "multitasking at a load: not 5 patterns: $(cat out)"

# The complete file.
"$mattis" simulate deck.yaml -o 1.h5 --resume | grep -q 'complete, nothing to do' ||
	fail "--resume of a complete file"
"$mattis" status 1.h5 | grep -q '^1.h5: finished' || fail "status"

# More values of omega: the numbers of a point do not depend on the other values.
noisy=(-s model.P=3 -s model.K=1 -s simulate.field=tensor -s sweep.N=10 -s sweep.T=0.5 -s simulate.samples=2
	-s simulate.sweeps=20 -s run.extendable=true)
"$mattis" simulate "${noisy[@]}" -s sweep.omega=[1,9] -o grown.h5 >out
"$mattis" simulate "${noisy[@]}" -s sweep.omega=[1,4,9] -o grown.h5 --resume | grep -v '^#' >grown
"$mattis" simulate "${noisy[@]}" -s sweep.omega=[1,4,9] -o once.h5 | grep -v '^#' >once
cmp -s grown once || fail "more values of omega: $(cat grown once)"

# refused CODE PATTERN ARGUMENT...: one line on stderr, nothing on stdout, the exit code, no files.
# --dry-run refuses the same before MPI starts; refused_job also runs the job itself.
refused() {
	local code=$1 message=$2 got=0 said
	shift 2
	"$mattis" simulate --dry-run "$@" >out 2>err || got=$?
	mapfile said <err
	# shellcheck disable=SC2053
	{ [ $got = "$code" ] && [ ${#said[@]} = 1 ] && [ ! -s out ] && [[ ${said[0]} == $message$'\n' ]]; } ||
		fail "$* : exit $got, $(head -c 300 err), expected $code: $message"
}
refused_job() {
	refused "$@"
	mv err dry
	timeout 60 "$mattis" simulate "${@:3}" >out 2>err && fail "${*:3}: not refused"
	{ [ $? = "$1" ] && [ ! -s out ] && cmp -s dry err; } || fail "${*:3}: $(head -c 300 err)"
}
point=(-s model.P=4 -s model.gamma=0.2 -s sweep.T=0.5)
refused 2 '*sweep.N: missing*' "${point[@]}"
refused_job 2 '*sweep.N: 3 spins are fewer than the P = 4 that interact' "${point[@]}" -s model.gamma=5 \
	-s sweep.N=3
refused 2 '*model.gamma: 0.0533 patterns at N = 4: that is none' "${point[@]}" -s model.gamma=0.01 \
	-s sweep.N=4
refused 2 '*model.gamma: *rounding changes the load by more than 20 %' "${point[@]}" -s model.gamma=0.27 \
	-s sweep.N=4
refused 2 '*model.K: must be an integer >= 1 (is 0)' -s model.P=4 -s model.K=0 -s sweep.T=0.5 -s sweep.N=50
refused 2 '*simulate.sweeps: must be an integer in *is 0?' "${point[@]}" -s sweep.N=50 -s simulate.sweeps=0
refused 2 '*simulate.start: example needs examples*' "${point[@]}" -s sweep.N=50 -s simulate.start=example
refused 2 '*simulate.start: hierarchical*' "${point[@]}" -s sweep.N=50 -s simulate.start=hierarchical
refused 2 '*simulate.start: must be one of archetype, *' "${point[@]}" -s sweep.N=50 -s simulate.start=best
refused 2 '*simulate.field: tensor: up to N = 120*' "${point[@]}" -s sweep.N=200 -s simulate.field=tensor
refused 2 '*model.omega: *field: tensor*' "${point[@]}" -s sweep.N=50 -s model.omega=10
refused 2 '*run.kernel: field: tensor has no kernels*' "${point[@]}" -s sweep.N=50 -s simulate.field=tensor \
	-s run.kernel=portable
refused_job 2 '*simulate.field: plefka moves all magnetisations at once*' "${point[@]}" -s sweep.N=50 \
	-s simulate.field=plefka
refused 2 '*simulate.dynamics: tap iterates magnetisations*' "${point[@]}" -s sweep.N=50 \
	-s simulate.dynamics=tap
refused 2 '*simulate.damping: only with dynamics: tap' "${point[@]}" -s sweep.N=50 -s simulate.damping=0.5
refused 2 '*simulate.tolerance: only with dynamics: tap' "${point[@]}" -s sweep.N=50 \
	-s simulate.tolerance=1e-5
refused 2 '*simulate.plefka_order: only with field: plefka' "${point[@]}" -s sweep.N=50 \
	-s simulate.plefka_order=1
plefka=("${point[@]}" -s sweep.N=50 -s simulate.field=plefka -s simulate.dynamics=parallel)
refused 2 '*sweep.T: field: plefka needs a temperature above 0' "${plefka[@]}" -s sweep.T=0
refused 2 '*model.diagonal: Plefka*' "${plefka[@]}" -s model.diagonal=true
refused 2 '*model.omega: Plefka*' "${plefka[@]}" -s model.omega=10
refused 2 '*model.w: Plefka*' "${plefka[@]}" -s model.w=0.5
refused 2 '*model.w: *distinct sites*' "${point[@]}" -s sweep.N=50 -s model.w=0.5 -s model.diagonal=true
refused 2 '*model.w: *one kernel*' "${point[@]}" -s sweep.N=50 -s model.w=0.5 -s run.kernel=lookup
tap=("${plefka[@]}" -s simulate.dynamics=tap)
refused 2 '*simulate.curve: dynamics: tap has no sweeps to measure' "${tap[@]}" -s simulate.curve=5
refused 2 '*simulate.configurations: *magnetisations: true*' "${tap[@]}" -s simulate.configurations=true
refused 2 '*simulate.burn_in: dynamics: tap*' "${tap[@]}" -s simulate.burn_in=5
refused 2 '*simulate.damping: must be*' "${tap[@]}" -s simulate.damping=1
refused 2 '*simulate.replicas: *start: random*' "${tap[@]}" -s simulate.replicas=5
refused 2 '*sweep.T: field: plefka needs a temperature above 0' "${tap[@]}" -s sweep.T=[0,1]
refused 2 '*sweep.T: tempering needs temperatures above 0' "${point[@]}" -s sweep.N=50 -s sweep.T=0:1:0.5 \
	-s simulate.dynamics=tempering
refused 2 '*sweep.T: dynamics: tempering needs a ladder*' "${point[@]}" -s sweep.N=50 \
	-s simulate.dynamics=tempering
refused 2 '*simulate.corruption: only with start: corrupted' "${point[@]}" -s sweep.N=50 \
	-s simulate.corruption=0.2
refused 2 '*simulate.order: dynamics: parallel*' "${point[@]}" -s sweep.N=50 -s simulate.order=random \
	-s simulate.dynamics=parallel
refused 2 '*simulate.curve: longer than the run*' "${point[@]}" -s sweep.N=50 -s simulate.burn_in=5 \
	-s simulate.sweeps=10 \
	-s simulate.curve=17
refused 2 '*model.M: a simulation draws examples*' "${point[@]}" -s sweep.N=50 -s model.learning=supervised \
	-s model.rho=0.1
refused_job 1 '*the simulation needs * GB on this machine*which has*' -s model.P=2 -s model.K=10000000 \
	-s sweep.N=100000000 \
	-s sweep.T=0.5
refused 2 '*model.data: *' "${point[@]}" -s sweep.N=50 -s model.data=deck.yaml
refused 2 '*model.data: *' "${point[@]}" -s sweep.N=50 -s model.data=nothing.npy
[ -z "$(find . -name '*.tmp' -o -name '*.lock')" ] || fail "files left behind"

find_python h5py numpy
"$python" - <<'PYTHON'
import h5py
import numpy as np

def datasets(path):
    found = {}
    with h5py.File(path) as f:
        f.visititems(lambda name, o: found.update({name: o[()]}) if isinstance(o, h5py.Dataset) else None)
    return found

def same(a, b):
    assert set(a) == set(b)
    for name in a:
        assert a[name].tobytes() == b[name].tobytes(), name

one = datasets("1.h5")
same(one, datasets("2.h5"))
same(one, datasets("portable.h5"))
same(one, datasets("tensor.h5"))
for dynamics in "metropolis", "parallel", "tempering", "annealing", "plefka", "tap", "pairs":
    same(datasets(dynamics + ".1.h5"), datasets(dynamics + ".2.h5"))
assert np.isfinite(datasets("tempering.1.h5")["exchange_rate"][:2]).all()

# TAP: averages over converged starts and over samples, and what the magnetisations say themselves
tap = datasets("tap.1.h5")
magnetisation, converged = tap["solutions/magnetisation"], tap["solutions/converged"] == 1
assert magnetisation.shape == (2, 2, 2, 3, 31) and np.isnan(magnetisation[0, ..., 20:]).all()
assert np.allclose(np.nanmean(magnetisation**2, -1), tap["solutions/q"], rtol=0, atol=1e-13)
assert 0.4 < converged.mean() < 1 and (tap["solutions/residual"][converged] <= 1e-9).all()
assert (tap["solutions/iterations"] <= 100).all() and (tap["solutions/iterations"][~converged] == 100).all()
for name in "m", "q", "free_energy", "energy":
    mean = np.ma.masked_array(tap["solutions/" + name], ~converged).mean(-1)
    assert np.allclose(tap["samples/" + name], mean.filled(np.nan), rtol=0, atol=1e-13, equal_nan=True)
    assert np.allclose(tap[name], mean.mean(-1), rtol=0, atol=1e-13)

assert one["m"].shape == (2, 2, 2) and one["samples/m"].shape == (2, 2, 2, 3)
assert (one["samples_used"] <= 3).all() and one["escaped"].min() >= 0
used = one["samples_used"] == 3
assert used.any()
m = one["samples/m"]
assert np.allclose(one["m"][used], m.mean(-1)[used], rtol=0, atol=1e-14)
assert np.allclose(one["m_error"][used], (m.std(-1, ddof=1) / 3**.5)[used], rtol=0, atol=1e-14)
assert np.allclose(one["loss_plus"] + one["loss_minus"], 2, rtol=0, atol=1e-14, equal_nan=True)
assert np.allclose(one["loss_minus"] - one["loss_plus"], 2 * one["m"], rtol=0, atol=1e-14, equal_nan=True)
assert np.allclose((one["histogram_m"].sum(-1) * 2 / 8)[used], 1)
assert (one["curve"][..., 0] == 1).all()  # all start in the archetype
# K = 2 gamma N^3/24 and the load it has
K = one["K_realised"][..., 0]
N, gamma = np.meshgrid([20, 31], [0.1, 0.3], indexing="ij")
assert (K == np.rint(2 * gamma * N**3 / 24)).all()
assert np.allclose(one["gamma_realised"][..., 0], 12 * K / N**3)
magnetisation = one["samples/magnetisation"]
assert magnetisation.shape == (2, 2, 2, 3, 3, 31) and np.isnan(magnetisation[0, ..., 20:]).all()
half = magnetisation[~np.isnan(magnetisation)] * 50  # of sums of 100 spins
assert half.size and np.allclose(half, np.rint(half), rtol=0, atol=1e-9)
load = datasets("load.h5")
assert np.allclose(load["gamma_realised"], 0.1) and load["m"].shape[-1] == 2
spins = one["samples/configuration"]
assert spins.shape == (2, 2, 2, 3, 3, 31)
assert (spins[0, ..., 20:] == 0).all() and (abs(spins[1]) == 1).all() and (abs(spins[0, ..., :20]) == 1).all()

# Patterns from a file, far below capacity at T = 0: they are stable.
rng = np.random.default_rng(1)
np.save("patterns.npy", rng.choice([-1, 1], (4, 300)).astype(np.int8))
np.save("few.npy", rng.choice([-1, 1], (2, 300)).astype(np.int8))
np.save("values.npy", rng.integers(0, 9, (4, 300)))
PYTHON
"$mattis" simulate -s model.P=2 -s model.K=4 -s sweep.N=300 -s sweep.T=0 -s model.data=patterns.npy \
	-s simulate.sweeps=50 \
	-o data.h5 >out
grep -q 'errors: thermal, at the given data' out || fail "data: $(cat out)"
awk '!/^#/ { exit $4 !~ /^1\(0\)/ }' out || fail "the stored patterns are not stable: $(cat out)"
refused 2 '*simulate.samples: must be 1*' -s model.P=2 -s model.K=4 -s sweep.N=300 -s sweep.T=0 \
	-s model.data=patterns.npy \
	-s simulate.samples=5
refused 2 '*' -s model.P=2 -s model.K=4 -s sweep.N=200 -s sweep.T=0 -s model.data=patterns.npy
refused 2 '*' -s model.P=2 -s model.K=4 -s sweep.N=300 -s sweep.T=0 -s model.data=few.npy
refused 2 '*model.data: *' -s model.P=2 -s model.K=4 -s sweep.N=300 -s sweep.T=0 -s model.data=values.npy
refused 2 '*model.data: has a share 0 of blank entries (0), the point asks for d = 0.4' \
	-s model.network=multitasking \
	-s model.K=4 -s model.d=0.4 -s sweep.N=300 -s sweep.T=0 -s model.data=patterns.npy
