#!/usr/bin/env bash
# Tests scripts/reproduce: a claim that holds (exit code 0), one that does not (3), resumption, the report,
# refused arguments.  LONG=1: runs all claims, and checks that the long form of every deck is accepted.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"
MATTIS=$mattis
export MATTIS LAUNCH=
find_python h5py matplotlib
export MPLCONFIGDIR=$dir

# ends CODE PATTERN ARGUMENT...: reproduce exits with this code, and its output matches.
ends() {
	local code=0 want=$1 pattern=$2
	shift 2
	"$python" "$srcdir/scripts/reproduce" "$@" >out 2>&1 || code=$?
	# shellcheck disable=SC2053
	[ $code = "$want" ] && [[ $(cat out) == $pattern ]] || fail "$*: exit $code: $(cat out)"
}

# Student's t against tables; the one-step law against the number of examples that `mattis lines` finds.
for learning in supervised unsupervised; do
	"$MATTIS" lines --quiet -s model.P=4 -s model.gamma=0.2 -s model.learning=$learning \
		-s sweep.r=[0.4,0.5] -s sweep.T=0 \
		-s sweep.M=[1,1000] -s lines.which=one_step -o $learning.h5 >out 2>&1 || fail "$(cat out)"
done
"$python" - "$srcdir/scripts/reproduce" <<-'END' || fail "statistics"
	import os, sys
	from importlib.machinery import SourceFileLoader
	import h5py
	sys.dont_write_bytecode = True
	sys.path.insert(0, os.path.dirname(sys.argv[1]))
	r = SourceFileLoader("reproduce", sys.argv[1]).load_module()
	for t, dof, p in (12.706, 1, .05), (2.262, 9, .05), (4.781, 9, .001), (3.460, 60, .001):
	    assert abs(r.student(t, dof) / p - 1) < 2e-3, (t, dof, r.student(t, dof))
	assert abs(r.normal_deviate(.05) - 1.959964) < 1e-6
	assert r.with_error(.9432, .0141) == "0.943(14)"
	for learning in "supervised", "unsupervised":
	    with h5py.File(learning + ".h5") as file:
	        for quality, M in zip(file["lines/r"][()], file["lines/M"][()]):
	            law = [r.one_step_law(4, quality, int(M) - down, .2, learning) for down in (0, 2)]
	            assert law[1] < r.LEARNT <= law[0], (learning, quality, M, law)
END

mkdir decks
deck() {
	cat >"decks/$1.yaml" <<-END
		# claim: $2 - amplitudes are powers of d
		# refuted if: they are not
		# judge: $3
		# full: -s simulate.samples=8
		# part near: -s sweep.T=$4
		title: two patterns
		model: {network: multitasking, K: 2, patterns: stratified}
		sweep: {N: [400], d: [0.3], T: [0.1]}
		simulate: {samples: 4, replicas: 2, burn_in: 50, sweeps: $5, start: hierarchical}
	END
}
deck right x compare 0.1 1000
deck wrong x amplitudes 0.2 100
deck cold y amplitudes 0 20

ends 0 'x right*reproduced*claims/report.md' --decks decks right
grep -q '^| x | amplitudes are powers of d | .* | reproduced |$' claims/report.md ||
	fail "$(cat claims/report.md)"
[ -s claims/right-near-compare.png ] || fail "no picture"
ends 3 '*wrong*REFUTED*y cold*report.md' --decks decks wrong y -o both
touch -d 2000-01-01 both/wrong-near.h5
ends 1 '*failed*exists*' --decks decks wrong -o both
ends 3 '*REFUTED*' --decks decks wrong -o both --resume
[ -n "$(find both/wrong-near.h5 ! -newermt 2001-01-01)" ] || fail "computed again"
ends 1 '*failed*simulate.samples*' --decks decks wrong -o both --resume -s simulate.samples=1
mkdir long
touch long/wrong-near.h5.stop
ends 75 '*stopped; continue with --resume*' --decks decks wrong --full -o long
rm -f long/wrong-near.h5.stop
ends 3 '*REFUTED*' --decks decks wrong --full -o long --resume
grep -q '^Long form, `scripts/reproduce --full`' long/report.md || fail "$(cat long/report.md)"
ends 1 '*failed*simulate.samples*' --decks decks wrong -o long --resume

# The end of retrieval: within one sweep nothing is lost, so the claim is false beyond the spinodal.  One
# step from a corrupted pattern has less signal than one step from the pattern.
cat >decks/soon.yaml <<-END
	# claim: s - retrieval ends at once
	# refuted if: it does not
	# judge: spinodal
	title: one sweep, below and above the spinodal
	model: {P: 4}
	sweep: {N: [30], gamma: [0.1, 0.6], T: [0.6]}
	simulate: {samples: 4, replicas: 1, burn_in: 0, sweeps: 2, curve: 1}
END
for start in archetype 'corrupted, corruption: 0.2'; do
	cat >"decks/${start%,*}.yaml" <<-END
		# claim: n - noise equals the signal
		# refuted if: it does not
		# judge: noise_power
		# part small: -s sweep.N=16 -s model.K=16 -s sweep.omega=[8,12]
		# part large: -s sweep.N=32 -s model.K=32 -s sweep.omega=[17,25]
		title: one step
		model: {P: 3, K: 16}
		sweep: {N: 16, T: 0, omega: [8, 12]}
		simulate: {samples: 200, replicas: 1, burn_in: 1, sweeps: 1, dynamics: parallel, curve: 2,
		  field: tensor, start: $start}
	END
done
ends 3 '*soon*REFUTED*' --decks decks soon -o end
grep -q '^| m at load 0.6, N = 30 | below 0.5 | 1 |' end/report.md || fail "$(cat end/report.md)"
ends 0 '*archetype*reproduced*' --decks decks archetype -o end
ends 3 '*corrupted*REFUTED*' --decks decks corrupted -o end
ends 1 'z: no such claim; there are n s x y and the decks archetype corrupted soon right wrong cold' \
	--decks decks z
sed 's/judge: spinodal/judge: lost/; s/gamma: .0.1, 0.6./gamma: 0.6/; s/samples: 4/samples: 24/' \
	decks/soon.yaml >decks/late.yaml
ends 3 '*late*REFUTED*' --decks decks late -o end
sed -i 's/judge: lost/judge: found/' decks/late.yaml
ends 1 'decks/late.yaml: no judge found; *' --decks decks
rm decks/late.yaml
sed -i '/refuted/d' decks/cold.yaml
ends 1 "decks/cold.yaml: no line '# refuted if: ...' in its head" --decks decks
ends 0 '*points*' --dry-run --full noise_power
if [ -n "${LONG:-}" ]; then
	ends 0 '*points*' --dry-run --full
	LAUNCH=${MPIEXEC:-mpirun --bind-to none}" -q -n 2" ends 0 '*report.md'
fi
