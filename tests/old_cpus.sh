#!/usr/bin/env bash
# Tests the kernels on emulated processors without AVX-512 and without AVX: code that is chosen by the
# instruction sets of the processor, not by run.kernel.  Skipped without qemu-x86_64 (Debian: qemu-user).
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
command -v qemu-x86_64 >/dev/null || { echo "no qemu-x86_64"; exit 77; }
[ "$(uname -m)" = x86_64 ] || { echo "not x86_64"; exit 77; }
[ -z "${SANITIZERS:-}" ] || { echo "sanitizers cannot be emulated"; exit 77; }
bad=0
for cpu in Haswell Nehalem; do
	for suite in check_field check_pair_noise ${LONG:+check_tensor}; do
		CK_FORK=no qemu-x86_64 -cpu $cpu "${builddir:-build}/tests/$suite" 2>&1 |
			grep -v 'TCG doesn.t support' |
			sed "s/^/$cpu: /"
		[ "${PIPESTATUS[0]}" = 0 ] || bad=1
	done
done
exit $bad
