/* What all ranks must agree on: the text of the deck, and whether a rank has failed.  All functions are
 * collective over MPI_COMM_WORLD.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_BASE_COLLECTIVE_H
#define MATTIS_BASE_COLLECTIVE_H

#include <stddef.h>

#include "src/base/err.h"

/* Gives every rank the error of the lowest failing rank and returns its code; 0 if no rank has failed. */
int collective_err(struct err *);

/* Copies a text (malloc'd, 0-terminated) from rank 0 to the other ranks; the caller frees it.  Fails on all
 * ranks together, also if rank 0 enters with an error, which then all ranks have. */
int collective_text(char **text, size_t *length, struct err *);

#endif
