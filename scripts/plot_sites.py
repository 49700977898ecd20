#!/usr/bin/env python3
"""Draws magnetisations site by site: those of TAP or naive mean field against the mean of each spin in an
exact simulation of the same samples (both with simulate.magnetisations: true), and prints the root mean
square differences.

    scripts/plot_sites.py exact.h5 tap.h5 naive.h5 -o sites.png

Replicas that escaped and starts that did not converge are left out.  Needs h5py and matplotlib; if this
Python lacks them, it tries others.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import sys

from plotting import FONT, need, save

need("h5py", "matplotlib")
import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def mean(x):
    """Returns the mean over the last axis but one, without NaN; NaN if all are."""
    known = ~np.isnan(x)
    with np.errstate(invalid="ignore"):
        return np.where(known, x, 0).sum(-2) / known.sum(-2)


def read(path):
    """Returns name and magnetisations [..., sample, spin] of a simulation or of TAP."""
    try:
        with h5py.File(path) as file:
            if "solutions/magnetisation" in file:
                m = file["solutions/magnetisation"][()]
                m[file["solutions/converged"][()] == 0] = np.nan
                order = file["parameters"].attrs["simulate.plefka_order"]
                return "naive mean field" if int(order) == 1 else "TAP", mean(m)
            if "samples/magnetisation" in file:
                return "simulation", mean(file["samples/magnetisation"][()])
    except OSError as error:
        sys.exit(f"{path}: cannot be opened: {error}")
    sys.exit(f"{path}: no magnetisations in it (simulate.magnetisations: true)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exact", help="output of mattis simulate")
    parser.add_argument("others", nargs="+", metavar="other",
                        help="outputs with dynamics: tap, of the same samples")
    parser.add_argument("-o", "--output", default="sites.png", help="picture (default: sites.png)")
    args = parser.parse_args()
    _, exact = read(args.exact)
    plt.rcParams.update(FONT)
    figure, axis = plt.subplots(figsize=(4.5, 4.2))
    for path in args.others:
        name, m = read(path)
        if m.shape != exact.shape:
            sys.exit(f"{path}: other points or samples than {args.exact}")
        rms = np.sqrt(np.nanmean((m - exact)**2))
        print(f"{path}: {name}, rms difference of a site {rms:.4f}")
        axis.plot(np.abs(exact).ravel(), (np.sign(exact) * (m - exact)).ravel(), ".", ms=3,
                  label=f"{name}, rms {rms:.4f}")
    axis.axhline(0, color="black", lw=0.6)
    axis.set_xlabel(r"$|\langle s_i \rangle|$ of the exact simulation")
    axis.set_ylabel(r"$m_i - \langle s_i \rangle$, in the direction of $\langle s_i \rangle$")
    axis.legend(frameon=False)
    figure.tight_layout()
    save(figure, args.output, dpi=150)


main()
