/* Retrieval of images: from a start, the dynamics of a network, to an answer; THEORY.md "Real images".
 *
 * With chi_mu the rows of the memories and x_mu = chi_mu . s/N, in the units of the deck's T:
 *   parallel    all spins at once by h_i = (P/2) w sum_mu chi_i^mu x_mu^(P-1), site i itself included: at T = 0 s_i = +1 if h_i > 0,
 *               else -1; at T > 0 it is +1 with probability 1/(1 + exp(-2 h_i/T)).                              (R2)
 *   sequential  one spin after another, by the same rules with h_i = (P!/2) N^(1-P) w sum_mu chi_i^mu e_{P-1}(chi_mu s, sites j != i):
 *               heat bath of H = -(P!/2) N^(1-P) w sum_mu e_P(chi_mu s).                                        (R3)
 *   plefka      magnetisations m_i = tanh((h_i(m) - O m_i)/T) with the h of (R3), iterated from the start; O is the reaction of
 *               K random patterns.                                                                              (R4)
 * The answer is s at T = 0, the mean of s over the second half of the sweeps at T > 0, or m (below 1e-8, its accuracy: 0).
 *
 * Every image is on its own: its numbers do not depend on what is asked together with it, on the instruction set, nor on ranks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_IMAGES_RETRIEVAL_H
#define MATTIS_IMAGES_RETRIEVAL_H

#include "montecarlo/images/memories.h"
#include "montecarlo/disorder/rng.h"

enum retrieval_dynamics { RETRIEVAL_PARALLEL, RETRIEVAL_SEQUENTIAL, RETRIEVAL_PLEFKA };

enum {
	RETRIEVAL_BLOCK = 64, /* images that are worked on together, at most */
	RETRIEVAL_DEGREE = 100
};

struct retrieval {
	enum retrieval_dynamics dynamics;
	int P;       /* >= 2; sequential and plefka: at most RETRIEVAL_DEGREE */
	double T;    /* plefka: > 0 */
	long sweeps; /* at most, at T > 0 in all; plefka: iterations */
};

struct retrieved {
	long sweeps;   /* done; of a fixed point that was reached the last one changed nothing */
	int converged; /* T = 0: nothing changes any more; plefka: m solves its equations to 1e-9; T > 0: 0 */
};

/* Where retrieval works; for one thread. */
struct retrieval_space;

/* kernel: auto, portable, avx2 or avx512.  0, or -1 with the fault filled in ("kernel": unknown, or not for this processor; "set": no
 * memory).  The memories are borrowed; sequential and plefka need them by site.  Freed by retrieval_free. */
int retrieval_alloc(struct retrieval_space **, const struct memories *, const char *kernel, struct fault *);
void retrieval_free(struct retrieval_space *);
const char *retrieval_kernel(const struct retrieval_space *);

/* The answers value[images][stride] (of the memories, 64-byte aligned; beyond N 0) from the starts in it, +-1 each; images <=
 * RETRIEVAL_BLOCK.  key[images]: of the random numbers of each.  The tick is called in every sweep.  0; 1: it asked to stop; -1: no
 * memory. */
int retrieval_run(struct retrieval_space *, const struct retrieval *, int images, double *value,
                  const struct rng_key *key, struct retrieved *, const struct tick *);

/* The row with the largest overlap with each of the values (of equal ones the first): unsupervised, the example most like it. */
void retrieval_best_rows(struct retrieval_space *, int images, const double *value, long *row);

/* a . b over stride. */
double retrieval_dot(const struct retrieval_space *, const double *a, const double *b);

#endif
