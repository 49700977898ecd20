"""Are two outputs the same, bit by bit, but for /provenance?  Prints what differs.  Arguments: two files.
SPDX-License-Identifier: GPL-3.0-or-later"""
import sys

import h5py
import numpy as np


def contents(path):
    """Every object and attribute, in order: its name, type, shape and bytes."""
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


a, b = (contents(path) for path in sys.argv[1:3])
different = [name for name in {**a, **b} if a.get(name) != b.get(name)]
if not different and list(a) != list(b):
    different = ["the order of the objects"]
for name in different:
    print(f"{sys.argv[1]} and {sys.argv[2]}: {name} differs")
sys.exit(bool(different))
