/* Binary rows: F_i = sum_mu xi_i A(X_mu) - s_i sum_mu B(X_mu), A and B polynomials of the overlap (kernel.h).
 *
 * A is kept as byte planes, most significant last, so a field is a dot product of a bit row with bytes: F needs
 * 2 sum over set bits of A - sum of all A.  Only a flip looks A up anew.  Overlaps X = 2x + (N mod 2) are signed bytes x (int16
 * for large N) within a window; a row whose x leaves the window stands in a short list of outliers with X in 32 bits, and
 * a reserved value of x marks its place.  A = a0 + ag V with small unsigned V - bias in the planes.
 *
 * The loops over all rows exist once per instruction set; everything else is in kernel_bits.c.  Private.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FIELD_KERNEL_BITS_H
#define MATTIS_FIELD_KERNEL_BITS_H

#include "montecarlo/field/kernel.h"

enum {
	BITS_BLOCK = 64,   /* rows that lie together: [block][plane][64] */
	PLANES_MAX = 7,
	BITS_SITES = 4 /* that are summed together */
};

/* A quantity g(x) = offset + scale (V - bias), V in bytes. */
struct bits_value {
	int planes; /* 0: constant */
	int128 offset, scale;
	int64_t bias;
	int128 *exact;                         /* [N+1] by (X + N)/2 */
	uint8_t (*table)[256];                 /* [planes][x & 255], repeated with period 64 * registers */
	int64_t *wide;                         /* [2 (window + 3) + 1] V by x + window + 3, when x is int16 */
};

struct bits_plan {
	int stored;    /* are the planes of A kept, or looked up every time (x is int8 then)? */
	int transposed; /* do x and planes of a block lie transposed, row 8j + i at place 8i + j? */
	int parity;    /* X = 2x + parity */
	int window;    /* |x| <= window has its value in the planes */
	int registers; /* 1, 2 or 4: 64-byte registers of a table; 0: x is int16 */
	int mark;      /* x of an outlier: -(window_max + 3) */
	long rows, blocks;
	uint64_t valid; /* places of the last block that have a row */
	struct bits_value A, B;
	int narrow;     /* does the sum of 2 (A - A.offset) over all rows fit in an int64? */
	int128 *energy; /* [N+1] c_P by (X + N)/2 */
	int64_t *set;   /* [N] set bits of the site's row */
};

struct bits_state {
	int8_t *x8;
	int16_t *x16;
	uint8_t *plane; /* [blocks][A.planes][64], or null */
	int128 a, b;    /* sums of A and B over all rows */
	uint32_t *row;  /* outliers */
	int32_t *X;
	int64_t *more;  /* 2 (A - A.offset): what an outlier adds to the sum over set bits; or, when that is too large, */
	int128 *more_wide;
	long outliers;
	struct ahead ahead;
	uint64_t S[BITS_SITES][PLANES_MAX]; /* of the site asked last, and of those from ahead.site on */
};

/* x += up for set bits, x -= up for the others, up = +-1, calling bits_escape for rows that leave the window before their values are
 * looked up; then all planes anew, and S[k] = sum of the planes of A, then of B, over all blocks (2 PLANES_MAX numbers). */
typedef void bits_shift(uint64_t *S, const struct bits_plan *, struct bits_state *, const unsigned char *bits, int up);

/* Rows that have stepped out of the window, as a mask of places of a block: makes them outliers. */
void bits_escape(const struct bits_plan *, struct bits_state *, long block, uint64_t places);

/* Where x and values of a row lie, and which row lies there. */
static inline long bits_place(const struct bits_plan *t, long row)
{
	return t->transposed ? (row & ~63L) | (row & 7) << 3 | (row >> 3 & 7) : row;
}

/* Places of a block whose rows exist: all but the padding of the last one. */
static inline uint64_t bits_valid(const struct bits_plan *t, long block)
{
	return block < t->blocks - 1 ? ~UINT64_C(0) : t->valid;
}

/* The shift for int16 overlaps that are not transposed, any instruction set. */
bits_shift bits_shift_wide;

/* F_i from the sums of the planes over the set bits of row i. */
int128 bits_field(const struct field *, int i, const uint64_t *S);

/* s_i -> -s_i by this loop. */
void bits_flip(struct field *, int i, bits_shift *);

/* The verbs of struct field_kernel that all instruction sets share. */
int bits_suits(const struct field_plan *);
int bits_suits_lookup(const struct field_plan *); /* also: at most 4 planes */
/* ns of 64 rows: a block, and each plane of it; sites that share a reading */
double bits_cost(const struct field_plan *, int stored, double block, double plane, int sites);
void bits_memory(const struct field_plan *, size_t *shared, size_t *each);
int bits_prepare(struct field_plan *);
void bits_release(struct field_plan *);
int bits_alloc(struct field *);
void bits_free(struct field *);
void bits_init(struct field *);
int128 bits_energy(struct field *);
void bits_overlaps(struct field *, long row0, long count, int64_t *X);

#endif
