#!/usr/bin/env bash
# Compares the dense network, from deck to output file, with data/reference: dense_points.txt (mattis solve),
# dense_1rsb_spinodals.txt and dense_1rsb.txt (mattis lines and solve).  A third of the points unless LONG=1.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"
find_python h5py
mattis=$mattis dir=$dir reference=$srcdir/data/reference "$python" - <<'PYTHON'
import itertools
import os
import subprocess

import h5py

OUT = os.path.join(os.environ["dir"], "out.h5")
bad = count = 0

def read(name):
    path = os.path.join(os.environ["reference"], name)
    return [line.split() for line in open(path) if line.strip() and line[0] != "#"]

def run(command, **keys):
    keys = list(itertools.chain(*(("-s", "%s=%s" % (k.replace("_", ".", 1), v)) for k, v in keys.items())))
    subprocess.run([os.environ["mattis"], command, *keys, "-o", OUT, "--restart", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    return h5py.File(OUT, "r")

def axis(values):
    return "[%s]" % ",".join("%.17g" % v for v in sorted({float(v) for v in values}))

def compare(what, found, want, tolerance):
    global bad, count
    count += 1
    if not abs(found - float(want)) <= tolerance:
        bad += 1
        print(what, "found", found, "want", want, "tolerance", tolerance)

def nearest(values, x):
    return min(range(len(values)), key=lambda i: abs(values[i] - float(x)))

def law(learning, M, r, rho):
    keys = {"model_learning": learning}
    if learning != "storage" and float(M) > 0:
        keys.update(model_M=M, model_r=r)
    elif learning != "storage":
        keys.update(model_rho=rho)
    return keys

# Points of the archetype branch: m, n, q to 1e-10; f and stability to 1e-9.
same = lambda row: (row[0], row[1], row[4], row[5], row[6][:12])
rows = sorted(read("dense_points.txt"), key=same)
groups = [(law_of, list(g)) for law_of, g in itertools.groupby(rows, same)]
for (learning, P, M, r, rho), group in groups[::1 if os.environ.get("LONG") else 3]:
    with run("solve", model_P=P, sweep_T=axis(g[2] for g in group), sweep_gamma=axis(g[3] for g in group),
             **law(learning, M, r, rho)) as file:
        for g in group:
            i, j = nearest(file["T"], g[2]), nearest(file["gamma"], g[3])
            for k, name in enumerate(["m", "n", "q", "free_energy", "stability"]):
                if g[7 + k] != "nan" and g[7 + k] != "-":
                    compare([*g[:7], name], file[name][i, j, 0], g[7 + k], 1e-10 if k < 3 else 1e-9)

# Spinodals at given T, and the AT line: gamma to 1e-8.
same = lambda row: (row[0], row[1])
for (P, rho), group in itertools.groupby(sorted(read("dense_1rsb_spinodals.txt"), key=same), same):
    group = list(group)
    with run("lines", model_P=P, sweep_T=axis(g[2] for g in group), sweep_gamma="0:0.6:0.1",
             lines_tolerance=1e-9, lines_which="spinodal spinodal_1rsb at",
             **law("supervised", 0, 1, rho)) as file:
        table = file["lines"]
        points = list(zip(table["line"].asstr()[()], table["T"][()], table["gamma"][()]))
        for g in group:
            for name, want in [("spinodal_1rsb", g[3]), ("spinodal", g[10]), ("at", g[12])]:
                found = [x for line, T, x in points if line == name and abs(T - float(g[2])) < 1e-12]
                if want != "nan":
                    compare([*g[:3], name], found[0] if found else float("nan"), want, 1e-8)

# The merging point, limits at T = 0, and the glass.
for row in read("dense_1rsb.txt"):
    kind, P, tolerance = row[0], row[1], float(row[-1])
    if kind == "merge":
        with run("lines", model_P=P, sweep_T="0.4:0.5:0.1", sweep_gamma="0:0.6:0.3", lines_which="merge_1rsb",
                 **law("supervised", 0, 1, row[2])) as file:
            compare(row[:3] + ["T"], file["lines/T"][0], row[3], tolerance)
            compare(row[:3] + ["gamma"], file["lines/gamma"][0], row[4], tolerance)
    elif kind == "limit":
        with run("lines", model_P=P, sweep_T="0:0.1:0.1", sweep_gamma="0:0.6:0.3",
                 lines_which="spinodal_1rsb", **law("supervised", 0, 1, row[2])) as file:
            compare(row[:3], file["lines/gamma"][0], row[3], tolerance)
    elif kind == "ground":
        with run("solve", model_P=P, sweep_T=0, sweep_gamma=1, solve_rsb="true") as file:
            glass = list(file["branch"].asstr()).index("glass_1rsb")
            compare(row[:2], file["energy"][0, 0, glass], row[2], tolerance)
            if row[3] != "nan":
                compare(row[:2] + ["mu"], file["mu"][0, 0, glass], row[3], 1e-5)
    elif kind == "glass":
        T = [float(t) * (1 + e) for t in (row[4], row[2]) for e in (-1e-8, 1e-8)]  # around T_s and T_d
        with run("solve", model_P=P, sweep_T=axis(T), sweep_gamma=1, solve_rsb="true") as file:
            glass = list(file["branch"].asstr()).index("glass_1rsb")
            flags = file["phase"].attrs["flag_meanings"].split()
            compare(row[:2] + ["T_d"], list(file["status"][:, 0, glass]) == [0, 0, 0, 1], 1, 0)
            phases = [flags[k] for k in file["phase"][:, 0]]
            compare(row[:2] + ["T_s"], phases == ["glass"] + 3 * ["ergodic"], 1, 0)
            compare(row[:2] + ["q_s"], file["q1"][0, 0, glass], row[5], 1e-6)
            compare(row[:2] + ["q_d"], file["q1"][2, 0, glass], row[3], 1e-3)  # a square root
print(count, "numbers,", bad, "wrong")
assert count > (180 if os.environ.get("LONG") else 90) and bad == 0
PYTHON
