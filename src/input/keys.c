/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/keys.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "montecarlo/field/field.h"
#include "montecarlo/statistics/record.h"
#include "physics/numerics/average.h"
#include "physics/network.h"
#include "physics/params.h"
#include "src/input/range.h"

static const struct {
	unsigned bit;
	const char *name;
} users[] = {{USED_BY_SOLVE, "solve"}, {USED_BY_SIMULATE, "simulate"}, {USED_BY_LINES, "lines"},
             {USED_BY_RETRIEVE, "retrieve"}};

static const char *network_word(int i)
{
	return networks[i] ? networks[i]->name : NULL;
}

/* In the order of enum learning. */
static const char *learning_word(int i)
{
	static const char *const words[] = {"storage", "supervised", "unsupervised", NULL};
	return words[i];
}

/* In the order of enum dynamics, enum order, enum start; no before yes, iid before stratified. */
static const char *dynamics_word(int i)
{
	static const char *const words[] = {"heat-bath", "metropolis", "parallel", "tempering", "annealing", "tap",
	                                    NULL};
	return words[i];
}

static const char *order_word(int i)
{
	static const char *const words[] = {"sequential", "random", NULL};
	return words[i];
}

static const char *start_word(int i)
{
	static const char *const words[] = {"archetype", "example", "corrupted", "random", "hierarchical", "majority",
	                                    NULL};
	return words[i];
}

static const char *field_word(int i)
{
	static const char *const words[] = {"exact", "tensor", "plefka", NULL};
	return words[i];
}

static const char *patterns_word(int i)
{
	static const char *const words[] = {"iid", "stratified", NULL};
	return words[i];
}

/* In the order of enum threshold, enum decorrelate, enum retrieval_dynamics, enum retrieve_start. */
static const char *threshold_word(int i)
{
	static const char *const words[] = {"pixel-median", "median", "fixed", NULL};
	return words[i];
}

static const char *examples_word(int i)
{
	static const char *const words[] = {"first", "random", NULL};
	return words[i];
}

static const char *decorrelate_word(int i)
{
	static const char *const words[] = {"none", "centre", "pseudo-inverse", NULL};
	return words[i];
}

static const char *image_dynamics_word(int i)
{
	static const char *const words[] = {"parallel", "sequential", NULL};
	return words[i];
}

static const char *image_field_word(int i)
{
	static const char *const words[] = {"exact", "plefka", NULL};
	return words[i];
}

static const char *image_start_word(int i)
{
	static const char *const words[] = {"image", "archetype", "random", NULL};
	return words[i];
}

static const char *truth_word(int i)
{
	static const char *const words[] = {"false", "true", NULL};
	return words[i];
}

/* The kernels of the theory, then those of the simulation (both have an auto and a portable one). */
static const char *kernel_word(int i)
{
	int n = 0;
	if (i == 0)
		return "auto";
	for (; average_kernel_name(n); n++)
		if (n == i - 1)
			return average_kernel_name(n);
	for (int k = 0; field_kernels[k]; k++) {
		bool known = strcmp(field_kernels[k], "auto") == 0;
		for (int j = 0; j < n; j++)
			known = known || strcmp(field_kernels[k], average_kernel_name(j)) == 0;
		if (!known && i-- == n + 1)
			return field_kernels[k];
	}
	return NULL;
}

#define FIELD(f) .offset = offsetof(struct params, f), .size = sizeof((struct params *)0)->f
#define FROM(a) .min = (a), .max = INFINITY
#define UP_TO(b) .max = (b)
#define WHOLE .type = KEY_INTEGER, .unit = "1"
#define REAL_1 .type = KEY_REAL, .unit = "1"
#define SECONDS .type = KEY_REAL, .unit = "s"
#define WORD(w) .type = KEY_WORD, .unit = "", .words = (w)
#define TEXT .type = KEY_TEXT, .unit = ""

