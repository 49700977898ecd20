#!/usr/bin/env python3
"""The baseline of bench_dense.c: solves the same points with plain numpy.

Continues along a row in T from the last solution: plain iteration, polished every few steps by a Newton step
(finite-difference Jacobian from the same averages); trapezoid rule over z with the step that rounding
requires; exact binomial sum over the examples.  Tolerance 1e-10.

SPDX-License-Identifier: GPL-3.0-or-later"""
import time
from math import comb

import numpy as np

P, STEPS = 4, 40


def law(M, r, rho):
    """Returns atoms and weights of chi; Gaussian chi is one atom with extra variance."""
    if M == 0:
        return np.array([1 / np.sqrt(1 + rho)]), np.array([1.0])
    R = r * r * (1 + rho)
    B = np.arange(M + 1)
    p = (1 + r) / 2
    w = np.array([comb(M, b) * p**b * (1 - p) ** (M - b) for b in B])
    return (2 * B - M) / (M * np.sqrt(R)), w


def averages(chi, w, M, rho, A, v):
    """Returns the averages of tanh h, chi tanh h, sech^2 h, sech^4 h, ln(2 cosh h)."""
    var = v if M else v + A * A * rho / (1 + rho)
    sd = np.sqrt(var)
    step = min(0.24 / sd, 0.5)
    z = np.arange(-9.5, 9.5 + step, step)
    g = np.exp(-0.5 * z * z) * (step / np.sqrt(2 * np.pi))
    h = A * chi[:, None] + sd * z
    t = np.tanh(h)
    s = 1 - t * t
    Et, Es = t @ g, s @ g
    m, C = w @ Et, w @ Es
    n = w @ (chi * Et) if M else (m + rho / np.sqrt(1 + rho) * A * C) / np.sqrt(1 + rho)
    a = np.abs(h)
    return m, n, C, w @ (s * s @ g), w @ ((a + np.log1p(np.exp(-2 * a))) @ g)


def field(x, beta, gamma):
    n, q = x
    return beta * P / 2 * n ** (P - 1), beta * beta * gamma * P / 2 * q ** (P - 1)


def solve(x, T, gamma, chi, w, M, rho):
    beta = 1 / T

    def step(y):
        _, n, s, _, _ = averages(chi, w, M, rho, *field(y, beta, gamma))
        return np.array([n, 1 - s])

    for k in range(500):
        fx = step(x)
        d = fx - x
        if np.abs(d).max() < 1e-10:
            break
        if k % 3 == 2:
            e = 1e-6
            J = np.column_stack([(step(x - [e, 0]) - fx) / -e, (step(x - [0, e]) - fx) / -e])
            x = x + np.linalg.solve(np.eye(2) - J, d)
        else:
            x = fx
    m, n, s, s4, lc = averages(chi, w, M, rho, *field(x, beta, gamma))
    q = x[1]
    noise = beta**2 * gamma / 4 * (1 - P * q ** (P - 1) + (P - 1) * q**P)
    f = -T * (lc - beta / 2 * (P - 1) * x[0] ** P + noise)
    at = beta**2 * gamma * P / 2 * (P - 1) * q ** (P - 2) * s4
    return x, m + f + at


def main():
    for name, M, r, rho in ("rho01", 0, 1, 0.1), ("M5", 5, 0.8, 0.1125), ("M1000", 1000, 0.1, 0.099):
        rows = range(STEPS) if M < 1000 else range(0, STEPS, 20)
        if M == 1000:  # comb() of 1000 is beyond floats: logarithms
            from math import lgamma
            B = np.arange(M + 1)
            logw = np.array([lgamma(M + 1) - lgamma(b + 1) - lgamma(M - b + 1) for b in B])
            w = np.exp(logw + B * np.log((1 + r) / 2) + (M - B) * np.log((1 - r) / 2))
            chi = (2 * B - M) / (M * r * np.sqrt(1 + rho))
        else:
            chi, w = law(M, r, rho)
        total, points, start = 0.0, 0, time.perf_counter()
        for i in rows:
            x = np.array([1.0, 1.0])
            for j in range(STEPS):
                x, s = solve(x, 0.1 + 0.5 * j / (STEPS - 1), 0.01 + 0.19 * i / (STEPS - 1), chi, w, M, rho)
                total += s
                points += 1
        print(f"retrieval_{name}.numpy {(time.perf_counter() - start) / points * 1e6:.4g} us")
        if M < 1000:
            print(f"# retrieval_{name} numpy checksum {total:.9f}")


main()
