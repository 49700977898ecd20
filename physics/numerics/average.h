/* Averages over (law of the examples) x (Gaussian noise), to rounding and fast: THEORY.md §2.
 *
 * The field of the dense network is h = A chi + sqrt(v) z, z a unit Gaussian, chi the normalised mean of the M
 * examples of a pattern (E chi^2 = 1, gauge xi = 1):
 *   M >= 1  chi = (2B - M)/(M sqrt R), B ~ Bin(M, (1+r)/2), R = r^2 (1 + rho);
 *   M = 0   chi = (1 + sqrt(rho) y)/sqrt(1 + rho), y a unit Gaussian; rho = 0 gives chi = 1, the storage model.
 *
 * Everything is scaled so that T -> 0 is an ordinary point: A, v and h in units of energy, tanh(h/T), and
 * C = E sech^2(h/T)/T, the susceptibility, in place of 1 - q = T C.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_AVERAGE_H
#define MATTIS_NUMERICS_AVERAGE_H

#include "physics/params.h"

/* Workspace: tables of Fourier nodes and the kernel chosen.  One per thread; tables grow on demand. */
struct average;

/* kernel: "auto", or the name of one ("portable", "avx2", "avx512").  All kernels do the same operations in the
 * same order.  GSL_ENOMEM; GSL_EINVAL: no such kernel, or this processor does not run it. */
int average_alloc(struct average **, const char *kernel);
void average_free(struct average *);

/* Name of the kernel in use, and the i-th name that average_alloc knows (NULL at the end). */
const char *average_kernel(const struct average *);
const char *average_kernel_name(int i);

/* What a network keeps with the workspace between calls, such as numbers that depend on their arguments only: made by
 * alloc at the first call, given to release with the workspace.  NULL: no memory. */
void *average_keep(struct average *, void *(*alloc)(void), void (*release)(void *));

struct law {
	double M, r, rho;
};

static inline struct law law_of(const struct params *p)
{
	return (struct law){.M = p->M, .r = p->r, .rho = p->rho};
}

/* Averages at (A, v) and their derivatives.  At T = 0 they are the limits T -> 0+. */
struct moments {
	double m;       /* E tanh(h/T): Mattis magnetisation */
	double n;       /* E chi tanh(h/T): overlap with the examples */
	double C;       /* E sech^2(h/T)/T; q = 1 - T C */
	double sech4;   /* E sech^4(h/T)/T; at T = 0 2C/3 */
	double logcosh; /* E T ln 2cosh(h/T); at T = 0 E |h| */
	double n_A, n_v, C_A, C_v; /* partial derivatives; C_A = 2 n_v */
};

/* The averages by the Fourier sum (T > 0) or in closed form (T = 0).  A, v, T >= 0.  Costs 0.05-0.5 us for v of
 * order 1.  At T = 0, v = 0 and chi = 0 possible, C is infinite, as it should be.  GSL_ENOMEM; GSL_EDOM for arguments out
 * of range or not finite. */
int average_fields(struct average *, const struct law *, double T, double A, double v, struct moments *);

/* The same by the trapezoid rule over z and the sum over the atoms of chi: slow, independent, for tests and for
 * extreme parameters where the Fourier sum would need too many nodes. */
int average_trapezoid(const struct law *, double T, double A, double v, struct moments *);

/* Nodes for tanh h = sum_j b_j sin(w_j h), |h| < L - 18 (error e^-36), w_j = (2j+1) pi/L: THEORY.md (A1).
 * Arrays are padded with zeros to a multiple of 8 beyond `count`. */
struct nodes {
	double L;
	double *w, *b, *b_over_w;
	double total; /* sum of b/w over ALL nodes, for ln cosh */
	int count;
};

/* The table with L >= field + 18, at least up to frequency w_max.  Owned by the workspace; valid until the next
 * call.  NULL: no memory, or more than 65536 nodes. */
const struct nodes *average_nodes(struct average *, double field, double w_max);

#endif
