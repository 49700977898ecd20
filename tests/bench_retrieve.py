"""The baseline of bench_retrieve.c: retrieves the 10,000 test images with plain numpy.

The same dynamics and classes on one core (one BLAS thread): all images until none changes, or only those that
still change (numpy_active).  Then the whole job, including reading files: mattis on 1 and 2 ranks, and numpy.
MATTIS_SETS: the folder of the image sets.

SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import subprocess
import sys
import time

for library in ("OPENBLAS", "OMP", "MKL", "BLIS"):
    os.environ[library + "_NUM_THREADS"] = "1"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
try:
    import numpy as np
    import retrieve_numpy as plain
except ImportError:
    print("numpy is missing: no comparison with numpy")
    sys.exit(0)

P, M, TESTS = 20, 1000, 10000


def seconds(work, repeats, clock=time.process_time):
    best = float("inf")
    for _ in range(repeats):
        begin = clock()
        work()
        best = min(best, clock() - begin)
    return best


def all_at_once(archetype, s, sweeps=20):
    for _ in range(sweeps):
        new = np.where((s @ archetype.T / s.shape[1]) ** (P - 1) @ archetype > 0, 1.0, -1.0)
        if (new == s).all():
            break
        s = new
    return s


def job(sets, name, ranks):
    mpirun = os.environ.get("MPIEXEC", "mpirun --bind-to none --oversubscribe").split()
    launch = [*mpirun, "-n", str(ranks)] if ranks > 1 else []
    deck = {"images.set": name, "images.folder": sets, "model.learning": "supervised", "model.M": M,
            "model.P": P, "sweep.T": 0}
    settings = [word for key, value in deck.items() for word in ("-s", f"{key}={value}")]
    subprocess.run([*launch, os.path.abspath("mattis"), "retrieve", *settings, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)


def bench(sets, name):
    folder = os.path.join(sets, name)
    if not os.path.isdir(folder):
        return
    learned = {}

    def learn():
        spins, label, learned["start"], _, _ = plain.prepare(folder, TESTS)
        learned["archetype"] = plain.rms(plain.means(spins, label, M))

    def retrieve(how):
        plain.classify(learned["archetype"], how(learned["archetype"], learned["start"]))

    before = seconds(learn, 2, time.perf_counter)
    dynamics = seconds(lambda: retrieve(all_at_once), 3)
    print(f"retrieve_{name}_P{P}.numpy {1e3 * dynamics:.4g} ms")
    active = seconds(lambda: retrieve(lambda a, s: plain.retrieve(a, s, P)), 3)
    print(f"retrieve_{name}_P{P}.numpy_active {1e3 * active:.4g} ms")
    for ranks in (1, 2):
        wall = seconds(lambda: job(sets, name, ranks), 3, time.perf_counter)
        print(f"retrieve_{name}_job.ranks_{ranks} {wall:.3g} s")
    print(f"retrieve_{name}_job.numpy {before + dynamics:.3g} s")


if __name__ == "__main__":
    for name in ("mnist", "fashion-mnist"):
        bench(os.environ.get("MATTIS_SETS", "data/sets"), name)
