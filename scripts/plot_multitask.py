#!/usr/bin/env python3
"""Draws an output of `mattis solve` for the multitasking network (HDF5), ready for print.

Two axes: the phase of the solution of lowest free energy as colour, with the lines of a table /lines if there is one.  One
axis: the overlaps of that solution against it, with the power laws d^(k-1) where the axis is d; --losses draws the energy and
the losses against the archetypes instead.  The Python that runs this needs h5py and matplotlib; if it lacks them, another is
looked for.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import os
import subprocess
import sys

try:
    import h5py
    import matplotlib
    import numpy as np
except ImportError:
    finder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "find-python")
    found = subprocess.run(["sh", finder, "h5py", "matplotlib"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    python = found.stdout.decode().strip()
    if found.returncode or not python or os.environ.get("MATTIS_PLOT_TRIED"):
        sys.exit("no Python 3 with h5py and matplotlib; on Debian: apt-get install python3-h5py python3-matplotlib\n"
                 "or set PYTHON to one that has them")
    os.environ["MATTIS_PLOT_TRIED"] = "1"
    os.execv(python, [python] + sys.argv)

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.colors import BoundaryNorm, ListedColormap

NAMES = {"d": r"dilution $d$", "T": r"temperature $T$", "M": r"examples per pattern $M$", "gamma": r"load $\gamma$",
         "rho": r"dataset noise $\rho$", "r": r"example quality $r$", "K": r"patterns $K$"}
COLOURS = {"none": "#ffffff", "ergodic": "#f2f0e6", "pure": "#4477aa", "hierarchical": "#66ccee", "parallel": "#ee6677",
           "mixed": "#ccbb44", "glass": "#bbbbbb"}
LINES = ["-", (0, (5, 2.2)), (0, (1, 1.6)), "-."]
plt.rcParams.update({
    "font.family": "serif", "font.serif": ["STIXGeneral", "DejaVu Serif"], "mathtext.fontset": "stix", "font.size": 10,
    "axes.labelsize": 11, "legend.fontsize": 8.5, "xtick.direction": "in", "ytick.direction": "in", "xtick.top": True,
    "ytick.right": True, "axes.linewidth": 0.8, "savefig.dpi": 300, "pdf.fonttype": 42})


def axes_of(file):
    """The sweep axes of more than one value, in order."""
    names = [dim[0].name.lstrip("/") for dim in file["phase"].dims]
    return [name for name in names if name != "branch" and file[name].size > 1]


def lowest(file, variable):
    """A variable on the solution of lowest free energy, axes of one value taken out."""
    data = file[variable]
    names = [dim[0].name.lstrip("/") for dim in data.dims]
    values = data[()]
    if "branch" in names:
        values = np.take(values, 0, axis=names.index("branch"))
        names.remove("branch")
    for i in reversed(range(len(names))):
        if names[i] != "pattern" and values.shape[i] == 1:
            values = np.take(values, 0, axis=i)
    return values


def phases(file, ax, x, y):
    words = file["phase"].attrs["flag_meanings"].split()
    phase = lowest(file, "phase").T
    present = [k for k in range(len(words)) if (phase == k).any()]
    index = np.searchsorted(present, phase)
    ax.pcolormesh(file[x][()], file[y][()], index, cmap=ListedColormap([COLOURS[words[k]] for k in present]),
                  norm=BoundaryNorm(np.arange(len(present) + 1) - 0.5, max(len(present), 1)), shading="nearest", rasterized=True)
    for k in present:
        ax.plot([], [], "s", ms=7, mec="0.4", mew=0.5, color=COLOURS[words[k]], label=words[k])
    if "lines" in file and {x, y} <= set(file["lines"]):
        table = file["lines"]
        names = table["line"].asstr()[()]
        segments = table["segment"][()] if "segment" in table else np.zeros(len(names), int)
        for i, name in enumerate(dict.fromkeys(names)):
            text = name.replace("_", " ")
            for segment in dict.fromkeys(segments[names == name]):
                which = (names == name) & (segments == segment)
                ax.plot(table[x][which], table[y][which], "k", lw=1, ls=LINES[i % len(LINES)], label=text)
                text = None
    ax.set_xlim(file[x][()].min(), file[x][()].max())
    ax.set_ylim(file[y][()].min(), file[y][()].max())
    ax.set_ylabel(NAMES.get(y, y))
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)


def colours(count):
    return plt.get_cmap("viridis")(np.linspace(0.05, 0.85, max(count, 2)))


def overlaps(file, ax, x):
    p, at = lowest(file, "p"), file[x][()]
    for k, colour in enumerate(colours(p.shape[1])[: p.shape[1]]):
        if x == "d":
            ax.plot(at, at**k, color=colour, lw=0.8, ls=(0, (2, 2)))
        ax.plot(at, p[:, k], color=colour, lw=1.6, label=f"$p_{{{k + 1}}}$")
    if x == "d":
        ax.plot([], [], color="0.4", lw=0.8, ls=(0, (2, 2)), label="$d^{k-1}$")
    ax.set_ylim(-0.03, 1.05)
    ax.set_ylabel("overlaps $p_k$")
    ax.legend(frameon=False)


def losses(file, ax, x):
    loss, energy, at = lowest(file, "archetype_loss_plus"), lowest(file, "energy"), file[x][()]
    for k, colour in enumerate(colours(loss.shape[1])[: loss.shape[1]]):
        ax.plot(at, loss[:, k], color=colour, lw=1.6, ls=LINES[k % len(LINES)], label=rf"$\mathcal{{L}}^+_{{{k + 1}}}$")
    ax.set_ylabel(r"losses $\mathcal{L}^+_k$ against the archetypes")
    right = ax.twinx()
    right.plot(at, energy, color="#cc3311", lw=1.6, label="cost $H/N$")
    right.set_ylabel("cost $H/N$")
    lines = ax.get_lines() + right.get_lines()
    ax.legend(lines, [line.get_label() for line in lines], frameon=False)


def main():
    parser = argparse.ArgumentParser(description="Draws an output of mattis solve for the multitasking network.")
    parser.add_argument("file", metavar="FILE.h5")
    parser.add_argument("-o", metavar="PICTURE", help="png, pdf or svg; default: FILE.png")
    parser.add_argument("--losses", action="store_true", help="one axis: the energy and the losses, not the overlaps")
    options = parser.parse_args()
    try:
        file = h5py.File(options.file, "r")
    except OSError as error:
        sys.exit(f"{options.file}: cannot be opened: {error}")
    if "p" not in file or "phase" not in file:
        sys.exit(f"{options.file}: not an output of mattis solve for the multitasking network")
    axes = axes_of(file)
    if len(axes) not in (1, 2):
        sys.exit(f"{options.file}: has {len(axes)} axes of more than one value ({', '.join(axes)}); one or two can be drawn")
    fig, ax = plt.subplots(figsize=(5.6, 4.1), layout="constrained")
    if len(axes) == 2:
        phases(file, ax, *axes)
    else:
        (losses if options.losses else overlaps)(file, ax, axes[0])
        ax.set_xlim(file[axes[0]][()].min(), file[axes[0]][()].max())
    ax.set_xlabel(NAMES.get(axes[0], axes[0]))
    ax.set_title(file.attrs.get("title", ""), fontsize=10)
    picture = options.o or os.path.splitext(options.file)[0] + ".png"
    try:
        fig.savefig(picture)
    except (OSError, ValueError) as error:
        sys.exit(f"{picture}: cannot be written: {error}")
    print(picture)


main()
