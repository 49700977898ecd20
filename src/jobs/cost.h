/* What jobs share to tell what they need before they begin: for --dry-run, and to refuse what does not fit
 * into memory. Nothing is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_COST_H
#define MATTIS_JOBS_COST_H

#include <stdio.h>

#include "src/base/err.h"
#include "src/input/grid.h"

/* Returns the bytes of memory of this machine. */
double cost_machine_bytes(void);

/* Fails with EXIT_FAILED, naming both sizes, if results of that many bytes exceed this machine's memory. */
int cost_check_memory(double bytes, const struct deck *, struct err *);

/* Writes a size as "12.3 MB" and returns the text. */
const char *cost_size_text(char text[32], double bytes);

/* Prints the first lines of --dry-run, without the last line break: the title and the axes of the grid. */
void cost_print_grid(FILE *, const struct grid *);

/* Prints the last lines of --dry-run.  Time: seconds on one core, a note on their origin, and how many
 * ranks can share them.  Output: the file, or stdout if there is no file and at most `most` lines (of
 * "points"). */
void cost_print_time(FILE *, double seconds, const char *note, size_t ranks);
void cost_print_output(FILE *, const char *output, size_t lines, size_t most, const char *what);

#endif
