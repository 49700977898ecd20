#!/usr/bin/env bash
# Tests that every deck in data/ and data/claims/ is accepted (--dry-run) by the command named in its first
# lines ("# mattis solve data/capacity.yaml").
# SPDX-License-Identifier: GPL-3.0-or-later
cd "${srcdir:-.}" || exit 1
mattis=${builddir:-build}/mattis
bad=0 decks=0
for deck in data/*.yaml data/claims/*.yaml; do
	command=$(sed -n '1,10s/^# .*mattis \([a-z][a-z]*\) .*/\1/p' "$deck" | head -n 1)
	if [ -z "$command" ]; then
		echo "$deck: no line '# mattis COMMAND $deck' in its head"
		bad=1
	elif ! "$mattis" "$command" --dry-run "$deck"; then
		echo "$deck: mattis $command --dry-run refuses it"
		bad=1
	fi
	decks=$((decks + 1))
done
[ $decks -gt 0 ] || bad=1
exit $bad
