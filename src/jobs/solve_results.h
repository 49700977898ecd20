/* The quantities of a network on many points, in the shape that struct row describes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SOLVE_RESULTS_H
#define MATTIS_JOBS_SOLVE_RESULTS_H

#include "physics/network.h"
#include "src/input/grid.h"
#include "src/file/dataset.h"

/* The shape of `points` points of this grid: its branches and the longest pattern dimension. */
struct row solve_results_shape(const struct grid *, const struct solve_options *, size_t points);

/* Bytes of the columns of a row of that shape when they stand one behind the other, each on a multiple of 64. */
size_t solve_results_bytes(const struct quantity *, const struct row *shape);

/* Points the columns of a row into memory of solve_results_bytes. */
void solve_results_place(struct row *, const struct quantity *, void *memory);

/* Fills them with "not solved": NaN, 0, the flag 0. */
void solve_results_clear(struct row *, const struct quantity *);

/* Copies the points of `part` to point `first` of `whole`. */
void solve_results_copy(struct row *whole, const struct row *part, const struct quantity *, size_t first);

/* And back: `part` gets its points. */
void solve_results_copy_back(struct row *part, const struct row *whole, const struct quantity *, size_t first);

/* Adds the axes of the grid, branch and pattern, and all quantities as variables.  The columns must live until
 * store_write. */
void solve_results_store(struct dataset *, const struct grid *, const struct row *, const struct solve_options *);

#endif
