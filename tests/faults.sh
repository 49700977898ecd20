#!/usr/bin/env bash
# Kills, stops and damages jobs, resumes them, and compares the results bit for bit with those of an
# undisturbed run. Each round interrupts a job (solve, lines, simulate, tempering, retrieve; 1 to 3 ranks)
# at random moments while it writes checkpoints, until it is complete: kill -9 of all ranks, of one, of
# mpirun alone with immediate resume, SIGUSR1, SIGTERM, a stop file, the wall-clock limit.  Then, once:
# checkpoints truncated or with one bit changed at 50 places, changed decks, extended decks.
# ROUNDS=n: number of rounds (make check-faults: 100; LONG=1: 10; else 3).  SEED=n: other random moments.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
. "${srcdir:-.}/tests/lib.sh"
find_python h5py numpy
rounds=${ROUNDS:-$([ "${LONG:-}" ] && echo 10 || echo 3)}
long=$((rounds >= 10))
export OMPI_MCA_btl_vader_backing_directory=$dir # Open MPI leaves its files there when it is killed
RANDOM=${SEED:-1}

# Jobs of about 1 s, or of a few seconds (long).
if [ $long = 1 ]; then
	d=0.05:0.95:0.1 d_lines=0.05:0.95:0.3 M=100 images=500 sweeps=2000
else
	d=0.05:0.95:0.3 d_lines=0.05:0.95:0.3 M=20 images=60 sweeps=300
fi
"$python" - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(1)
xi = rng.choice([-1, 1], (4, 1, 200))
np.save("own.npy", (xi * np.where(rng.random((4, 400, 200)) < 0.8, 1, -1)).astype("int8"))
PYTHON
cat >solve.yaml <<DECK
model: {network: multitasking, K: 5}
sweep: {d: $d, T: 0.05:0.9:0.05}
solve: {starts: 60}
run: {checkpoint_interval: 0.02}
DECK
cat >lines.yaml <<DECK
model: {network: multitasking, K: 3}
sweep: {d: $d_lines, T: 0.05:1:0.05}
run: {checkpoint_interval: 0.02}
DECK
cat >retrieve.yaml <<DECK
model: {data: own.npy, learning: unsupervised}
sweep: {M: [1, 10, $M], P: [3, 6], T: [0, 0.1]}
images: {tests: $images}
retrieve: {sweeps: 30}
run: {checkpoint_interval: 0.02}
DECK
cat >simulate.yaml <<DECK
model: {network: multitasking, d: 0.3}
sweep: {K: [2, 4], N: [50, 200], T: [0.2, 0.5]}
simulate: {samples: 3, replicas: 4, burn_in: 100, sweeps: $sweeps, histogram: 8, curve: 10}
run: {checkpoint_interval: 0.02}
DECK
{
	grep -v simulate: simulate.yaml
	echo "simulate: {samples: 2, replicas: 2, burn_in: 100, sweeps: $sweeps,"
	echo "  dynamics: tempering, configurations: true}"
} >tempering.yaml
jobs=(simulate solve retrieve tempering lines)
declare -A command=([simulate]=simulate [tempering]=simulate [solve]=solve [lines]=lines [retrieve]=retrieve)
declare -A took # ms on one rank
for job in "${jobs[@]::rounds}"; do
	began=${EPOCHREALTIME/[.,]/}
	"$mattis" ${command[$job]} $job.yaml -o $job.ref.h5 --quiet >/dev/null ||
		complain "$job: no reference"
	took[$job]=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
done

# start JOB RANKS: starts or resumes the job in the background; its process is $pid.
start() {
	local run=()
	[ "$2" = 1 ] || read -ra run <<<"$mpirun -n $2"
	"${run[@]}" "$mattis" ${command[$1]} $1.yaml -o out.h5 --resume --quiet >out.txt 2>err.txt &
	pid=$!
}

# Waits until the job has written a checkpoint or has ended.
wait_for_checkpoint() {
	while kill -0 $pid 2>/dev/null && [ ! -e out.h5.ckpt ]; do
		sleep 0.02
	done
}

# wait_until MS: waits that long after the start, or until the job has ended.
wait_until() {
	local end=$((${EPOCHREALTIME/[.,]/} + 1000 * $1))
	while [ "${EPOCHREALTIME/[.,]/}" -lt $end ] && kill -0 $pid 2>/dev/null; do
		sleep 0.01
	done
}

