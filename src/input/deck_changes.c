/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/deck_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool counts(const char *name)
{
	return strcmp(name, "deck") != 0 && strcmp(name, "title") != 0 && strncmp(name, "run.", 4) != 0;
}

static bool may_grow(const char *name)
{
	return strncmp(name, "sweep.", 6) == 0 || strcmp(name, "simulate.samples") == 0 ||
	       strcmp(name, "simulate.sweeps") == 0;
}

void deck_changes_begin(struct deck_changes *c, const struct deck *now)
{
	*c = (struct deck_changes){.now = now};
}

static void add(struct deck_changes *c, const char *name, const char *was, const char *now)
{
	size_t n = strlen(c->text);
	snprintf(c->text + n, sizeof c->text - n, "%s%s (was %.60s, now %.60s)", n ? ", " : "", name, was,
	         now);
}

static int parse(void *range, const struct yaml_entry *entry, struct err *err)
{
	char why[320];
	return range_parse(range, entry, why, sizeof why) ? err_set(err, EXIT_USAGE, "%s", why) : 0;
}

/* Are all numbers of a among those of b?  Both increase. */
static bool within(const struct range *a, const struct range *b)
{
	size_t k = 0;
	for (size_t i = 0; i < a->count; i++) {
		double x = range_value(a, i);
		while (k < b->count && range_value(b, k) < x)
			k++;
		if (k == b->count || range_value(b, k) != x)
			return false;
	}
	return true;
}

static void compare_numbers(struct deck_changes *c, const struct effective *e, const char *was,
                            const char *now)
{
	struct err err = {0};
	struct range range = {0};
	bool known = yaml_read_value("", e->name, was, parse, &range, &err) == 0 && range.count > 0,
	     grown = false;
	if (known && may_grow(e->name) && !e->swept)
		grown = range_value(e->range, 0) > range_value(&range, 0);
	else if (known && may_grow(e->name))
		grown = e->range->count > range.count && within(&range, e->range);
	bool same = known && range.count == e->range->count && within(&range, e->range);
	if (!same && !grown)
		add(c, e->name, was, now);
	c->more = c->more || grown;
	c->more_sweeps = c->more_sweeps || (grown && strcmp(e->name, "simulate.sweeps") == 0);
	range_free(&range);
}

void deck_changes_add(void *ctx, const char *name, const char *was)
{
	struct deck_changes *c = ctx;
	struct effective e;
	char now[64];

	if (!counts(name))
		return;
	for (int i = 0; deck_effective(c->now, &i, &e);) {
		if (strcmp(e.name, name) != 0)
			continue;
		c->seen[i - 1] = true;
		deck_spell(now, sizeof now, &e);
		if (e.range)
			compare_numbers(c, &e, was, now);
		else if (strcmp(e.text, was) != 0)
			add(c, name, was, now);
		return;
	}
	add(c, name, was, "not set");
}

void deck_changes_end(struct deck_changes *c)
{
	struct effective e;
	char now[64];

	for (int i = 0; deck_effective(c->now, &i, &e);) {
		deck_spell(now, sizeof now, &e);
		if (counts(e.name) && !c->seen[i - 1] && !e.defaulted)
			add(c, e.name, "not set", now);
	}
}
