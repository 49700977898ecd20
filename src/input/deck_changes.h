/* Compares a deck with that of an earlier run, to decide whether the results of that run can be used.
 *
 * More values of an axis, simulate.samples or simulate.sweeps are allowed.  title and run.* are ignored.  Any
 * other difference, and fewer of these, is a change.
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

/* A key of the earlier run as deck_spell_all has written it.  A function for store_attributes: the first
 * argument is a struct deck_changes. */
void deck_changes_add(void *changes, const char *name, const char *was);

/* To be called after all keys of the earlier run.  Keys that it did not have are changes, unless they have
 * their default: the key is then newer than that run, and by default nothing is different. */
void deck_changes_end(struct deck_changes *);

#endif