# interrupt MODE RANKS: interrupts the running job.
interrupt() {
	local victims=()
	[ "$2" = 1 ] || mapfile -t victims < <(pgrep -P $pid)
	[ ${#victims[@]} -gt 0 ] || victims=("$pid")
	case $1 in
	all) kill -9 "${victims[@]}" 2>/dev/null ;;
	one) kill -9 "${victims[RANDOM % ${#victims[@]}]}" 2>/dev/null ;;
	launcher) kill -9 $pid 2>/dev/null ;;
	usr1) kill -USR1 $pid 2>/dev/null ;;
	term) kill -TERM $pid 2>/dev/null ;;
	file) touch out.h5.stop ;;
	esac
}

# finish RANKS: waits for the job and sets code to its exit code.  The launcher of Open MPI can hang, with its
# children dead, if a rank is killed while it connects; it is then killed too.
finish() {
	local alone=$SECONDS
	while [ "$1" -gt 1 ] && kill -0 $pid 2>/dev/null; do
		sleep 0.1
		ps -o stat= --ppid $pid | grep -q '^[^Z]' && alone=$SECONDS
		[ $((SECONDS - alone)) -lt 30 ] || kill -9 $pid
	done
	wait $pid 2>/dev/null
	code=$?
}

modes=(all launcher usr1 one file term)
kills=$((long ? 6 : 1)) # per round
stopped=0 resumed=0 lives=0
for ((round = 0; round < rounds && bad == 0; round++)); do
	job=${jobs[round % 5]}
	rm -f out.h5*
	for ((life = 0; life < 20; life++)); do
		lives=$((lives + 1))
		ranks=$((RANDOM % 3 + 1)) mode=${modes[RANDOM % 6]}
		[ -e out.h5.ckpt ] && resumed=$((resumed + 1))
		start $job $ranks
		if [ $life -lt $kills ]; then
			[ $long = 1 ] && wait_until $((100 + RANDOM % took[$job]))
			[ $long = 1 ] || wait_for_checkpoint
			interrupt $mode $ranks
		fi
		finish $ranks
		[ $code = 75 ] && stopped=$((stopped + 1))
		[ $code = 0 ] && break
		case $mode:$code in
		all:* | launcher:* | one:* | term:* | *:75) ;;
		*) # a signal may come before the job listens
			[ $code -gt 128 ] && [ ! -s err.txt ] ||
				complain "round $round, $job on $ranks, $mode: $(head -c 600 err.txt)" ;;
		esac
	done
	rm -f out.h5.stop
	[ $code = 0 ] || complain "round $round: $job is never done: $(head -c 600 err.txt)"
	same $job.ref.h5 out.h5 || complain "round $round: $job differs"
	[ "$(echo out.h5*)" = out.h5 ] || complain "round $round: left: $(echo out.h5*)"
done
for job in "${!took[@]}"; do
	echo "$job takes ${took[$job]} ms"
done
echo "$round rounds, $lives lives, $resumed from a checkpoint, $stopped stopped cleanly"
[ $resumed -ge $((rounds / 2)) ] || complain "no checkpoints were used"

# --- damaged checkpoints
run() { "$mattis" simulate simulate.yaml -o out.h5 --quiet "$@" >out.txt 2>err.txt; }
rm -f out.h5*
run -s run.wall_time=0.001
run --resume -s run.wall_time=0.001
{ [ -s out.h5.ckpt ] && [ -s out.h5.ckpt.prev ]; } || complain "no two checkpoints"
"$mattis" status out.h5 >/dev/null && complain "status: a stopped job is not done"
cp out.h5.ckpt good.ckpt
cp out.h5.ckpt.prev good.prev
size=$(stat -c %s good.ckpt)

