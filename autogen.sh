#!/bin/sh
# Generates configure and Makefile.in from configure.ac and Makefile.am.
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu
cd "$(dirname "$0")"
for tool in autoreconf automake; do
	command -v $tool >/dev/null || {
		echo "autogen.sh: $tool is missing; on Debian: apt-get install autoconf automake" >&2
		exit 1
	}
done
mkdir -p build-aux
exec autoreconf --install