/* clang-format off */
const struct key keys[] = {
	{"title", TEXT, .used_by = USED_BY_ALL, .meaning = "title of the output"},

	{"model.network", WORD(network_word), .used_by = USED_BY_ALL, .fallback = "dense", .meaning = "the network"},
	{"model.learning", WORD(learning_word), FIELD(learning), .used_by = USED_BY_ALL, .fallback = "storage",
	 .meaning = "what is stored: patterns, or examples of them"},
	{"model.P", WHOLE, FROM(2), FIELD(P), .axis = true, .used_by = USED_BY_ALL, .meaning = "interaction degree"},
	{"model.r", REAL_1, UP_TO(1), .min_open = true, FIELD(r), .axis = true, .used_by = USED_BY_RANDOM,
	 .meaning = "example quality"},
	{"model.M", WHOLE, FROM(1), FIELD(M), .axis = true, .used_by = USED_BY_ALL, .meaning = "examples per pattern"},
	{"model.rho", REAL_1, FROM(0), FIELD(rho), .axis = true, .used_by = USED_BY_SOLVE | USED_BY_LINES,
	 .meaning = "example noise (1 - r^2)/(M r^2) for many examples; without r and M"},
	{"model.K", WHOLE, FROM(1), FIELD(K), .axis = true, .used_by = USED_BY_RANDOM, .meaning = "number of patterns"},
	{"model.gamma", REAL_1, FROM(0), FIELD(gamma), .axis = true, .used_by = USED_BY_RANDOM,
	 .meaning = "load P! K/(2 N^(P-1)); instead of K"},
	{"model.omega", REAL_1, FROM(0), FIELD(own[2]), .axis = true, .used_by = USED_BY_SOLVE | USED_BY_SIMULATE,
	 .meaning = "noise on the synapses, a load P! omega^2/(2 N^(P-1)) beside gamma or K; needs N"},
	{"model.w", REAL_1, FROM(0), FIELD(own[3]), .axis = true, .used_by = USED_BY_SOLVE | USED_BY_SIMULATE,
	 .meaning = "P = 4: noise w sqrt(N) on each pair of sites of a pattern, the halves of four-body couplings"},
	{"model.d", REAL_1, .min = 0, .max = 1, FIELD(own[0]), .axis = true, .used_by = USED_BY_RANDOM,
	 .meaning = "multitasking: dilution, share of zeros in a pattern, below 1"},
	{"model.L", WHOLE, .min = 1, .max = 20, FIELD(own[1]), .axis = true, .used_by = USED_BY_SOLVE | USED_BY_LINES,
	 .meaning = "multitasking with a load gamma: condensed patterns"},

	{"model.diagonal", WORD(truth_word), .used_by = USED_BY_SIMULATE, .fallback = "false",
	 .meaning = "keep the terms with coincident sites"},
	{"model.patterns", WORD(patterns_word), .used_by = USED_BY_SIMULATE, .fallback = "iid",
	 .meaning = "stratified: drawn without quenched noise"},
	{"model.data", TEXT, .used_by = USED_BY_SIMULATE | USED_BY_RETRIEVE,
	 .meaning = "patterns (K, N) or examples (K, M, N) of -1, 0, 1: a .npy file"},

	{"sweep.T", REAL_1, FROM(0), FIELD(T), .axis = true, .used_by = USED_BY_ALL, .meaning = "temperature"},
	{"sweep.N", WHOLE, FROM(2), FIELD(N), .axis = true, .used_by = USED_BY_RANDOM, .meaning = "number of spins"},

	{"solve.tolerance", REAL_1, .min = 1e-14, .max = 1e-2, .fallback = "1e-10", .used_by = USED_BY_SOLVE,
	 .meaning = "largest residual of a solution"},
	{"solve.branches", WHOLE, .min = 1, .max = MAX_BRANCHES, .fallback = "8", .used_by = USED_BY_SOLVE,
	 .meaning = "multitasking: solutions to report, lowest free energy first"},
	{"solve.starts", WHOLE, .min = 0, .max = 100000, .fallback = "30", .used_by = USED_BY_SOLVE,
	 .meaning = "multitasking: random starts beside the stated ones"},
	{"solve.low", WORD(truth_word), .used_by = USED_BY_SOLVE, .fallback = "false",
	 .meaning = "dense: also a branch low, retrieval with a smaller overlap, where there is one"},
	{"solve.rsb", WORD(truth_word), .used_by = USED_BY_SOLVE, .fallback = "false",
	 .meaning = "dense, P >= 3: also branches retrieval_1rsb and glass_1rsb, one step of replica symmetry breaking"},
	{"solve.snr", WORD(truth_word), .used_by = USED_BY_SOLVE, .fallback = "false",
	 .meaning = "dense: also signal to noise, m after one step at T = 0 and the examples needed"},

	{"lines.tolerance", REAL_1, .min = 1e-14, .max = 1e-2, .fallback = "1e-8", .used_by = USED_BY_LINES,
	 .meaning = "largest width of the bracket around a point of a line"},
	{"lines.which", TEXT, .used_by = USED_BY_LINES, .meaning = "names of the lines, with blanks between (all)"},

	{"simulate.samples", WHOLE, .min = 1, .max = 1e6, .fallback = "20", .used_by = USED_BY_SIMULATE,
	 .meaning = "disorder samples per point"},
	{"simulate.replicas", WHOLE, .min = 1, .max = RECORD_REPLICAS, .fallback = "8", .used_by = USED_BY_SIMULATE,
	 .meaning = "independent chains per sample (tempering: ladders; tap: starts)"},
	{"simulate.burn_in", WHOLE, .min = 0, .max = 1e15, .fallback = "1000", .used_by = USED_BY_SIMULATE,
	 .meaning = "sweeps before measuring"},
	{"simulate.sweeps", WHOLE, .min = 1, .max = 1e15, .fallback = "5000", .used_by = USED_BY_SIMULATE,
	 .meaning = "measured sweeps; dynamics tap: iterations at most"},
	{"simulate.dynamics", WORD(dynamics_word), .fallback = "heat-bath", .used_by = USED_BY_SIMULATE,
	 .meaning = "how spins are updated; tap: magnetisations that solve the TAP equations"},
	{"simulate.order", WORD(order_word), .fallback = "sequential", .used_by = USED_BY_SIMULATE,
	 .meaning = "order of the sites in a sweep"},
	{"simulate.field", WORD(field_word), .fallback = "exact", .used_by = USED_BY_SIMULATE,
	 .meaning = "local fields: exact; tensor, with the couplings written out; plefka, of magnetisations"},
	{"simulate.plefka_order", WHOLE, .min = 1, .max = 2, .fallback = "2", .used_by = USED_BY_SIMULATE,
	 .meaning = "field plefka: 1, naive mean field, or 2, with Onsager's reaction (TAP)"},
	{"simulate.damping", REAL_1, .min = 0, .max = 1, .max_open = true, .fallback = "0", .used_by = USED_BY_SIMULATE,
	 .meaning = "dynamics tap: share of the old magnetisations in a step"},
	{"simulate.tolerance", REAL_1, .min = 1e-14, .max = 1e-2, .fallback = "1e-9", .used_by = USED_BY_SIMULATE,
	 .meaning = "dynamics tap: largest residual of a solution"},
	{"simulate.start", WORD(start_word), .fallback = "archetype", .used_by = USED_BY_SIMULATE,
	 .meaning = "starting configuration"},
	{"simulate.corruption", REAL_1, .min = 0, .max = 1, .fallback = "0.1", .used_by = USED_BY_SIMULATE,
	 .meaning = "start corrupted: share of reversed spins"},
	{"simulate.seed", WHOLE, .min = 0, .max = 9007199254740992, .fallback = "1", .used_by = USED_BY_SIMULATE,
	 .meaning = "of all random numbers"},
	{"simulate.histogram", WHOLE, .min = 0, .max = 100000, .fallback = "0", .used_by = USED_BY_SIMULATE,
	 .meaning = "cells of the histograms of m and q"},
	{"simulate.curve", WHOLE, .min = 0, .max = 1e7, .fallback = "0", .used_by = USED_BY_SIMULATE,
	 .meaning = "points of the relaxation curve m(t)"},
	{"simulate.configurations", WORD(truth_word), .fallback = "false", .used_by = USED_BY_SIMULATE,
	 .meaning = "keep the final spins"},
	{"simulate.magnetisations", WORD(truth_word), .fallback = "false", .used_by = USED_BY_SIMULATE,
	 .meaning = "keep the mean of each spin; dynamics tap: its m_i"},

	{"images.set", TEXT, .used_by = USED_BY_RETRIEVE, .meaning = "image set, a folder in images.folder: mnist, fashion-mnist"},
	{"images.folder", TEXT, .fallback = "data/sets", .used_by = USED_BY_RETRIEVE,
	 .meaning = "where scripts/fetch-datasets has put the sets"},
	{"images.classes", TEXT, .used_by = USED_BY_RETRIEVE, .meaning = "labels of the classes, with blanks between (all)"},
	{"images.threshold", WORD(threshold_word), .fallback = "pixel-median", .used_by = USED_BY_RETRIEVE,
	 .meaning = "a pixel is +1 above: its median, that of all pixels, or level"},
	{"images.level", REAL_1, .min = 0, .max = 255, .fallback = "127", .used_by = USED_BY_RETRIEVE,
	 .meaning = "threshold fixed: the value"},
	{"images.variance", REAL_1, .min = 0, .max = 1, .max_open = true, .fallback = "0.2", .used_by = USED_BY_RETRIEVE,
	 .meaning = "kept are pixels whose spin has more variance than this"},
	{"images.examples", WORD(examples_word), .fallback = "first", .used_by = USED_BY_RETRIEVE,
	 .meaning = "which M examples of a class: the first, or random ones"},
	{"images.tests", WHOLE, .min = 1, .max = 1e6, .used_by = USED_BY_RETRIEVE, .meaning = "number of starts (all test images)"},
	{"images.decorrelate", WORD(decorrelate_word), .fallback = "none", .used_by = USED_BY_RETRIEVE,
	 .meaning = "rows minus their mean over the classes, or orthogonal"},

	{"retrieve.dynamics", WORD(image_dynamics_word), .fallback = "parallel", .used_by = USED_BY_RETRIEVE,
	 .meaning = "all spins at once, or one after another"},
	{"retrieve.field", WORD(image_field_word), .fallback = "exact", .used_by = USED_BY_RETRIEVE,
	 .meaning = "fields of spins, or of magnetisations (TAP)"},
	{"retrieve.sweeps", WHOLE, .min = 1, .max = 1e6, .fallback = "20", .used_by = USED_BY_RETRIEVE,
	 .meaning = "at most; ends earlier at a fixed point"},
	{"retrieve.start", WORD(image_start_word), .fallback = "image", .used_by = USED_BY_RETRIEVE,
	 .meaning = "test images, archetypes of the classes in turn, or noise"},
	{"retrieve.flips", REAL_1, .min = 0, .max = 1, .axis = true, .fallback = "0", .used_by = USED_BY_RETRIEVE,
	 .meaning = "share of the start's pixels that are reversed"},
	{"retrieve.occlusion", REAL_1, .min = 0, .max = 1, .axis = true, .fallback = "0", .used_by = USED_BY_RETRIEVE,
	 .meaning = "share of the picture, from below, that is set to -1"},
	{"retrieve.pictures", WHOLE, .min = 0, .max = 1000, .fallback = "10", .used_by = USED_BY_RETRIEVE,
	 .meaning = "starts and answers to keep as pictures, the first ones"},
	{"retrieve.seed", WHOLE, .min = 0, .max = 9007199254740992, .fallback = "1", .used_by = USED_BY_RETRIEVE,
	 .meaning = "of all random numbers"},

	{"run.output", TEXT, .used_by = USED_BY_ALL, .meaning = "output file (HDF5)"},
	{"run.checkpoint_interval", SECONDS, .min = 0, .max = 1e9, .min_open = true, .fallback = "600",
	 .used_by = USED_BY_ALL, .meaning = "between checkpoints (OUTPUT.ckpt)"},
	{"run.wall_time", SECONDS, .min = 0, .max = 1e9, .fallback = "0", .used_by = USED_BY_ALL,
	 .meaning = "stop in good order before that time; 0: no limit but Slurm's"},
	{"run.extendable", WORD(truth_word), .fallback = "false", .used_by = USED_BY_ALL,
	 .meaning = "keep the checkpoint when done: --resume can ask for more"},
	{"run.kernel", WORD(kernel_word), .fallback = "auto", .used_by = USED_BY_ALL,
	 .meaning = "how sums are computed; auto: the best here"},
};
/* clang-format on */