# damage FILE PLACE: a bit changed, or cut there
damage() {
	if [ $(($2 % 2)) = 0 ]; then
		truncate -s "$2" "$1"
	else
		"$python" -c "
f = open('$1', 'r+b'); f.seek($2); b = f.read(1)[0]; f.seek($2); f.write(bytes([b ^ 1 << $2 % 8]))"
	fi
}
places=$((long ? 50 : 4))
for ((k = 0; k < places && bad == 0; k++)); do
	place=$(((k * (size - 1) + RANDOM % (size - 1)) / places))
	rm -f out.h5*
	cp good.ckpt out.h5.ckpt
	cp good.prev out.h5.ckpt.prev
	damage out.h5.ckpt $place
	"$mattis" status out.h5 | grep -q 'out.h5.*damaged' ||
		complain "byte $place of $size: status: $("$mattis" status out.h5)"
	# the previous checkpoint is used, with a message, and is not lost when the next one is written
	run --resume -s run.wall_time=0.001 -s run.checkpoint_interval=100
	grep -q 'out.h5.ckpt: damaged: .*; the previous checkpoint is used' err.txt ||
		complain "byte $place: $(head -c 600 err.txt)"
	cmp -s good.prev out.h5.ckpt.prev || complain "byte $place: the good previous one is lost"
	if [ $((k % 20)) = 1 ]; then
		run --resume || complain "byte $place: exit $?, $(cat err.txt)"
		same simulate.ref.h5 out.h5 | grep -v run.wall_time && complain "byte $place: differs"
	fi
done
rm -f out.h5*
cp good.ckpt out.h5.ckpt
cp good.prev out.h5.ckpt.prev
damage out.h5.ckpt 1001
damage out.h5.ckpt.prev 2000
before=$(cat out.h5.ckpt out.h5.ckpt.prev | cksum)
run --resume
code=$?
{ [ $code = 1 ] && [ "$(wc -l <err.txt)" = 1 ] &&
	grep -q 'out.h5.ckpt: damaged.*out.h5.ckpt.prev: .*--restart' err.txt; } ||
	complain "both damaged: exit $code, $(cat err.txt)"
[ "$before" = "$(cat out.h5.ckpt out.h5.ckpt.prev | cksum)" ] || complain "both damaged: they were touched"

# --- what is refused
cp good.ckpt out.h5.ckpt
refused() {
	local code=$1 message=$2 got=0
	shift 2
	run "$@" || got=$?
	{ [ $got = "$code" ] && [ "$(wc -l <err.txt)" = 1 ] && grep -q "$message" err.txt; } ||
		complain "$*: exit $got, $(head -c 600 err.txt)"
}
refused 2 'out.h5 has a checkpoint of an earlier run: --resume .*, --restart'
refused 2 'belongs to another deck: model.d (was 0.3, now 0.4), simulate.seed (was 1, now 2);' --resume \
	-s model.d=0.4 -s simulate.seed=2
refused 2 'sweep.T (was \[0.2, 0.5\], now \[0.2, 0.6\])' --resume -s sweep.T='[0.2,0.6]'
refused 2 'simulate.samples (was 3, now 2)' --resume -s simulate.samples=2
refused 2 "simulate.sweeps (was $sweeps, now 100)" --resume -s simulate.sweeps=100
cmp -s good.ckpt out.h5.ckpt || complain "refused, but the checkpoint was touched"

# --- extended decks (more values, samples, sweeps) give the numbers of one run of the extended deck: from a
# stopped job, from the output alone, from a kept checkpoint
grow() {
	local job=$1 out=$2
	shift 2
	"$mattis" simulate $job.yaml --resume "$@" -o $out.h5 --quiet >/dev/null 2>err.txt ||
		complain "$job: more: $(cat err.txt)"
}
more=(-s sweep.T='[0.1,0.2,0.5]' -s simulate.samples=4 -s simulate.sweeps=$((sweeps + 100)))
rm -f out.h5*
run -s run.wall_time=0.001
grow simulate out "${more[@]}"
grow simulate more "${more[@]}"
grow simulate simulate.ref "${more[@]}"
grep -q 'no checkpoint was kept' err.txt || complain "the output alone: $(cat err.txt)"

longer=(-s simulate.samples=3 -s simulate.sweeps=$((sweeps + 100)) -s run.extendable=true)
grow tempering kept -s run.extendable=true
[ -e kept.h5.ckpt ] || complain "no checkpoint is kept"
"$mattis" status kept.h5 | grep -q 'kept.h5: finished' ||
	complain "a kept checkpoint: $("$mattis" status kept.h5)"
grow tempering kept "${longer[@]}"
grow tempering longer "${longer[@]}"
# after a stop, with the output alone, with a kept checkpoint
same more.h5 out.h5 more.h5 simulate.ref.h5 longer.h5 kept.h5 ||
	complain "more differs from as if asked at once"
exit $bad
