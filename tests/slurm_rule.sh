#!/usr/bin/env bash
# Tests when scripts/submit.slurm requeues a job and when it gives up, with stand-ins for mattis and Slurm.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
. "${srcdir:-.}/tests/lib.sh"
script=$srcdir/scripts/submit.slurm

mkdir bin
cat >bin/mattis <<'SH'
#!/bin/sh
[ "$1" != status ] || exec cat state
[ "$STATE" = same ] || echo "$2: $STATE" >state
exit "$CODE"
SH
printf '#!/bin/sh\necho "$*" >queued\n' >bin/scontrol
printf '#!/bin/sh\n' >bin/squeue
chmod +x bin/*
export PATH=$dir/bin:$PATH LAUNCH=env STATE CODE SLURM_JOB_ID
unset MATTIS SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID

# life JOB CODE STATE END: in this run of the job mattis exits with CODE and leaves STATE.  END is the
# expected outcome: "again" (requeued) or the exit code.
life() {
	local end what=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID}
	SLURM_JOB_ID=$1 CODE=$2 STATE=$3
	rm -f queued
	bash "$script" simulate deck.yaml >out 2>&1
	end=$?
	[ "$(cat queued 2>/dev/null)" != "requeue ${what:-$1}" ] || end=again
	[ "$end" = "$4" ] && return
	complain "line ${BASH_LINENO[0]}: job $1, exit $2, $3: $end instead of $4; $(cat queued out 2>&1)"
}

touch state
life 1 2 same 2 # a bad deck
life 1 75 'stopped, 0.100 % done' again
life 1 75 'stopped, 0.101 % done' again # half a minute of a long job
life 1 137 'stopped, 2.000 % done' again # killed later than a checkpoint
life 1 137 same 137
life 1 75 same again # once in a row ...
life 1 75 same 75
life 1 75 same again
life 1 75 'stopped, 3.000 % done' again
life 1 75 same again
life 1 1 same 1
life 1 75 same again
life 2 75 same again # of another job, which was cancelled
life 2 75 same 75
export SLURM_ARRAY_JOB_ID=3 SLURM_ARRAY_TASK_ID=1
life 4 75 same again
life 4 0 'finished' 0
[ "$(echo *)" = 'bin out state' ] || complain "left: $(echo *)"
exit $bad
