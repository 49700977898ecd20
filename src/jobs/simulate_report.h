/* The results of a simulation as axes and columns of the output, and as a table on stdout.  Rank 0 only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_REPORT_H
#define MATTIS_JOBS_SIMULATE_REPORT_H

#include "src/file/dataset.h"
#include "src/jobs/simulate_average.h"

/* Adds all axes and columns.  X is the mean of an observable over samples, X_error its standard error
 * (thermal and disorder), X_thermal the part of it that longer runs would remove, X_autocorrelation its
 * autocorrelation time in sweeps; the samples' own numbers are in /samples, solutions of the TAP equations
 * in /solutions.  Mistakes and lack of memory are kept in the dataset (dataset_check). */
void simulate_report(struct dataset *, const struct simulate_average *);

/* Adds the axes and the columns of single replicas and spins (simulate_sites.c): for simulate_report. */
void simulate_sites_axes(struct dataset *, const struct simulate_average *);
void simulate_sites_report(struct dataset *, const struct simulate_average *);

/* Prints the table of a dataset that simulate_report has filled in: a line per point up to TABLE_LONGEST
 * points, and a summary.  path: the output file, or NULL. */
void simulate_table(FILE *, const char *path, const struct dataset *, const struct simulate_average *);

#endif
