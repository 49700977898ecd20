"""Reads the example of check_store.c with every supported reader.

Arguments: a file, and the two halves of an array job with different gamma.

SPDX-License-Identifier: GPL-3.0-or-later"""
import sys

import h5py
import numpy as np
import xarray as xr

path, halves = sys.argv[1], sys.argv[2:]


def check_dataset(data):
    assert list(data.sizes.items()) == [("gamma", 5), ("T", 4), ("branch", 3)], data.sizes
    assert data.attrs["Conventions"] == "CF-1.10" and data.attrs["title"] == "an example, σ"
    assert data.attrs["complete"] == 1 and data.attrs["schema_version"] == 1
    assert np.array_equal(data.gamma, 0.125 * np.arange(5)) and data.gamma.attrs["long_name"] == "load"
    assert np.array_equal(data["T"], 0.25 * np.arange(1, 5)) and data["T"].attrs["units"] == "1"
    i = np.arange(60).reshape(5, 4, 3)
    assert data.m.dims == ("gamma", "T", "branch") and data.m.dtype == np.float64
    assert np.array_equal(data.m, np.where(i % 3, np.nan, np.sqrt(i)), equal_nan=True)
    assert data.iterations.dtype == np.int32 and np.array_equal(data.iterations, i - 5)
    assert data.status.dtype == np.int8 and np.array_equal(data.status, i % 3)
    assert np.array_equal(data.status.attrs["flag_values"], [0, 1, 2])
    assert data.status.attrs["flag_values"].dtype == np.int8
    assert data.status.attrs["flag_meanings"] == "converged none not_converged"
    assert data.phase.dims == ("gamma", "T") and np.array_equal(data.phase, i[:, :, 0] // 3 % 2)
    retrieval = data.sel(branch="retrieval")
    assert np.array_equal(retrieval.m, np.sqrt(i[:, :, 0]))
    assert retrieval.m.sel(gamma=0.25, T=0.5) == np.sqrt(27)


for engine in "h5netcdf", "netcdf4":
    with xr.open_dataset(path, engine=engine) as data:
        check_dataset(data)
    with xr.open_dataset(path, engine=engine, group="samples") as samples:
        assert samples.answer == 42 and np.array_equal(samples.T_of_it, 0.25 * np.arange(1, 5))
    with xr.open_dataset(path, engine=engine, group="parameters") as parameters:
        p = parameters.attrs
        assert list(p) == ["model.P", "model.r", "sweep.T", "deck", "nothing"], p
        assert p["model.P"] == 4 and p["model.r"] == 0.1 and p["sweep.T"] == "0.25:5:0.25"
        assert p["deck"] == "# Ä deck\nmodel:\n  P: 4\n" and p["nothing"] == ""
    parts = [xr.open_dataset(half, engine=engine) for half in reversed(halves)]
    with xr.combine_by_coords(parts) as joined:
        assert joined.sizes["gamma"] == 5 and np.array_equal(joined.gamma, 0.125 * np.arange(5))
        assert joined.m.dims == ("gamma", "T", "branch") and joined.status.dtype == np.int8
        assert list(joined.branch.values) == ["retrieval", "glass", "ergodic"]
with xr.open_dataset(path) as data:  # the engine that xarray finds by itself
    check_dataset(data)

with h5py.File(path, "r") as f:
    assert list(f["m"].dims[2][0].asstr()) == ["retrieval", "glass", "ergodic"]
    assert np.isnan(f["m"].attrs["_FillValue"]) and "_FillValue" not in f["status"].attrs

    def check_object(name, thing):
        for key, value in thing.attrs.items():
            assert key in ("CLASS", "NAME") or not isinstance(value, bytes), (name, key)
        if isinstance(thing, h5py.Dataset):
            if "CLASS" not in thing.attrs:  # not itself a scale
                assert all(len(dim) == 1 for dim in thing.dims), name
            assert "long_name" in thing.attrs, name
            assert thing.dtype.kind in "fiO", name

    f.visititems(check_object)
