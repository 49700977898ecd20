/* Replaces a file as a whole or not at all: written beside it as PATH.tmp, fsync, rename, fsync of the directory.
 * Whenever something fails the old file is what it was, PATH.tmp is gone, and the error (code 1) names the path
 * and the system's reason.  One writer at a time: the caller holds a lock.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_ATOMIC_FILE_H
#define MATTIS_FILE_ATOMIC_FILE_H

#include <stddef.h>

#include "src/base/checksum.h"
#include "src/base/err.h"

struct atomic_file {
	int fd;           /* -1: not open */
	const char *path; /* of the caller */
	const char *keep; /* the old file gets this name; NULL (as begun): it is lost */
	char *temporary;
	struct checksum digest; /* of what was written so far */
};

/* Begins.  After an error of this or the next function everything is cleaned up already. */
int atomic_file_begin(struct atomic_file *, const char *path, struct err *);

/* Appends. */
int atomic_file_append(struct atomic_file *, const void *bytes, size_t count, struct err *);

/* Puts the new file in the place of the old one. */
int atomic_file_commit(struct atomic_file *, struct err *);

/* Gives up; nothing to do after an error or a commit. */
void atomic_file_abort(struct atomic_file *);

#endif
