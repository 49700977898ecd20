#!/usr/bin/env python3
"""Draws an output of `mattis compare` (HDF5): theory as lines, simulation as points with standard errors, and
below each observable the deviations z in units of the error.

One column per observable (default: all; --variables m,q), one colour per pattern.  The horizontal axis is the
longest one or --x; each combination of the others is a separate line.  Points that are not compared (near a
transition line, escaped, ...) are hollow.  Needs h5py and matplotlib; if this Python lacks them, it tries
others.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import itertools
import os
import sys

from plotting import ROLES, STYLE, label, need, opened, save, symbol

need("h5py", "matplotlib")
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

MARKERS = "osD^v<>ph*"
plt.rcParams.update({**STYLE, "legend.fontsize": 8})


def axes_of(file):
    """Returns the sweep axes: name and values, in order."""
    return {dim[0].name.lstrip("/"): dim[0][()] for dim in file["mark"].dims}


def series(file, axes, x):
    """Yields index and legend of each line, one per combination of the other axes."""
    others = [name for name in axes if name != x]
    for choice in itertools.product(*[range(axes[name].size) for name in others]):
        at = dict(zip(others, choice))
        index = tuple(slice(None) if name == x else at[name] for name in axes)
        words = ", ".join(f"${symbol(file[name])} = {axes[name][at[name]]:.6g}$" for name in others
                          if axes[name].size > 1)
        yield index, words


def draw(file, variable, x, axes, top, below):
    """Draws one observable: values above, z below."""
    theory, z = file[f"theory/{variable}"], file[f"theory/{variable}_z"]
    value, error = file[variable], file[f"{variable}_error"]
    patterns = value.shape[-1] if value.ndim > len(axes) else 1
    for number, (index, words) in enumerate(series(file, axes, x)):
        counts = file["mark"][index] == 0
        for k in range(patterns):
            at = index + ((k,) if value.ndim > len(axes) else ())
            colour = f"C{(k if patterns > 1 else number) % 10}"
            marker = MARKERS[number % len(MARKERS)]
            top.plot(axes[x], theory[at], color=colour, lw=1)
            for ax, y, dy in (top, value[at], error[at]), (below, z[at], None):
                for which, face in (counts, colour), (~counts, "white"):
                    ax.errorbar(axes[x][which], y[which], None if dy is None else dy[which], color=colour,
                                mfc=face, marker=marker, ms=4.5, mew=0.9, ls="none", capsize=2, lw=0.9)
            if patterns == 1 and words:
                top.plot([], [], color=colour, marker=marker, ms=4.5, lw=1, label=words)
        if patterns > 1 and words:
            top.plot([], [], color="0.3", marker=marker, ms=4.5, ls="none", label=words)
    below.axhspan(-2, 2, color="0.92", zorder=0)
    below.axhline(0, color="0.4", lw=0.8)
    most = np.nanmax(np.abs(z[()]), initial=2)
    if most > 6:  # points that are not compared may deviate much more
        below.set_yscale("symlog", linthresh=4)
    below.set_xlabel(label(file[x]))
    top.set_ylabel(label(value))


def main():
    parser = argparse.ArgumentParser(description="Draws an output of mattis compare.")
    parser.add_argument("file", metavar="FILE-compare.h5")
    parser.add_argument("-o", metavar="PICTURE", help="png, pdf or svg; default: FILE-compare.png")
    parser.add_argument("--x", metavar="AXIS", help="horizontal axis (default: the longest)")
    parser.add_argument("--variables", metavar="LIST", help="observables, separated by commas (default: all)")
    parser.add_argument("--log", action="store_true", help="logarithmic horizontal axis")
    parser.add_argument("--dpi", type=float, default=150)
    options = parser.parse_args()
    file = opened(options.file)
    if "mark" not in file or "theory" not in file:
        sys.exit(f"{options.file}: not an output of mattis compare")
    axes = axes_of(file)
    x = options.x or max(axes, key=lambda name: axes[name].size)
    if x not in axes:
        sys.exit(f"{options.file}: not an axis: {x}; there are {', '.join(axes)}")
    order = list(ROLES)
    known = sorted((name for name in file if f"theory/{name}_z" in file),
                   key=lambda name: order.index(file[name].attrs.get("role", order[-1])))
    variables = options.variables.split(",") if options.variables else known
    for name in variables:
        if name not in known:
            sys.exit(f"{name}: no such observable; there are {', '.join(known)}")
    fig, panels = plt.subplots(2, len(variables), figsize=(3.4 * len(variables), 4.6), sharex="col",
                               squeeze=False, height_ratios=(3, 1), layout="constrained")
    for variable, top, below in zip(variables, *panels):
        draw(file, variable, x, axes, top, below)
        if options.log:
            below.set_xscale("log")
    panels[1][0].set_ylabel("deviation $z$")
    if panels[0][0].get_legend_handles_labels()[1]:
        panels[0][0].legend(frameon=False)
    fig.suptitle(file.attrs.get("title", ""), fontsize=10)
    picture = options.o or os.path.splitext(options.file)[0] + ".png"
    save(fig, picture, dpi=options.dpi)


main()
