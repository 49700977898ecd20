/* Where a file comes from: program, libraries, machine, time, command line.  Whatever depends on the run and
 * not on the deck stands in the group /provenance and nowhere else, so that the rest of two files can be compared
 * bit by bit.
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

/* Notes the beginning of a run. */
void provenance_start(struct provenance *, int argc, char *const *argv);

/* Adds the group /provenance with everything, and now as the end. */
void provenance_store(const struct provenance *, int ranks, struct dataset *);

/* The lines of --version: program with git hash, compiler and flags, libraries. */
void provenance_print(FILE *);

/* "0.1.0": static. */
const char *provenance_version(void);

#endif
