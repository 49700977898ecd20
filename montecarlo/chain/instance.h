/* The disorder sample of a task, drawn: its couplings and the patterns that are followed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_INSTANCE_H
#define MATTIS_CHAIN_INSTANCE_H

#include "montecarlo/chain/task.h"

struct instance {
	const struct protocol *protocol;
	struct task task;
	struct record_shape shape; /* of the result */
	int condensed;             /* patterns followed, <= shape.patterns */
	struct quenched quenched;
	struct couplings couplings;
	int8_t *xi;   /* [condensed][N], owned */
	int32_t *sum; /* [condensed][N] of the rows of the pattern, owned */
};

/* Draws the sample.  protocol and task->p must outlive it.  0, or -1 with the fault filled in; freed by
 * instance_free, also after an error. */
int instance_init(struct instance *, const struct protocol *, const struct task *, struct fault *);
void instance_free(struct instance *);

/* Returns the key of the random numbers of a replica at temperature T (tempering: -1 - number of the
 * walker). */
struct rng_key instance_key(const struct instance *, double T, int replica);

/* Returns the sum of a_i b_i. */
double instance_dot(const int8_t *a, const int8_t *b, int N);

/* Computes m and n of the patterns followed, for spins; and of all shape.patterns (NaN beyond those
 * followed) for magnetisations. */
void instance_overlaps(double *m, double *n, const struct instance *, const int8_t *spin);
void instance_mean_overlaps(double *m, double *n, const struct instance *, const double *magnetisation);

/* Fills in the entries of a result that describe the sample: K, gamma, p/n, norms of the patterns. */
void instance_result(const struct instance *, double *result);

#endif
