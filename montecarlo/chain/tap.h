/* Magnetisations of one sample as fixed points of Plefka's expansion (THEORY.md, "Plefka expansion and TAP"), in
 * factorised form: O(N rows P) per iteration, the tensor of couplings is never made.
 *
 *   m_i = tanh(h_i/T - O_i m_i),  h_i = w sum over rows of a_i e_{P-1}({a_j m_j}, j != i)                     (P3), (P6)
 *
 * order 1: O = 0, naive mean field.  order 2: Onsager's reaction, with J_I^2 replaced by its mean; at P = 2 all orders
 * summed up (P9).  m_i, q, f are those of the sample, not of the ensemble.
 *
 * A tap is one sample prepared, with scratch memory: used by one thread.  Nothing here is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_TAP_H
#define MATTIS_CHAIN_TAP_H

#include <stdbool.h>

#include "montecarlo/disorder/quenched.h"
#include "physics/network.h"

struct tap_options {
	int order;        /* 1 or 2 */
	double damping;   /* share of the old magnetisations kept in a step, in [0, 1) */
	double tolerance; /* largest |tanh(h_i/T - O_i m_i) - m_i| of a solution */
	long iterations;  /* at most */
};

struct tap_result {
	bool converged;
	long iterations;    /* steps that were made */
	double residual;    /* of the equations at the m given back */
	double q;           /* (1/N) sum m_i^2 */
	double free_energy; /* per spin, f = -T ln Z/N, (P5), (P7), (P10) */
	double energy;      /* per spin, u = f - T df/dT */
};

struct tap;

/* Can Plefka's expansion be made of these?  0, or -1 with the fault filled in: coincident sites kept at P > 2, noise on the
 * couplings, P above 16. */
int tap_check(const struct quenched *, const struct couplings *, struct fault *);

/* Prepares a sample.  The rows are borrowed and must outlive it.  0, or -1 with the fault filled in: as tap_check, or no memory.
 * Freed by tap_free. */
int tap_alloc(struct tap **, const struct quenched *, const struct couplings *, struct fault *);
void tap_free(struct tap *);

/* Bytes that tap_alloc will take, the rows not counted. */
double tap_memory(const struct quenched *, const struct couplings *);

/* Iterates from m[N] (in [-1, 1]) at T > 0 until it is a solution, or to the last iteration; m and the result get what was reached.
 * before[N]: the magnetisations one step back.  The tick is called at every iteration.  0; 1: it asked to stop: called again with
 * the same result, m and before it goes on as if nothing had been.  At first *result must be zeroed. */
int tap_solve(struct tap *, struct tap_result *, double *m, double *before, double T,
              const struct tap_options *, const struct tick *);

/* One step of m[N] and before[N] without damping, in double precision (P11). */
void tap_step(struct tap *, double *m, double *before, double T, int order);

/* h_i of (P3) in the units of T, h[N].  fine: to rounding; else in single precision where that is faster. */
void tap_fields(struct tap *, double *h, const double *m, bool fine);

/* f, and unless null its derivatives T atanh m_i - h_i + T O_i m_i of N f (gradient[N]).  |m_i| < 1. */
double tap_free_energy(struct tap *, double *gradient, const double *m, double T, int order);

#endif
