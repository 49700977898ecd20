#!/usr/bin/env bash
# Runs the benchmarks given as arguments (programs and scripts) and prints ratios, with the machine and the
# compiler. A benchmark prints lines "CASE.WAY VALUE UNIT", for example "retrieval_M5.numpy 412 us".  Each
# way of a case is compared with the slowest one; lower values are better.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "${builddir:-build}"

echo "machine   $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
echo "compiler  $(${CC:-cc} --version | head -n 1)"
echo "flags     ${CFLAGS:-}"
echo "source    $("$(dirname "$0")/../scripts/version" "$(dirname "$0")/..")"
echo
for bench; do
	case $bench in
	*.sh) bash "$bench" ;;
	*.py) [ -z "${PYTHON:-}" ] || "$PYTHON" "$bench" ;;
	*) "./$bench" ;;
	esac
done | awk '
	NF == 3 && $1 ~ /\./ && $2 + 0 > 0 {
		way = $1; sub(/.*\./, "", way)
		name = $1; sub(/\.[^.]*$/, "", name)
		if (!(name in slowest)) names[++n] = name
		if ($2 + 0 > slowest[name] + 0) slowest[name] = $2
		of[name, ++count[name]] = way; value[name, way] = $2; unit[name] = $3
		next
	}
	{ print }
	END {
		printf "%-28s %-12s %12s %-5s %s\n", "case", "way", "value", "", \
			"times faster than the slowest"
		for (i = 1; i <= n; i++)
			for (j = 1; j <= count[names[i]]; j++) {
				way = of[names[i], j]
				printf "%-28s %-12s %12.4g %-5s %.3g\n", names[i], way, value[names[i], way],
					unit[names[i]], slowest[names[i]] / value[names[i], way]
			}
	}'
