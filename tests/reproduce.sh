#!/usr/bin/env bash
# scripts/reproduce: a claim that holds (0), one that does not (3), resumption, the report, what is refused; every deck of
# data/claims/ is understood.  LONG=1: all claims are run.  SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
srcdir=$(cd "${srcdir:-.}" && pwd)
MATTIS=$(cd "${builddir:-build}" && pwd)/mattis
export MATTIS LAUNCH=
python=$(sh "$srcdir/scripts/find-python" h5py matplotlib) || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export MPLCONFIGDIR=$dir
fail() { echo "reproduce.sh: $*" >&2; exit 1; }

# ends CODE PATTERN ARGUMENT...: reproduce ends with this code, and what it says fits
ends() {
	local code=0 want=$1 pattern=$2
	shift 2
	"$python" "$srcdir/scripts/reproduce" "$@" >out 2>&1 || code=$?
	# shellcheck disable=SC2053
	[ $code = "$want" ] && [[ $(cat out) == $pattern ]] || fail "$*: exit $code: $(cat out)"
}

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
grep -q '^| x | amplitudes are powers of d | .* | reproduced |$' claims/report.md || fail "$(cat claims/report.md)"
[ -s claims/right-near-compare.png ] || fail "no picture"
ends 3 '*wrong*REFUTED*y cold*report.md' --decks decks wrong y -o both
touch -d 2000-01-01 both/wrong-near.h5
ends 1 '*failed*exists*' --decks decks wrong -o both
ends 3 '*REFUTED*' --decks decks wrong -o both --resume
[ -n "$(find both/wrong-near.h5 ! -newermt 2001-01-01)" ] || fail "computed again"
ends 1 '*failed*simulate.samples*' --decks decks wrong -o both --resume -s simulate.samples=1
ends 1 'z: no such claim; there are x y and the decks right wrong cold' --decks decks z
sed -i '/refuted/d' decks/cold.yaml
ends 1 "decks/cold.yaml: no line '# refuted if: ...' in its head" --decks decks
ends 0 '*points*' --dry-run
ends 0 '*points*' --dry-run --full
[ -z "${LONG:-}" ] || LAUNCH=${MPIEXEC:-mpirun --bind-to none}" -q -n 2" ends 0 '*report.md'
