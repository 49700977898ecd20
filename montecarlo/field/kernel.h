/* What a kernel of exact fields must provide, and what the kernels share.  Private to montecarlo/field/.
 *
 * With c_k = e_k (distinct sites) or X^k (diagonal) of a row, X = sum a_i s_i,
 *   F_i = sum over rows of sum_{j=1..P} (-s_i)^(j-1) coef_j a_i^j c_{P-j},  coef_j = 1 (distinct) or 2^(j-1) binomial(P, j)
 * (distinct: a_i e_{P-1} without site i, by e_k without i = sum_j (-a_i s_i)^j e_{k-j}; diagonal: ((y+a)^P - (y-a)^P)/2
 * around y = X - a_i s_i).  Binary rows, a^2 = 1:  F_i = sum a_i A(X) - s_i sum B(X),  A and B the sums over odd and even j.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FIELD_KERNEL_H
#define MATTIS_FIELD_KERNEL_H

#include "montecarlo/cpu.h"
#include "montecarlo/field/field.h"

enum { P_MAX = 16 };

struct field_kernel {
	const char *name;
	int (*cpu)(void);                         /* does this CPU have the instructions? */
	int (*suits)(const struct field_plan *);  /* can it do these rows and this degree? */
	double (*cost)(const struct field_plan *); /* rough ns per attempt at 5 % acceptance: the least is chosen */
	void (*memory)(const struct field_plan *, size_t *shared, size_t *each);
	int (*prepare)(struct field_plan *);      /* plan->data; 0 or GSL_ENOMEM */
	void (*release)(struct field_plan *);
	int (*alloc)(struct field *);             /* f->state, f->sum, f->flip; 0 or GSL_ENOMEM */
	void (*free)(struct field *);
	void (*init)(struct field *);             /* all from f->spin */
	int128 (*energy)(struct field *);         /* sum over rows of c_P: H = -plan->w times this */
	void (*overlaps)(struct field *, long row0, long count, int64_t *X);
};

extern const struct field_kernel *const kernels[]; /* ends with NULL */

/* While flips are rare, the sums of the sites that come next are made along with those of the present one: what is read
 * and looked up serves all.  A flip makes them worthless. */
struct ahead {
	int site, sites; /* from where on, and of how many sums are there */
	int flips;       /* of the recent sums, in 1/1024 */
};

/* For how many sites, 1, 2 or `most`, it pays to make the sums of i, next, next + 1, ....  Called once per field. */
static inline int ahead_sites(struct ahead *a, int i, int next, int N, int most)
{
	a->flips -= a->flips / 64;
	if (next < 0 || a->flips > 400)
		return 1;
	return next == i + 1 && i + most <= N && a->flips < 200 ? most : 2; /* in sequential order all is known */
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
double kernel_matrix_building(const struct field_plan *); /* rough ns of the sums over rows */

/* Fields that are asked for by name only, never by "auto", and can refuse more precisely. */
extern const struct field_kernel kernel_tensor;
int kernel_tensor_check(const struct field_plan *, struct fault *);

/* Fields of couplings with pair_noise, whatever the kernel asked for. */
extern const struct field_kernel kernel_pair_noise;
int kernel_pair_noise_check(const struct field_plan *, const char *kernel, struct fault *);

/* coef[1..P] */
void kernel_coefficients(int128 *coef, const struct field_plan *);

/* c[0..P] of a binary row with overlap X. */
void kernel_binary(int128 *c, const struct field_plan *, int64_t X);

/* The verb for kernels that keep no overlaps: summed over the spins anew. */
void kernel_overlaps(struct field *, long row0, long count, int64_t *X);

/* How many bits of a and b differ; words: a multiple of 8. */
int64_t kernel_disagree(const void *a, const void *b, size_t words);

/* Padded number of rows: a multiple of 512. */
size_t kernel_rows(const struct field_plan *);

/* 64-byte aligned memory, zeroed, or NULL. */
void *kernel_alloc(size_t bytes);

#endif
