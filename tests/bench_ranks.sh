#!/usr/bin/env bash
# A large diagram on 1 and on 2 ranks, with start-up and the writing of the file: run by bench.sh, which sets builddir
# and MPIEXEC.  SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
: "${builddir:=build}" "${MPIEXEC:=mpirun}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for ranks in 1 2; do
	start=$(date +%s.%N)
	# shellcheck disable=SC2086 # the command and its options
	$MPIEXEC -n $ranks "$builddir/mattis" solve --quiet -o "$folder/$ranks.h5" -s model.P=4 -s model.learning=supervised \
		-s model.r=0.8 -s model.M=5 -s sweep.gamma=lin:0:0.5:1000 -s sweep.T=lin:0.01:1:1000 >/dev/null
	echo "diagram_1000x1000.${ranks}_ranks $(date +%s.%N | awk -v start="$start" '{print $1 - start}') s"
done
