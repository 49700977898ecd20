"""Exits with 0 if two outputs are equal bit by bit, except for /provenance; prints what differs.

Arguments: two files, or several pairs.

SPDX-License-Identifier: GPL-3.0-or-later"""
import sys

import h5py
import numpy as np


def contents(path):
    """Returns every object and attribute, in order: name, type, shape and bytes."""
    found = {}

    def note(name, data, dtype):
        if h5py.check_vlen_dtype(dtype) or h5py.check_ref_dtype(dtype) or dtype.names:
            return  # links to axes are addresses in the file
        data = np.asarray(data)
        found[name] = (str(dtype), data.shape, data.tolist() if dtype.kind == "O" else data.tobytes())

    def visit(name, thing):
        if name.startswith("provenance"):
            return
        found[name] = type(thing).__name__
        if isinstance(thing, h5py.Dataset):
            note(name + " values", thing[()], thing.dtype)
        for key in thing.attrs:
            note(f"{name}@{key}", thing.attrs[key], thing.attrs.get_id(key).dtype)

    with h5py.File(path, "r") as file:
        visit("/", file)
        file.visititems(visit)
    return found


def same(first, second):
    a, b = contents(first), contents(second)
    different = [name for name in {**a, **b} if a.get(name) != b.get(name)]
    if not different and list(a) != list(b):
        different = ["the order of the objects"]
    for name in different:
        print(f"{first} and {second}: {name} differs")
    return not different


paths = sys.argv[1:]
assert paths and len(paths) % 2 == 0
sys.exit(not all([same(*pair) for pair in zip(paths[::2], paths[1::2])]))
