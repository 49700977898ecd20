#!/usr/bin/env python3
"""Draws the output of tests/bench_plefka (make bench): time of a Monte Carlo sweep with explicit couplings,
naive loops, exact kernels and Plefka's fields, over N at fixed K and over K at fixed N.

    build/tests/bench_plefka s > sweeps.txt;  scripts/plot_sweeps.py sweeps.txt -o sweeps.png

Exponents at the lines are fitted.  Needs numpy and matplotlib; if this Python lacks them, it tries others.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import os
import re
import sys

from plotting import FONT, need, save

need("numpy", "matplotlib")
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

WORDS = {"loops": "tensor, float loops", "tensor": "tensor, 16-bit dot products",
         "naive": "factorised, naive loops", "exact": "factorised, exact kernel",
         "plefka": "Plefka's fields, a Monte Carlo sweep",
         "tap": "Plefka's fields, a TAP iteration"}
STYLE = {"loops": ("s", "C3"), "tensor": ("D", "C1"), "naive": ("^", "C7"), "exact": ("o", "C0"),
         "plefka": ("v", "C2"), "tap": ("<", "C4")}
LINE = re.compile(r"sweep_N(\d+)_K(\d+)\.(\w+) ([\d.e+]+) us")


def read(path):
    """Returns {way: {(N, K): microseconds}}."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = [LINE.match(line) for line in file]
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{path}: cannot be read: {error}")
    times = {}
    for found in filter(None, lines):
        N, K, way, time = found.groups()
        times.setdefault(way, {})[int(N), int(K)] = float(time)
    if not times:
        sys.exit(f"{path}: not an output of tests/bench_plefka")
    return times


def draw(axis, times, moving, words):
    """Draws one panel: over N (moving 0) or K (1), at the value of the other that has the most points."""
    shared = [point[1 - moving] for ways in times.values() for point in ways]
    fixed = max(set(shared), key=shared.count)
    for way, points in times.items():
        at = sorted((point[moving], time) for point, time in points.items() if point[1 - moving] == fixed)
        if len(at) < 2:
            continue
        x, y = np.array(at).T
        slope = np.polyfit(np.log(x), np.log(y), 1)[0]
        marker, colour = STYLE.get(way, ("o", "black"))
        axis.loglog(x, y, marker + "-", color=colour, lw=1, ms=4, label=WORDS.get(way, way))
        axis.annotate(f"${'NK'[moving]}^{{{slope:.1f}}}$", (x[-1], y[-1]), (5, -3),
                      textcoords="offset points", color=colour)
    axis.set_xlabel(f"{words[moving]} (${'KN'[moving]}$ = {fixed})")
    axis.set_xmargin(0.12)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="output of tests/bench_plefka")
    parser.add_argument("-o", "--output", help="picture (default: FILE.png)")
    args = parser.parse_args()
    times = read(args.file)
    plt.rcParams.update(FONT)
    figure, panels = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
    for moving, axis in enumerate(panels):
        draw(axis, times, moving, ["spins $N$", "patterns $K$"])
    panels[0].set_ylabel("microseconds per sweep, $P = 4$")
    handles, labels = max((axis.get_legend_handles_labels() for axis in panels),
                          key=lambda found: len(found[0]))
    figure.legend(handles, labels, ncol=3, frameon=False, loc="upper center")
    figure.tight_layout(rect=(0, 0, 1, 0.88))
    output = args.output or os.path.splitext(args.file)[0] + ".png"
    save(figure, output, dpi=150)


main()
