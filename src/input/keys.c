/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/keys.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/task.h"
#include "montecarlo/field/field.h"
#include "montecarlo/images/images.h"
#include "montecarlo/images/memories.h"
#include "montecarlo/statistics/record.h"
#include "physics/numerics/average.h"
#include "physics/network.h"
#include "physics/params.h"
#include "src/input/range.h"

static const struct {
	unsigned bit;
	const char *name;
} users[] = {{USED_BY_SOLVE, "solve"},
             {USED_BY_SIMULATE, "simulate"},
             {USED_BY_LINES, "lines"},
             {USED_BY_RETRIEVE, "retrieve"}};

/* The words of the deck. */
static const struct word learning_words[] = {
	{"storage", STORAGE}, {"supervised", SUPERVISED}, {"unsupervised", UNSUPERVISED}, {0}};
static const struct word dynamics_words[] = {{"heat-bath", DYNAMICS_HEAT_BATH},
                                             {"metropolis", DYNAMICS_METROPOLIS},
                                             {"parallel", DYNAMICS_PARALLEL},
                                             {"tempering", DYNAMICS_TEMPERING},
                                             {"annealing", DYNAMICS_ANNEALING},
                                             {"tap", DYNAMICS_TAP},
                                             {0}};
static const struct word order_words[] = {{"sequential", SEQUENTIAL}, {"random", RANDOM_SITES}, {0}};
static const struct word start_words[] = {{"archetype", START_ARCHETYPE},
                                          {"example", START_EXAMPLE},
                                          {"corrupted", START_CORRUPTED},
                                          {"random", START_RANDOM},
                                          {"hierarchical", START_HIERARCHICAL},
                                          {"majority", START_MAJORITY},
                                          {0}};
static const struct word field_words[] = {
	{"exact", KEY_FIELD_EXACT}, {"tensor", KEY_FIELD_TENSOR}, {"plefka", KEY_FIELD_PLEFKA}, {0}};
static const struct word patterns_words[] = {{"iid", 0}, {"stratified", 1}, {0}};
static const struct word threshold_words[] = {
	{"pixel-median", THRESHOLD_PIXEL}, {"median", THRESHOLD_GLOBAL}, {"fixed", THRESHOLD_FIXED}, {0}};
static const struct word examples_words[] = {{"first", 0}, {"random", 1}, {0}};
static const struct word decorrelate_words[] = {{"none", DECORRELATE_NONE},
                                                {"centre", DECORRELATE_CENTRE},
                                                {"pseudo-inverse", DECORRELATE_PSEUDO},
                                                {0}};
static const struct word image_dynamics_words[] = {{"parallel", 0}, {"sequential", 1}, {0}};
static const struct word image_field_words[] = {{"exact", 0}, {"plefka", 1}, {0}};
static const struct word image_start_words[] = {
	{"image", KEY_START_IMAGE}, {"archetype", KEY_START_ARCHETYPE}, {"random", KEY_START_NOISE}, {0}};
static const struct word truth_words[] = {{"false", 0}, {"true", 1}, {0}};

/* Filled in by build(). */
enum { MAX_NETWORKS = 32, MAX_KERNELS = 32 };
static struct word network_words[MAX_NETWORKS + 1], kernel_words[MAX_KERNELS + 1];

#define FROM(a)  .min = (a), .max = INFINITY
#define UP_TO(b) .max = (b)
#define WHOLE    .type = KEY_INTEGER, .unit = "1"
#define REAL_1   .type = KEY_REAL, .unit = "1"
#define SECONDS  .type = KEY_REAL, .unit = "s"
#define WORD(w)  .type = KEY_WORD, .unit = "", .words = (w)
#define TEXT     .type = KEY_TEXT, .unit = ""

/* clang-format off */
/* Where build() puts in what the networks list. */
#define MODEL_PARAMETERS "model.*"
#define SWEEP_PARAMETERS "sweep.*"
#define NETWORK_OPTIONS "solve.*"

