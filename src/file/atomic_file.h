/* Replaces a file as a whole or not at all: writes PATH.tmp beside it, then fsync, rename, fsync of the
 * directory.
 *
 * If anything fails, the old file is what it was, PATH.tmp is removed, and the error (EXIT_FAILED) names the
 * path and the system's reason; nothing is left to be freed.  One writer at a time: the caller holds a lock.
 * Not collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_ATOMIC_FILE_H
#define MATTIS_FILE_ATOMIC_FILE_H

#include <stddef.h>

#include "src/base/checksum.h"
#include "src/base/err.h"

struct atomic_file {
	int fd;           /* -1: not open */
	const char *path; /* the caller's */
	const char *keep; /* new name of the old file; NULL, as after atomic_file_begin: it is removed */
	char *temporary;  /* PATH.tmp */
	struct checksum checksum; /* of everything written so far */
};

/* Creates PATH.tmp.  The path must live until the end. */
int atomic_file_begin(struct atomic_file *, const char *path, struct err *);

/* Appends bytes. */
int atomic_file_append(struct atomic_file *, const void *bytes, size_t count, struct err *);

/* Puts the new file in the place of the old one. */
int atomic_file_commit(struct atomic_file *, struct err *);

/* Removes PATH.tmp; does nothing after an error or a commit. */
void atomic_file_abort(struct atomic_file *);

/* Returns PATH followed by `ending` (".lock"), the name of a file beside it, to be freed; NULL without
 * memory. */
char *atomic_file_beside(const char *path, const char *ending);

#endif
