#!/usr/bin/env python3
"""Draws an output of `mattis solve` for the multitasking network (HDF5), ready for print.

Two axes: the phase of the solution of lowest free energy as colour, with the lines of the tables /lines of
this file and of those given by --lines (outputs of `mattis lines`).  One axis: the overlaps of that solution
against it; against d at T = 0 with the power laws d^(k-1) of the hierarchical state and where they end,
against the number of examples the magnetisations.  --losses draws the energy and the losses against the
archetypes instead.  Needs h5py and matplotlib; if this Python lacks them, it tries others.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import math
import os
import sys

from plotting import STYLE, by_role, label, need, opened, save, symbol

need("h5py", "matplotlib")
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

COLOURS = {"none": "#ffffff", "ergodic": "#f4f2ea", "pure": "#c6dbef", "hierarchical": "#6baed6",
           "parallel": "#fdbb84", "mixed": "#dcd0e8", "glass": "#cccccc"}
# name of a line: words, style, colour
SOLID, DASHED, DOTTED, DASHDOT = "-", (0, (6, 3)), (0, (1.2, 2)), (0, (6, 2, 1.2, 2))
LINES = {"ergodic": ("onset of order", SOLID, "k"),
         "pure": ("second pattern joins", SOLID, "#08306b"),
         "level_3": ("third pattern joins", DASHED, "#08306b"),
         "level_4": ("fourth pattern joins", DOTTED, "#08306b"),
         "hierarchical": ("hierarchical metastable", SOLID, "#54278f"),
         "hierarchical_stability": ("hierarchical ends", DOTTED, "#54278f"),
         "parallel": ("parallel becomes lowest", SOLID, "#a63603"),
         "parallel_stability": ("parallel becomes stable", DASHED, "#a63603")}
OTHER_STYLES = [SOLID, DASHED, DOTTED, DASHDOT]
HALO = [effects.withStroke(linewidth=1.8, foreground="white", alpha=0.7)]
plt.rcParams.update(STYLE)


def axes_of(file):
    """Returns the sweep axes of more than one value, in order."""
    names = [dim[0].name.lstrip("/") for dim in file["phase"].dims]
    return [name for name in names if name != "branch" and file[name].size > 1]


def on_branch(file, variable, branch=0):
    """Returns a variable on the solution of that rank in free energy (None: all), without axes of one
    value."""
    data = file[variable]
    names = [dim[0].name.lstrip("/") for dim in data.dims]
    values = data[()]
    if "branch" in names and branch is not None:
        values = np.take(values, branch, axis=names.index("branch"))
        names.remove("branch")
    for i in reversed(range(len(names))):
        if names[i] not in ("pattern", "branch") and values.shape[i] == 1:
            values = np.take(values, 0, axis=i)
    return values


def words_of(file):
    return file["phase"].attrs["flag_meanings"].split()


def span(file, axis):
    return file[axis][()].min(), file[axis][()].max()


# ---------------------------------------------------------------- two axes

def in_order(x, y, ranges):
    """Returns the points of a line, bracketed along either axis, in order, with gaps where they are far
    apart."""
    points = np.column_stack([x, y])
    scaled = points / ranges
    left = list(np.argsort(scaled[:, 1]))
    out = []
    here = None
    while left:
        if here is not None:
            distance = np.linalg.norm(scaled[left] - scaled[here], axis=1)
            nearest = int(np.argmin(distance))
            if distance[nearest] > 0.1:
                out.append([np.nan, np.nan])
                nearest = 0
        else:
            nearest = 0
        here = left.pop(nearest)
        out.append(points[here])
    return np.array(out).T


def draw_lines(ax, table, x, y, ranges):
    """Draws the lines of a table; returns their handles for the legend, one per name."""
    names = table["line"].asstr()[()]
    handles = []
    for name in dict.fromkeys(names):
        text, style, colour = LINES.get(name, (name.replace("_", " "),
                                               OTHER_STYLES[len(handles) % len(OTHER_STYLES)], "k"))
        which = names == name
        handle, = ax.plot(*in_order(table[x][which], table[y][which], ranges), color=colour, lw=1.2, ls=style,
                          path_effects=HALO, label=text)
        handles.append(handle)
    return handles


def phases(file, ax, x, y, tables):
    words = words_of(file)
    phase = on_branch(file, "phase").T
    present = [k for k in range(len(words)) if (phase == k).any()]
    index = np.searchsorted(present, phase)
    ax.pcolormesh(file[x][()], file[y][()], index, cmap=ListedColormap([COLOURS[words[k]] for k in present]),
                  norm=BoundaryNorm(np.arange(len(present) + 1) - 0.5, max(len(present), 1)),
                  shading="nearest", rasterized=True)
    handles = [Patch(facecolor=COLOURS[words[k]], edgecolor="0.4", linewidth=0.5, label=words[k])
               for k in present]
    for table in tables:
        if {x, y, "line"} <= set(table):
            handles += draw_lines(ax, table, x, y, [np.ptp(span(file, a)) for a in (x, y)])
    ax.set_xlim(*span(file, x))
    ax.set_ylim(*span(file, y))
    ax.set_ylabel(label(file[y]))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, borderaxespad=0)


# ---------------------------------------------------------------- one axis

def colours(count):
    return plt.get_cmap("viridis")(np.linspace(0.05, 0.85, max(count, 2)))[:count]


def broken(at, curves):
    """Inserts a gap into curves where the solution changes."""
    steps = np.pad(np.abs(np.diff(curves, axis=0)).max(axis=1), 1)
    jump = np.flatnonzero((steps[1:-1] > 0.012) & (steps[1:-1] > 3 * np.maximum(steps[:-2], steps[2:]))) + 1
    return np.insert(at, jump, np.nan), np.insert(curves, jump, np.nan, axis=0)


def power_laws(file, ax, d, p):
    """Draws d^(k-1), solid where the hierarchical state is lowest, dashed where it is stable, and both
    ends."""
    words = words_of(file)
    phase, branches = (on_branch(file, name, None) for name in
                       ("phase", by_role(file, "retrieval_overlap", "p")))
    hierarchical = np.full(p.shape, np.nan)
    lowest = np.zeros(len(d), bool)
    for i in range(len(d)):
        for b in range(phase.shape[1]):
            if words[phase[i, b]] == "hierarchical" and np.allclose(branches[i, b],
                                                                    d[i] ** np.arange(p.shape[1]), atol=1e-9):
                hierarchical[i], lowest[i] = branches[i, b], b == 0
    stable = np.isfinite(hierarchical[:, 0])
    for k, colour in enumerate(colours(p.shape[1])):
        ax.plot(d[stable], hierarchical[stable, k], color=colour, lw=1.2, ls=(0, (3, 1.5)))
    for which, text, x in ((lowest, r"$d_{\rm th}$", -1), (stable, r"$d_{\rm c}$", 1)):
        if which.any() and not which.all():
            end = d[which].max()
            ax.axvline(end, color="0.5", lw=0.7, ls=":")
            ax.annotate(text, (end, 1.045), ha="right" if x < 0 else "left", va="center", xytext=(2 * x, 0),
                        textcoords="offset points")
    ax.plot([], [], color="0.3", lw=1.2, ls=(0, (3, 1.5)), label="$d^{k-1}$, stable")


def overlaps(file, ax, x):
    overlap, magnetisation = by_role(file, "retrieval_overlap", "p"), by_role(file, "overlap", "m")
    p, at = on_branch(file, overlap), file[x][()]
    examples = x in ("M", "rho", "r")
    if examples:
        d = file["d"][0] if "d" in file else file["parameters"].attrs["model.d"]
        y, sign = on_branch(file, magnetisation) / (1 - d), symbol(file[magnetisation]) + "_{%d}/(1-d)"
    else:
        y, sign = p, symbol(file[overlap]) + "_{%d}"
    pieces = broken(at, y)
    for k, colour in enumerate(colours(p.shape[1])):
        ax.plot(pieces[0], pieces[1][:, k], color=colour, lw=1.7, label="$" + sign % (k + 1) + "$")
    if examples:
        ax.axhline(math.erf(math.sqrt(0.5)), color="0.5", lw=0.7, ls=":", label=r"${\rm erf}(1/\sqrt{2})$")
    if x == "d" and "T" in file and file["T"][0] == 0:
        power_laws(file, ax, at, p)
    ax.set_ylim(-0.03, 1.09 if x == "d" else 1.03)
    ax.set_ylabel("magnetisations" if examples else "overlaps")
    ax.legend(frameon=False)


def losses(file, ax, x):
    loss, energy, at = (on_branch(file, "archetype_loss_plus"),
                        on_branch(file, by_role(file, "energy", "energy")), file[x][()])
    for k, colour in enumerate(colours(loss.shape[1])):
        ax.plot(at, loss[:, k], color=colour, lw=1.6, ls=OTHER_STYLES[k % len(OTHER_STYLES)],
                label=rf"$\mathcal{{L}}^+_{{{k + 1}}}$")
    ax.set_ylabel(r"losses $\mathcal{L}^+_k$ against the archetypes")
    right = ax.twinx()
    right.plot(at, energy, color="#cc3311", lw=1.6, label="cost $H/N$")
    right.set_ylabel("cost $H/N$")
    lines = ax.get_lines() + right.get_lines()
    ax.legend(lines, [line.get_label() for line in lines], frameon=False)


# ---------------------------------------------------------------- the picture

def main():
    about = "Draws an output of mattis solve for the multitasking network."
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("file", metavar="FILE.h5")
    parser.add_argument("-o", metavar="PICTURE", help="png, pdf or svg; default: FILE.png")
    parser.add_argument("--lines", metavar="LINES.h5", action="append", default=[],
                        help="two axes: an output of mattis lines")
    parser.add_argument("--losses", action="store_true",
                        help="one axis: the energy and the losses, not the overlaps")
    parser.add_argument("--log", action="store_true", help="logarithmic horizontal axis")
    parser.add_argument("--width", type=float, default=5.6, help="width in inches (default: 5.6)")
    parser.add_argument("--dpi", type=float, default=300)
    options = parser.parse_args()
    file = opened(options.file)
    if by_role(file, "retrieval_overlap", "p") not in file or "phase" not in file:
        sys.exit(f"{options.file}: not an output of mattis solve for the multitasking network")
    axes = axes_of(file)
    if len(axes) not in (1, 2):
        sys.exit(f"{options.file}: has {len(axes)} axes of more than one value ({', '.join(axes)});"
                 " one or two can be drawn")
    tables = [f["lines"] for f in [file] + [opened(path) for path in options.lines] if "lines" in f]
    if len(tables) < len(options.lines):
        sys.exit(f"{' '.join(options.lines)}: no lines in it")
    fig, ax = plt.subplots(figsize=(options.width, 0.68 * options.width), layout="constrained")
    if len(axes) == 2:
        phases(file, ax, *axes, tables)
    else:
        (losses if options.losses else overlaps)(file, ax, axes[0])
        ax.set_xlim(*span(file, axes[0]))
    if options.log:
        ax.set_xscale("log")
    ax.set_xlabel(label(file[axes[0]]))
    ax.set_title(file.attrs.get("title", ""), fontsize=10)
    picture = options.o or os.path.splitext(options.file)[0] + ".png"
    save(fig, picture, dpi=options.dpi)


main()
