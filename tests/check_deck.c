/* Tests the deck, the key table and the grid: every kind of mistake with its line number, and the meaning
 * of good decks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/input/deck.h"
#include "src/input/grid.h"
#include "src/input/keys.h"
#include "src/input/range.h"
#include "tests/suite.h"

#define GOOD "model:\n  P: 4\n  gamma: 0.1\nsweep:\n  T: 0.5\n"
#define SWEEP(values) "model: {P: 4, gamma: 0.1}\nsweep:\n  T: " values "\n"
#define MODEL(keys) "model: {" keys "}\nsweep: {T: 0.5}\n"

/* Parses text (path "d") and settings, and builds the grid.  Returns the exit code. */
static int parse(struct deck **deck, struct grid **grid, const char *text, size_t length,
                 const char *const *setting, int settings, struct err *err)
{
	*grid = NULL;
	err->code = 0;
	if (deck_parse(deck, text ? "d" : NULL, text, length, setting, settings, USED_BY_SOLVE, err) == 0)
		grid_alloc(grid, *deck, err);
	return err->code;
}

static void refused(const char *text, size_t length, int code, const char *message)
{
	struct deck *deck;
	struct grid *grid;
	struct err err;

	int got = parse(&deck, &grid, text, length, NULL, 0, &err);
	ck_assert_msg(got == code, "%s: code %d instead of %d (%s)", text, got, code,
	              got ? err.text : "accepted");
	size_t n = strlen(message); /* "...*": the list of words that follows grows */
	bool same = strncmp(err.text, message, message[n - 1] == '*' ? n - 1 : sizeof err.text) == 0;
	ck_assert_msg(same, "\n  got      %s\n  expected %s", err.text, message);
	ck_assert_ptr_null(grid);
	deck_free(deck);
}

/* --- mistakes: text of the deck, message */

