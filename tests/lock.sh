#!/usr/bin/env bash
# Tests mattis status: on an output while a job holds it, after the death of the job, and on finished,
# damaged, foreign and missing files.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
. "${srcdir:-.}/tests/lib.sh"
check_store=$builddir/tests/check_store

# expect CODE REGEX COMMAND...: compares the exit code and the whole output.
expect() {
	local code=$1 regex=$2 text
	shift 2
	text=$("$@" 2>&1)
	local got=$?
	if [ $got -ne "$code" ] || ! [[ $text =~ ^$regex$ ]]; then
		complain "$*: exit $got, expected $code: $text, expected $regex"
	fi
}

"$check_store" write a.h5
expect 0 'a.h5: finished, gamma 5 x T 4 x branch 3, "an example, σ"' "$mattis" status a.h5
expect 1 'b.h5: missing' "$mattis" status b.h5

mkfifo pipe
"$check_store" hold a.h5 60 0 >pipe &
holder=$!
read -r word <pipe
[ "$word" = held ] || exit 1
host="host $(hostname), pid $holder"
expect 0 "a.h5: running, $host" "$mattis" status a.h5
expect 1 "a.h5 is being written by another job \($host\)" "$check_store" hold a.h5 0 0.2
kill -9 $holder
wait $holder 2>/dev/null
expect 0 'a.h5: finished, .*' "$mattis" status a.h5
expect 0 held "$check_store" hold a.h5 0 0
[ ! -e a.h5.lock ] || complain "a.h5.lock is left"

# A second job waits for a holder that ends.
"$check_store" hold a.h5 0.3 0 >pipe &
read -r word <pipe
expect 0 held "$check_store" hold a.h5 0 5
wait

head -c 3000 a.h5 >cut.h5
{ head -c 3000 a.h5; printf 'x'; tail -c +3002 a.h5; } >flip.h5
head -c -64 a.h5 >changed.h5
echo "no data" >text.h5
expect 1 'a.h5: finished, [^
]*
cut.h5: damaged: cut off after 3000 of [0-9]* bytes
flip.h5: damaged: some of its bytes have changed \(wrong checksum\)
changed.h5: foreign: HDF5, but not from mattis, or changed since by another program
text.h5: foreign: not an HDF5 file
none.h5: missing
.: foreign: not a regular file' "$mattis" status a.h5 cut.h5 flip.h5 changed.h5 text.h5 none.h5 .
expect 2 'mattis status: .*' "$mattis" status
exit $bad
