/* Binary rows: F_i = sum_mu xi_i A(X_mu) - s_i sum_mu B(X_mu), A and B polynomials of the overlap
 * (kernel.h).
 *
 * A is kept as byte planes, most significant last, so a field is a dot product of a row of bits with bytes:
 * 2 (sum of A over set bits) - (sum of all A).  Only a flip looks up A again.  Overlaps X = 2x + (N mod 2)
 * are stored as signed bytes x (int16 for large N) within a window.  A row whose x leaves the window moves
 * to a short list of outliers with X in 32 bits; a reserved value of x marks its place.  A = a0 + ag V with
 * small unsigned V - bias in the planes.
 *
 * The loops over all rows exist once per instruction set; everything else is in kernel_bits.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FIELD_KERNEL_BITS_H
#define MATTIS_FIELD_KERNEL_BITS_H

#include "montecarlo/field/kernel.h"

enum {
	BITS_BLOCK = 64,   /* rows per block: [block][plane][64] */
	PLANES_MAX = 7,
	BITS_SITES = 4 /* sites summed together */
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
	int stored;    /* nonzero: the planes of A are stored; 0: looked up each time (x is int8 then) */
	int transposed; /* nonzero: x and planes of a block are transposed, row 8j + i at place 8i + j */
	int parity;    /* X = 2x + parity */
	int window;    /* rows with |x| <= window have their value in the planes */
	int registers; /* 1, 2 or 4: 64-byte registers of a table; 0: x is int16 */
	int mark;      /* x of an outlier: -(window_max + 3) */
	long rows, blocks;
	uint64_t valid; /* mask of places of the last block that hold a row */
	struct bits_value A, B;
	int narrow;     /* nonzero: the sum of 2 (A - A.offset) over all rows fits in an int64 */
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
	/* 2 (A - A.offset), which an outlier adds to the sum over set bits; if that is too large: */
	int64_t *more;
	int128 *more_wide;
	long outliers;
	struct ahead ahead;
	uint64_t S[BITS_SITES][PLANES_MAX]; /* of the last requested site, and of those from ahead.site on */
};

/* x += up for set bits, x -= up for the others, up = +-1, calling bits_escape for rows that leave the
 * window before looking up their values; then recomputes all planes, and S[k] = sum of the planes of A,
 * then of B, over all blocks (2 PLANES_MAX numbers). */
typedef void bits_shift(uint64_t *S, const struct bits_plan *, struct bits_state *, const unsigned char *bits,
                        int up);

/* What differs between the kernels for binary rows, besides `sum`. */
struct bits_loops {
	bits_shift *shift;
	int stored;     /* as in struct bits_plan */
	int transposed; /* as in struct bits_plan */
};

/* Makes outliers of rows that have left the window, given as a mask of places of a block. */
void bits_escape(const struct bits_plan *, struct bits_state *, long block, uint64_t places);

/* Place of a row's x and values in its block, and the row at a place. */
static inline long bits_place(const struct bits_plan *t, long row)
{
	return t->transposed ? (row & ~63L) | (row & 7) << 3 | (row >> 3 & 7) : row;
}

/* Mask of places of a block that hold a row: all except the padding of the last block. */
static inline uint64_t bits_valid(const struct bits_plan *t, long block)
{
	return block < t->blocks - 1 ? ~UINT64_C(0) : t->valid;
}

/* The shift for int16 overlaps without transposition, for any instruction set. */
bits_shift bits_shift_wide;

/* Returns F_i from the sums of the planes over the set bits of row i. */
int128 bits_field(const struct field *, int i, const uint64_t *S);

/* Members of struct field_kernel that all instruction sets share. */
int bits_suits(const struct field_plan *);
int bits_suits_lookup(const struct field_plan *); /* also: at most 4 planes */
/* ns per block of 64 rows and per plane of it; sites that share a read */
double bits_cost(const struct field_plan *, int stored, double block, double plane, int sites);
void bits_memory(const struct field_plan *, size_t *shared, size_t *each);
int bits_prepare(struct field_plan *);
void bits_release(struct field_plan *);
int bits_alloc(struct field *);
void bits_free(struct field *);
void bits_init(struct field *);
void bits_flip(struct field *, int i);
int128 bits_energy(struct field *);
void bits_overlaps(struct field *, long row0, long count, int64_t *X);

#define BITS_KERNEL                                                                                          \
	.memory = bits_memory, .prepare = bits_prepare, .release = bits_release, .alloc = bits_alloc,        \
	.free = bits_free, .init = bits_init, .flip = bits_flip, .energy = bits_energy,                      \
	.overlaps = bits_overlaps

#endif
