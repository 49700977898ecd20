/* An output file seen from outside: its name, its bytes and its last line.  No HDF5.  Rank 0 only, not
 * collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_STORE_PROBE_H
#define MATTIS_FILE_STORE_PROBE_H

#include <stdint.h>

#include "src/base/err.h"

enum store_state {
	STORE_MISSING,    /* there is nothing */
	STORE_FINISHED,   /* written by store_write, undamaged, complete = 1 */
	STORE_UNFINISHED, /* the same with complete = 0 */
	STORE_DAMAGED,    /* begins as such a file, but bytes are missing or wrong */
	STORE_FOREIGN     /* not written by store_write, changed since, or not a regular file */
};

struct store_info {
	enum store_state state;
	char why[160];           /* STORE_DAMAGED, STORE_FOREIGN: what is wrong */
	int schema;              /* schema_version; this and the rest only if finished or unfinished */
	char title[256];         /* of the root group */
	char shape[256];         /* "gamma 51 x T 60 x branch 3": the axes of the root group, in order */
	char start[32], end[32]; /* of /provenance, "" if it has none */
	int64_t ranks;           /* of /provenance, 0 if it has none */
};

/* As store_probe, without HDF5: STORE_FINISHED means only that the file is as store_write wrote it. */
int store_probe_bytes(struct store_info *, const char *path, struct err *);

/* Checks, before any work, whether a job may write to this path: the directory must exist and be writable,
 * and what is there must be nothing or a regular file.  Refuses an existing file unless `overwrite`, and
 * recommends --resume or --restart.  A refusal has the code EXIT_USAGE, I/O errors EXIT_FAILED. */
int store_check_output(const char *path, int overwrite, struct err *);

/* Returns the length of the HDF5 data as its superblock has it; 0 if these are not the first 64 bytes of HDF5
 * data. */
uint64_t store_length(const unsigned char first[64]);

enum { STORE_TRAILER = 64 /* bytes of the last line of a file */ };

/* Writes the last line of a file: the checksum and the length of everything before it. */
void store_trailer(char trailer[STORE_TRAILER + 1], uint64_t checksum, uint64_t length);

#endif
