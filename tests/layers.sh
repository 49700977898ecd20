#!/usr/bin/env bash
# Who may know whom: physics <- montecarlo <- src.  Also: MPI, HDF5, printing and ending the program only where they
# belong, no global state in physics, the head of every file, and its word in the makefile.  SPDX-License-Identifier: GPL-3.0-or-later
shopt -s nullglob
cd "${srcdir:-.}" || exit 1
bad=0

# deny WHAT REGEX ALLOWED FILE...: a line "FILE:NUMBER:TEXT" that matches REGEX must match ALLOWED too.
deny() {
	local what=$1 regex=$2 allowed=$3 found
	shift 3
	found=$(grep -nE "$regex" "$@" /dev/null | grep -vE "$allowed")
	[ -z "$found" ] && return
	printf '%s:\n%s\n' "$what" "$found"
	bad=1
}

ours='^\s*#\s*include\s*"'
deny 'physics/ includes of ours only physics/' "$ours" 'include "physics/' physics/*.[ch]
deny 'montecarlo/ includes of ours only params.h and network.h of physics/, and montecarlo/' "$ours" \
	'include "(montecarlo/|physics/(params|network)\.h")' montecarlo/*.[ch]
deny 'src/ includes of ours only physics/, montecarlo/ and src/' "$ours" \
	'include "(physics|montecarlo|src)/' src/*.[ch]
deny 'mpi.h belongs to src/ and montecarlo/{share,ensemble}.c' 'include\s*[<"]mpi\.h' \
	'^montecarlo/(share\.[ch]|ensemble\.c):' {physics,montecarlo}/*.[ch]
deny 'hdf5.h belongs to src/store.c and src/store_read.c' 'include\s*[<"]hdf5' '^src/store(_read)?\.c:' {physics,montecarlo,src}/*.[ch]
deny 'files and the environment are no business of physics/' '\<(fopen|open|getenv)\s*\(' '^$' physics/*.[ch]
deny 'printing and exiting belong to src/' \
	'\<(v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|perror|_?exit|_Exit|quick_exit|abort|assert)\s*\(' \
	'^$' {physics,montecarlo}/*.[ch]

# a variable that can change lies in .data or .bss; sanitizers put their own there
library=${builddir:-build}/libphysics.a
if [ -z "${SANITIZERS:-}" ] && [ -f "$library" ]; then
	size -A "$library" | awk '
		/^[^ ]*\.o / { file = $1 }
		/^\.t?(data|bss) / && $2 > 0 { print "global state in " file, $1 ": " $2 " bytes"; found = 1 }
		END { exit found }' || bad=1
fi

awk 'BEGIN { for (i = 1; i < ARGC; i++) headless[ARGV[i]] }
	/SPDX-License-Identifier: GPL-3.0-or-later/ { delete headless[FILENAME] }
	FNR == 15 { nextfile }
	END { for (file in headless) { print file ": does not begin with what it is for and the licence"; bad = 1 }; exit bad }' \
	autogen.sh configure.ac Makefile.am {physics,montecarlo,src,tests,scripts,data}/*.{c,h,mk,sh,py,yaml} || bad=1

# a file that no local.mk names is not built, not tested and not in the archive
declare -A named
for makefile in */local.mk; do
	while read -ra words; do
		for word in "${words[@]}"; do
			named[${makefile%/*}/$word]=1
		done
	done <"$makefile"
done
for file in {physics,montecarlo,src}/*.[ch] tests/check_*.c tests/bench_*.c tests/*.{h,sh,py} scripts/*.py data/*.yaml; do
	case $file in tests/*.c) word=${file%.c} ;; *) word=$file ;; esac
	[ "$file" = src/version.h ] || [ "${named[${file%%/*}/$word]:-}" ] || {
		echo "$file: is missing in ${file%/*}/local.mk"
		bad=1
	}
done
exit $bad
