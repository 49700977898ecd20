/* Where a file comes from: program, libraries, machine, time, command line.  Whatever depends on the run and
 * not on the deck is in the group /provenance and nowhere else, so that the rest of two files can be compared
 * bit by bit.  Rank 0, except provenance_start; not collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_PROVENANCE_H
#define MATTIS_FILE_PROVENANCE_H

#include <stdio.h>

#include "src/file/dataset.h"

struct provenance {
	char start[32];  /* UTC, "2026-11-24T09:30:00Z" */
	char run_id[40]; /* random, 32 hexadecimal digits */
	int argc;
	char *const *argv; /* of main, not copied */
};

/* Records the beginning of a run.  Any rank. */
void provenance_start(struct provenance *, int argc, char *const *argv);

/* Adds the group /provenance, with the present time as the end of the run. */
void provenance_store(const struct provenance *, int ranks, struct dataset *);

/* Prints --version: program with git hash, compiler and flags, libraries. */
void provenance_print(FILE *);

/* Returns the version of mattis, "0.1.0" (static string). */
const char *provenance_version(void);

#endif
