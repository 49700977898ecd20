/* What a deck asks against what an earlier run was asked: may its work be used?
 *
 * More is allowed: values of an axis, simulate.samples, simulate.sweeps.  title and run.* do not count.  Anything
 * else that differs, and fewer, is a change.
 *
 *     struct deck_changes c;
 *     deck_changes_begin(&c, deck);
 *     for each key of the earlier run: deck_changes_add(&c, name, text);
 *     deck_changes_end(&c);
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_INPUT_DECK_CHANGES_H
#define MATTIS_INPUT_DECK_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "src/input/deck.h"

struct deck_changes {
	const struct deck *now;
	bool seen[MAX_KEYS];
	char text[512];   /* "model.P (was 4, now 6), ..."; "" when nothing has changed */
	bool more;        /* more values, samples or sweeps than the earlier run */
	bool more_sweeps; /* its results are too short */
};

void deck_changes_begin(struct deck_changes *, const struct deck *now);

/* A key of the earlier run as deck_spell_all has written it.  A function for store_attributes: the first argument
 * is a struct deck_changes. */
void deck_changes_add(void *changes, const char *name, const char *was);

/* After all keys of the earlier run: those that it did not have are changes, unless they are at their defaults (an older
 * program did not know the key, and a new key does by default what was done before). */
void deck_changes_end(struct deck_changes *);

#endif