static const struct key table[] = {
	{"title", TEXT, .used_by = USED_BY_ALL, .meaning = "title of the output"},

	{"model.network", WORD(network_words), .used_by = USED_BY_ALL, .meaning = "the network"},
	{"model.learning", WORD(learning_words), .used_by = USED_BY_ALL, .fallback = "storage",
	 .meaning = "what is stored: patterns, or examples of them"},
	{.name = MODEL_PARAMETERS},
	{"model.diagonal", WORD(truth_words), .used_by = USED_BY_SIMULATE, .fallback = "false",
	 .meaning = "keep the terms with coincident sites"},
	{"model.patterns", WORD(patterns_words), .used_by = USED_BY_SIMULATE, .fallback = "iid",
	 .meaning = "stratified: drawn without quenched noise"},
	{"model.data", TEXT, .used_by = USED_BY_SIMULATE | USED_BY_RETRIEVE,
	 .meaning = "patterns (K, N) or examples (K, M, N) of -1, 0, 1: a .npy file"},

	{.name = SWEEP_PARAMETERS},

	{"solve.tolerance", REAL_1, .min = 1e-14, .max = 1e-2, .fallback = "1e-10", .used_by = USED_BY_SOLVE,
	 .meaning = "largest residual of a solution"},
	{.name = NETWORK_OPTIONS},

	{"lines.tolerance", REAL_1, .min = 1e-14, .max = 1e-2, .fallback = "1e-8", .used_by = USED_BY_LINES,
	 .meaning = "largest width of the bracket around a point of a line"},
	{"lines.which", TEXT, .used_by = USED_BY_LINES, .meaning = "names of the lines, with blanks between "
	 "(all)"},

	{"simulate.samples", WHOLE, .min = 1, .max = 1e6, .fallback = "20", .used_by = USED_BY_SIMULATE,
	 .meaning = "disorder samples per point"},
	{"simulate.replicas", WHOLE, .min = 1, .max = RECORD_REPLICAS, .fallback = "8",
	 .used_by = USED_BY_SIMULATE,
	 .meaning = "independent chains per sample (tempering: ladders; tap: starts)"},
	{"simulate.burn_in", WHOLE, .min = 0, .max = 1e15, .fallback = "1000", .used_by = USED_BY_SIMULATE,
	 .meaning = "sweeps before measuring"},
	{"simulate.sweeps", WHOLE, .min = 1, .max = 1e15, .fallback = "5000", .used_by = USED_BY_SIMULATE,
	 .meaning = "measured sweeps; dynamics tap: iterations at most"},
	{"simulate.dynamics", WORD(dynamics_words), .fallback = "heat-bath", .used_by = USED_BY_SIMULATE,
	 .meaning = "how spins are updated; tap: magnetisations that solve the TAP equations"},
	{"simulate.order", WORD(order_words), .fallback = "sequential", .used_by = USED_BY_SIMULATE,
	 .meaning = "order of the sites in a sweep"},
	{"simulate.field", WORD(field_words), .fallback = "exact", .used_by = USED_BY_SIMULATE,
	 .meaning = "local fields: exact; tensor, with the couplings written out; plefka, of magnetisations"},
	{"simulate.plefka_order", WHOLE, .min = 1, .max = 2, .fallback = "2", .used_by = USED_BY_SIMULATE,
	 .meaning = "field plefka: 1, naive mean field, or 2, with Onsager's reaction (TAP)"},
	{"simulate.damping", REAL_1, .min = 0, .max = 1, .max_open = true, .fallback = "0",
	 .used_by = USED_BY_SIMULATE,
	 .meaning = "dynamics tap: share of the old magnetisations in a step"},
	{"simulate.tolerance", REAL_1, .min = 1e-14, .max = 1e-2, .fallback = "1e-9",
	 .used_by = USED_BY_SIMULATE,
	 .meaning = "dynamics tap: largest residual of a solution"},
	{"simulate.start", WORD(start_words), .fallback = "archetype", .used_by = USED_BY_SIMULATE,
	 .meaning = "starting configuration"},
	{"simulate.corruption", REAL_1, .min = 0, .max = 1, .fallback = "0.1", .used_by = USED_BY_SIMULATE,
	 .meaning = "start corrupted: share of reversed spins"},
	{"simulate.seed", WHOLE, .min = 0, .max = 9007199254740992, .fallback = "1",
	 .used_by = USED_BY_SIMULATE,
	 .meaning = "of all random numbers"},
	{"simulate.histogram", WHOLE, .min = 0, .max = 100000, .fallback = "0", .used_by = USED_BY_SIMULATE,
	 .meaning = "cells of the histograms of m and q"},
	{"simulate.curve", WHOLE, .min = 0, .max = 1e7, .fallback = "0", .used_by = USED_BY_SIMULATE,
	 .meaning = "points of the relaxation curve m(t)"},
	{"simulate.configurations", WORD(truth_words), .fallback = "false", .used_by = USED_BY_SIMULATE,
	 .meaning = "keep the final spins"},
	{"simulate.magnetisations", WORD(truth_words), .fallback = "false", .used_by = USED_BY_SIMULATE,
	 .meaning = "keep the mean of each spin; dynamics tap: its m_i"},

	{"images.set", TEXT, .used_by = USED_BY_RETRIEVE, .meaning = "image set, a folder in images.folder: "
	 "mnist, fashion-mnist"},
	{"images.folder", TEXT, .fallback = "data/sets", .used_by = USED_BY_RETRIEVE,
	 .meaning = "where scripts/fetch-datasets has put the sets"},
	{"images.classes", TEXT, .used_by = USED_BY_RETRIEVE,
	 .meaning = "labels of the classes, with blanks between (all)"},
	{"images.threshold", WORD(threshold_words), .fallback = "pixel-median", .used_by = USED_BY_RETRIEVE,
	 .meaning = "a pixel is +1 above: its median, that of all pixels, or level"},
	{"images.level", REAL_1, .min = 0, .max = 255, .fallback = "127", .used_by = USED_BY_RETRIEVE,
	 .meaning = "threshold fixed: the value"},
	{"images.variance", REAL_1, .min = 0, .max = 1, .max_open = true, .fallback = "0.2",
	 .used_by = USED_BY_RETRIEVE,
	 .meaning = "kept are pixels whose spin has more variance than this"},
	{"images.examples", WORD(examples_words), .fallback = "first", .used_by = USED_BY_RETRIEVE,
	 .meaning = "which M examples of a class: the first, or random ones"},
	{"images.tests", WHOLE, .min = 1, .max = 1e6, .used_by = USED_BY_RETRIEVE,
	 .meaning = "number of starts (all test images)"},
	{"images.decorrelate", WORD(decorrelate_words), .fallback = "none", .used_by = USED_BY_RETRIEVE,
	 .meaning = "rows minus their mean over the classes, or orthogonal"},

	{"retrieve.dynamics", WORD(image_dynamics_words), .fallback = "parallel", .used_by = USED_BY_RETRIEVE,
	 .meaning = "all spins at once, or one after another"},
	{"retrieve.field", WORD(image_field_words), .fallback = "exact", .used_by = USED_BY_RETRIEVE,
	 .meaning = "fields of spins, or of magnetisations (TAP)"},
	{"retrieve.sweeps", WHOLE, .min = 1, .max = 1e6, .fallback = "20", .used_by = USED_BY_RETRIEVE,
	 .meaning = "at most; ends earlier at a fixed point"},
	{"retrieve.start", WORD(image_start_words), .fallback = "image", .used_by = USED_BY_RETRIEVE,
	 .meaning = "test images, archetypes of the classes in turn, or noise"},
	{"retrieve.flips", REAL_1, .min = 0, .max = 1, .axis = true, .fallback = "0",
	 .used_by = USED_BY_RETRIEVE,
	 .meaning = "share of the start's pixels that are reversed"},
	{"retrieve.occlusion", REAL_1, .min = 0, .max = 1, .axis = true, .fallback = "0",
	 .used_by = USED_BY_RETRIEVE,
	 .meaning = "share of the picture, from below, that is set to -1"},
	{"retrieve.pictures", WHOLE, .min = 0, .max = 1000, .fallback = "10", .used_by = USED_BY_RETRIEVE,
	 .meaning = "starts and answers to keep as pictures, the first ones"},
	{"retrieve.seed", WHOLE, .min = 0, .max = 9007199254740992, .fallback = "1",
	 .used_by = USED_BY_RETRIEVE,
	 .meaning = "of all random numbers"},

	{"run.output", TEXT, .used_by = USED_BY_ALL, .meaning = "output file (HDF5)"},
	{"run.checkpoint_interval", SECONDS, .min = 0, .max = 1e9, .min_open = true, .fallback = "600",
	 .used_by = USED_BY_ALL, .meaning = "between checkpoints (OUTPUT.ckpt)"},
	{"run.wall_time", SECONDS, .min = 0, .max = 1e9, .fallback = "0", .used_by = USED_BY_ALL,
	 .meaning = "stop in good order before that time; 0: no limit but Slurm's"},
	{"run.extendable", WORD(truth_words), .fallback = "false", .used_by = USED_BY_ALL,
	 .meaning = "keep the checkpoint when done: --resume can ask for more"},
	{"run.kernel", WORD(kernel_words), .fallback = "auto", .used_by = USED_BY_ALL,
	 .meaning = "how sums are computed; auto: the best here"},
};
/* clang-format on */

