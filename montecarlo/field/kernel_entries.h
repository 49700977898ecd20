/* Rows of small integers (kernel.h): F_i = sum_j coef_j (-s_i)^(j-1) sum over rows of a^j c_{P-j}.
 *
 * Each row keeps c_1 .. c_{P-1} within limits.  A row that exceeds one is an outlier: its exact values are
 * in a list, and the arrays hold a placeholder that is equal for all outliers.  Flipping s moves y = a s to
 * -y: u_k = c_k - y u_{k-1} is e_k without the site and u_k - y u_{k-1} the new e_k, which is c_k minus y
 * times the sum of the old and the new c_{k-1} (diagonal: powers of X - 2y), all in integers.  sum over
 * rows of c_P changes by -2 s F.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FIELD_KERNEL_ENTRIES_H
#define MATTIS_FIELD_KERNEL_ENTRIES_H

#include "montecarlo/field/kernel.h"

enum {
	ENTRIES_BLOCK = 64,   /* rows per block: [block][plane][64] */
	ENTRIES_SITES = 3,    /* sites summed together, at most */
	ENTRY_TABLE = 31,     /* largest |a| whose powers come from a table of 64 bytes */
	DIGITS_MAX = 8,       /* signed bytes of a power a^j */
	PRODUCTS_MAX = 128    /* products of a plane with a digit, over all j */
};

/* Numbers of planes that are multiplied by a, a^2, a^3 at P = 2, 3, 4: the usual cases, which have
 * specialised loops. */
#define ENTRIES_LAYOUT(n_a, n_aa, n_aaa) ((n_a) * 100 + (n_aa) * 10 + (n_aaa))
#define ENTRIES_LAYOUTS(DO, ...)                                                                             \
	DO(1, 0, 0, __VA_ARGS__)                                                                             \
	DO(2, 0, 0, __VA_ARGS__)                                                                             \
	DO(2, 1, 0, __VA_ARGS__)                                                                             \
	DO(2, 2, 0, __VA_ARGS__)                                                                             \
	DO(3, 2, 0, __VA_ARGS__)                                                                             \
	DO(3, 2, 1, __VA_ARGS__)                                                                             \
	DO(3, 2, 2, __VA_ARGS__)                                                                             \
	DO(3, 3, 2, __VA_ARGS__)                                                                             \
	DO(4, 2, 2, __VA_ARGS__)                                                                             \
	DO(4, 3, 2, __VA_ARGS__)

struct entries_plan {
	int P, diagonal, entry_bytes; /* 1 or 2 */
	long rows, blocks;
	int128 coef[P_MAX + 1];
	int64_t low[P_MAX], high[P_MAX]; /* limits of c_k in the arrays */
	/* c_k = low_k + unit z_k: 2 where all c_k of the rows are even or all are odd, else 1 */
	int unit;
	int rest[P_MAX];        /* c_k of outliers in the arrays */
	int planes[P_MAX];      /* bytes of z_k, 0: int64 arrays of c_k */
	int narrow;             /* nonzero: a step from within the limits fits in an int32 */
	int layout;             /* one of ENTRIES_LAYOUTS if all steps fit in an int32; else 0 */
	int sites;              /* number of sites to sum together */
	int short_steps;        /* nonzero: c_2 has two bytes and its steps fit in an int16 */
	int first[P_MAX];       /* first plane of c_k */
	int all_planes;
	int digits[P_MAX];      /* signed bytes of a^j */
	int8_t (*table)[DIGITS_MAX][64]; /* [j][digit][a & 63] */
	int128 *power;          /* [N][P+1] sum over rows of a^j */
};

struct entries_state {
	int64_t *c[P_MAX];  /* [k][rows], or NULL: */
	uint8_t *plane;     /* [blocks][all_planes][64] */
	uint64_t *out;      /* bit per row: set if it is an outlier */
	long outliers;
	uint32_t *row;
	int128 *value;      /* [outlier][P], c_k at k */
	int128 energy;      /* sum over rows of c_P */
	int known;          /* the site whose field is `field`, or -1 */
	int128 field;
	struct ahead ahead;
	int128 S[ENTRIES_SITES][P_MAX + 1]; /* of the last requested site, and of those from ahead.site on */
};

struct entries_loops {
	/* S[j] = sum over rows of a_i^j c_{P-j}, j = 1..P-1, for up to t->sites sites */
	void (*dot)(int128 (*S)[P_MAX + 1], const struct field *, const int *site, int sites);
	/* moves y = a s to -y in all rows that are not outliers; calls entries_escape if a limit is
	 * exceeded */
	void (*shift)(const struct entries_plan *, struct entries_state *, const void *row, int s);
};

static inline int entries_at(const struct entries_plan *t, const void *row, long r)
{
	return t->entry_bytes == 1 ? ((const int8_t *)row)[r] : ((const int16_t *)row)[r];
}

/* Makes row r an outlier with these values. */
void entries_escape(const struct entries_plan *, struct entries_state *, long r, const int64_t *c);

/* Members of struct field_kernel that all instruction sets share; planes: 1 = byte planes, 0 = arrays of
 * int64. */
int entries_suits(const struct field_plan *);
int entries_suits_planes(const struct field_plan *);
/* ns per row and plane, in the specialised and in the general loops */
double entries_cost(const struct field_plan *, double usual, double other);
void entries_memory(const struct field_plan *, size_t *shared, size_t *each);
int entries_prepare(struct field_plan *);
void entries_release(struct field_plan *);
int entries_alloc(struct field *);
void entries_free(struct field *);
void entries_init(struct field *);
int128 entries_sum(struct field *, int i, int next);
void entries_flip(struct field *, int i);
int128 entries_energy(struct field *);
void entries_overlaps(struct field *, long row0, long count, int64_t *X);

#define ENTRIES_KERNEL                                                                                       \
	.memory = entries_memory, .prepare = entries_prepare, .release = entries_release,                    \
	.alloc = entries_alloc, .free = entries_free, .init = entries_init, .sum = entries_sum,              \
	.flip = entries_flip, .energy = entries_energy, .overlaps = entries_overlaps

#endif
