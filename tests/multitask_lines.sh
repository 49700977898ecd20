#!/usr/bin/env bash
# Compares the lines of the multitasking network with data/reference/multitask_lines.txt.  Lines that need
# the lowest of many solutions at every point are tested with LONG=1 only.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"
find_python h5py
mattis=$mattis dir=$dir reference=$srcdir/data/reference/multitask_lines.txt "$python" - <<'PYTHON'
import itertools
import os
import subprocess

import h5py

LONG, COARSE = os.environ.get("LONG"), 24
rows = [line.split() for line in open(os.environ["reference"]) if line.strip() and line[0] != "#"]

def is_long(row):
    line, K, T = row[0], int(row[4]), float(row[6])
    return (line == "hierarchical" and (K > 4 or T > 0)) or (line == "parallel" and (T < 0.3 or K > 3))

def run(number, axis, group):
    """Returns all points of the lines of a group: [(line, fixed values, x, width)]."""
    lines = sorted({row[0] for row in group})
    names = ["L" if "retrieval" in lines else "K", "d", "T", "rho"]
    low, high = min(float(r[2]) for r in group), max(float(r[3]) for r in group)
    keys = ["-s", "model.network=multitasking", "-s", "lines.which=" + " ".join(lines),
            "-s", "lines.tolerance=1e-10"]
    if any(float(r[7]) for r in group) or axis == "rho":
        keys += ["-s", "model.learning=supervised"]
    for i, name in enumerate(names):
        values = sorted({float(r[4 + i]) for r in group})
        if name != axis and not (name == "rho" and values == [0]):
            keys += ["-s", "sweep.%s=[%s]" % (name, ",".join("%.15g" % v for v in values))]
    keys += ["-s", "sweep.%s=lin:%.15g:%.15g:%d" % (axis, low, high, COARSE)]
    path = os.path.join(os.environ["dir"], "%d.h5" % number)
    subprocess.run([os.environ["mattis"], "lines", *keys, "-o", path, "--restart", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    with h5py.File(path, "r") as file:
        table = file["lines"]
        if table.attrs["points"] == 0:
            return []
        columns = [table[n][()] if n in table and n != axis else [0.0] * len(table[axis]) for n in names]
        return list(zip(table["line"].asstr()[()], zip(*columns), table[axis][()], table["width"][()]))

def together(row):
    """Groups rows for one run, so that the product of their values is not much larger than their number."""
    line, axis, K, T = row[0], row[1], row[4], row[6]
    kind = "level" if line.startswith("level") else line if axis != "rho" else ""
    return axis, kind, (K, T > "0") if line == "hierarchical" else ("", T > "0")

bad = count = 0
for number, ((axis, *_), group) in enumerate(itertools.groupby(sorted(rows, key=together), together)):
    group = [row for row in group if LONG or not is_long(row)]
    points = run(number, axis, group) if group else []
    for row in group:
        at = [float(w) for w in row[4:8]]
        for i, name in enumerate(["K", "d", "T", "rho"]):
            at[i] = 0 if name == axis else at[i]
        here = [x for line, fixed, x, width in points
                if line == row[0] and float(row[2]) <= x <= float(row[3]) and width <= 1e-10
                and all(abs(a - b) < 1e-12 for a, b in zip(fixed, at))]
        count += 1
        if row[8] == "none" and not here:
            continue
        if row[8] != "none" and len(here) == 1 and abs(here[0] - float(row[8])) <= float(row[9]):
            continue
        bad += 1
        print(*row, "-- found", *here)
print(count, "numbers,", bad, "wrong")
assert count > 130 and bad == 0
PYTHON