/* The table with what the networks list in its place. */
static struct key keys[MAX_KEYS];
static char full_names[MAX_KEYS][40];
static int count;

static struct key *add(const char *section, const char *name)
{
	if (count == MAX_KEYS)
		abort(); /* tests/check_deck.c */
	snprintf(full_names[count], sizeof full_names[count], "%s%s", section, name);
	keys[count] = (struct key){.name = full_names[count]};
	return &keys[count++];
}

static void add_parameter(const struct parameter *p)
{
	struct key *key = add(p->sweep_only ? "sweep." : "model.", p->name);

	key->type = p->whole ? KEY_INTEGER : KEY_REAL;
	key->parameter = p;
	key->axis = true;
	key->used_by = p->used_by;
	key->min = p->min;
	key->max = p->max;
	key->min_open = p->min_open;
	key->max_open = p->max_open;
	key->symbol = p->symbol ? p->symbol : p->name;
	key->unit = p->unit ? p->unit : "1";
	key->fallback = p->fallback;
	key->meaning = p->meaning;
}

static void add_option(const struct solve_option *o)
{
	struct key *key = add("solve.", o->name);

	key->type = o->truth ? KEY_WORD : KEY_INTEGER;
	key->words = o->truth ? truth_words : NULL;
	key->option = true;
	key->used_by = USED_BY_SOLVE;
	key->min = o->min;
	key->max = o->max;
	key->unit = o->truth ? "" : "1";
	key->fallback = o->fallback;
	key->meaning = o->meaning;
}