static const struct {
	const char *text, *message;
} mistakes[] = {
    /* keys */
    {"modle:\n  P: 4\n", "d:1: modle: unknown key"},
    {"model:\n  P: 4\n  gama: 1\n", "d:3: model.gama: unknown key; did you mean model.gamma?"},
    {"model:\n  p: 4\n", "d:2: model.p: unknown key; did you mean model.P?"},
    {"model:\n  T: 4\n", "d:2: model.T: unknown key; did you mean sweep.T?"},
    {"sweep:\n  Gamma: 4\n", "d:2: sweep.Gamma: unknown key; did you mean sweep.gamma?"},
    {"sweep:\n  network: dense\n", "d:2: sweep.network: unknown key; did you mean model.network?"},
    {"titel: x\n", "d:1: titel: unknown key; did you mean title?"},
    {"model:\n  P: 4\n\n  P: 6\n", "d:4: model.P: given twice, first in line 2"},
    {"model:\n  P: 4\nsweep:\n  P: 2:8:2\n",
     "d:4: sweep.P: given twice, first in line 2 as a value of model"},
    {"sweep:\n  P: 2:8:2\nmodel:\n  P: 4\n",
     "d:4: model.P: given twice, first in line 2 as an axis of sweep"},
    {"model:\n  P: 4\nsweep:\n  T: 1\nmodel:\n  gamma: 1\n", "d:5: model: given twice, first in line 1"},
    {"title: a\ntitle: b\n", "d:2: title: given twice, first in line 1"},
    {"model: 4\n", "d:1: model: must be a section with keys in it"},
    {"model:\n", "d:1: model: must be a section with keys in it"},
    {"model:\n  P: {}\n", "d:2: model.P: must be a value, not a section"},
    {"model:\n  P:\n    x: 1\n", "d:2: model.P: must be a value, not a section"},
    {"[1]: 2\n", "d:1: a key must be a word"},
    {"model:\n  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 1\n",
     "d:2: unknown key: no key has such a long name"},
    {"model:\n  \"P\\n\\e[31m\": 1\n", "d:2: model.P??[31m: unknown key; did you mean model.P?"},
    /* types and values */
    {MODEL("P: four, gamma: 0"), "d:1: model.P: must be an integer >= 2 (is four)"},
    {MODEL("P: 4.5, gamma: 0"), "d:1: model.P: must be an integer >= 2 (is 4.5)"},
    {MODEL("P: \"4\", gamma: 0"), "d:1: model.P: must be an integer >= 2 (is 4)"},
    {MODEL("P: 1, gamma: 0"), "d:1: model.P: must be an integer >= 2 (is 1)"},
    {MODEL("P: 3000000000, gamma: 0"), "d:1: model.P: is too large for an integer (is 3000000000)"},
    {MODEL("P: 0x10, gamma: 0"), "d:1: model.P: must be an integer >= 2 (is 0x10)"},
    {MODEL("P: 4x, gamma: 0"), "d:1: model.P: must be an integer >= 2 (is 4x)"},
    {MODEL("P: , gamma: 0"), "d:1: model.P: must be an integer >= 2 (is empty)"},
    {MODEL("P: 2:8:2, gamma: 0"), "d:1: model.P: must be one value; many values stand in sweep"},
    {MODEL("P: [4], gamma: 0"), "d:1: model.P: must be one value; many values stand in sweep"},
    {MODEL("P: 4, gamma: -1"), "d:1: model.gamma: must be a number >= 0 (is -1)"},
    {MODEL("P: 4, gamma: nan"), "d:1: model.gamma: must be a number >= 0 (is nan)"},
    {MODEL("P: 4, gamma: .inf"), "d:1: model.gamma: must be a number >= 0 (is .inf)"},
    {MODEL("P: 4, gamma: 1e999"), "d:1: model.gamma: must be a number >= 0 (is 1e999)"},
    {MODEL("P: 4, gamma: 1e"), "d:1: model.gamma: must be a number >= 0 (is 1e)"},
    {MODEL("P: 4, gamma: ."), "d:1: model.gamma: must be a number >= 0 (is .)"},
    {MODEL("P: 4, gamma: 1, network: denes"), "d:1: model.network: must be one of dense*"},
    {MODEL("P: 4, gamma: 1, network: [dense]"), "d:1: model.network: must be one of dense*"},
    {MODEL("P: 4, gamma: 1, learning: storag"), "d:1: model.learning: must be one of storage, supervised*"},
    {MODEL("P: 4, gamma: 1, learning: supervised, r: 1.5, M: 5"),
     "d:1: model.r: must be a number in (0, 1] (is 1.5)"},
    {MODEL("P: 4, gamma: 1, learning: supervised, r: 0, M: 5"),
     "d:1: model.r: must be a number in (0, 1] (is 0)"},
    {MODEL("P: 4, gamma: 1, learning: supervised, r: 0.8, M: 2.5"),
     "d:1: model.M: must be an integer >= 1 (is 2.5)"},
    {GOOD "title: \n", "d:6: title: must be a text (is empty)"},
    {GOOD "title: [a, b]\n", "d:6: title: must be a text (is a list)"},
    {GOOD "solve:\n  tolerance: 1\n", "d:7: solve.tolerance: must be a number in [1e-14, 0.01] (is 1)"},
    {GOOD "solve:\n  tolerance: 1:2:3\n", "d:7: solve.tolerance: must be one value"},
    {SWEEP("-0.1"), "d:3: sweep.T: must be a number >= 0 (is -0.1)"},
    /* ranges */
    {SWEEP("1:0:0.1"), "d:3: sweep.T: the range 1:0:0.1 is empty: it ends below its start"},
    {SWEEP("1:0:-0.1"), "d:3: sweep.T: the range 1:0:-0.1 must have a step > 0"},
    {SWEEP("0:1:0"), "d:3: sweep.T: the range 0:1:0 must have a step > 0"},
    {SWEEP("0:1:nan"), "d:3: sweep.T: the range 0:1:nan must be three numbers start:stop:step"},
    {SWEEP("0:1"), "d:3: sweep.T: the range 0:1 must be start:stop:step, lin:a:b:n or log:a:b:n"},
    {SWEEP("0:1:2:3:4"), "d:3: sweep.T: the range 0:1:2:3:4 must be start:stop:step, lin:a:b:n or log:a:b:n"},
    {SWEEP("exp:1:2:3"), "d:3: sweep.T: the range exp:1:2:3 must be start:stop:step, lin:a:b:n or log:a:b:n"},
    {SWEEP("lin:0:1:x"),
     "d:3: sweep.T: the range lin:0:1:x must be lin:a:b:n or log:a:b:n with numbers a, b and n"},
    {SWEEP("lin:0:1:1"), "d:3: sweep.T: the range lin:0:1:1 must have a whole number of points, 2 or more"},
    {SWEEP("lin:0:1:2.5"),
     "d:3: sweep.T: the range lin:0:1:2.5 must have a whole number of points, 2 or more"},
    {SWEEP("lin:1:0:5"), "d:3: sweep.T: the range lin:1:0:5 is empty: it must end above its start"},
    {SWEEP("log:0:1:5"), "d:3: sweep.T: the range log:0:1:5 must begin above 0 to be logarithmic"},
    {SWEEP("-1:1:0.5"), "d:3: sweep.T: must be a number >= 0 (is -1)"},
    {SWEEP("[]"), "d:3: sweep.T: the list is empty"},
    {SWEEP("[0.1, x]"), "d:3: sweep.T: value 2 of the list must be a number (is x)"},
    {SWEEP("[0.2, 0.1]"), "d:3: sweep.T: value 2 of the list must be above the one before it (is 0.1)"},
    {SWEEP("[0.2, 0.2]"), "d:3: sweep.T: value 2 of the list must be above the one before it (is 0.2)"},
    {SWEEP("[0.2, [0.3]]"), "d:3: a list must hold plain values only"},
    {SWEEP("1:1.000000000000002:1e-16"), "d:3: sweep.T: values 1 and 2 are the same number (1)"},
    {"model: {gamma: 0.1}\nsweep:\n  T: 1\n  P: 2:4:0.5\n",
     "d:4: sweep.P: value 2 must be an integer >= 2 (is 2.5)"},
    {"model: {gamma: 0.1}\nsweep:\n  T: 1\n  P: 1:5:1\n", "d:4: sweep.P: must be an integer >= 2 (is 1)"},
    {SWEEP("0:1e6:1e-6"), "d: the grid of 1e+12 = 1e+12 points is too large (1e+09 at most)"},
    {"model: {P: 4}\nsweep:\n  T: 0:1:1e-6\n  gamma: 0:1:1e-6\n",
     "d: the grid of 1e+06 x 1e+06 = 1e+12 points is too large (1e+09 at most)"},
    {SWEEP("0:1e300:1e-300"), "d: the grid of 1e+18 = 1e+18 points is too large (1e+09 at most)"},
    /* keys that need or exclude each other */
    {"title: x\n", "d: model.P: missing; it must be an integer >= 2"},
    {MODEL("P: 4"),
     "d: model.gamma: missing; either the load gamma or the number of patterns K must be given"},
    {"model: {P: 4, gamma: 0.1}\n", "d: sweep.T: missing; it must be a number >= 0"},
    {MODEL("P: 4, gamma: 0.1, K: 3"), "d:1: model.K: not together with gamma, the load it sets"},
    {MODEL("P: 4, K: 3"), "d:1: model.K: needs N beside it (sweep.N): the load is P! K/(2 N^(P-1))"},
    {"model:\n  P: 4\n  gamma: 0\n  r: 0.8\nsweep: {T: 1}\n",
     "d:4: model.r: not with learning: storage, which has no examples"},
    {"model:\n  P: 4\n  gamma: 0\n  learning: supervised\nsweep: {T: 1}\n",
     "d:4: model.learning: learning from examples needs r and M, or rho alone"},
    {"model:\n  P: 4\n  gamma: 0\n  learning: supervised\n  rho: 0.1\n  M: 5\nsweep: {T: 1}\n",
     "d:5: model.rho: not together with r or M, which set it"},
    {"model:\n  P: 4\n  gamma: 0\n  learning: supervised\n  M: 5\nsweep: {T: 1}\n",
     "d:5: model.M: needs r beside it"},
    {"model:\n  P: 4\n  gamma: 0\n  learning: supervised\n  r: 0.5\nsweep: {T: 1}\n",
     "d:5: model.r: needs M beside it (or rho alone, without r)"},
    {"model:\n  P: 4\n  gamma: 0\n  learning: supervised\n  r: 1e-200\n  M: 2\nsweep: {T: 1}\n",
     "d:5: model.r: so small that the noise (1 - r^2)/(M r^2) overflows"},
    /* YAML */
    {"", "d:1: the deck is empty"},
    {"# nothing\n", "d:1: the deck is empty"},
    {"---\n...\n", "d:2: the deck is empty"},
    {"- 1\n- 2\n", "d:1: a deck is made of `key: value` and of sections"},
    {"P = 4\n", "d:1: a deck is made of `key: value` and of sections"},
    {GOOD "---\ntitle: x\n", "d:6: a second document (---); a deck is only one"},
    {"title: &x y\n", "d:1: anchors (&name) are not allowed"},
    {"a: &x [*x]\n", "d:1: anchors (&name) are not allowed"},
    {"model: &x\n  P: 4\n", "d:1: anchors (&name) are not allowed"},
    {"title: *x\n", "d:1: aliases (*name) are not allowed"},
    {"model:\n  P: !!int 4\n", "d:2: tags (!name) are not allowed"},
    {"model: !x {P: 4}\n", "d:1: tags (!name) are not allowed"},
    {"sweep:\n  T: !x [4]\n", "d:2: tags (!name) are not allowed"},
    {"title: \"a\\0b\"\n", "d:1: a text with a NUL character"},
    {"model:\n\tP: 4\n",
     "d:2: not valid YAML: while scanning for the next token, found character that cannot start any token "
     "(indent with spaces, not tabs)"},
    {"model:\n  P: [4\n",
     "d:3: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'"},
    {"model:\n  P: 4\n gamma: 1\n",
     "d:3: not valid YAML: while parsing a block mapping, did not find expected key"},
    {"title: \"x\n", "d:2: not valid YAML: while scanning a quoted scalar, found unexpected end of stream"},
    /* not UTF-8, reported with its line */
    {"title: x\n# a\n# caf\xe9\nmodel: {}\n", "d:3: not a UTF-8 text: invalid trailing UTF-8 octet"},
    {"title: x\r\n# a\r\n# \xff\r\n", "d:3: not a UTF-8 text: invalid leading UTF-8 octet"},
    {"\xff\xfet\n", "d:1: not a UTF-8 text: invalid leading UTF-8 octet"},
    {"title: \x01\n", "d:1: not a UTF-8 text: control characters are not allowed"},
};

