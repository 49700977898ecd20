/* The quantities of a network at many points, in the shape that struct row describes: memory, copies, and the
 * dataset. None of it is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SOLVE_RESULTS_H
#define MATTIS_JOBS_SOLVE_RESULTS_H

#include "physics/network.h"
#include "src/file/dataset.h"
#include "src/input/grid.h"

/* Returns how the deck wants the equations solved: the section solve. */
struct solve_options solve_results_options(const struct deck *);

/* Allocates the workspace of the averages with the deck's kernel.  EXIT_USAGE if this processor cannot run
 * the kernel, EXIT_FAILED without memory. */
int solve_results_average(struct average **, const struct deck *, struct err *);

/* Returns the shape of `points` points of this grid: its branches and the longest pattern dimension. */
struct row solve_results_shape(const struct grid *, const struct solve_options *, size_t points);

/* Returns the bytes of the columns of a row of that shape in one block, each on a multiple of 64. */
size_t solve_results_bytes(const struct quantity *, const struct row *shape);

/* Points the columns of a row into a block of solve_results_bytes. */
void solve_results_attach(struct row *, const struct quantity *, void *memory);

/* Fills them with "not solved": NaN, 0, the flag 0. */
void solve_results_clear(struct row *, const struct quantity *);

/* Copies all of `part` to point `first` of `whole`; solve_results_copy_back: from there to `part`. */
void solve_results_copy(struct row *whole, const struct row *part, const struct quantity *, size_t first);
void solve_results_copy_back(struct row *part, const struct row *whole, const struct quantity *,
                             size_t first);

/* Adds the axes of the grid, branch and pattern, and a column for every quantity in the shape of `all`;
 * points the columns of `all` into the memory of the dataset (NULL without memory: see dataset_check). */
void solve_results_describe(struct dataset *, const struct grid *, const struct solve_options *,
                            struct row *all);

#endif
