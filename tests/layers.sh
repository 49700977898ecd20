#!/usr/bin/env bash
# Checks the structure of the source.  Folders include only from the folders below them (the list `floors`);
# no two files need each other in a circle; MPI, HDF5, printing and exiting stay where they belong.  Also
# checks the head of every file, its entry in the makefile and the width of lines.  layers_test.sh shows
# that each check can fail. With an argument, checks the tree in that folder.
# SPDX-License-Identifier: GPL-3.0-or-later
shopt -s nullglob globstar
cd "${1:-${srcdir:-.}}" || exit 1
bad=0

report() { # WHAT LINES: prints and remembers a finding; nothing if there are no lines
	[ -z "$2" ] && return
	printf '%s:\n%s\n' "$1" "$2"
	bad=1
}

# deny WHAT REGEX ALLOWED FILE...: a line "FILE:NUMBER:TEXT" that matches REGEX must match ALLOWED too.
deny() {
	local what=$1 regex=$2 allowed=$3
	shift 3
	report "$what" "$(grep -nE "$regex" "$@" /dev/null | grep -vE "$allowed")"
}

# From the ground up.  A file belongs to the first entry that its path begins with; folders on one line do not
# include each other.
floors='
physics/params
physics/network.
physics/numerics/
physics/dense/ physics/multitasking/
physics/
montecarlo/cpu
montecarlo/disorder/
montecarlo/field/
montecarlo/statistics/
montecarlo/chain/ montecarlo/images/
montecarlo/
src/version.
src/base/
src/input/
src/file/
src/run/
src/jobs/
src/'

code=({physics,montecarlo,src}/**/*.[ch])
includes() { # lines "FILE INCLUDED"
	grep -HE '^\s*#\s*include\s*"' "${code[@]}" | sed -E 's/^([^:]*):[^"]*"([^"]*)".*/\1 \2/'
}

report 'includes from a folder above, or beside' "$(includes | awk -v floors="$floors" '
	BEGIN { n = split(floors, line, "\n")
		for (i = 1; i <= n; i++) { m = split(line[i], word, " ")
			for (k = 1; k <= m; k++) { name[++rooms] = word[k]; height[rooms] = i } } }
	function room(file,   i) { for (i = 1; i <= rooms; i++) if (index(file, name[i]) == 1) return i; \
		return 0 }
	{ a = room($1); b = room($2)
	  if (!a || !b || height[b] > height[a] || height[b] == height[a] &&
		a != b) print "  " $1 " includes " $2 }')"
report 'montecarlo/ includes of physics/ only params.h and network.h' "$(includes |
	grep -E '^montecarlo/' | grep -E ' physics/' | grep -vE ' physics/(params|network)\.h$')"

# A source file and its header are one unit; tsort names the units of a circle.
report 'files that include each other in a circle' \
	"$(includes | sed -E 's/\.[ch]( |$)/\1/g' | tsort 2>&1 >/dev/null)"

deny 'mpi.h belongs to src/ and montecarlo/disorder/share.c' 'include\s*[<"]mpi\.h' \
	'^(src/|montecarlo/disorder/share\.[ch]:)' "${code[@]}"
deny 'hdf5.h belongs to src/file/store.c and store_read.c' 'include\s*[<"]hdf5' \
	'^src/file/store(_read)?\.c:' "${code[@]}"
deny 'physics/ does not open files or read the environment' '\<(fopen|open|getenv)\s*\(' '^$' \
	physics/**/*.[ch]
deny 'printing and exiting belong to src/' \
	'\<(v?f?printf|v?dprintf|f?put[sc]|putchar|fwrite|perror|_?exit|_Exit|quick_exit|abort|assert)\s*\(' \
	'^$' {physics,montecarlo}/**/*.[ch]

# What the compiler saw: units that call each other in a circle, whatever they include; and variables that can
# change (.data or .bss), which physics/ must not have.  Sanitizers add symbols of their own.
if [ $# -eq 0 ] && [ -z "${SANITIZERS:-}" ] && [ -f "${builddir:-build}/libphysics.a" ]; then
	cd "${builddir:-build}" || exit 1
	report 'files that call each other in a circle' \
		"$(nm -A {physics,montecarlo,src}/**/*.o | awk '
		{ sub(/:$/, "", $1); file = $1; sub(/:.*/, "", file); sub(/.*libmattis_a-/, "", file) }
		$(NF - 1) ~ /^[TDRBV]$/ { home[$NF] = file }
		$(NF - 1) == "U" { user[++n] = file; used[n] = $NF }
		END { for (i = 1; i <= n; i++) if (used[i] in home &&
			home[used[i]] != user[i]) print user[i], home[used[i]] }' |
		sort -u | tsort 2>&1 >/dev/null)"
	report 'global state in physics/' "$(size -A libphysics.a | awk '
		/^[^ ]*\.o / { file = $1 }
		/^\.t?(data|bss) / && $2 > 0 { print "  " file, $1 ": " $2 " bytes" }')"
	cd - >/dev/null || exit 1
fi

own=({physics,montecarlo,src}/**/*.[ch] tests/**/*.{c,h,sh,py} \
	scripts/*.{sh,py} {.,physics,montecarlo,src,scripts,data,tests}/*.mk
	scripts/{check,quickstart,reproduce,version,find-python,fetch-datasets,submit.slurm} .ci/run \
		autogen.sh configure.ac Makefile.am)
present=()
for file in "${own[@]}"; do
	[ -f "$file" ] && [ "$file" != src/version.h ] && present+=("$file")
done
report 'does not begin with its purpose and the licence' "$(
	awk 'BEGIN { for (i = 1; i < ARGC; i++) headless[ARGV[i]] }
		/SPDX-License-Identifier: GPL-3.0-or-later/ { delete headless[FILENAME] }
		FNR == 30 { nextfile }
		END { for (file in headless) print "  " file }' "${present[@]}" data/*.yaml)"
report 'lines wider than 110 columns' "$(awk '
	{ width = 0; n = split($0, piece, "\t")
	  for (i = 1; i < n; i++) width += length(piece[i]) + 8 - (width + length(piece[i])) % 8
	  if (width + length(piece[n]) \
		> 110) print "  " FILENAME ":" FNR ": " width + length(piece[n]) }' "${present[@]}")"

# A file that no local.mk names is not built, not tested and not in the archive.
report 'missing in the local.mk of its top folder' "$(for file in {physics,montecarlo,src}/**/*.[ch] \
	tests/**/check_*.c tests/bench_*.c tests/**/*.{h,sh,py} scripts/*.py data/**/*.yaml; do
	case $file in src/version.h) ;; tests/*.c) echo "${file%.c}" ;; *) echo "$file" ;; esac
done | awk '
	FILENAME ~ /\.mk$/ { for (i = 1; i <= NF; i++) named[FILENAME " " $i] = 1; next }
	{ folder = $0; sub(/\/.*/, "", folder); if (!(folder "/local.mk " $0 in named)) print "  " \
		$0 }' */local.mk -)"
exit $bad
