/* A deck: the values of all keys, from a YAML text and -s settings, with the line of each.
 *
 * It is an error to give a key twice, or both in model and in sweep.  A setting replaces the value of the
 * same parameter in the deck, in model or in sweep; a later setting replaces an earlier one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_INPUT_DECK_H
#define MATTIS_INPUT_DECK_H

#include <stdbool.h>
#include <stddef.h>

#include "physics/network.h"
#include "src/base/err.h"
#include "src/input/keys.h"
#include "src/input/range.h"

enum { MAX_AXES = 16, MAX_DECK = 1 << 20 };

struct value {
	enum origin { UNSET, BY_DEFAULT, BY_DECK, BY_OPTION } origin;
	int line;           /* in the deck, from 1 */
	bool swept;         /* stands in sweep: a dimension */
	char *text;         /* KEY_TEXT, KEY_WORD; owned */
	int word;           /* KEY_WORD: which */
	struct range range; /* KEY_INTEGER, KEY_REAL */
};

struct deck {
	char *path; /* as given, NULL: only -s */
	char *text; /* verbatim, 0-terminated; "" without a deck */
	size_t length;
	unsigned command;    /* the subcommand's bit (keys.h) */
	struct value *value; /* one per key of the table */
	int axes;            /* dimensions, at least 1 (T has no default) */
	int axis[MAX_AXES];  /* their keys, in the order of the deck */
	const struct network *network;
};

/* Reads a deck file: *text is allocated, 0-terminated.  EXIT_FAILED if it cannot be read, EXIT_USAGE if it is
 * larger than 1 MiB.  Not collective: rank 0 reads and broadcasts. */
int deck_read(char **text, size_t *length, const char *path, struct err *);

/* Parses a deck and checks everything that does not depend on the grid point.  path NULL: there is no deck,
 * only settings (KEY=VALUE).  The message names the file and line, or the setting.  Every rank gets the same
 * result from the same text.  deck_free frees the deck; *deck is NULL after an error. */
int deck_parse(struct deck **deck, const char *path, const char *text, size_t length,
               const char *const *setting, int settings, unsigned command, struct err *);
void deck_free(struct deck *);

/* The value of a key (full name) that is one number or text; a key that is not in the table aborts.
 * deck_text of a key without value is NULL, deck_real NaN, deck_integer and deck_word -1. */
double deck_real(const struct deck *, const char *name);
long long deck_integer(const struct deck *, const char *name);
const char *deck_text(const struct deck *, const char *name);
int deck_word(const struct deck *, const char *name);
bool deck_has(const struct deck *, const char *name);

/* Iterates over the effective keys, for /parameters and the head of the printed table: those that the
 * subcommand uses and that have a value, in the order of the table.  Usage:
 * `for (int i = 0; deck_effective(deck, &i, &e);)`. */
struct effective {
	char name[64]; /* as it stood: "model.P", "sweep.T" */
	const struct key *key;
	const char *text;          /* KEY_TEXT, KEY_WORD */
	const struct range *range; /* KEY_INTEGER, KEY_REAL: count values, range_value */
	bool swept, defaulted;
};
bool deck_effective(const struct deck *, int *i, struct effective *);

/* Writes the value as a deck would: "4", "0:1:0.1", "[0.1, 0.2]" (long lists are cut with ...). */
void deck_spell(char *buffer, size_t size, const struct effective *);

/* Returns the same in full, allocated; NULL without memory. */
char *deck_spell_all(const struct effective *);

/* Reports a fault of a network or of the simulation like deck_fault.  Its key is looked for in that section
 * (NULL: model), then in all; if there is none it is model.network.  Returns EXIT_USAGE. */
int deck_fault_of(const struct deck *, const char *section, const struct fault *, struct err *);

/* Reports an error and the place where a key (index in the table) got its value: "deck.yaml:12: model.P:
 * ...",
 * "-s model.P: ...".  Returns EXIT_USAGE. */
int deck_fault(const struct deck *, int key, struct err *, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
