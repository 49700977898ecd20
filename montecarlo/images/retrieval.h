/* Retrieval of images: runs the dynamics of a network from a start; THEORY.md "Real images".
 *
 * With chi_mu the rows of the memories and x_mu = chi_mu . s/N, in the units of the deck's T:
 *   parallel    all spins at once by h_i = (P/2) w sum_mu chi_i^mu x_mu^(P-1), including site i itself: at
 *               T = 0 s_i = +1 if h_i > 0, else -1; at T > 0 +1 with probability 1/(1 + exp(-2 h_i/T)).  (R2)
 *   sequential  one spin after another, by the same rules with
 *               h_i = (P!/2) N^(1-P) w sum_mu chi_i^mu e_{P-1}(chi_mu s, sites j != i):
 *               heat bath of H = -(P!/2) N^(1-P) w sum_mu e_P(chi_mu s).                                 (R3)
 *   plefka      magnetisations m_i = tanh((h_i(m) - O m_i)/T) with the h of (R3), iterated from the start; O
 *               is the reaction of K random patterns.                                                    (R4)
 * The retrieved state is s at T = 0, the mean of s over the second half of the sweeps at T > 0, or m (below
 * its accuracy 1e-8: 0).
 *
 * Images are independent: the result of one does not depend on the others, the instruction set or the number
 * of ranks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_IMAGES_RETRIEVAL_H
#define MATTIS_IMAGES_RETRIEVAL_H

#include "montecarlo/images/memories.h"
#include "montecarlo/disorder/rng.h"

enum retrieval_dynamics { RETRIEVAL_PARALLEL, RETRIEVAL_SEQUENTIAL, RETRIEVAL_PLEFKA };

enum {
	RETRIEVAL_BLOCK = 64, /* images processed together, at most */
	RETRIEVAL_DEGREE = 100
};

struct retrieval {
	enum retrieval_dynamics dynamics;
	int P;       /* >= 2; sequential and plefka: at most RETRIEVAL_DEGREE */
	double T;    /* plefka: > 0 */
	long sweeps; /* at most, at T > 0 in all; plefka: iterations */
};

struct retrieved {
	long sweeps;   /* done; at a fixed point the last one changed nothing */
	int converged; /* T = 0: a fixed point; plefka: m solves its equations to 1e-9; T > 0: 0 */
};

/* Workspace of retrieval, for one thread. */
struct retrieval_space;

/* kernel: auto, portable, avx2 or avx512.  Returns 0, or -1 with the fault filled in ("kernel": unknown, or
 * not for this processor; "set": no memory).  Borrows the memories; sequential and plefka need them by
 * site.  Freed by retrieval_free. */
int retrieval_alloc(struct retrieval_space **, const struct memories *, const char *kernel, struct fault *);
void retrieval_free(struct retrieval_space *);
const char *retrieval_kernel(const struct retrieval_space *);

/* Replaces the starts in value[images][stride] (+-1; stride of the memories, 64-byte aligned, 0 beyond N)
 * by the retrieved states; images <= RETRIEVAL_BLOCK.  key[images]: keys of their random numbers.  Calls
 * the tick in every sweep.  Returns 0; 1: the tick asked to stop; -1: no memory. */
int retrieval_run(struct retrieval_space *, const struct retrieval *, int images, double *value,
                  const struct rng_key *key, struct retrieved *, const struct tick *);

/* Finds the row with the largest overlap with each of the values (the first of equal ones): unsupervised,
 * the most similar example. */
void retrieval_best_rows(struct retrieval_space *, int images, const double *value, long *row);

/* Returns a . b over stride. */
double retrieval_dot(const struct retrieval_space *, const double *a, const double *b);

#endif
