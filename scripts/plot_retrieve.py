#!/usr/bin/env python3
"""Draws an output of `mattis retrieve` (HDF5), ready for print.

Without options it draws curves.  If flips or occlusion is an axis: the overlap of the result with its
archetype against it, a basin of attraction; else the accuracy against the interaction order P, with that of
the nearest archetype as dotted lines.  Each value of a second axis is one curve.  --pictures: the first
starts, the results, one row per value of an axis (at most eight), and the archetypes; a red frame marks a
wrong class; of other axes the last value is shown.  --confusion: the fraction of the starts of a class (rows)
that receive a label (columns).  Needs h5py and matplotlib; if this Python lacks them, it tries others.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import os
import sys

from plotting import STYLE, label, need, opened, save, selection, setting

need("h5py", "matplotlib")
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

ROWS = 8  # of pictures, at most, spread over the values of an axis
QUANTITIES = {"m": "overlap $m$ with the archetype", "n": "overlap $n$ with the mean of the examples",
              "accuracy": "accuracy", "accuracy_example": "accuracy of the nearest stored example"}
RIGHT, WRONG, ARCHETYPE = "#2c7fb8", "#cc3311", "0.55"
plt.rcParams.update(STYLE)


def colours(count):
    return plt.get_cmap("viridis")(np.linspace(0.05, 0.85, max(count, 2)))[:count]


def undecided(axes):
    which = f"axis {axes[0]} has" if len(axes) == 1 else f"axes {', '.join(axes)} have"
    sys.exit(f"{which} more than one value: choose by --sel {axes[0]}=VALUE")


class Results:
    """The output, at one value of each axis that --sel names or that has no other value."""

    def __init__(self, file, chosen):
        self.file = file
        every = [dim[0].name.lstrip("/") for dim in file["accuracy"].dims]
        for name in chosen:
            if name not in every:
                sys.exit(f"--sel {name}: no such axis; the file has {', '.join(every)}")
        self.at = {name: int(np.abs(file[name][()] - chosen[name]).argmin()) if name in chosen else 0
                   for name in every if name in chosen or file[name].size == 1}
        self.axes = [name for name in every if name not in self.at]

    def values(self, axis):
        return self.file[axis][()]

    def read(self, variable, order=()):
        """Returns a variable along the free axes, those in `order` first; its own dimensions stay last."""
        data = self.file[variable]
        names = [dim[0].name.lstrip("/") for dim in data.dims]
        values = data[tuple(self.at.get(name, slice(None)) for name in names)]
        names = [name for name in names if name not in self.at]
        return np.moveaxis(values, [names.index(name) for name in order], range(len(order)))

    def family(self, drawn):
        """Returns the one axis besides those drawn, or None."""
        left = [name for name in self.axes if name not in drawn]
        if len(left) > 1:
            undecided(left)
        return left[0] if left else None


def curves(results, ax, x, y):
    """Draws y against x, one curve per value of the other axis."""
    basins = [name for name in ("flips", "occlusion") if name in results.axes]
    x = x or next((name for name in basins + ["P"] + results.axes if name in results.axes), None)
    if x not in results.axes:
        sys.exit(f"--x {x}: not an axis of more than one value" if x else
                 "nothing to draw: no axis has more than one value; use --pictures or --confusion")
    if not y:
        y = "m" if x in basins else "accuracy_example" if "accuracy_example" in results.file else "accuracy"
    if y not in results.file:
        sys.exit(f"--y {y}: no such variable")
    family = results.family([x])
    order = [family, x] if family else [x]
    members = results.values(family) if family else [None]
    value = np.atleast_2d(results.read(y, order))
    error = np.atleast_2d(results.read(y + "_error", order)) if y + "_error" in results.file else None
    baseline = {"accuracy": "accuracy_nearest", "accuracy_example": "accuracy_nearest_example"}.get(y)
    nearest = np.atleast_2d(results.read(baseline, order)) if baseline else None
    at = results.values(x)
    for k, colour in enumerate(colours(len(members))):
        ax.plot(at, value[k], color=colour, lw=1.5, marker="o", ms=3,
                label=setting(results.file[family], members[k]) if family else None)
        if error is not None:
            ax.fill_between(at, value[k] - error[k], value[k] + error[k], color=colour, alpha=0.15, lw=0)
        if nearest is not None:
            ax.plot(at, nearest[k], color=colour, lw=1, ls=":")
    if nearest is not None:
        ax.plot([], [], color="0.3", lw=1, ls=":",
                label="nearest " + ("example" if "example" in y else "archetype"))
    if x in ("P", "M") and at[-1] > 5 * at[0]:
        ax.set_xscale("log")
        ax.set_xticks(at, [f"{a:g}" for a in at])
        ax.minorticks_off()
    ax.set_xlim(at[0], at[-1])
    ax.set_xlabel(label(results.file[x]))
    ax.set_ylabel(QUANTITIES.get(y, y))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(framealpha=0.8, edgecolor="none")


def picture(results, spins):
    """Returns the spins at their places in the picture; NaN for pixels that are not kept."""
    height, width = results.file["preparation/kept"].shape
    out = np.full(height * width, np.nan)
    out[results.values("pixel").astype(int)] = spins
    return out.reshape(height, width)


def pictures(results, fig, rows):
    """Draws one column per start: the start, the results for the values of an axis, the archetype."""
    if "pictures/start" not in results.file:
        sys.exit("the file has no pictures; set retrieve.pictures")
    family = rows or ("P" if "P" in results.axes else None)
    if family and family not in results.axes:
        sys.exit(f"--x {family}: not an axis of more than one value")
    over = [family] if family else []
    for name in [name for name in results.axes if name != family]:  # the last of every other axis
        results.at[name] = results.file[name].size - 1
    results.axes = over
    answer, start = results.read("pictures/answer", over), results.read("pictures/start", over)
    label_given = "images/predicted_example"
    if label_given not in results.file:
        label_given = "images/predicted"
    given, own = results.read(label_given, over), results.read("images/label")
    members = results.values(family) if family else [None]
    if len(members) > ROWS:
        some = np.linspace(0, len(members) - 1, ROWS).round().astype(int)
        members, answer, start, given = members[some], answer[some], start[some], given[some]
    if not family:
        answer, start, given = answer[None], start[None], given[None]
    dims = [dim[0].name.lstrip("/") for dim in results.file["preparation/archetype"].dims]
    by_M = dims[0] == "M" and family == "M"
    archetype = results.read("preparation/archetype", ["M"] if by_M else [])
    if by_M:
        archetype = archetype[-1]
    classes = list(results.values("class").astype(int))
    moving = family in ("flips", "occlusion")  # then each result is below its own start
    lines = [] if moving else [("start", 0)]
    for k in range(len(members)):
        lines += ([("start", k)] if moving else []) + [("answer", k)]
    lines.append(("archetype", 0))
    columns = start.shape[1]
    fig.set_size_inches(0.62 * columns + 0.9, 0.62 * len(lines) + 0.5)
    grid = fig.subplots(len(lines), columns, squeeze=False)
    grey = plt.get_cmap("gray").with_extremes(bad="#dfe6ee")
    for i, (kind, k) in enumerate(lines):
        for c in range(columns):
            ax = grid[i, c]
            spins = {"start": start[k, c], "answer": answer[k, c],
                     "archetype": archetype[classes.index(own[c])]}[kind]
            ax.imshow(picture(results, spins), cmap=grey, vmin=-1, vmax=1, interpolation="nearest")
            ax.set_xticks([])
            ax.set_yticks([])
            colour = ARCHETYPE if kind != "answer" else RIGHT if given[k, c] == own[c] else WRONG
            for spine in ax.spines.values():
                spine.set(edgecolor=colour, linewidth=1.6 if colour == WRONG else 0.9)
        word = "input" if kind == "start" else kind
        if family and (kind == "answer" or moving and kind == "start"):
            value = setting(results.file[family], members[k])
            word = f"{word}\n{value}" if moving else value
        grid[i, 0].set_ylabel(word, rotation=0, ha="right", va="center", labelpad=6)


def confusion(results, ax):
    if results.axes:
        undecided(results.axes)
    count, classes = results.read("confusion").astype(float), results.values("class").astype(int)
    fraction = count / np.maximum(count.sum(1, keepdims=True), 1)
    ax.imshow(fraction, cmap="Blues", vmin=0, vmax=1)
    for i in range(len(classes)):
        for j in range(len(classes)):
            if fraction[i, j] >= 0.005 and len(classes) <= 12:
                ax.text(j, i, f"{100 * fraction[i, j]:.0f}", ha="center", va="center", fontsize=7,
                        color="white" if fraction[i, j] > 0.6 else "0.2")
    ax.set_xticks(range(len(classes)), classes)
    ax.set_yticks(range(len(classes)), classes)
    ax.tick_params(length=0)
    ax.set_xlabel("label given")
    ax.set_ylabel("label")


def main():
    parser = argparse.ArgumentParser(description="Draws an output of mattis retrieve.")
    parser.add_argument("file", metavar="FILE.h5")
    parser.add_argument("-o", metavar="PICTURE", help="png, pdf or svg; default: FILE.png")
    parser.add_argument("--pictures", action="store_true", help="draw inputs, results and archetypes")
    parser.add_argument("--confusion", action="store_true", help="draw the confusion matrix of a point")
    parser.add_argument("--x", metavar="AXIS", help="horizontal axis; with --pictures: vertical axis")
    parser.add_argument("--y", metavar="VARIABLE",
                        help="vertical axis: accuracy, m, n, sweeps, ...")
    parser.add_argument("--sel", metavar="AXIS=VALUE", action="append", type=selection, default=[],
                        help="value of an axis (the nearest is taken); may be repeated")
    options = parser.parse_args()
    file = opened(options.file)
    if "confusion" not in file or "accuracy" not in file:
        sys.exit(f"{options.file}: not an output of mattis retrieve")
    results = Results(file, dict(options.sel))
    fig = plt.figure(figsize=(5.6, 4.1), layout="constrained")
    if options.pictures:
        pictures(results, fig, options.x)
    elif options.confusion:
        confusion(results, fig.add_subplot())
    else:
        curves(results, fig.add_subplot(), options.x, options.y)
    fig.suptitle(file.attrs.get("title", ""), fontsize=10)
    target = options.o or os.path.splitext(options.file)[0] + ".png"
    save(fig, target)


main()
