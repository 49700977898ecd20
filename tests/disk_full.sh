#!/usr/bin/env bash
# Fills the disk at every stage of writing: one line with path and reason, exit code 1, the old file intact,
# no leftovers. Checkpoints that cannot be written are warnings and are tried again.  Needs a small tmpfs in
# a mount namespace, as root or as a user where that is allowed; skipped otherwise (check_store.c tests the
# same with a limit on file sizes).
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
check_store=$builddir/tests/check_store mattis=$builddir/mattis
if [ "${1:-}" != inside ]; then
	flags=-m
	[ "$(id -u)" -eq 0 ] || flags=-rm
	unshare $flags true 2>/dev/null || { echo "no mount namespace"; exit 77; }
	exec unshare $flags bash "$0" inside
fi

work=$(mktemp -d) message=$(mktemp) log=$(mktemp)
trap 'umount -l "$work"; rmdir "$work"; rm "$message" "$log"' EXIT
mount -t tmpfs -o size=1m none "$work" || { echo "no tmpfs"; trap - EXIT; rm \
	-r "$work" "$message" "$log"; exit 77; }
cd "$work" || exit 1
bad=0
fail() {
	echo "$*"
	bad=1
}

"$check_store" write out.h5 5 4 || exit 1
before=$(cksum <out.h5)
full=0 done=0
# the new file has about 300 KiB: with less than that free it must fail, with more succeed
for free in 0 4 8 16 24 32 64 100 200 296 400; do
	head -c 2000000 /dev/zero >filler 2>/dev/null
	truncate -s -$((free * 1024)) filler
	"$check_store" write out.h5 50 70 2>"$message"
	code=$?
	if [ $code -eq 0 ]; then
		done=$((done + 1))
		"$check_store" write out.h5 5 4 2>/dev/null || fail "no room for the small file any more"
		continue
	fi
	full=$((full + 1))
	[ $code -eq 1 ] || fail "free $free KiB: exit code $code"
	[ "$(wc -l <"$message")" -eq 1 ] && grep -q '^out.h5.*: No space left on device$' "$message" ||
		fail "free $free KiB: $(cat "$message")"
	[ "$(cksum <out.h5)" = "$before" ] || fail "free $free KiB: the old file has changed"
	[ ! -e out.h5.tmp ] || fail "free $free KiB: out.h5.tmp is left"
done
[ $full -ge 8 ] && [ $done -ge 1 ] || fail "$full failed, $done succeeded"

# --- a job that fills the disk with checkpoints
fill() { head -c 2000000 /dev/zero >"filler$1" 2>/dev/null; }
cat >deck.yaml <<'DECK'
model: {network: multitasking, d: 0.3, K: 4}
sweep: {N: 200, T: [0.2, 0.5]}
simulate: {samples: 3, replicas: 4, burn_in: 100, sweeps: 100000000}
run: {checkpoint_interval: 0.1}
DECK
# start: the endless job; wait_for COMMAND...: until it succeeds
start() {
	"$mattis" simulate deck.yaml -o job.h5 --quiet "$@" >/dev/null 2>"$log" &
	pid=$!
}
wait_for() {
	for ((k = 0; k < 200; k++)); do
		"$@" && return
		sleep 0.05
	done
	fail "never: $*"
}
warned() { grep -q 'job.h5.ckpt.*No space left on device' "$log"; }
rm -f out.h5 filler
start
wait_for test -s job.h5.lock
fill 1
wait_for warned
rm filler1
wait_for test -s job.h5.ckpt
grep -q 'warning: no checkpoint: job.h5.ckpt.*; next attempt in 0 s' "$log" || fail "$(cat "$log")"
# a second job on the same output, which waits for five seconds
kill -STOP $pid
"$mattis" simulate deck.yaml -o job.h5 --resume 2>"$message"
[ $? -eq 1 ] && grep -q "job.h5 is being written by another job (host .*, pid $pid" "$message" ||
	fail "second job: $(cat "$message")"
"$mattis" status job.h5 | grep -q "job.h5: running, .*pid $pid" || fail "status: $("$mattis" status job.h5)"
kill -CONT $pid
# checkpoints removed meanwhile: they come again
rm job.h5.ckpt*
wait_for test -s job.h5.ckpt
# stopped with a full disk: the checkpoint before is still there
fill 1
fill 2 # also what a checkpoint that was just being written gave back
kill -USR1 $pid
wait $pid
[ $? -eq 1 ] && grep \
	-q 'stopped by SIGUSR1, and the checkpoint was not written: job.h5.ckpt.*No space' "$log" ||
	fail "stopped: $(cat "$log")"
[ "$(echo job.h5*)" = "job.h5.ckpt job.h5.ckpt.prev" ] || [ "$(echo job.h5*)" = "job.h5.ckpt" ] ||
	fail "left: $(echo job.h5*)"
"$mattis" status job.h5 | grep -q 'job.h5: stopped, ' || fail "status: $("$mattis" status job.h5)"
# no room for the output at the end: an error, and the checkpoint is there to go on from
rm filler*
start --restart -s simulate.sweeps=5000
wait_for test -s job.h5.ckpt
fill 1
wait_for warned
fill 2
wait $pid
[ $? -eq 1 ] && grep -q '^job.h5.*: No space left on device$' "$log" || fail "at the end: $(cat "$log")"
rm filler*
"$mattis" simulate deck.yaml -s simulate.sweeps=5000 -o job.h5 --resume --quiet >/dev/null ||
	fail "then: exit $?"
[ "$(echo job.h5*)" = job.h5 ] || fail "left: $(echo job.h5*)"
cd /
exit $bad