START_TEST(test_mistake)
{
	refused(mistakes[_i].text, strlen(mistakes[_i].text), 2, mistakes[_i].message);
}
END_TEST

START_TEST(test_nul_byte)
{
	refused("title: x\nmodel\0: 1\n", 19, 2, "d:2: not a UTF-8 text: control characters are not allowed");
}
END_TEST

/* A naive reader needs quadratic time or unbounded stack for these. */
START_TEST(test_deep)
{
	size_t n = 200000;
	char *text = malloc(n + 4);
	ck_assert_ptr_nonnull(text);
	memcpy(text, "a: ", 3);
	memset(text + 3, '[', n);
	refused(text, n + 3, 2, "d:1: a list must hold plain values only");
	refused(text + 3, n, 2, "d:1: a deck is made of `key: value` and of sections");
	memset(text + 3, '{', n);
	refused(text, n + 3, 2, "d:1: a: unknown key");
	free(text);
	refused("model: {model: {a: 1}}\n", 23, 2, "d:1: model.model: unknown key*");
}
END_TEST

START_TEST(test_long_list)
{
	char *text = malloc(700000);
	ck_assert_ptr_nonnull(text);
	size_t n = (size_t)sprintf(text, "model: {P: 4, gamma: 0.1}\nsweep:\n  T: [");
	for (int i = 0; i < 100000; i++)
		n += (size_t)sprintf(text + n, "%d,", i);
	n += (size_t)sprintf(text + n, "1e6]\n");
	struct deck *deck;
	struct grid *grid;
	struct err err;
	ck_assert_int_eq(parse(&deck, &grid, text, n, NULL, 0, &err), 0);
	ck_assert_uint_eq(grid->points, 100001);
	grid_free(grid);
	deck_free(deck);
	free(text);
}
END_TEST

