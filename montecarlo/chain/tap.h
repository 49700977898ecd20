/* Magnetisations of one sample as fixed points of Plefka's expansion (THEORY.md, "Plefka expansion and TAP"),
 * factorised: O(N rows P) operations per iteration, without the tensor of couplings.
 *
 *   m_i = tanh(h_i/T - O_i m_i),  h_i = w sum over rows of a_i e_{P-1}({a_j m_j}, j != i)         (P3), (P6)
 *
 * Order 1: O = 0, naive mean field.  Order 2: Onsager's reaction, with J_I^2 replaced by its mean; at P = 2
 * the sum of all orders (P9).  m_i, q and f are those of the sample, not averages over disorder.
 *
 * A struct tap is one prepared sample with scratch memory, for one thread.  Nothing here is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_TAP_H
#define MATTIS_CHAIN_TAP_H

#include <stdbool.h>

#include "montecarlo/disorder/quenched.h"
#include "physics/network.h"

struct tap_options {
	int order;        /* 1 or 2 */
	double damping;   /* fraction of the old magnetisations kept in a step, in [0, 1) */
	double tolerance; /* largest |tanh(h_i/T - O_i m_i) - m_i| of a solution */
	long iterations;  /* at most */
};

struct tap_result {
	bool converged;
	long iterations;    /* steps done */
	double residual;    /* of the equations at the returned m */
	double q;           /* (1/N) sum m_i^2 */
	double free_energy; /* per spin, f = -T ln Z/N, (P5), (P7), (P10) */
	double energy;      /* per spin, u = f - T df/dT */
};

struct tap;

/* Returns 0 if Plefka's expansion applies, or -1 with the fault filled in: coincident sites kept at P > 2,
 * noise on the couplings, P above 16. */
int tap_check(const struct quenched *, const struct couplings *, struct fault *);

/* Prepares a sample.  The rows are borrowed and must outlive it.  Returns 0, or -1 with the fault filled
 * in: as tap_check, or no memory.  Freed by tap_free. */
int tap_alloc(struct tap **, const struct quenched *, const struct couplings *, struct fault *);
void tap_free(struct tap *);

/* Returns the bytes that tap_alloc allocates, without the rows. */
double tap_memory(const struct quenched *, const struct couplings *);

/* Iterates from m[N] (in [-1, 1]) at T > 0 to a solution or the last iteration; sets m and the result to
 * what was reached.  before[N]: the magnetisations one step earlier.  Calls the tick at every iteration.
 * Returns 0; or 1 if the tick asked to stop: the next call with the same result, m and before continues
 * with the same outcome.  *result must be zeroed at first. */
int tap_solve(struct tap *, struct tap_result *, double *m, double *before, double T,
              const struct tap_options *, const struct tick *);

/* Does one step (P11) of m[N] and before[N] without damping, in double precision. */
void tap_step(struct tap *, double *m, double *before, double T, int order);

/* Computes h_i of (P3) in units of T, h[N].  fine: in double precision; else in single precision where that
 * is faster. */
void tap_fields(struct tap *, double *h, const double *m, bool fine);

/* Returns f and computes, unless null, the derivatives T atanh m_i - h_i + T O_i m_i of N f (gradient[N]).
 * |m_i| < 1. */
double tap_free_energy(struct tap *, double *gradient, const double *m, double T, int order);

#endif
