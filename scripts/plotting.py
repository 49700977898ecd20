"""Shared by the plot scripts: finding a Python that has the modules, opening files and writing pictures with
one-line errors.

Import it first; need() may start another Python.  SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import os
import re
import subprocess
import sys


def need(*modules):
    """Goes on in a Python that has these modules if this one lacks them."""
    try:
        for module in modules:
            __import__(module)
        return
    except ImportError:
        pass
    finder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "find-python")
    found = subprocess.run(["sh", finder, *modules], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    python = found.stdout.decode().strip()
    if found.returncode or not python or os.environ.get("MATTIS_PLOT_TRIED"):
        packages = " ".join(f"python3-{module}" for module in modules)
        sys.exit(f"no Python 3 with {' and '.join(modules)}; on Debian: apt-get install {packages}\n"
                 "or set PYTHON to one that has them")
    os.environ["MATTIS_PLOT_TRIED"] = "1"
    os.execv(python, [python] + sys.argv)


def selection(text):
    """AXIS=VALUE of a command line."""
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: not NAME=NUMBER")


def opened(path):
    """The HDF5 file, for reading."""
    import h5py

    try:
        return h5py.File(path)
    except OSError as error:
        sys.exit(f"{path}: cannot be opened: {error}")


# What a quantity is by its attribute "role" (physics/network.h), in the order of panels.
ROLES = {"retrieval_overlap": "overlap", "overlap": "magnetisation", "signal": "overlap with the examples",
         "spin_glass": "replica overlap", "energy": "energy per spin", "free_energy": "free energy per spin"}


def symbol(variable):
    """The symbol of an axis or a variable of the file, its name where the file has none."""
    return variable.attrs.get("symbol", variable.name.rsplit("/", 1)[-1])


def label(variable):
    """Words and symbol of an axis or a variable: its role, or the words that its definition begins with."""
    words = ROLES.get(variable.attrs.get("role"))
    if words is None:
        words = re.match(r"(?:[^:;]*: )?((?:[a-z-]{2,} ?)*)", variable.attrs.get("long_name", "")).group(1)
    return f"{words.strip()} ${symbol(variable)}$".strip()


def save(figure, path, **how):
    """Writes the picture and says where."""
    try:
        figure.savefig(path, **how)
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: cannot be written: {error}")
    print(path)
