/* Rows of small integers (kernel.h): F_i = sum_j coef_j (-s_i)^(j-1) sum over rows of a^j c_{P-j}.
 *
 * Kept per row: c_1 .. c_{P-1} within limits; a row with a larger one is an outlier, with exact values in a list and zeros in
 * the arrays.  Flipping s moves y = a s to -y: u_k = c_k - y u_{k-1} is e_k without the site and u_k - y u_{k-1} the new e_k (diagonal:
 * powers of X - 2y), all in integers.  sum over rows of c_P changes by -2 s F.  Private.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_KERNEL_ENTRIES_H
#define MATTIS_KERNEL_ENTRIES_H

#include "montecarlo/kernel.h"

enum {
	ENTRIES_CHUNK = 128,  /* rows that lie together: [chunk][plane][128] */
	ENTRY_TABLE = 31,     /* largest |a| whose powers come from a table of 64 bytes */
	DIGITS_MAX = 8,       /* signed bytes of a power a^j */
	PRODUCTS_MAX = 128    /* products of a plane with a digit, over all j */
};

struct entries_plan {
	int P, diagonal, entry_bytes; /* 1 or 2 */
	long rows, chunks;
	int128 coef[P_MAX + 1];
	int64_t low[P_MAX], high[P_MAX]; /* limits of c_k in the arrays */
	int planes[P_MAX];      /* bytes of c_k - low_k, 0: int64 arrays */
	int narrow;             /* does a step from within the limits fit in an int32? */
	int first[P_MAX];       /* plane at which c_k begins */
	int all_planes;
	int digits[P_MAX];      /* signed bytes of a^j */
	int8_t (*table)[DIGITS_MAX][64]; /* [j][digit][a & 63] */
	int128 *power;          /* [N][P+1] sum over rows of a^j */
};

struct entries_state {
	int64_t *c[P_MAX];  /* [k][rows], or NULL: */
	uint8_t *plane;     /* [chunks][all_planes][128] */
	uint64_t *out;      /* bit of a row: is it an outlier? */
	long outliers;
	uint32_t *row;
	int128 *value;      /* [outlier][P], c_k at k */
	int128 energy;      /* sum over rows of c_P */
	int known;          /* the site whose field is `field`, or -1 */
	int128 field;
	struct ahead ahead;
	int128 S_ahead[P_MAX + 1];
};

struct entries_loops {
	/* S[j] = sum over rows of a_i^j c_{P-j}, j = 1..P-1, for some sites, the last of which is -1 */
	void (*dot)(int128 (*S)[P_MAX + 1], const struct field *, const int *site);
	int sites; /* that the dot can do at once, 1 or 2 */
	/* y -> -y in all rows that are no outliers, y = a s; entries_escape where a limit is passed */
	void (*shift)(const struct entries_plan *, struct entries_state *, const void *row, int s);
};

static inline int entries_at(const struct entries_plan *t, const void *row, long r)
{
	return t->entry_bytes == 1 ? ((const int8_t *)row)[r] : ((const int16_t *)row)[r];
}

/* Makes an outlier with these values of row r. */
void entries_escape(const struct entries_plan *, struct entries_state *, long r, const int64_t *c);

int128 entries_sum(struct field *, int i, int next, const struct entries_loops *);
void entries_flip(struct field *, int i, const struct entries_loops *);

/* The verbs that all instruction sets share; planes: 1 = byte planes, 0 = arrays of int64. */
int entries_suits(const struct field_plan *);
int entries_suits_planes(const struct field_plan *);
void entries_memory(const struct field_plan *, size_t *shared, size_t *each);
int entries_prepare(struct field_plan *);
void entries_release(struct field_plan *);
int entries_alloc(struct field *);
void entries_free(struct field *);
void entries_init(struct field *);
int128 entries_energy(struct field *);
void entries_overlaps(struct field *, long row0, long count, int64_t *X);

#endif
