/* The results as a table on stdout: a line per grid point and solution up to TABLE_LONGEST points, else a summary.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_TABLE_H
#define MATTIS_JOBS_TABLE_H

#include <stdio.h>

#include "src/input/grid.h"

enum { TABLE_LONGEST = 50 };

/* Every key in force, a line each, defaults marked. */
void table_head(FILE *, const struct deck *);

/* A value with its error in units of the last digits, "0.9666(13)". */
void table_value(char text[32], double value, double error);

/* Prints the head (every key in force, defaults marked) and the table or the summary.  path: where the rest stands, or NULL. */
void table_print(FILE *, const struct grid *, const struct row *, const struct solve_options *, const char *path);

#endif
