/* Averages over the distribution of the examples and Gaussian noise, accurate to rounding: THEORY.md §2.
 *
 * The field of the dense network is h = A chi + sqrt(v) z, with z a unit Gaussian and chi the normalised mean
 * of the M examples of a pattern (E chi^2 = 1, gauge xi = 1):
 *   M >= 1  chi = (2B - M)/(M sqrt R), B ~ Bin(M, (1+r)/2), R = r^2 (1 + rho);
 *   M = 0   chi = (1 + sqrt(rho) y)/sqrt(1 + rho), y a unit Gaussian; rho = 0 gives chi = 1 (storage).
 *
 * All quantities are scaled so that T = 0 is a regular point: A, v and h in units of energy, tanh(h/T), and
 * the susceptibility C = E sech^2(h/T)/T instead of 1 - q = T C.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_AVERAGE_H
#define MATTIS_NUMERICS_AVERAGE_H

#include "physics/params.h"

/* Workspace: tables of Fourier nodes, which grow on demand, and the chosen kernel.  One per thread. */
struct average;

/* Makes a workspace.  kernel: "auto", or "portable", "avx2", "avx512", which all perform the same
 * operations in the same order.  Returns GSL_ENOMEM, or GSL_EINVAL if there is no such kernel or the
 * processor lacks it. */
int average_alloc(struct average **, const char *kernel);
void average_free(struct average *);

/* Returns the name of the kernel in use, and the i-th name that average_alloc accepts (NULL at the end). */
const char *average_kernel(const struct average *);
const char *average_kernel_name(int i);

/* Returns data that a network keeps with the workspace between calls, such as tables that depend on their
 * arguments only.  Made by alloc at the first call; freed by release with the workspace.  NULL: no memory. */
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

/* Computes the averages by the Fourier sum (T > 0) or in closed form (T = 0), for A, v, T >= 0.  Takes 0.05
 * to 0.5 us for v of order 1.  At T = 0 and v = 0, C is infinite if chi = 0 is possible.  Returns
 * GSL_ENOMEM, or GSL_EDOM for arguments out of range or not finite. */
int average_fields(struct average *, const struct law *, double T, double A, double v, struct moments *);

/* The same by the trapezoid rule over z and the sum over the atoms of chi.  Slow; for tests, and for
 * extreme parameters where the Fourier sum needs too many nodes. */
int average_trapezoid(const struct law *, double T, double A, double v, struct moments *);

/* Nodes for tanh h = sum_j b_j sin(w_j h), |h| < L - 18 (error e^-36), w_j = (2j+1) pi/L: THEORY.md (A1).
 * Arrays are padded with zeros to a multiple of 8 beyond `count`. */
struct nodes {
	double L;
	double *w, *b, *b_over_w;
	double total; /* sum of b/w over ALL nodes, for ln cosh */
	int count;
};

/* Returns the table with L >= field + 18, up to frequency w_max at least.  Owned by the workspace; valid
 * until the next call.  NULL: no memory, or more than 65536 nodes. */
const struct nodes *average_nodes(struct average *, double field, double w_max);

#endif