static void add_parameters(bool sweep_only)
{
	for (const struct parameter *p = shared_parameters; p->name; p++)
		if (!p->sweep_only == !sweep_only)
			add_parameter(p);
	for (int i = 0; networks[i] && !sweep_only; i++)
		for (const struct parameter *p = networks[i]->parameters; p && p->name; p++)
			add_parameter(p);
}

/* The kernels of the theory, then those of the simulation that have other names. */
static void list_kernels(void)
{
	int n = 0;
	kernel_words[n++].word = "auto";
	for (int i = 0; n < MAX_KERNELS && average_kernel_name(i); i++)
		kernel_words[n++].word = average_kernel_name(i);
	for (int i = 0; n < MAX_KERNELS && field_kernels[i]; i++) {
		bool known = false;
		for (int k = 0; k < n; k++)
			known = known || strcmp(field_kernels[i], kernel_words[k].word) == 0;
		if (!known)
			kernel_words[n++].word = field_kernels[i];
	}
}

static void build(void)
{
	for (int i = 0; i < MAX_NETWORKS && networks[i]; i++)
		network_words[i] = (struct word){networks[i]->name, i};
	list_kernels();
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (strcmp(table[i].name, NETWORK_OPTIONS) == 0) {
			for (int n = 0; networks[n]; n++)
				for (const struct solve_option *o = networks[n]->options; o && o->name; o++)
					add_option(o);
		} else if (strcmp(table[i].name, MODEL_PARAMETERS) == 0 ||
		           strcmp(table[i].name, SWEEP_PARAMETERS) == 0) {
			add_parameters(table[i].name[0] == 's');
		} else {
			struct key *key = add("", table[i].name);
			*key = table[i];
			if (key->words == network_words)
				key->fallback = networks[0]->name;
		}
	}
}