/* --- good decks */

static struct grid *grid_of(struct deck **deck, const char *text, const char *const *setting, int settings)
{
	struct grid *grid;
	struct err err;
	int code = parse(deck, &grid, text, text ? strlen(text) : 0, setting, settings, &err);
	ck_assert_msg(code == 0, "%s", err.text);
	return grid;
}

START_TEST(test_line_ends)
{
	static const char *const same[] = {
	    GOOD,
	    "\xef\xbb\xbf" GOOD,
	    "model:\r\n  P: 4\r\n  gamma: 0.1\r\nsweep:\r\n  T: 0.5\r\n",
	    "---\n" GOOD,
	    "model: {P: 4, gamma: 0.1}\nsweep: {T: 0.5}",
	    "sweep:\n  T: .5 # comment\nmodel:\n  gamma: +1e-1\n  P: 4.0\n",
	    "sweep:\n  T: 0.5\n  \nmodel:\n  gamma:\t0.1\n  P: 4\n"};
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		struct deck *deck;
		struct params p;
		struct grid *grid = grid_of(&deck, same[i], NULL, 0);
		ck_assert_int_eq(grid->axes, 1);
		ck_assert_uint_eq(grid->points, 1);
		grid_params(&p, grid, 0);
		ck_assert(p.P == 4 && p.gamma == 0.1 && p.T == 0.5 && p.learning == STORAGE);
		ck_assert(p.r == 1 && p.M == 0 && p.rho == 0 && p.N == 0);
		ck_assert_str_eq(deck->text, same[i]);
		grid_free(grid);
		deck_free(deck);
	}
}
END_TEST

