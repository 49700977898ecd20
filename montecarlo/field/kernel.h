/* The contract of a kernel, a way to compute exact fields; and what kernels share.  Private to
 * montecarlo/field/.
 *
 * With c_k = e_k (distinct sites) or X^k (diagonal) of a row, X = sum a_i s_i,
 *   F_i = sum over rows of sum_{j=1..P} (-s_i)^(j-1) coef_j a_i^j c_{P-j},
 *   coef_j = 1 (distinct) or 2^(j-1) binomial(P, j)
 * (distinct: a_i e_{P-1} without site i, by e_k without i = sum_j (-a_i s_i)^j e_{k-j}; diagonal:
 * ((y+a)^P - (y-a)^P)/2 around y = X - a_i s_i).  Binary rows, a^2 = 1:  F_i = sum a_i A(X) - s_i sum B(X),
 * A and B the sums over odd and even j.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FIELD_KERNEL_H
#define MATTIS_FIELD_KERNEL_H

#include "montecarlo/cpu.h"
#include "montecarlo/field/field.h"

enum { P_MAX = 16 };

struct field_kernel {
	const char *name;
	int (*cpu)(void);                          /* true if this processor has the instructions */
	int (*suits)(const struct field_plan *);   /* true if it supports these rows and this P */
	double (*cost)(const struct field_plan *); /* approximate ns per attempt at 5 % acceptance */
	const void *loops; /* of its instruction set: struct bits_loops, entries_loops, or null */
	void (*memory)(const struct field_plan *, size_t *shared, size_t *each);
	int (*prepare)(struct field_plan *); /* sets plan->data; returns 0 or GSL_ENOMEM */
	void (*release)(struct field_plan *);
	int (*alloc)(struct field *); /* sets f->state; returns 0 or GSL_ENOMEM */
	void (*free)(struct field *);
	void (*init)(struct field *); /* computes everything from f->spin */
	int128 (*sum)(struct field *, int i, int next); /* F_i, field.h */
	void (*flip)(struct field *, int i);
	int128 (*energy)(struct field *); /* sum over rows of c_P: H = -plan->w times this */
	void (*overlaps)(struct field *, long row0, long count, int64_t *X);
};

extern const struct field_kernel *const kernels[]; /* ends with NULL */

/* Defines a kernel that this processor family does not have, so that it is known by name. */
#define FIELD_KERNEL_ABSENT(id, word, has, fits) \
	const struct field_kernel id = {.name = word, .cpu = has, .suits = fits};

/* Always true: `cpu` of the kernels in plain C. */
int kernel_any_cpu(void);

/* While flips are rare, the sums of the next sites are computed along with those of the current site, so
 * that each read and look-up serves several sites.  A flip invalidates them. */
struct ahead {
	int site, sites; /* first site, and number of sites, with valid sums */
	int flips;       /* fraction of recent sums followed by a flip, in 1/1024 */
};

/* Returns for how many sites (1, 2 or `most`) to compute the sums of i, next, next + 1, ... together.
 * Called once per field. */
static inline int ahead_sites(struct ahead *a, int i, int next, int N, int most)
{
	a->flips -= a->flips / 64;
	if (next < 0 || a->flips > 400)
		return 1;
	/* in sequential order the next sites are known */
	return next == i + 1 && i + most <= N && a->flips < 200 ? most : 2;
}

static inline void ahead_flipped(struct ahead *a)
{
	a->sites = 0;
	a->flips += 16;
}

extern const struct field_kernel kernel_bits_portable, kernel_bits_avx2, kernel_bits_avx512, kernel_bits_vbmi,
	kernel_bits_lookup;
extern const struct field_kernel kernel_entries_portable, kernel_entries_avx512, kernel_entries_vbmi;
extern const struct field_kernel kernel_matrix;
double kernel_matrix_building(const struct field_plan *); /* approximate ns of the sums over rows */

/* Chosen by name only, never by "auto"; refuses with precise messages. */
extern const struct field_kernel kernel_tensor;
int kernel_tensor_check(const struct field_plan *, struct fault *);

/* For couplings with pair_noise, whatever kernel was requested. */
extern const struct field_kernel kernel_pair_noise;
int kernel_pair_noise_check(const struct field_plan *, const char *kernel, struct fault *);

/* Sets coef[1..P]. */
void kernel_coefficients(int128 *coef, const struct field_plan *);

/* Sets c[0..P] of a binary row with overlap X. */
void kernel_binary(int128 *c, const struct field_plan *, int64_t X);

/* `overlaps` for kernels that do not keep overlaps: sums over the spins. */
void kernel_overlaps(struct field *, long row0, long count, int64_t *X);

/* Returns the number of bits in which a and b differ; words: a multiple of 8. */
int64_t kernel_disagree(const void *a, const void *b, size_t words);

/* Returns the number of rows padded to a multiple of 512. */
size_t kernel_rows(const struct field_plan *);

/* Returns zeroed memory aligned to 64 bytes, or NULL. */
void *kernel_alloc(size_t bytes);

#endif
