/* Reads the tables of data/reference: lines of words; # starts a comment.  The folder is $MATTIS_REFERENCE,
 * else data/reference under $srcdir or here.  A missing file fails the test.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TESTS_REFERENCE_H
#define MATTIS_TESTS_REFERENCE_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reference {
	FILE *file;
	char line[1024];
	char *word[64];
	int words;
};

static inline void reference_open(struct reference *r, const char *name)
{
	char path[4096];
	const char *top = getenv("srcdir");
	snprintf(path, sizeof path, "%s/data/reference/%s", top ? top : ".", name);
	r->file = fopen(path, "r");
	ck_assert_msg(r->file != NULL, "%s: cannot be opened", path);
}

static inline void reference_close(struct reference *r)
{
	fclose(r->file);
}

/* Reads the next line of words; returns 0 at the end. */
static inline int reference_next(struct reference *r)
{
	while (fgets(r->line, sizeof r->line, r->file)) {
		r->words = 0;
		for (char *w = strtok(r->line, " \t\n"); w && *w != '#' && r->words < 64;
		     w = strtok(NULL, " \t\n"))
			r->word[r->words++] = w;
		if (r->words)
			return 1;
	}
	return 0;
}

static inline const char *reference_word(const struct reference *r, int i)
{
	ck_assert_int_lt(i, r->words);
	return r->word[i];
}

static inline double reference_real(const struct reference *r, int i)
{
	char *end;
	const char *word = reference_word(r, i);
	double x = strtod(word, &end);
	ck_assert_msg(*end == 0 && end != word, "not a number: %s", word);
	return x;
}

#endif