/* Range values equal the doubles of the decimal numbers that a user types. */
START_TEST(test_range_values)
{
	static const struct {
		const char *text;
		size_t count;
		double value[6];
	} cases[] = {
	    {"0:1:0.1", 11, {0, 0.1, 0.2, 0.3, 0.4, 0.5}},
	    {"0:0.5:0.1", 6, {0, 0.1, 0.2, 0.3, 0.4, 0.5}},
	    {"0:0.26:0.1", 4, {0, 0.1, 0.2, 0.3}}, /* 0.26 counts as 0.3 */
	    {"0:0.24:0.1", 3, {0, 0.1, 0.2}},
	    {"0.5:0.5:1", 1, {0.5}},
	    {"lin:0:1:11", 11, {0, 0.1, 0.2, 0.3, 0.4, 0.5}},
	    {"lin:0.1:0.7:4", 4, {0.1, 0.3, 0.5, 0.7}},
	    {"log:0.001:1:4", 4, {0.001, 0.01, 0.1, 1}},
	    {"log:1:16:5", 5, {1, 2, 4, 8, 16}},
	    {"0.12345678901234568", 1, {0.12345678901234568}},
	};
	for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
		struct yaml_item item = {.text = cases[c].text};
		struct yaml_entry entry = {.kind = YAML_SCALAR, .count = 1, .item = &item};
		struct range range;
		char why[200];
		ck_assert_int_eq(range_parse(&range, &entry, why, sizeof why), 0);
		ck_assert_uint_eq(range.count, cases[c].count);
		for (size_t i = 0; i < range.count && i < 6; i++)
			ck_assert_msg(range_value(&range, i) == cases[c].value[i], "%s: value %zu is %.17g",
			              cases[c].text, i,
			              range_value(&range, i));
		char spelling[100];
		range_spell(spelling, sizeof spelling, &range);
		ck_assert_str_eq(spelling, cases[c].text);
		range_free(&range);
	}
}
END_TEST

START_TEST(test_grid_order)
{
	struct deck *deck;
	struct params p;
	struct grid *grid = grid_of(&deck, "sweep:\n  T: [0, 1]\n  P: 2:4:1\nmodel: {gamma: 0.2}\n", NULL, 0);

	ck_assert_int_eq(grid->axes, 2);
	ck_assert_str_eq(grid->axis[0].name, "T");
	ck_assert_str_eq(grid->axis[1].name, "P");
	ck_assert_uint_eq(grid->points, 6);
	ck_assert_uint_eq(grid->rows, 2);
	ck_assert_uint_eq(grid->row_length, 3);
	for (size_t i = 0; i < 6; i++) {
		grid_params(&p, grid, i);
		ck_assert_double_eq(p.T, (double)(i / 3));
		ck_assert_int_eq(p.P, 2 + (int)(i % 3));
		ck_assert_double_eq(p.gamma, 0.2);
		ck_assert_uint_eq(grid_coordinate(grid, 0, i), i / 3);
		ck_assert_uint_eq(grid_coordinate(grid, 1, i), i % 3);
	}
	grid_free(grid);
	deck_free(deck);
}
END_TEST

static struct params first_point(const char *text)
{
	struct deck *deck;
	struct params p;
	struct grid *grid = grid_of(&deck, text, NULL, 0);
	grid_params(&p, grid, 0);
	grid_free(grid);
	deck_free(deck);
	return p;
}

