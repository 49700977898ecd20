/* Reads the YAML of a deck as a stream of `section.name: value`, through libyaml's events and with hard
 * limits: nesting <= 8, no anchors, aliases or tags, one document, UTF-8.  What the keys mean is decided in
 * deck.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_INPUT_YAML_H
#define MATTIS_INPUT_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

enum { YAML_DEPTH = 8, YAML_KEY_LENGTH = 64 };

struct yaml_item {
	const char *text; /* without quotes; no NUL inside */
	bool quoted;
};

/* One key of the text.  A section comes before its keys. */
struct yaml_entry {
	const char *key; /* "title", "model.P" */
	int line;        /* from 1 */
	enum { YAML_SCALAR, YAML_LIST, YAML_SECTION } kind;
	size_t count; /* a scalar has one item, a list 0 or more, a section 0 */
	const struct yaml_item *item;
};

/* Handles an entry, which lives as long as the call.  Returns 0, or the code of *err to stop. */
typedef int yaml_visit(void *ctx, const struct yaml_entry *, struct err *);

/* Visits all entries of a deck, in order.  `name` starts the messages ("deck.yaml"). */
int yaml_read(const char *name, const char *text, size_t length, yaml_visit *, void *ctx, struct err *);

/* The value of one key given apart from a deck (-s): a scalar or a list, visited as that key with line 0. */
int yaml_read_value(const char *name, const char *key, const char *text, yaml_visit *, void *ctx,
                    struct err *);

#endif
