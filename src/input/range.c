/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/range.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_digits(const char *c, int *count)
{
	for (; isdigit((unsigned char)*c); c++)
		++*count;
	return c;
}

bool range_number(double *x, const char *text)
{
	int digits = 0, exponent = 0;
	const char *c = text + (*text == '-' || *text == '+');

	c = skip_digits(c, &digits);
	if (*c == '.')
		c = skip_digits(c + 1, &digits);
	if (digits == 0)
		return false;
	if (*c == 'e' || *c == 'E') {
		c += 1 + (c[1] == '-' || c[1] == '+');
		c = skip_digits(c, &exponent);
		if (exponent == 0)
			return false;
	}
	*x = strtod(text, NULL) + 0.0; /* -0 is 0 */
	return *c == '\0' && isfinite(*x);
}

static double clean(double x)
{
	char text[32];
	snprintf(text, sizeof text, "%.15g", x);
	return strtod(text, NULL);
}

double range_value(const struct range *range, size_t i)
{
	double x, t, n = (double)(range->count - 1);

	if (range->kind == RANGE_LIST)
		return range->list[i];
	if (i == 0)
		return range->first;
	if (range->kind == RANGE_STEP) {
		x = range->first + (double)i * range->step;
		return fabs(x) < 1e-9 * range->step ? 0 : clean(x);
	}
	if (i == range->count - 1)
		return range->last;
	t = (double)i / n;
	if (range->kind == RANGE_LOG)
		return clean(exp((1 - t) * log(range->first) + t * log(range->last)));
	return clean(((n - (double)i) * range->first + (double)i * range->last) / n);
}

/* Cuts text at its colons into at most 4 fields; returns how many there are (5: too many). */
static int split(char *field[4], char *text)
{
	int n = 0;
	for (char *c = text; c; n++) {
		if (n == 4)
			return 5;
		field[n] = c;
		c = strchr(c, ':');
		if (c)
			*c++ = '\0';
	}
	return n;
}

static int refuse(char *why, size_t size, const char *text, const char *reason)
{
	snprintf(why, size, "the range %s %s", text, reason);
	return EXIT_USAGE;
}

static int parse_step(struct range *range, char *const field[3], const char *text, char *why, size_t size)
{
	if (!range_number(&range->first, field[0]) || !range_number(&range->last, field[1]) ||
	    !range_number(&range->step, field[2]))
		return refuse(why, size, text, "must be three numbers start:stop:step");
	if (range->step <= 0)
		return refuse(why, size, text, "must have a step > 0");
	if (range->last < range->first)
		return refuse(why, size, text, "is empty: it ends below its start");
	double steps = (range->last - range->first) / range->step;
	range->kind = RANGE_STEP;
	range->count = steps < 1e18 ? 1 + (size_t)floor(steps + 0.5 * (1 - 1e-9)) : (size_t)1e18;
	return 0;
}

static int parse_spaced(struct range *range, char *const field[4], const char *text, char *why, size_t size)
{
	double n;
	range->kind = strcmp(field[0], "log") == 0 ? RANGE_LOG : RANGE_LIN;
	if (!range_number(&range->first, field[1]) || !range_number(&range->last, field[2]) ||
	    !range_number(&n, field[3]))
		return refuse(why, size, text, "must be lin:a:b:n or log:a:b:n with numbers a, b and n");
	if (n != floor(n) || n < 2)
		return refuse(why, size, text, "must have a whole number of points, 2 or more");
	if (range->last <= range->first)
		return refuse(why, size, text, "is empty: it must end above its start");
	if (range->kind == RANGE_LOG && range->first <= 0)
		return refuse(why, size, text, "must begin above 0 to be logarithmic");
	range->count = n < 1e18 ? (size_t)n : (size_t)1e18;
	return 0;
}

