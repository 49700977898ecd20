/* The results of `solve` as a table on stdout: a line per grid point and solution up to TABLE_LONGEST points,
 * else a summary.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_TABLE_H
#define MATTIS_JOBS_TABLE_H

#include <stdio.h>

#include "physics/network.h"
#include "src/file/dataset_table.h"

enum { TABLE_LONGEST = 50 };

/* Prints every key in force, one a line; defaults are marked. */
void table_head(FILE *, const struct deck *);

/* Prints the head, then the table or the summary of the dataset that solve_results_describe has made with the
 * columns of `row`.  path: the file with all of it, or NULL. */
void table_print(FILE *, const struct dataset *, const struct grid *, const struct row *, const char *path);

#endif
