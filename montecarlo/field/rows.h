/* Sums of the packed rows of a sample with real vectors: the two products of mean-field iterations.
 *
 *   over sites   X_row = sum_i a_i^power v_i        over rows   h_i = sum over rows of a_i^power e_row
 *
 * Binary rows (+-1) accept power 1 only.  Vectors over rows have rows_padded entries; e must be 0 beyond the
 * rows, where X is undefined.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FIELD_ROWS_H
#define MATTIS_FIELD_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "montecarlo/disorder/quenched.h"

/* Returns the number of rows in whole 64-byte lines of bits. */
static inline size_t rows_padded(const struct quenched *q)
{
	return ((size_t)q->rows + 511) / 512 * 512;
}

/* Sets X[count][rows_padded] from v[count][N].  fine: double precision; else single where that is faster. */
void rows_over_sites(double *X, const struct quenched *, const double *v, int count, int power, bool fine);

/* Sets h[count][N] from e[count][rows_padded]. */
void rows_over_rows(double *h, const struct quenched *, const double *e, int count, int power, bool fine);

#endif
