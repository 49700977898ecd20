"""Retrieval in plain numpy, written from its definition (THEORY.md, "Real images"), to test mattis retrieve.

Compares an output with it: pixels, archetypes, predictions of every image, baselines, confusion.
Arguments: the folder of the set, the output.

SPDX-License-Identifier: GPL-3.0-or-later"""
import gzip
import os
import sys

import numpy as np


def idx(path):
    if not os.path.exists(path):
        path += ".gz"
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        raw = file.read()
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def load(folder):
    """Returns training images and labels, test images and labels; an image is a row."""
    parts = [idx(f"{folder}/{part}-{what}-ubyte")
             for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1")]
    return [p.reshape(len(p), -1) if p.ndim == 3 else p for p in parts]


def prepare(folder, tests, variance=0.2):
    """Returns spins of the training and first test images at the kept pixels, their labels, the pixels."""
    train, train_label, test, test_label = load(folder)
    median = np.median(train, axis=0)
    spins = np.where(train > median, 1, -1).astype(np.int8)
    kept = 1 - spins.mean(0, dtype=float) ** 2 > variance
    start = np.where(test[:tests] > median, 1.0, -1.0)[:, kept]
    return spins[:, kept], train_label, start, test_label[:tests], np.flatnonzero(kept)


def rms(a):
    return a / np.sqrt((a**2).mean(1, keepdims=True))


def means(spins, label, M):
    return np.array([spins[label == c][:M].mean(0, dtype=float) for c in np.unique(label)])


def retrieve(archetype, start, P, sweeps=20):
    """Returns the final spins; images at a fixed point are not updated again."""
    s, active = start.copy(), np.arange(len(start))
    for _ in range(sweeps):
        x = s[active] @ archetype.T / s.shape[1]
        new = np.where(x ** (P - 1) @ archetype > 0, 1.0, -1.0)
        moved = (new != s[active]).any(1)
        s[active] = new
        active = active[moved]
        if len(active) == 0:
            break
    return s


def classify(archetype, s):
    """Returns the class with the largest overlap with its archetype's sign, and if tied (then the first)."""
    overlap = s @ np.where(archetype > 0, 1.0, -1.0).T
    return overlap.argmax(1), (overlap == overlap.max(1, keepdims=True)).sum(1) > 1


def compare(folder, path):
    import h5py

    with h5py.File(path) as file:
        P, M, tests = file["P"][:], file["M"][:], len(file["images/image"])
        spins, train_label, start, label, kept = prepare(folder, tests)
        assert np.array_equal(file["pixel"][:], kept), "pixels"
        assert np.array_equal(file["images/label"][:], label), "labels"
        for k, m in enumerate(M):
            mean = means(spins, train_label, int(m))
            archetype = rms(mean)
            assert np.abs(file["preparation/archetype"][k] - archetype).max() < 1e-12, "archetypes"
            nearest = (start @ rms(mean - mean.mean(0)).T).argmax(1)
            expected = (nearest == label).mean()
            assert np.allclose(file["accuracy_nearest"][:, k], expected, atol=1e-12), "nearest archetype"
            for j, p in enumerate(P):
                final = retrieve(archetype, start, int(p))
                given, tie = classify(archetype, final)
                at = j, k, 0
                assert np.array_equal(file["images/predicted"][at], given), f"predictions at P = {p}, M = {m}"
                assert abs(file["accuracy"][at] - (given == label).mean()) < 1e-12, "accuracy"
                assert abs(file["ties"][at] - tie.mean()) < 1e-12, "ties"
                confusion = np.zeros((10, 10), int)
                np.add.at(confusion, (label, given), 1)
                assert np.array_equal(file["confusion"][at], confusion), "confusion"
                own = (final * np.where(archetype > 0, 1, -1)[label]).mean(1)
                assert np.abs(file["images/m"][at] - own).max() < 1e-12, "overlaps"
                pictures = len(file["pictures/picture"])
                assert np.array_equal(file["pictures/start"][at], start[:pictures]), "starts"
                assert np.array_equal(file["pictures/answer"][at], final[:pictures]), "answers"
    print(f"{path}: {len(P) * len(M)} points of {tests} images as in numpy")


if __name__ == "__main__":
    compare(*sys.argv[1:])