/* rho = (1 - r^2)/(M r^2); r = 1 and rho = 0 are storage; gamma = P! K/(2 N^(P-1)). */
START_TEST(test_derived)
{
	struct params p = first_point(MODEL("P: 4, gamma: 0.1, learning: supervised, r: 0.8, M: 5"));
	ck_assert_double_eq(p.r, 0.8);
	ck_assert_double_eq(p.M, 5);
	ck_assert_double_eq_tol(p.rho, 0.36 / 3.2, 1e-16);

	p = first_point(MODEL("P: 4, gamma: 0.1, learning: supervised, rho: 0.1"));
	ck_assert(p.r == 1 && p.M == 0 && p.rho == 0.1);

	p = first_point(MODEL("P: 4, gamma: 0.1, learning: supervised, rho: 0"));
	ck_assert(p.r == 1 && p.M == 0 && p.rho == 0);

	p = first_point(MODEL("P: 4, gamma: 0.1, learning: supervised, r: 1, M: 7"));
	ck_assert(p.r == 1 && p.M == 0 && p.rho == 0);

	p = first_point("model: {P: 2, K: 50}\nsweep: {T: 0.5, N: 1000}\n");
	ck_assert(p.gamma == 0.05 && p.K == 50 && p.N == 1000);

	p = first_point("model: {P: 4, K: 1000}\nsweep: {T: 0.5, N: 100}\n");
	ck_assert_double_eq_tol(p.gamma, 24 * 1000 / 2e6, 1e-17);

	p = first_point("model: {P: 2000000000, K: 1}\nsweep: {T: 0.5, N: 1e6}\n");
	ck_assert_double_eq(p.gamma, 0);
}
END_TEST

/* --- settings */

START_TEST(test_settings)
{
	static const char *const one[] = {"model.P=4", "sweep.gamma=0.1", "sweep.T=0.5"};
	static const char *const change[] = {"sweep.T=[0.1, 0.2]", "model.P=3", "model.P=6",
	                                     "title=two words", "sweep.gamma=0:0.2:0.1"};
	struct deck *deck;
	struct grid *grid = grid_of(&deck, NULL, one, 3);
	ck_assert_uint_eq(grid->points, 1);
	ck_assert_int_eq(grid->axes, 2);
	grid_free(grid);
	deck_free(deck);

	grid = grid_of(&deck, GOOD, change, 5); /* gamma moves from model to sweep; the later P counts */
	ck_assert_uint_eq(grid->points, 6);
	ck_assert_str_eq(grid->axis[1].name, "gamma");
	ck_assert_int_eq(grid->base.P, 6);
	ck_assert_str_eq(deck_text(deck, "title"), "two words");
	grid_free(grid);
	deck_free(deck);
}
END_TEST

static const struct {
	const char *setting, *message;
} bad_settings[] = {
    {"model.P=1", "-s model.P: must be an integer >= 2 (is 1)"},
    {"model.P=", "-s model.P: has no value"},
    {"model.P", "-s model.P: must be KEY=VALUE"},
    {"=3", "-s =3: must be KEY=VALUE"},
    {"", "-s : must be KEY=VALUE"},
    {"model.Q=1", "-s model.Q: unknown key; did you mean model.P?"},
    {"sweep.T=0:1", "-s sweep.T: the range 0:1 must be start:stop:step, lin:a:b:n or log:a:b:n"},
    {"sweep.T=[1",
     "-s sweep.T: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'"},
    {"sweep.T=&a 1", "-s sweep.T: anchors (&name) are not allowed"},
    {"sweep.T=1\n---\n2", "-s sweep.T: a second document (---); a deck is only one"},
    {"sweep.T={a: 1}", "-s sweep.T: must be a value or a list, not a section"},
    {"title=caf\xe9", "-s title: not a UTF-8 text: incomplete UTF-8 octet sequence"},
    {"model.K=3", "-s model.K: not together with gamma, the load it sets"},
    {"model=3", "-s model: must be a section with keys in it"},
};

START_TEST(test_bad_setting)
{
	struct deck *deck;
	struct grid *grid;
	struct err err;
	int code = parse(&deck, &grid, GOOD, strlen(GOOD), &bad_settings[_i].setting, 1, &err);
	ck_assert_msg(code == 2, "%s: code %d", bad_settings[_i].setting, code);
	ck_assert_str_eq(err.text, bad_settings[_i].message);
}
END_TEST

