#!/usr/bin/env bash
# Tests faulty decks and command lines, alone and on 2 ranks: one line on stderr, printed once; nothing on
# stdout; the exit code (2: bad deck or usage, 1: I/O); no file left behind; no hang.
# SPDX-License-Identifier: GPL-3.0-or-later
. "${srcdir:-.}/tests/lib.sh"
# When a rank fails, the launcher waits this long for the others (default: about 1 s).
export OMPI_MCA_odls_base_sigkill_timeout=0
cases=0

# expect CODE PATTERN LAUNCHER ARGUMENT...: runs the program; its one line on stderr matches the shell
# pattern.
expect() {
	local code=$1 message=$2 launcher=$3 got said
	shift 3
	cases=$((cases + 1))
	timeout 60 $launcher "$mattis" "$@" >out 2>err </dev/null
	got=$?
	mapfile said <err
	# shellcheck disable=SC2053
	if [ $got -ne "$code" ] || [ ${#said[@]} -ne 1 ] || [ -s out ] ||
		[[ ${said[0]} != $message$'\n' ]]; then
		complain "mattis $* (${launcher:-alone}): expected $code: $message;" \
			"got $got: $(head -c 500 err out)"
	fi
}
alone() { expect "$1" "$2" "" "${@:3}"; }
both() {
	expect "$1" "$2" "" "${@:3}"
	expect "$1" "$2" "$mpirun -n 2" "${@:3}"
}

good='model: {P: 4, gamma: 0.1}\nsweep: {T: 0.5}\n'
printf "$good" >good.yaml
deck() { printf "$2" >"$1.yaml"; }
deck unknown 'model:\n  P: 4\n  gama: 0.1\n'
deck degree 'model:\n  P: 1\n  gamma: 0.1\nsweep:\n  T: 0.5\n'
deck second "$good---\n$good"
deck latin1 "# caf\351\n$good"
deck nul "title: a\0b\n$good"
deck empty ''
deck anchor 'a: &x [*x]\n'
deck grid 'model: {P: 4}\nsweep: {gamma: 0:1:1e-6, T: 0:1:1e-6}\n'
deck tab 'model:\n\tP: 4\n'
head -c 4096 "$mattis" >binary.yaml
head -c 200000 /dev/zero | tr '\0' '[' >deep.yaml
{ cat good.yaml; head -c 2097152 /dev/zero | tr '\0' '#'; } >large.yaml

# Decks.  On two ranks, one failure of each kind: in the text, in the grid, a missing file.
both 2 'unknown.yaml:3: model.gama: unknown key; did you mean model.gamma?' solve unknown.yaml
alone 2 'second.yaml:3: a second document*' solve second.yaml
both 2 'grid.yaml: the grid of 1e+06 x 1e+06 = 1e+12 points is too large*' solve grid.yaml
both 1 'missing.yaml: cannot be read: No such file or directory' solve missing.yaml
alone 2 'degree.yaml:2: model.P: must be an integer >= 2 (is 1)' solve degree.yaml
alone 2 'degree.yaml:2: model.P: must be an integer >= 2 (is 1)' solve --dry-run degree.yaml
alone 2 'latin1.yaml:1: not a UTF-8 text*' solve latin1.yaml
alone 2 'nul.yaml:1: not a UTF-8 text*' solve nul.yaml
alone 2 'binary.yaml:1: not a UTF-8 text*' solve binary.yaml
alone 2 'empty.yaml:1: the deck is empty' solve empty.yaml
alone 2 'anchor.yaml:1: anchors*' solve anchor.yaml
alone 2 'deep.yaml:1: a deck is made of*' solve deep.yaml
alone 2 'tab.yaml:2: not valid YAML*tabs)' solve tab.yaml
alone 2 'large.yaml: larger than 1 MiB; this is no deck' solve large.yaml
alone 1 '.: cannot be read: Is a directory' solve .

# Settings and the command line.
alone 2 '-s model.P: must be an integer >= 2 (is 1)' solve good.yaml -s model.P=1
both 2 'mattis: unknown command sovle; see mattis --help' sovle good.yaml
alone 2 '-s model.gama: unknown key; did you mean model.gamma?' solve good.yaml -s model.gama=1
alone 2 'mattis: no command*'
alone 2 'mattis: bad option --frobnicate*' solve --frobnicate good.yaml
alone 2 'mattis: unknown option -x*' solve -x good.yaml
alone 2 'mattis: -o needs a value*' solve good.yaml -o
alone 2 'mattis: --resume and --restart exclude each other' solve good.yaml --resume --restart
alone 2 'mattis solve: one deck at a time' solve good.yaml good.yaml
alone 2 'mattis solve: needs a deck*' solve
alone 2 'mattis keys: *' keys good.yaml
alone 2 'mattis status: *' status -o x.h5
alone 2 'mattis status: *' status

# Noise on the synapses counts as load only if N is given, and not all commands support it.
alone 2 '-s model.omega: needs N beside it*' solve good.yaml -s model.omega=10
alone 2 '-s model.omega: not with mattis lines*' lines good.yaml -s sweep.gamma=0:1:0.1 -s sweep.N=50 \
	-s model.omega=10
alone 2 '-s model.omega: noise on every coupling needs simulate.field: tensor*' simulate good.yaml \
	-s sweep.N=50 -s model.omega=10
alone 2 '-s model.omega: the load*overflows' solve good.yaml -s sweep.N=50 -s model.omega=1e200

# Noise on pairs: only for four-body couplings, in storage and supervised learning.
alone 2 '-s model.w: *four-body couplings: P = 4' solve good.yaml -s model.P=3 -s model.w=0.3
alone 2 '-s model.w: not together with omega*' solve good.yaml -s model.P=4 -s model.w=0.3 -s model.omega=1 \
	-s sweep.N=50
alone 2 '-s model.w: with a load it needs N*' solve good.yaml -s model.P=4 -s model.w=0.3
alone 2 '-s model.w: storage and supervised*' solve good.yaml -s model.P=4 -s model.w=0.3 \
	-s model.learning=unsupervised -s model.r=0.5 -s model.M=3 -s sweep.N=50
alone 2 '-s model.w: is no parameter of the multitasking network' solve -s model.network=multitasking \
	-s model.K=2 \
	-s model.d=0.1 -s sweep.T=0.1 -s model.w=0.3
alone 2 '-s model.w: not with mattis lines*' lines good.yaml -s sweep.gamma=0:1:0.1 -s model.P=4 \
	-s sweep.N=50 -s model.w=0.1
alone 2 '-s solve.rsb: not with noise on the pairs*' solve good.yaml -s model.P=4 -s model.w=0.3 \
	-s sweep.N=50 -s solve.rsb=true
alone 2 '-s model.w: noise on the pairs needs simulate.field: exact' simulate good.yaml -s model.P=4 \
	-s model.w=0.3 -s sweep.N=50 -s simulate.field=tensor

# Outputs.
mkfifo fifo.h5
touch there.h5
both 2 '*fifo.h5*regular file*' solve good.yaml -o fifo.h5
alone 2 '*there.h5*--re*' solve good.yaml -o there.h5
alone 1 '*nowhere/x.h5*No such file or directory*' solve good.yaml -o nowhere/x.h5
alone 2 '*regular file*' solve good.yaml -o /dev/null
alone 2 '*give -o FILE*' solve good.yaml -s sweep.T=0:1:0.01

# Too little memory, and a full disk behind stdout.
[ -n "${SANITIZERS:-}" ] || ( # sanitizers take terabytes of address space
	ulimit -v 400000
	alone 1 '*out of memory*' solve good.yaml -s sweep.T=lin:0:1:90000000 -o x.h5
	exit $bad
) || bad=1
"$mattis" keys >/dev/full 2>err
[ $? = 1 ] && [ "$(<err)" = 'mattis: standard output cannot be written' ] || complain "a full stdout: $(<err)"

# Nothing is left behind, and existing files are unchanged.
rm -f out err ./*.yaml
[ "$(echo *)" = 'fifo.h5 there.h5' ] && [ ! -s there.h5 ] || complain "left behind: $(ls -s)"
echo "deck_errors.sh: $cases cases"
exit $bad
