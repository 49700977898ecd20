"""The baseline of bench_multitask.c: solves the multitasking network with plain numpy over all 3^K patterns.

Storage; the map iterated to a residual of 1e-10 (at most 5000 steps), free energy and Hessian eigenvalues;
the same points and starts.

SPDX-License-Identifier: GPL-3.0-or-later"""
import itertools
import sys
import time

try:
    import numpy as np
except ImportError:
    print("numpy is missing: no comparison with numpy")
    sys.exit(0)


def solve(xi, weight, d, T, p):
    """Returns overlaps, free energy per spin and Hessian eigenvalues over c = 1 - d."""
    for _ in range(5000):
        new = (weight * np.tanh(xi @ p / T)) @ xi / (1 - d)
        if np.max(np.abs(new - p)) < 1e-10:
            break
        p = new
    h = xi @ p / T
    f = 0.5 * (1 - d) * p @ p - T * weight @ np.logaddexp(h, -h)
    hessian = np.eye(len(p)) - (xi * (weight / np.cosh(h) ** 2)[:, None]).T @ xi / (T * (1 - d))
    return p, f, np.linalg.eigvalsh(hessian)


def main():
    K = 8
    for d, T in ((0.3, 0.2), (0.4, 0.1), (0.8, 0.3)):
        start = np.array([0.95 * d**k if d < 0.5 else 1 - 0.3 * k / (K - 1) for k in range(K)])
        xi = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=K)))
        weight = np.prod(np.where(xi == 0, d, (1 - d) / 2), axis=1)
        best = float("inf")
        for _ in range(3 if d < 0.5 else 1):
            begin = time.perf_counter()
            solve(xi, weight, d, T, start)
            best = min(best, time.perf_counter() - begin)
        print(f"multitask_K{K}_d{d:g}_T{T:g}.numpy {1e6 * best:.4g} us")


main()
