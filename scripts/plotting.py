"""Shared by the plot scripts: finds a Python with the modules needed, opens files and writes pictures with
one-line errors, and labels axes from the attributes of a file.

Import it first; need() may start another Python.  SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import os
import re
import subprocess
import sys


def need(*modules):
    """Restarts the script in a Python that has these modules if this one lacks them."""
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
        sys.exit(f"no Python 3 has {' and '.join(modules)}; on Debian: apt-get install {packages}\n"
                 "or set PYTHON to one that has them")
    os.environ["MATTIS_PLOT_TRIED"] = "1"
    os.execv(python, [python] + sys.argv)


def selection(text):
    """Returns name and number of an argument AXIS=VALUE."""
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: not NAME=NUMBER")


def opened(path):
    """Opens an HDF5 file for reading."""
    import h5py

    try:
        return h5py.File(path)
    except OSError as error:
        sys.exit(f"{path}: cannot be opened: {error}")


FONT = {"font.family": "serif", "font.serif": ["STIXGeneral", "DejaVu Serif"], "mathtext.fontset": "stix"}
STYLE = {**FONT, "font.size": 10, "axes.labelsize": 11, "legend.fontsize": 8.5, "xtick.direction": "in",
         "ytick.direction": "in", "xtick.top": True, "ytick.right": True, "axes.linewidth": 0.8,
         "savefig.dpi": 300, "pdf.fonttype": 42}

# Words for the attribute "role" of a quantity (physics/network.h), in the order of panels.
ROLES = {"retrieval_overlap": "overlap", "overlap": "magnetisation", "signal": "overlap with the examples",
         "spin_glass": "replica overlap", "energy": "energy per spin", "free_energy": "free energy per spin"}


def by_role(file, role, name):
    """Returns the name of the variable with that role; `name` if none has it, as in old outputs."""
    return next((key for key in file if getattr(file[key], "attrs", {}).get("role") == role), name)


def symbol(variable):
    """Returns the LaTeX symbol of an axis or a variable; its name where the file has none."""
    return variable.attrs.get("symbol") or name_symbol(variable.name.rsplit("/", 1)[-1])


def name_symbol(name):
    """Returns the LaTeX symbol of a parameter by its name, which may be that of a Greek letter."""
    return "\\" + name if name in ("gamma", "rho", "omega") else name


def label(variable):
    """Returns words, symbol and unit of an axis or a variable: the words for its role, or the first words of
    its long_name."""
    words = ROLES.get(variable.attrs.get("role"))
    if words is None:
        first = r"(?:[^:;]*: )?((?:[A-Za-z][a-z'-]+ ?)*)"
        words = re.match(first, variable.attrs.get("long_name", "")).group(1).strip()
    sign, unit = symbol(variable), variable.attrs.get("units", "1")
    sign = f" ${sign}$" if "symbol" in variable.attrs or len(sign) == 1 or "\\" in sign else ""
    return (words + sign).strip() + (f" [{unit}]" if unit != "1" else "") or variable.name.rsplit("/", 1)[-1]


def setting(variable, value):
    """Returns "symbol = value" for legends."""
    sign = symbol(variable)
    return f"${sign}={value:.6g}$" if len(sign) == 1 or "\\" in sign else f"{sign} {value:.6g}"


def save(figure, path, **how):
    """Writes the picture and prints its path."""
    try:
        figure.savefig(path, **how)
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: cannot be written: {error}")
    print(path)
