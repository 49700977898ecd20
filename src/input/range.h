/* The numbers of an axis as the deck writes them, without storing them all.
 *
 *   start:stop:step   start + i*step, the end counts within step/2
 *   lin:a:b:n         n numbers from a to b, evenly spaced
 *   log:a:b:n         n numbers from a to b, evenly spaced in the logarithm
 *   [a, b, ...]       these
 *   a                 this one
 *
 * Values always increase.  Computed numbers are rounded to 15 digits, so that 0:1:0.1 and 0:1:0.01 contain
 * the same 0.3: results are found again by the values of their points.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_INPUT_RANGE_H
#define MATTIS_INPUT_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/input/yaml.h"

enum range_kind { RANGE_LIST, RANGE_STEP, RANGE_LIN, RANGE_LOG };

struct range {
	enum range_kind kind;
	size_t count;       /* >= 1, capped at 1e18 */
	double first, last; /* as written; a step may miss the last */
	double step;        /* RANGE_STEP */
	double *list;       /* RANGE_LIST: owned */
};

/* Reads a finite number in decimal notation with nothing after it; false otherwise.  Accepts neither
 * hexadecimal nor "nan" nor "inf". */
bool range_number(double *x, const char *text);

/* Reads the values of an entry (scalar or list).  Returns 0, EXIT_USAGE with the reason ("the range 1:0:0.1
 * is empty"), or EXIT_FAILED without memory (the reason says so).  Nothing is owned after an error. */
int range_parse(struct range *, const struct yaml_entry *, char *why, size_t size);
void range_free(struct range *);

/* Returns number i < count. */
double range_value(const struct range *, size_t i);

/* Writes the range as a deck would; a long list is cut with an ellipsis. */
void range_spell(char *buffer, size_t size, const struct range *);

/* Returns the same in full, allocated; NULL without memory. */
char *range_spell_all(const struct range *);

/* Writes the shortest decimal text that reads back as x. */
void range_spell_number(char *buffer, size_t size, double x);

#endif
