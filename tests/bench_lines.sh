#!/usr/bin/env bash
# Times transition lines of the dense network (P = 4) in the plane of load and temperature: all lines at 200
# temperatures, without and with noisy examples, and the 1RSB spinodal at 50 temperatures.  Run by bench.sh,
# which sets builddir.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
mattis=${builddir:-build}/mattis
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# seconds CASE ARGUMENT...: user time of one rank
seconds() {
	local name=$1
	shift
	TIMEFORMAT="$name %U s"
	time "$mattis" lines "$@" -s model.P=4 -o "$dir/lines.h5" --restart --quiet >/dev/null
}
{
	seconds lines.storage -s sweep.T=0.005:1:0.005 -s sweep.gamma=0:0.6:0.02
	seconds lines.rho -s sweep.T=0.005:1:0.005 -s sweep.gamma=0:0.6:0.02 -s model.learning=supervised \
		-s model.rho=0.1
	seconds lines_1rsb.storage -s sweep.T=0.01:0.5:0.01 -s sweep.gamma=0:0.6:0.02 \
		-s lines.which=spinodal_1rsb
	seconds lines_1rsb.rho -s sweep.T=0.01:0.5:0.01 -s sweep.gamma=0:0.6:0.02 \
		-s lines.which=spinodal_1rsb \
		-s model.learning=supervised -s model.rho=0.1
} 2>&1