static int parse_range(struct range *range, const char *text, char *why, size_t size)
{
	char copy[200], *field[4];
	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		return refuse(why, size, "", "is too long");
	int n = split(field, copy);
	if (n == 3)
		return parse_step(range, field, text, why, size);
	if (n == 4 && (strcmp(field[0], "lin") == 0 || strcmp(field[0], "log") == 0))
		return parse_spaced(range, field, text, why, size);
	return refuse(why, size, text, "must be start:stop:step, lin:a:b:n or log:a:b:n");
}

static int parse_list(struct range *range, const struct yaml_entry *entry, char *why, size_t size)
{
	if (entry->count == 0) {
		snprintf(why, size, "the list is empty");
		return EXIT_USAGE;
	}
	double *x = malloc(entry->count * sizeof *x);
	if (!x) {
		snprintf(why, size, "out of memory");
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < entry->count; i++) {
		const struct yaml_item *item = &entry->item[i];
		const char *reason = item->quoted || !range_number(&x[i], item->text) ? "must be a number"
		                     : i > 0 && x[i] <= x[i - 1] ? "must be above the one before it"
		                                                 : NULL;
		if (reason) {
			snprintf(why, size, "value %zu of the list %s (is %.60s)", i + 1, reason, item->text);
			free(x);
			return EXIT_USAGE;
		}
	}
	*range = (struct range){.kind = RANGE_LIST,
	                        .count = entry->count,
	                        .first = x[0],
	                        .last = x[entry->count - 1],
	                        .list = x};
	return 0;
}

int range_parse(struct range *range, const struct yaml_entry *entry, char *why, size_t size)
{
	memset(range, 0, sizeof *range);
	if (entry->kind == YAML_SCALAR && strchr(entry->item[0].text, ':'))
		return parse_range(range, entry->item[0].text, why, size);
	return parse_list(range, entry, why, size);
}

void range_free(struct range *range)
{
	free(range->list);
	range->list = NULL;
	range->count = 0;
}

void range_spell_number(char *buffer, size_t size, double x)
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(buffer, size, "%.*g", digits, x);
		if (strtod(buffer, NULL) == x)
			return;
	}
}

static void spell_list(char *buffer, size_t size, const struct range *range, size_t shown)
{
	size_t n = (size_t)snprintf(buffer, size, "[");
	for (size_t i = 0; i < range->count && n < size; i++) {
		char number[32];
		if (range->count > shown && i == shown / 2) {
			n += (size_t)snprintf(buffer + n, size - n, ", ...");
			i = range->count - shown / 2;
		}
		if (n >= size)
			return;
		range_spell_number(number, sizeof number, range->list[i]);
		n += (size_t)snprintf(buffer + n, size - n, "%s%s", i ? ", " : "", number);
	}
	if (n < size)
		snprintf(buffer + n, size - n, "]");
}

static void spell(char *buffer, size_t size, const struct range *range, size_t shown)
{
	char a[32], b[32], step[32];
	range_spell_number(a, sizeof a, range->first);
	range_spell_number(b, sizeof b, range->last);
	range_spell_number(step, sizeof step, range->step);
	switch (range->kind) {
	case RANGE_LIST:
		if (range->count == 1)
			snprintf(buffer, size, "%s", a);
		else
			spell_list(buffer, size, range, shown);
		return;
	case RANGE_STEP:
		snprintf(buffer, size, "%s:%s:%s", a, b, step);
		return;
	case RANGE_LIN:
	case RANGE_LOG:
		snprintf(buffer, size, "%s:%s:%s:%zu", range->kind == RANGE_LOG ? "log" : "lin", a, b,
		         range->count);
	}
}

void range_spell(char *buffer, size_t size, const struct range *range)
{
	enum { SHOWN = 8 };
	spell(buffer, size, range, SHOWN);
}

char *range_spell_all(const struct range *range)
{
	size_t size = 160 + (range->kind == RANGE_LIST ? 32 * range->count : 0);
	char *text = malloc(size);
	if (text)
		spell(text, size, range, SIZE_MAX);
	return text;
}
