/* Quenched disorder of one sample: patterns, examples and the packed rows of the energy.
 *
 * Patterns xi in {-1,0,1} with P(xi = 0) = d; examples eta = xi x with P(x = +-1) = (1 +- r)/2.  The rows
 * are integers a_i, one row per pattern (storage: xi; supervised: the sum of the M examples, an even sum
 * halved) or M rows per pattern (unsupervised: the examples).  Row index = mu * rows_per_pattern + example.
 *
 * Rows are stored by site: the field of spin i reads all rows at i.  Random numbers come from rng_disorder,
 * keyed (seed, sample, mu, a, i): the first K patterns and the first M examples are the same at every load
 * and temperature.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DISORDER_QUENCHED_H
#define MATTIS_DISORDER_QUENCHED_H

#include <stddef.h>
#include <stdint.h>

#include "physics/network.h"
#include "physics/params.h"

enum alphabet {
	BITS, /* entries +-1: bit mu of the site's row set = +1 */
	BYTES, /* int8 */
	WORDS /* int16 */
};

struct npy; /* montecarlo/disorder/npy.h: the user's own patterns or examples */

/* What to draw.  Plain data; `data` is borrowed. */
struct disorder {
	uint64_t seed, sample;
	int N;
	long K;
	int M;           /* examples per pattern; storage: 1 */
	double r, d;     /* storage: r = 1 */
	enum learning learning;
	/* sites spread evenly over the distribution of (xi^1, z^1, xi^2, z^2, ...): no quenched noise */
	int stratified;
	/* NULL, or (K, N) patterns, or (K, M, N) examples of at least K patterns and M examples */
	const struct npy *data;
};

struct quenched {
	struct disorder of;
	int N;
	long rows;            /* K, or K M (unsupervised) */
	int rows_per_pattern; /* 1, or M (unsupervised) */
	enum alphabet alphabet;
	int entry_max;        /* largest possible |a| */
	double unit;          /* mean of the row's examples = unit * a  (1, or 1/M, or 2/M) */
	/* bytes from one site to the next, a multiple of 64; padding rows are 0 bits, 0 entries */
	size_t stride;
	size_t bytes;         /* N * stride */
	unsigned char *site;  /* [N][stride]: bits, int8 or int16 */
	void *own;            /* freed by quenched_free; NULL if borrowed */
};

/* Fills in the shape (everything but `site`), without allocating: `bytes` is what the rows need.  Returns
 * 0, or -1 with the fault filled in (K, M, N, data, patterns). */
int quenched_shape(struct quenched *, const struct disorder *, struct fault *);

/* Draws the rows into `memory` (64-byte aligned, q->bytes long, owned by the caller, e.g. shared by the
 * ranks of a node), or into its own if memory is NULL.  Returns 0, or -1 with the fault filled in (no
 * memory). */
int quenched_fill(struct quenched *, void *memory, struct fault *);

/* Draws only the patterns mu0 <= mu < mu1, both multiples of 512 (or mu1 = K), into q->site, which the
 * caller has set and zeroed, so that the ranks of a node can divide the work.  Returns 0, or -1 without
 * memory. */
int quenched_fill_part(struct quenched *, long mu0, long mu1);

void quenched_free(struct quenched *);

/* Draws xi[N] of pattern mu again (it is not stored).  With (K, M, N) data: the majority of all its
 * examples, ties +1, blank where all are.  Returns 0, or -1 without memory. */
int quenched_pattern(const struct quenched *, long mu, int8_t *xi);

/* Draws eta[N] of example a < M of pattern mu (storage: the pattern itself).  Returns 0, or -1: no memory,
 * or stratified supervised rows, which are drawn as sums without single examples. */
int quenched_example(const struct quenched *, long mu, int a, int8_t *eta);

/* Returns entry a_i of a row. */
int quenched_entry(const struct quenched *, long row, int i);

#endif
