#!/usr/bin/env python3
"""Draws the phase diagram in an output of `mattis solve` or `mattis lines` (HDF5), ready for print.

With two axes it shows the overlap with the pattern (role "overlap", m in the dense network) on the retrieval
branch as colour, and the boundaries of the phases; with one axis, the overlap on all branches.  If the file
has a table /lines of exact lines, these replace the boundaries found on the grid.  Of an output of `mattis
lines` it draws the lines, one colour per value of a third axis.  Quantities, branches, symbols and units are
found by the attributes of the file.  Needs h5py and matplotlib; if this Python lacks them, it tries others.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import os
import sys

from plotting import STYLE, by_role, label, name_symbol, need, opened, save, selection, setting

need("h5py", "matplotlib")
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

REGIONS = {"glass": "spin glass", "ergodic": "ergodic"}  # words for the kinds of phases
LARGEST = 800  # points along an axis that are drawn
HALO = [effects.withStroke(linewidth=2.6, foreground="white")]  # around lines and words on colours

STYLE = {**STYLE, "axes.titlesize": 10, "xtick.minor.visible": True, "ytick.minor.visible": True}


class File:
    """The content of the file at the chosen values of all axes but the drawn ones."""

    def __init__(self, file, chosen):
        self.file = file
        self.axes = {}  # name: values, of the sweep
        self.overlap = by_role(file, "overlap", "m")
        for dim in file[self.overlap].dims:
            name = dim[0].name.lstrip("/")
            if name not in ("branch", "pattern"):
                self.axes[name] = dim[0][()]
        self.branches = list(file["branch"].asstr()) if "branch" in file else []
        self.find_phases()
        self.index = {}  # name: index of the chosen value
        for name, value in chosen.items():
            if name not in self.axes:
                sys.exit(f"--sel {name}: no such axis; the file has {', '.join(self.axes)}")
            self.index[name] = int(np.argmin(abs(self.axes[name] - value)))

    def find_phases(self):
        """Finds the kinds of the flags of the phase, if the file has one phase per point, and the branch to
        draw: the first one that is a retrieval phase, else the first."""
        self.phase, self.flags, self.kinds = by_role(self.file, "phase", "phase"), [], []
        if self.phase in self.file and self.file[self.phase].ndim == len(self.axes):
            attributes = self.file[self.phase].attrs
            self.flags = attributes["flag_meanings"].split()
            self.kinds = attributes.get("flag_kinds", attributes["flag_meanings"]).split()
        known = dict(zip(self.flags, self.kinds))
        self.branch = next((i for i, name in enumerate(self.branches) if known.get(name) == "retrieval"), 0)

    def free(self):
        """Returns the axes without a chosen value."""
        return [name for name in self.axes if name not in self.index]

    def choose(self, wanted):
        """Returns the axes to draw; the others must be chosen or have one value."""
        for name in wanted:
            if name not in self.free():
                sys.exit(f"{name} is not a free axis; there are {', '.join(self.free())}")
        long = [name for name in self.free() if name not in wanted and len(self.axes[name]) > 1]
        drawn = list(wanted)
        if not drawn and {"gamma", "T"} <= set(long):
            drawn = ["gamma", "T"]
        drawn += [name for name in long if name not in drawn][: 2 - len(drawn)]
        for name in self.free():
            if name not in drawn and len(self.axes[name]) > 1:
                sys.exit(f"axis {name} has {len(self.axes[name])} values: choose one by --sel {name}=VALUE")
            if name not in drawn:
                self.index[name] = 0
        if not drawn:
            sys.exit("nothing to draw: no axis has more than one value")
        return drawn

    def read(self, variable, drawn, branch=None):
        """Returns a variable on the drawn axes, in their order."""
        data = self.file[variable]
        dims = [dim[0].name.lstrip("/") for dim in data.dims]
        which = {**self.index, "branch": branch, "pattern": 0}
        values = data[tuple(slice(None) if name in drawn else which[name] for name in dims)]
        left = [name for name in dims if name in drawn]
        return np.transpose(values, [left.index(name) for name in drawn])

    def parameters(self):
        """Returns the title: network, learning, and the parameters that are not drawn."""
        p = self.file["parameters"].attrs if "parameters" in self.file else {}
        words = [f"{p['model.network']} network"] if "model.network" in p else []
        words += [p["model.learning"]] if "model.learning" in p else []
        numbers = {key[6:]: p[key] for key in p if key.startswith("model.") and not isinstance(p[key], str)}
        numbers.update({name: self.axes[name][i] for name, i in self.index.items()})
        return ", ".join(words + [f"${name_symbol(name)}={value:.6g}$" for name, value in numbers.items()])


def edges(mask):
    """Returns the boundaries of a region of the grid, as lists of (i, j) between its points, without NaN."""
    known = mask[np.isfinite(mask)]
    if known.size == 0 or known.min() == known.max() or min(mask.shape) < 2:
        return []
    lines = plt.figure().add_subplot().contour(np.ma.masked_invalid(mask).T, [0.5]).allsegs[0]
    plt.close()
    return [smooth(line) for line in lines if len(line) > 3]


def smooth(line):
    """Smooths the steps of the grid out of a line: averages over the widest neighbourhood that moves a point
    by less than a step, so that corners stay."""
    closed = np.array_equal(line[0], line[-1])

    def mean(points, half):
        half = min(half, len(points) - 2)
        before, after = points[-half - 1:-1], points[1:half + 1]
        if not closed:  # reflected at its ends, which stay
            before, after = 2 * points[0] - after[::-1], 2 * points[-1] - before[::-1]
        padded = np.concatenate([before, points, after])
        kernel = np.full(2 * half + 1, 1 / (2 * half + 1))
        return np.stack([np.convolve(padded[:, k], kernel, "valid") for k in range(2)], axis=1)

    best = line
    for half in 2, 5, 10, 20:
        wide = mean(line, half)
        near = np.hypot(*(wide - line).T) < 0.75
        best = np.where(near[:, None], wide, best)
    return mean(mean(best, 2), 2)


def centre(region):
    """Returns the point (i, j) of a region furthest from its edge, and that distance in grid points."""
    inside = np.pad(region.astype(bool), 1)
    depth, last = 0, None
    while inside.any():
        last, depth = inside, depth + 1
        for axis in 0, 1:
            inside = inside & np.roll(last, 1, axis) & np.roll(last, -1, axis)
    if last is None:
        return None, 0
    i, j = np.argwhere(last).mean(axis=0) - 1
    return (i, j), depth


def scale_of(values):
    """Returns "log" if the values are a geometric sequence, else "linear"."""
    steps, ratios = np.diff(values), None
    if len(values) > 3 and values.min() > 0:
        ratios = np.diff(np.log(values))
    geometric = ratios is not None and np.ptp(ratios) < 1e-3 * abs(ratios[0]) < np.ptp(steps)
    return "log" if geometric else "linear"


def name_region(ax, x, y, region, text):
    """Writes the name of a region into its middle if there is room."""
    where, depth = centre(region)
    if where is None or depth < 0.06 * min(region.shape):
        return
    ax.text(np.interp(where[0], np.arange(len(x)), x), np.interp(where[1], np.arange(len(y)), y), text,
            ha="center", va="center", fontsize=9.5, path_effects=HALO)


def draw_boundaries(ax, x, y, phase, data, exists):
    """Draws the lines between the phases of the grid and the names of the regions."""
    def lines(mask, text, **style):
        for line in edges(mask):
            ax.plot(np.interp(line[:, 0], np.arange(len(x)), x), np.interp(line[:, 1], np.arange(len(y)), y),
                    label=text, color="black", **style)
            text = None  # one entry in the legend

    kinds = np.array(data.kinds)[phase]
    retrieval = phase == data.flags.index(data.branches[data.branch])
    lines(retrieval.astype(float), "edge of the retrieval phase", lw=1.6, ls="-", zorder=3, path_effects=HALO)
    lines((exists | retrieval).astype(float), "end of metastable retrieval", lw=1.2, ls=(0, (5, 2.2)))
    name_region(ax, x, y, retrieval, "retrieval")
    name_region(ax, x, y, exists & ~retrieval, "metastable\nretrieval")
    other = np.where(retrieval, np.nan, (kinds == "ergodic").astype(float))
    lines(other, "glass transition", lw=1.2, ls=(0, (1, 1.6)), path_effects=HALO)
    for kind, words in REGIONS.items():
        name_region(ax, x, y, (kinds == kind) & ~exists, words)


# name of a line: words, style, colour
SOLID, DASHED, DOTTED, DASHDOT = "-", (0, (5, 2.2)), (0, (1, 1.6)), (0, (6, 2, 1.2, 2))
LINES = {
    "spinodal": ("retrieval spinodal", SOLID, "#08306b"),
    "spinodal_1rsb": ("1RSB spinodal", DASHED, "#08306b"),
    "merge_1rsb": ("merging point", "", "#08306b"),
    "first_order": ("retrieval stable", SOLID, "#a63603"),
    "first_order_1rsb": ("retrieval stable, 1RSB", DASHED, "#a63603"),
    "at": ("AT line", DASHDOT, "#54278f"),
    "low_onset": ("second branch begins", DOTTED, "#41ab5d"),
    "low_end": ("second branch ends", DASHDOT, "#41ab5d"),
    "example_symmetry": ("symmetry of examples broken", DASHED, "#41ab5d"),
    "ergodic": ("edge of the ergodic phase", SOLID, "0.35"),
    "dynamic_glass": (r"dynamic glass $T_{\rm d}$", DASHED, "0.35"),
    "static_glass": (r"static glass $T_{\rm s}$", SOLID, "0.35"),
    "gardner_glass": (r"Gardner $T_{\rm G}$", DOTTED, "0.35"),
    "nishimori": ("Nishimori line", DASHDOT, "0.6"),
    "learning": (r"$m={\rm erf}(1/\sqrt{2})$", DOTTED, "#ae017e"),
    "one_step": (r"$m={\rm erf}(1/\sqrt{2})$ after one step", DASHED, "#ae017e"),
    "snr": ("signal = noise", SOLID, "#ae017e"),
}


def pieces(table, drawn, which):
    """Yields the points of one line in pieces: along the axis with most points, by root, broken at gaps
    and jumps."""
    along = table["along"].asstr()[()][which] if "along" in table else np.full(which.sum(), "")
    axis = max(dict.fromkeys(along), key=lambda name: (along == name).sum(), default="")
    x, y, segment = (table[name][()][which][along == axis] for name in (*drawn, "segment"))
    row = y if axis == drawn[0] else x  # the coordinate that is on the grid
    root = x if axis == drawn[0] else y
    steps = np.diff(np.unique(row))
    step = 1.5 * np.median(steps) if len(steps) else 0
    jump = 0.1 * np.ptp(root) if len(root) > 40 else np.inf
    for number in np.unique(segment):
        here = np.flatnonzero(segment == number)
        here = here[np.argsort(row[here])]
        apart = (np.diff(row[here]) > step) | (abs(np.diff(root[here])) > jump)
        for part in np.split(here, np.flatnonzero(apart) + 1):
            yield x[part], y[part]


def draw_lines(ax, table, drawn, index, axes):
    """Draws the table /lines at the chosen values of the other axes, with one legend entry per name."""
    names = table["line"].asstr()[()]
    keep = np.ones(len(names), bool)
    for name, i in index.items():
        if name in table:
            keep &= np.isclose(table[name][()], axes[name][i])
    for name in dict.fromkeys(names[keep]):
        text, style, colour = LINES.get(name, (name.replace("_", " "), SOLID, "k"))
        for x, y in pieces(table, drawn, keep & (names == name)):
            ax.plot(x, y, color=colour, lw=1.3, label=text, path_effects=HALO, ls=style,
                    marker="" if style else "o", ms=3.5)
            text = None


def only_lines(file, wanted, chosen):
    """Returns the axes of a file of lines: those to draw, the values of one more, and fixed ones."""
    table = file["lines"]
    axes = {name: np.unique(table[name][()]) for name in table
            if name not in ("point", "line", "segment", "along", "width")}
    for name, value in chosen.items():
        if name not in axes:
            sys.exit(f"--sel {name}: no such axis; the file has {', '.join(axes)}")
        axes[name] = axes[name][[np.argmin(abs(axes[name] - value))]]
    long = [name for name in axes if len(axes[name]) > 1]
    drawn = list(wanted) or [name for name in ("gamma", "T") if name in long]
    drawn += [name for name in reversed(long) if name not in drawn][: 2 - len(drawn)]
    if not wanted and "gamma" in drawn and "T" not in drawn:
        drawn.sort(key=lambda name: name == "gamma")  # a load at the top
    if not wanted and "T" in drawn:
        drawn.sort(key=lambda name: name == "T")
    others = [name for name in long if name not in drawn]
    if len(drawn) < 2 or len(others) > 1:
        sys.exit(f"{file.filename}: two axes can be drawn and the values of a third;"
                 f" choose others by --sel: {', '.join(long)}")
    return drawn, others, axes


def lines_diagram(file, wanted, chosen, fig):
    """Draws an output of mattis lines, one colour per value of a third axis."""
    drawn, others, axes = only_lines(file, wanted, chosen)
    table, ax, handles = file["lines"], fig.add_subplot(), []
    names = table["line"].asstr()[()]
    values = axes[others[0]] if others else [None]
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.85, max(len(values), 2)))
    styles = [SOLID, DASHED, DOTTED, DASHDOT, (0, (3, 1)), (0, (7, 2, 1, 2, 1, 2))]
    for i, value in enumerate(values):
        keep = np.ones(len(names), bool)
        for name, possible in axes.items():
            if name == (others[0] if others else None):
                keep &= table[name][()] == value
            elif name not in drawn:
                keep &= table[name][()] == possible[0]
        for k, name in enumerate(dict.fromkeys(names)):
            text, style, colour = LINES.get(name, (name.replace("_", " "), SOLID, "k"))
            if others:
                style, colour = styles[k % len(styles)] if style else "", colours[i]
            if i == 0:
                handles.append(Line2D([], [], color="k" if others else colour, ls=style, lw=1.3, label=text,
                                      marker="" if style else "o", ms=3.5))
            for x, y in pieces(table, drawn, keep & (names == name)):
                ax.plot(x, y, color=colour, lw=1.3, ls=style, marker="" if style else "o", ms=3.5)
        if others:
            handles.append(Patch(color=colours[i], label=setting(table[others[0]], value)))
    ax.set_xlim(axes[drawn[0]].min(), axes[drawn[0]].max())
    ax.set_ylim(bottom=0 if "P" not in drawn else None)
    if set(names) == {"dynamic_glass", "static_glass"} and drawn == ["P", "T"]:
        ax.axhline(1 / (2 * np.sqrt(np.log(2))), color="0.6", lw=0.8, ls=DOTTED, zorder=0)
        handles.append(Line2D([], [], color="0.6", lw=0.8, ls=DOTTED, label=r"$1/(2\sqrt{\ln 2})$"))
    ax.set_ylabel(label(table[drawn[1]]))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, borderaxespad=0,
              handlelength=2.6)
    ax.set_title(file.attrs.get("title", ""))
    return ax, drawn


def diagram(data, drawn, fig):
    """Draws the overlap on the retrieval branch in the plane of two axes, and the phases."""
    ax = fig.add_subplot()
    x, y = (data.axes[name] for name in drawn)
    coarse = tuple(slice(None, None, -(-len(values) // LARGEST)) for values in (x, y))
    x, y = x[coarse[0]], y[coarse[1]]
    m = data.read(data.overlap, drawn, data.branch)[coarse]
    exists = np.isfinite(m)
    ax.set_xscale(scale_of(x))
    ax.set_yscale(scale_of(y))
    phases = "retrieval" in data.kinds and data.branches[data.branch] in data.flags
    phase = data.read(data.phase, drawn)[coarse] if phases else None
    if phases:
        grey = np.ma.masked_where(np.array(data.kinds)[phase] != "glass", np.full(phase.shape, 0.12))
        ax.pcolormesh(x, y, grey.T, cmap="Greys", vmin=0, vmax=1, shading="nearest", rasterized=True)
    lowest = np.floor(10 * np.nanmin(m, initial=0.9)) / 10  # a round number
    image = ax.pcolormesh(x, y, np.ma.masked_invalid(m).T, cmap="viridis", vmin=lowest, vmax=1,
                          shading="nearest", rasterized=True)
    bar = fig.colorbar(image, ax=ax, pad=0.02, fraction=0.05)
    branch = data.branches[data.branch].replace("_", " ") if data.branches else ""
    of_branch = f" of the {branch} branch" if branch and not branch.isdigit() else ""
    bar.set_label(label(data.file[data.overlap]) + of_branch)
    bar.ax.minorticks_off()
    if "lines" in data.file and set(drawn) <= set(data.file["lines"]):
        draw_lines(ax, data.file["lines"], drawn, data.index, data.axes)
    elif phases:
        draw_boundaries(ax, x, y, phase, data, exists)
    ax.set_xlim(x.min(), x.max())
    ax.set_ylim(y.min(), y.max())
    ax.set_ylabel(label(data.file[drawn[1]]))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper right", framealpha=0.95, edgecolor="0.6", fancybox=False, handlelength=2.6)
    return ax


def curves(data, drawn, fig):
    """Draws the overlap on all branches along one axis."""
    ax = fig.add_subplot()
    x = data.axes[drawn[0]]
    styles = ["-", (0, (5, 2.2)), (0, (1, 1.6)), "-."]
    colours = plt.get_cmap("viridis")(np.linspace(0.1, 0.75, max(len(data.branches), 2)))
    for k, name in enumerate(data.branches):
        m = data.read(data.overlap, drawn, k)
        if np.isfinite(m).any():
            ax.plot(x, m, ls=styles[k % len(styles)], color=colours[k], lw=1.6, label=name.replace("_", " "))
    ax.set_xscale(scale_of(x))
    ax.set_xlim(x.min(), x.max())
    ax.set_ylim(-0.03, 1.05)
    ax.set_ylabel(label(data.file[data.overlap]))
    ax.legend(framealpha=0.95, edgecolor="0.6", fancybox=False, title="branch")
    return ax


def family(data, drawn, each, fig):
    """Draws the overlap on one branch along one axis, for the values of another."""
    ax = fig.add_subplot()
    x, values = data.axes[drawn[0]], data.axes[each]
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.85, max(len(values), 2)))
    for i, value in enumerate(values):
        data.index[each] = i
        ax.plot(x, data.read(data.overlap, drawn, data.branch), color=colours[i], lw=1.6,
                label=setting(data.file[each], value))
    del data.index[each]
    ax.set_xscale(scale_of(x))
    ax.set_xlim(x.min(), x.max())
    ax.set_ylim(-0.03, 1.05)
    ax.set_ylabel(label(data.file[data.overlap]))
    ax.legend(framealpha=0.95, edgecolor="0.6", fancybox=False, loc="lower right")
    return ax


def main():
    about = "Draws the phase diagram in an output of mattis solve or mattis lines."
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("file", metavar="FILE.h5")
    parser.add_argument("-o", metavar="PICTURE", help="png, pdf or svg; default: FILE.png")
    parser.add_argument("--x",
                        help="horizontal axis (default: gamma, or the first with more than one value)")
    parser.add_argument("--y", help="vertical axis (default: T, or the next)")
    parser.add_argument("--sel", metavar="AXIS=VALUE", action="append", type=selection, default=[],
                        help="value of an axis that is not drawn (the nearest is taken); may be repeated")
    parser.add_argument("--each", metavar="AXIS",
                        help="with --x: the overlap along it, one curve for each value of AXIS")
    parser.add_argument("--dpi", type=float, default=300)
    options = parser.parse_args()
    file = opened(options.file)
    solved = by_role(file, "overlap", "m") in file
    if not solved and ("lines" not in file or "line" not in file["lines"]):
        sys.exit(f"{options.file}: has no overlap and no lines; it is not an output of mattis solve or lines")
    plt.rcParams.update(STYLE)
    wanted = [name for name in (options.x, options.y) if name]
    if solved:
        data = File(file, dict(options.sel))
        if options.each and (options.each not in data.free() or options.y or not options.x):
            sys.exit(f"--each {options.each}: not a free axis beside --x;"
                     f" the file has {', '.join(data.axes)}")
        if options.each:
            data.index[options.each] = 0
        drawn = data.choose(wanted)
        if options.each and len(drawn) > 1:
            sys.exit(f"--each: choose a value of {drawn[1]} by --sel")
        if options.y and not options.x and len(drawn) == 2:
            drawn.reverse()
        fig = plt.figure(figsize=(5.6, 4.1), layout="constrained")
        if options.each:
            ax = family(data, drawn, options.each, fig)
        else:
            ax = (diagram if len(drawn) == 2 else curves)(data, drawn, fig)
        ax.set_title(data.parameters())
    else:
        fig = plt.figure(figsize=(7, 4.1), layout="constrained")
        ax, drawn = lines_diagram(file, wanted, dict(options.sel), fig)
    ax.set_xlabel(label((file if solved else file["lines"])[drawn[0]]))
    picture = options.o or os.path.splitext(options.file)[0] + ".png"
    save(fig, picture, dpi=options.dpi)


main()