/* --- what /parameters is made of */

START_TEST(test_effective)
{
	static const char *const expected[] = {"model.network=dense (default)",
	                                       "model.learning=storage (default)",
	                                       "model.P=4",
	                                       "model.gamma=0.1",
	                                       "sweep.T=0.5",
	                                       "solve.tolerance=1e-10 (default)",
	                                       "run.kernel=auto (default)"};
	struct deck *deck;
	struct grid *grid = grid_of(&deck, GOOD, NULL, 0);
	struct effective e;
	size_t n = 0;

	for (int i = 0; deck_effective(deck, &i, &e);) {
		char value[100], line[200];
		deck_spell(value, sizeof value, &e);
		snprintf(line, sizeof line, "%s=%s%s", e.name, value, e.defaulted ? " (default)" : "");
		ck_assert_msg(e.key->used_by & USED_BY_SOLVE, "%s", line);
		if (n < sizeof expected / sizeof expected[0] && strcmp(line, expected[n]) == 0)
			n++;
		else
			ck_assert_msg(e.defaulted, "%s", line); /* other keys of solve */
	}
	ck_assert_uint_eq(n, sizeof expected / sizeof expected[0]);
	ck_assert_double_eq(deck_real(deck, "solve.tolerance"), 1e-10);
	ck_assert_ptr_null(deck_text(deck, "run.output"));
	ck_assert_int_eq(deck_integer(deck, "model.K"), -1);
	ck_assert(isnan(deck_real(deck, "model.rho")));
	grid_free(grid);
	deck_free(deck);
}
END_TEST

/* Every line of the table is complete, its default is an allowed value, and its name is found. */
START_TEST(test_table)
{
	ck_assert_int_lt(key_count(), MAX_KEYS);
	for (int i = 0; i < key_count(); i++) {
		const struct key *key = key_at(i);
		bool swept;
		double x;
		ck_assert(key->meaning && *key->meaning && key->unit && key->used_by);
		ck_assert_int_eq(key_find(&swept, key->name), i);
		ck_assert(swept == (strncmp(key->name, "sweep.", 6) == 0));
		ck_assert(!key->axis || key->parameter || strncmp(key->name, "retrieve.", 9) == 0);
		ck_assert((key->type == KEY_WORD) == (key->words != NULL));
		if (key->fallback && key->type != KEY_WORD && key->type != KEY_TEXT)
			ck_assert(range_number(&x, key->fallback) && key_allows(key, x));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(key->name, key_at(j)->name);
	}
}
END_TEST

/* --- files */

START_TEST(test_file)
{
	char path[] = "check_deck_XXXXXX", message[200], *text;
	size_t length;
	struct err err = {0};
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 2 << 20; i++)
		fputc('#', f);
	fclose(f);
	ck_assert_int_eq(deck_read(&text, &length, path, &err), 2);
	snprintf(message, sizeof message, "%s: larger than 1 MiB; this is no deck", path);
	ck_assert_str_eq(err.text, message);
	ck_assert_ptr_null(text);
	remove(path);

	err.code = 0;
	ck_assert_int_eq(deck_read(&text, &length, path, &err), 1);
	snprintf(message, sizeof message, "%s: cannot be read: No such file or directory", path);
	ck_assert_str_eq(err.text, message);
	err.code = 0;
	ck_assert_int_eq(deck_read(&text, &length, "/", &err), 1);
	ck_assert_str_eq(err.text, "/: cannot be read: Is a directory");
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *bad = suite_case(suite, "mistakes", 4);
	TCase *good = suite_case(suite, "meaning", 4);

	tcase_add_loop_test(bad, test_mistake, 0, sizeof mistakes / sizeof mistakes[0]);
	tcase_add_loop_test(bad, test_bad_setting, 0, sizeof bad_settings / sizeof bad_settings[0]);
	tcase_add_test(bad, test_nul_byte);
	tcase_add_test(bad, test_deep);
	tcase_add_test(bad, test_file);
	tcase_add_test(good, test_long_list);
	tcase_add_test(good, test_line_ends);
	tcase_add_test(good, test_range_values);
	tcase_add_test(good, test_grid_order);
	tcase_add_test(good, test_derived);
	tcase_add_test(good, test_settings);
	tcase_add_test(good, test_effective);
	tcase_add_test(good, test_table);
}