const int key_count = sizeof keys / sizeof keys[0];

const char *key_short(const struct key *key)
{
	const char *dot = strchr(key->name, '.');
	return dot ? dot + 1 : key->name;
}

bool key_is_section(const char *name)
{
	size_t n = strlen(name);
	for (int i = 0; i < key_count; i++)
		if (strncmp(keys[i].name, name, n) == 0 && keys[i].name[n] == '.')
			return true;
	return false;
}

int key_find(bool *swept, const char *name)
{
	bool in_sweep = strncmp(name, "sweep.", 6) == 0;
	if (swept)
		*swept = in_sweep;
	for (int i = 0; i < key_count; i++)
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
	for (int i = 0; i < key_count; i++)
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
	if (key->size == sizeof(int) && max > INT_MAX)
		max = INT_MAX;
	return isfinite(x) && (key->min_open ? x > key->min : x >= key->min) && (key->max_open ? x < max : x <= max);
}

static void interval(char *buffer, size_t size, const struct key *key)
{
	char min[32], max[32];
	range_spell_number(min, sizeof min, key->min);
	range_spell_number(max, sizeof max, key->max);
	if (isinf(key->max))
		snprintf(buffer, size, "%s %s", key->min_open ? ">" : ">=", min);
	else
		snprintf(buffer, size, "in %c%s, %s%c", key->min_open ? '(' : '[', min, max, key->max_open ? ')' : ']');
}

