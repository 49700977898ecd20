#!/usr/bin/env bash
# Times jobs on several ranks: a large diagram on 1 and 2 ranks, including start-up and output; tasks whose
# costs differ by a factor of 1000 on 2 ranks, against half the time of two single-rank jobs side by side;
# tiny tasks on 1, 2 and 32 ranks.  Run by bench.sh, which sets builddir and MPIEXEC.  ONLY=diagram, unequal
# or tiny selects one.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
shopt -s inherit_errexit # a job that fails ends all, and its time is not shown
: "${builddir:=build}" "${MPIEXEC:=mpirun --bind-to none --oversubscribe}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mattis=$builddir/mattis

# ratio FORMAT A B: A/B
ratio() { awk -v a="$2" -v b="$3" "BEGIN { printf \"$1\", a / b }"; }

# seconds COMMAND...: that it takes
seconds() {
	local start
	start=$(date +%s%N)
	"$@" >/dev/null
	ratio %.3f $(($(date +%s%N) - start)) 1e9
}

# on RANKS COMMAND OPTION...: a job
on() {
	local ranks=$1
	shift
	# shellcheck disable=SC2086 # the command and its options
	$MPIEXEC -n "$ranks" "$mattis" "$@" --quiet --restart
}

diagram() {
	local ranks time
	for ranks in 1 2; do
		time=$(seconds on $ranks solve -o "$folder/$ranks.h5" -s model.P=4 \
			-s model.learning=supervised -s model.r=0.8 -s model.M=5 \
			-s sweep.gamma=lin:0:0.5:1000 -s sweep.T=lin:0.01:1:1000)
		echo "diagram_1000x1000.${ranks}_ranks $time s"
	done
}

# 40 tasks, their work proportional to N
unequal_job() {
	on "$1" simulate -o "$folder/$2.h5" -s model.network=multitasking -s model.d=0.3 -s model.K=4 \
		-s sweep.N=[20,43,93,200,431,928,2000,4309,9283,20000] -s sweep.T=0.2 -s simulate.samples=4 \
		-s simulate.replicas=2 -s simulate.burn_in=100 -s simulate.sweeps=600
}
two_at_once() {
	unequal_job 1 a &
	unequal_job 1 b
	wait $!
}
unequal() {
	local both two
	both=$(seconds two_at_once)
	two=$(seconds unequal_job 2 c)
	echo "unequal_tasks.ideal $(ratio %.3f "$both" 2) s"
	echo "unequal_tasks.2_ranks $two s"
	echo "tasks of 1 to 1000: $(ratio %.3f "$both" "$two") of 2 ranks used"
}

# 40000 tasks of some 20 microseconds; start-up is that of a job with one of them
tiny_job() {
	on "$1" simulate -o "$folder/tiny.h5" -s model.network=multitasking -s model.d=0.3 -s model.K=2 \
		-s sweep.N=10 \
		-s sweep.T=0.2 -s simulate.samples="$2" -s simulate.replicas=2 -s simulate.burn_in=2 \
			-s simulate.sweeps=10
}
tiny() {
	local ranks start
	for ranks in 1 2 32; do
		start=$(seconds tiny_job $ranks 2 2>/dev/null)
		seconds tiny_job $ranks 40000 | awk -v start="$start" -v ranks=$ranks \
			'{ printf "tiny_tasks.%d_ranks %.2f us\n", ranks, ($1 - start) / 40000 * 1e6 }'
	done
}

for part in ${ONLY:-diagram unequal tiny}; do
	$part
done
