#!/usr/bin/env bash
# Tests layers.sh: it accepts the source as it is, and reports each kind of mistake, planted in a copy.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
. "${srcdir:-.}/tests/lib.sh"

# copy: makes the folder tree/ with the source, without what builds leave.
copy() {
	rm -rf tree
	mkdir -p tree/.ci
	for folder in physics montecarlo src scripts data tests m4; do
		(cd "$srcdir" && find $folder -type f ! -name '*.o' ! -path 'data/sets/*' ! \
			-path 'tests/corpus/*' \
			! -name version.h -print0) | tar -C "$srcdir" --null -T - -cf - | tar -C tree -xf -
	done
	cp "$srcdir"/{autogen.sh,configure.ac,Makefile.am} tree
	cp "$srcdir/.ci/run" tree/.ci 2>/dev/null
}

# reported REGEX: layers.sh fails on the tree and prints a line that matches.
reported() {
	bash "$srcdir/tests/layers.sh" tree >out 2>&1 && complain "not reported: $1"
	grep -qE "$1" out || complain "no line with $1: $(head -c 500 out)"
}

# plant FILE TEXT REGEX: a mistake appended to a file of the tree is reported, and undone.
plant() {
	cp "tree/$1" before 2>/dev/null || rm -f before
	printf '%s\n' "$2" >>"tree/$1"
	reported "$3"
	if [ -e before ]; then cp before "tree/$1"; else rm "tree/$1"; fi
}

copy
bash "$srcdir/tests/layers.sh" tree >out 2>&1 || fail "the source itself is refused: $(cat out)"

plant physics/numerics/newton.c '#include "physics/dense/equations.h"' \
	'newton.c includes physics/dense/equations.h'
plant physics/dense/lines.c '#include "physics/multitasking/equations.h"' \
	'lines.c includes physics/multitasking'
plant src/base/err.c '#include "src/run/output.h"' 'err.c includes src/run/output.h'
plant montecarlo/field/rows.c '#include "src/base/err.h"' 'rows.c includes src/base/err.h'
plant montecarlo/field/rows.c '#include "physics/numerics/average.h"' 'rows.c physics/numerics/average.h'
printf '#include "src/run/stop.h"\n' >>tree/src/run/lock.h
plant src/run/stop.h '#include "src/run/lock.h"' 'tsort: src/run/(stop|lock)'
copy
plant physics/dense/lines.c '#include <mpi.h>' 'mpi.h belongs'
plant montecarlo/chain/parts.c '#include <mpi.h>' 'mpi.h belongs'
plant src/run/output.c '#include <hdf5.h>' 'hdf5.h belongs'
plant physics/dense/lines.c 'static void say(void) { printf("x"); }' 'printing and exiting'
plant montecarlo/chain/parts.c 'static void leave(void) { exit(1); }' 'printing and exiting'
plant physics/dense/lines.c 'static void *file(void) { return fopen("x", "r"); }' 'does not open files'
plant src/run/stop.c "/* $(printf 'x%.0s' {1..120}) */" 'stop.c:[0-9]+: 1[0-9][0-9]'
plant src/run/stranger.c 'int stranger;' 'begin with its purpose'
plant src/run/stranger.c '/* SPDX-License-Identifier: GPL-3.0-or-later */' 'src/run/stranger.c'
plant tests/check_stranger.c '/* SPDX-License-Identifier: GPL-3.0-or-later */' 'tests/check_stranger'
exit $bad