static void words(char *buffer, size_t size, const struct key *key, const char *separator)
{
	size_t n = 0;
	*buffer = '\0';
	for (int i = 0; key->words(i) && n < size; i++)
		n += (size_t)snprintf(buffer + n, size - n, "%s%s", i ? separator : "", key->words(i));
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
	fprintf(f, "%-23s %-7s %-4s %-*s %-9s %-8s %s\n", name, type, unit, RANGE_WIDTH, range, fallback, used_by, meaning);
}

static void print_users(char *buffer, size_t size, const struct key *key)
{
	size_t n = 0;
	snprintf(buffer, size, "all");
	for (size_t u = 0; u < sizeof users / sizeof users[0] && n < size && key->used_by != (unsigned)USED_BY_ALL; u++)
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
	print_row(f, key->name, key_type_name(key), key->unit, wide ? "" : range, key->fallback ? key->fallback : "-",
	          user, meaning);
}

void keys_print(FILE *f, unsigned used_by)
{
	print_row(f, "key", "type", "unit", "range", "default", "used by", "meaning");
	for (int i = 0; i < key_count; i++)
		if (keys[i].used_by & used_by)
			print_key(f, &keys[i]);
	fprintf(f, "\n[axis]: may stand in sweep instead of its section.  Keys of sweep take start:stop:step (value i is start + "
	           "i*step,\nthe end counts within step/2), lin:a:b:n, log:a:b:n, [a, b, ...] or one value; each is a "
	           "dimension of the\noutput, in the order of the deck.\n");
}
