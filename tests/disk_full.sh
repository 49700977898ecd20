#!/usr/bin/env bash
# A disk that fills up at every point of the writing: one line with the path and the reason, exit code 1, the old
# file intact, no rest.  Needs a small tmpfs of its own: a mount namespace, as root or as a user where that is
# allowed; skipped otherwise (tests/check_store.c does it without, by a limit on file sizes).
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
check_store=$builddir/tests/check_store
if [ "${1:-}" != inside ]; then
	flags=-m
	[ "$(id -u)" -eq 0 ] || flags=-rm
	unshare $flags true 2>/dev/null || { echo "no mount namespace"; exit 77; }
	exec unshare $flags bash "$0" inside
fi

work=$(mktemp -d) message=$(mktemp)
trap 'umount "$work"; rmdir "$work"; rm "$message"' EXIT
mount -t tmpfs -o size=1m none "$work" || { echo "no tmpfs"; trap - EXIT; rm -r "$work" "$message"; exit 77; }
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
cd /
exit $bad
