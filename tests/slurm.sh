#!/usr/bin/env bash
# Tests scripts/submit.slurm on a real one-node Slurm, started here on the loopback interface and stopped at
# the end: a job longer than its time limit is cut and requeued until it is complete, with the numbers of an
# uninterrupted run; so are the decks of an array.  Takes 2 to 3 minutes (make check-slurm).  Skipped
# without slurmctld, slurmd and munged (Debian: slurm-wlm munge), or when not root.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
export PATH=$PATH:/usr/sbin:/sbin OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
for program in munged slurmctld slurmd sbatch; do
	command -v $program >/dev/null || { echo "no $program"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "not root"; exit 77; }
[ "${PYTHON:-}" ] || { echo "no Python: outputs cannot be compared"; exit 77; }

export MATTIS LAUNCH
MATTIS=$(cd "${builddir:-build}" && pwd)/mattis
LAUNCH="${MPIEXEC:-mpirun --bind-to none} -q"
source=$(cd "${srcdir:-.}" && pwd)
dir=$(mktemp -d)
chmod 755 "$dir"
cd "$dir" || exit 1
bad=0
fail() {
	echo "slurm.sh: $*"
	bad=1
}
stop() {
	scancel --user=root 2>/dev/null
	for daemon in slurmd slurmctld munged; do
		[ ! -s $daemon.pid ] || kill "$(cat $daemon.pid)"
	done
	sleep 2
	cd /
	rm -rf "$dir"
}
trap stop EXIT

# --- a Slurm of its own
mkdir state spool
head -c 1024 /dev/urandom >munge.key
chmod 600 munge.key
munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
	--log-file="$dir/munged.log" --seed-file="$dir/munge.seed"
host=$(hostname -s) port=$((20000 + $$ % 20000))
# cred_expire: a job that is queued again waits so long
cat >slurm.conf <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthInfo=socket=$dir/munge.socket,cred_expire=5
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=sched_interval=2
AccountingStorageType=accounting_storage/none
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$dir/slurm.conf
slurmctld -f slurm.conf && slurmd -f slurm.conf
for ((k = 0; k < 30; k++)); do
	sinfo -h 2>/dev/null | grep -q idle && break
	sleep 1
done
sinfo -h | grep -q idle || { tail -n 20 ./*.log; echo "Slurm does not start here"; exit 77; }

# --- one job of many pieces, one array of short ones
cat >long.yaml <<'DECK'
model: {network: multitasking, d: 0.3}
sweep: {K: [2, 4], N: [50, 200], T: [0.2, 0.5]}
simulate: {samples: 3, replicas: 4, burn_in: 100, sweeps: 400000}
DECK
sed 's/400000/500/' long.yaml >one.yaml
echo 'model: {P: 4, gamma: 0.1}
sweep: {T: 0.1:1:0.1, N: 100}
simulate: {samples: 2, sweeps: 200}' >two.yaml
submit=$source/scripts/submit.slurm
id=$(sbatch --parsable --ntasks=2 --time=1 --signal=B:USR1@20 -o long.txt "$submit" \
	simulate long.yaml --quiet)
array=$(sbatch --parsable --array=1-2 --time=5 -o array-%a.txt "$submit" simulate one.yaml two.yaml --quiet)
for job in long one two; do
	"$MATTIS" simulate $job.yaml -o $job.ref.h5 --quiet >/dev/null || fail "$job: no reference"
done
restarts=0
for ((k = 0; k < 600; k++)); do
	now=$(scontrol show job "$id" 2>/dev/null | grep -o 'Restarts=[0-9]*')
	[ "${now#*=}" ] && restarts=${now#*=}
	squeue -h -j "$id,$array" 2>/dev/null | grep -q . || break
	sleep 1
done
echo "$restarts restarts in $k s"
[ "$restarts" -ge 1 ] || fail "the job was never cut"
for job in long one two; do
	"$MATTIS" status $job.h5
	"$MATTIS" status $job.h5 | grep -q ': finished' || fail "$job is not finished: $(tail -n 5 ./*.txt)"
	"$PYTHON" "$source/tests/same.py" $job.ref.h5 $job.h5 || fail "$job differs"
	[ ! -e $job.h5.ckpt ] || fail "$job: a checkpoint is left"
done

# what can't work is not queued again and again
echo 'model: {P: none}' >bad.yaml
id=$(sbatch --parsable --time=5 --wait -o wrong.txt "$source/scripts/submit.slurm" simulate bad.yaml)
code=$?
[ $code = 2 ] || fail "a bad deck: $id, exit $code, $(cat wrong.txt)"
exit $bad
