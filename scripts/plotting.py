"""What the scripts that draw share: a Python that has the modules, files opened and pictures written with one line of error.

Import it first; need() may start another Python.  SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import os
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


def save(figure, path, **how):
    """Writes the picture and says where."""
    try:
        figure.savefig(path, **how)
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: cannot be written: {error}")
    print(path)
