/* What all ranks must know alike: the text of the deck, and whether something failed.  All functions are collective
 * over MPI_COMM_WORLD.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_BASE_COLLECTIVE_H
#define MATTIS_BASE_COLLECTIVE_H

#include <stddef.h>

#include "src/base/err.h"

/* Every rank gets the error of the lowest failing rank, and returns its code; 0 when no rank has failed. */
int collective_err(struct err *);

/* Rank 0 has a text (malloc'd, 0-terminated); the others get a copy, to be freed by the caller.  Fails on all ranks
 * alike: also when rank 0 comes with an error, which then everyone has. */
int collective_text(char **text, size_t *length, struct err *);

#endif