int key_count(void)
{
	if (count == 0)
		build();
	return count;
}

const struct key *key_at(int i)
{
	return i >= 0 && i < key_count() ? &keys[i] : NULL;
}

const char *key_short(const struct key *key)
{
	const char *dot = strchr(key->name, '.');
	return dot ? dot + 1 : key->name;
}

bool key_is_section(const char *name)
{
	size_t n = strlen(name);
	for (int i = 0; i < key_count(); i++)
		if (strncmp(keys[i].name, name, n) == 0 && keys[i].name[n] == '.')
			return true;
	return false;
}

int key_find(bool *swept, const char *name)
{
	bool in_sweep = strncmp(name, "sweep.", 6) == 0;
	if (swept)
		*swept = in_sweep;
	for (int i = 0; i < key_count(); i++)
		if (strcmp(keys[i].name, name) == 0 ||
		    (in_sweep && keys[i].axis && strcmp(key_short(&keys[i]), name + 6) == 0))
			return i;
	return -1;
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static int least(int a, int b, int c)
{
	int ab = a < b ? a : b;
	return ab < c ? ab : c;
}

/* Edit distance, an edit counted as 2 and a wrong case as 1. */
static int distance(const char *a, const char *b)
{
	enum { LONGEST = 64 };
	int row[LONGEST + 1];
	size_t nb = strlen(b);

	if (nb > LONGEST)
		return INT_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = 2 * (int)j;
	for (size_t i = 0; a[i]; i++) {
		int diagonal = row[0];
		row[0] += 2;
		for (size_t j = 0; j < nb; j++) {
			int change = a[i] == b[j] ? 0 : lower(a[i]) == lower(b[j]) ? 1 : 2;
			int best = least(diagonal + change, row[j] + 2, row[j + 1] + 2);
			diagonal = row[j + 1];
			row[j + 1] = best;
		}
	}
	return row[nb];
}

bool key_nearest(char *buffer, size_t size, const char *name)
{
	const char *dot = strchr(name, '.');
	int best = (int)strlen(name); /* half of it wrong is too far */

	*buffer = '\0';
	for (int i = 0; i < key_count(); i++)
		for (int swept = 0; swept <= keys[i].axis; swept++) {
			char spelling[64];
			snprintf(spelling, sizeof spelling, "%s%s", swept ? "sweep." : "",
			         swept ? key_short(&keys[i]) : keys[i].name);
			/* The right key in a wrong section is nearer than another key. */
			bool same = strcmp(key_short(&keys[i]), dot ? dot + 1 : name) == 0;
			int d = same ? 0 : distance(spelling, name);
			if (d < best) {
				best = d;
				snprintf(buffer, size, "%s", spelling);
			}
		}
	return *buffer != '\0';
}

bool key_allows(const struct key *key, double x)
{
	double max = key->max;
	if (key->type == KEY_INTEGER && (x != floor(x) || fabs(x) > 0x1p53))
		return false;
	if (key->parameter && key->parameter->size == sizeof(int) && max > INT_MAX)
		max = INT_MAX;
	return isfinite(x) && (key->min_open ? x > key->min : x >= key->min) &&
	       (key->max_open ? x < max : x <= max);
}

static void interval(char *buffer, size_t size, const struct key *key)
{
	char min[32], max[32];
	range_spell_number(min, sizeof min, key->min);
	range_spell_number(max, sizeof max, key->max);
	if (isinf(key->max))
		snprintf(buffer, size, "%s %s", key->min_open ? ">" : ">=", min);
	else
		snprintf(buffer, size, "in %c%s, %s%c", key->min_open ? '(' : '[', min, max,
		         key->max_open ? ')' : ']');
}

static void words(char *buffer, size_t size, const struct key *key, const char *separator)
{
	size_t n = 0;
	*buffer = '\0';
	for (const struct word *w = key->words; w->word && n < size; w++)
		n += (size_t)snprintf(buffer + n, size - n, "%s%s", n ? separator : "", w->word);
}

void key_domain(char *buffer, size_t size, const struct key *key)
{
	char range[160];
	switch (key->type) {
	case KEY_TEXT:
		snprintf(buffer, size, "a text");
		return;
	case KEY_WORD:
		words(range, sizeof range, key, ", ");
		snprintf(buffer, size, "one of %s", range);
		return;
	case KEY_INTEGER:
	case KEY_REAL:
		interval(range, sizeof range, key);
		snprintf(buffer, size, "%s %s", key->type == KEY_INTEGER ? "an integer" : "a number", range);
	}
}

const char *key_type_name(const struct key *key)
{
	static const char *const names[] = {"text", "word", "integer", "real"};
	return names[key->type];
}

enum { RANGE_WIDTH = 26 };

static void print_row(FILE *f, const char *name, const char *type, const char *unit, const char *range,
                      const char *fallback, const char *used_by, const char *meaning)
{
	fprintf(f, "%-23s %-7s %-4s %-*s %-9s %-8s %s\n", name, type, unit, RANGE_WIDTH, range, fallback,
	        used_by, meaning);
}

static void print_users(char *buffer, size_t size, const struct key *key)
{
	size_t n = 0;
	snprintf(buffer, size, "all");
	for (size_t u = 0;
	     u < sizeof users / sizeof users[0] && n < size && key->used_by != (unsigned)USED_BY_ALL; u++)
		if (key->used_by & users[u].bit)
			n += (size_t)snprintf(buffer + n, size - n, "%s%s", n ? "," : "", users[u].name);
}

static void print_key(FILE *f, const struct key *key)
{
	char range[160] = "", user[80], meaning[400];
	bool either = key->axis && strncmp(key->name, "sweep.", 6) != 0;

	if (key->type == KEY_WORD)
		words(range, sizeof range, key, "|");
	else if (key->type != KEY_TEXT)
		interval(range, sizeof range, key);
	bool wide = strlen(range) > RANGE_WIDTH; /* goes where there is room */
	snprintf(meaning, sizeof meaning, "%s%s%s%s", key->meaning, either ? " [axis]" : "", wide ? ": " : "",
	         wide ? range : "");
	print_users(user, sizeof user, key);
	print_row(f, key->name, key_type_name(key), key->unit, wide ? "" : range,
	          key->fallback ? key->fallback : "-", user, meaning);
}

void keys_print(FILE *f, unsigned used_by)
{
	print_row(f, "key", "type", "unit", "range", "default", "used by", "meaning");
	for (int i = 0; i < key_count(); i++)
		if (keys[i].used_by & used_by)
			print_key(f, &keys[i]);
	fprintf(f, "\n[axis]: may stand in sweep instead of its section.  Keys of sweep take start:stop:step "
	           "(value i is start + "
	           "i*step,\nthe end counts within step/2), lin:a:b:n, log:a:b:n, [a, b, ...] or one value; "
	           "each is a "
	           "dimension of the\noutput, in the order of the deck.\n");
}
