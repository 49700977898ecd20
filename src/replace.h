/* Replaces a file as a whole or not at all: written beside it as PATH.tmp, fsync, rename, fsync of the directory.
 * Whenever something fails the old file is what it was, PATH.tmp is gone, and the error (code 1) names the path
 * and the system's reason.  One writer at a time: the caller holds a lock.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_REPLACE_H
#define MATTIS_REPLACE_H

#include <stddef.h>

#include "src/digest.h"
#include "src/err.h"

struct replacement {
	int fd;           /* -1: not open */
	const char *path; /* of the caller */
	const char *keep; /* the old file gets this name; NULL (as begun): it is lost */
	char *temporary;
	struct digest digest; /* of what was written so far */
};

/* Begins.  After an error of this or the next function everything is cleaned up already. */
int replace_begin(struct replacement *, const char *path, struct err *);

/* Appends. */
int replace_append(struct replacement *, const void *bytes, size_t count, struct err *);

/* Puts the new file in the place of the old one. */
int replace_commit(struct replacement *, struct err *);

/* Gives up; nothing to do after an error or a commit. */
void replace_abort(struct replacement *);

#endif
