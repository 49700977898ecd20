/* The table of deck keys: the parser, `mattis keys`, --help and /parameters of the output are made from it.
 *
 * A key is written `section.name`.  The keys of the section model that are parameters, and T and N, set one
 * parameter of a point each; they follow from the lists of the networks (physics/network.h).  T and N exist
 * in the section sweep only.  The others exist in model (one value) or in sweep (one or many).  A parameter
 * in sweep is a dimension of the output, even with a single value (its length is then 1, so that the files of
 * an array job can be joined along it); a parameter in model is not.  Noise of images (retrieve.flips,
 * retrieve.occlusion) can be an axis in the same way, but is no parameter of a network.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_INPUT_KEYS_H
#define MATTIS_INPUT_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "physics/network.h"

enum key_type {
	KEY_TEXT,    /* any text */
	KEY_WORD,    /* one of `words` */
	KEY_INTEGER, /* an integer */
	KEY_REAL
};

struct key {
	const char *name; /* "model.P" */
	enum key_type type;
	unsigned used_by;
	const struct word *words;          /* KEY_WORD: ends with word = NULL */
	double min, max;                   /* allowed values ... */
	bool min_open, max_open;           /* ... the end itself excluded */
	bool axis;                         /* may stand in sweep */
	bool option;                       /* an option of networks */
	const struct parameter *parameter; /* the control parameter that it sets, or NULL */
	const char *symbol;                /* LaTeX without $, or NULL */
	const char *unit;                  /* as in UDUNITS, "1" without dimension, "" for texts */
	const char *fallback;              /* the default as a deck would give it, NULL: none */
	const char *meaning;               /* one short line; long_name of an axis */
};

enum { MAX_KEYS = 128 };

/* Returns the number of keys, and key i of the table (NULL unless 0 <= i < key_count()). */
int key_count(void);
const struct key *key_at(int i);

/* Values of words that stand for no enum of montecarlo/. */
enum { KEY_FIELD_EXACT, KEY_FIELD_TENSOR, KEY_FIELD_PLEFKA };   /* simulate.field */
enum { KEY_START_IMAGE, KEY_START_ARCHETYPE, KEY_START_NOISE }; /* retrieve.start */

/* Returns the index of a key, -1 if there is none of that name; `sweep.X` finds a key X that can be an axis.
 * *swept, unless null, tells whether it was named as an axis. */
int key_find(bool *swept, const char *name);

/* The name nearest to an unknown one, as the deck would spell it ("sweep.gamma" too), written into the
 * buffer; false when nothing is near. */
bool key_nearest(char *buffer, size_t size, const char *name);

/* Returns the last part of the name: "P" of "model.P". */
const char *key_short(const struct key *);

/* Returns true if this is the name of a section ("model"). */
bool key_is_section(const char *name);

/* Writes what a value must be: "an integer >= 2", "a number in (0, 1]", "one of false, true". */
void key_domain(char *buffer, size_t size, const struct key *);

/* Returns true if the number is an allowed value. */
bool key_allows(const struct key *, double value);

/* Returns the type as the table prints it: "text", "word", "integer", "real". */
const char *key_type_name(const struct key *);

/* Prints the table for `mattis keys`: all keys that any of the subcommands in the mask uses. */
void keys_print(FILE *, unsigned used_by);

#endif
