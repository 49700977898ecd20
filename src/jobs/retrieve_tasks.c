/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/retrieve_tasks.h"

#include <stdlib.h>
#include <string.h>

enum { PER_CLASS = 100 }; /* starts from archetypes or noise when the deck gives no number */

/* --- the deck */

static int refuse(const struct retrieve *r, const struct fault *fault, struct err *err)
{
	return deck_fault_of(r->grid->deck, "images", fault, err);
}

/* Returns the value of a key at a point, whether it is an axis or not. */
static double value_at(const struct grid *grid, const char *name, size_t point)
{
	for (int a = 0; a < grid->axes; a++)
		if (strcmp(grid->axis[a].key->name, name) == 0)
			return grid->axis[a].value[grid_coordinate(grid, a, point)];
	return deck_real(grid->deck, name);
}

struct retrieve_point retrieve_point(const struct grid *grid, size_t point)
{
	bool storage = deck_word(grid->deck, "model.learning") == STORAGE;

	return (struct retrieve_point){.P = (int)value_at(grid, "model.P", point),
	                               .M = storage ? 1 : (long)value_at(grid, "model.M", point),
	                               .T = value_at(grid, "sweep.T", point),
	                               .flips = value_at(grid, "retrieve.flips", point),
	                               .occlusion = value_at(grid, "retrieve.occlusion", point)};
}

long retrieve_largest_M(const struct deck *deck)
{
	const struct range *M = &deck->value[key_find(NULL, "model.M")].range;
	return deck_word(deck, "model.learning") == STORAGE ? 1 : (long)range_value(M, M->count - 1);
}

void retrieve_folder(char *buffer, size_t size, const struct deck *deck)
{
	const char *set = deck_text(deck, "images.set");
	*buffer = '\0';
	if (set)
		snprintf(buffer, size, "%s/%s", deck_text(deck, "images.folder"), set);
}

/* "0 3 8" */
static int read_classes(struct preparation *p, const struct deck *deck, struct err *err)
{
	const char *text = deck_text(deck, "images.classes");
	int key = key_find(NULL, "images.classes"), last = -1;

	for (char *end; text && *text; text = end) {
		long label = strtol(text, &end, 10);
		if (end == text || label < 0 || label > 255 || (*end && *end != ' ' && *end != ','))
			return deck_fault(deck, key, err, "must be labels from 0 to 255 with blanks between");
		if (label <= last)
			return deck_fault(deck, key, err, "must be increasing (%ld after %d)", label, last);
		p->label[p->classes++] = last = (int)label;
		while (*end == ' ' || *end == ',')
			end++;
	}
	return 0;
}

static int check_dynamics(const struct retrieve *r, const struct deck *deck, struct err *err)
{
	const struct grid *grid = r->grid;
	struct retrieve_point low = retrieve_point(grid, 0),
			      high = retrieve_point(grid, grid->points - 1); /* axes increase */

	if (r->dynamics == RETRIEVAL_PLEFKA && !(low.T > 0))
		return deck_fault(deck, key_find(NULL, "sweep.T"), err, "must be > 0 with field: plefka");
	if (r->dynamics != RETRIEVAL_PARALLEL && high.P > RETRIEVAL_DEGREE)
		return deck_fault(deck, key_find(NULL, "model.P"), err,
		                  "must be at most %d but with dynamics: parallel", RETRIEVAL_DEGREE);
	if (r->unsupervised && r->decorrelate != DECORRELATE_NONE)
		return deck_fault(deck, key_find(NULL, "images.decorrelate"), err,
		                  "only with learning: supervised or storage, whose rows are the archetypes");
	if (high.T > 0 && r->sweeps < 2 && r->dynamics != RETRIEVAL_PLEFKA)
		return deck_fault(deck, key_find(NULL, "retrieve.sweeps"), err,
		                  "must be at least 2 at T > 0");
	return 0;
}

static int read_images(struct retrieve *r, const struct deck *deck, const struct preparation *prep,
                       struct err *err)
{
	const char *path = deck_text(deck, "model.data");
	char folder[4000];
	struct fault fault;
	struct npy data;
	int code;

	if (path) {
		code = npy_read(&data, path, &fault);
		if (code == 0) {
			code = images_take(&r->images, &data, prep, &fault);
			npy_free(&data);
		}
	} else {
		retrieve_folder(folder, sizeof folder, deck);
		code = images_read(&r->images, folder, prep, &fault);
		if (code && strstr(fault.why, "no such file"))
			return deck_fault(deck, key_find(NULL, "images.set"), err,
			                  "%s; scripts/fetch-datasets downloads the sets", fault.why);
	}
	return code ? refuse(r, &fault, err) : 0;
}

int retrieve_init(struct retrieve *r, const struct grid *grid, struct err *err)
{
	const struct deck *deck = grid->deck;
	long tests = deck_has(deck, "images.tests") ? (long)deck_integer(deck, "images.tests") : 0;

	*r = (struct retrieve){.grid = grid,
	                       .unsupervised = deck_word(deck, "model.learning") == UNSUPERVISED,
	                       .decorrelate = (enum decorrelate)deck_word(deck, "images.decorrelate"),
	                       .dynamics = deck_word(deck, "retrieve.field")      ? RETRIEVAL_PLEFKA
	                                   : deck_word(deck, "retrieve.dynamics") ? RETRIEVAL_SEQUENTIAL
	                                                                          : RETRIEVAL_PARALLEL,
	                       .start = deck_word(deck, "retrieve.start"),
	                       .sweeps = (long)deck_integer(deck, "retrieve.sweeps"),
	                       .pictures = (long)deck_integer(deck, "retrieve.pictures"),
	                       .seed = (uint64_t)deck_integer(deck, "retrieve.seed"),
	                       .kernel = deck_text(deck, "run.kernel")};
	struct preparation prep = {.threshold = (enum threshold)deck_word(deck, "images.threshold"),
	                           .level = deck_real(deck, "images.level"),
	                           .variance = deck_real(deck, "images.variance"),
	                           .random = deck_word(deck, "images.examples"),
	                           .seed = r->seed,
	                           .most = retrieve_largest_M(deck),
	                           .tests = r->start == KEY_START_IMAGE ? tests : 0};
	if (read_classes(&prep, deck, err) || check_dynamics(r, deck, err) ||
	    read_images(r, deck, &prep, err))
		return err->code;
	if (r->start == KEY_START_IMAGE && r->images.tests == 0)
		return deck_fault(deck, key_find(NULL, "model.data"), err,
		                  "all examples are learned and none is left to start from: give M, or "
		                  "start: archetype");
	r->starts = r->start == KEY_START_IMAGE ? r->images.tests
	            : tests                     ? tests
	                                        : (long)r->images.classes * PER_CLASS;
	if (r->pictures > r->starts)
		r->pictures = r->starts;
	r->blocks = ((size_t)r->starts + RETRIEVAL_BLOCK - 1) / RETRIEVAL_BLOCK;
	r->tasks = r->blocks * grid->points;
	return 0;
}

void retrieve_free(struct retrieve *r)
{
	retrieval_free(r->space);
	memories_free(r->memories);
	images_free(&r->images);
	free(r->value);
	*r = (struct retrieve){0};
}

/* --- starts */

int retrieve_class(const struct retrieve *r, long k)
{
	return r->start == KEY_START_IMAGE ? r->images.test_class[k] : (int)(k % r->images.classes);
}

long retrieve_number(const struct retrieve *r, long k)
{
	return r->start == KEY_START_IMAGE ? r->images.test_index[k] : k;
}

/* Sets start k.  The random numbers do not depend on the point: a pixel that is flipped at a small rate is
 * so at a larger one. */
static void make_start(double *s, const struct retrieve *r, long k, const struct retrieve_point *p)
{
	const struct images *images = &r->images;
	const struct rng_key key = rng_dynamics(r->seed, NULL, 0, (uint64_t)retrieve_number(r, k), 0);
	const double visible = (1 - p->occlusion) * images->height * images->width;

	for (int i = 0; i < images->N; i++) {
		if (r->start == KEY_START_IMAGE)
			s[i] = images->test[k * images->N + i];
		else if (r->start == KEY_START_ARCHETYPE)
			s[i] = r->memories
			               ->sign[(size_t)retrieve_class(r, k) * r->memories->stride + (size_t)i];
		else
			s[i] = rng_uniform(key, 1, (uint32_t)i, RNG_START) < 0.5 ? -1 : 1;
		if (p->flips > 0 && rng_uniform(key, 0, (uint32_t)i, RNG_START) < p->flips)
			s[i] = -s[i];
		if (images->pixel[i] >= visible)
			s[i] = -1;
	}
}

/* --- work */

int retrieve_memories(struct retrieve *r, long M, struct err *err)
{
	struct fault fault;

	if (r->memories && r->memories->M == M)
		return 0;
	retrieval_free(r->space);
	memories_free(r->memories);
	free(r->value);
	r->space = NULL;
	r->memories = NULL;
	r->value = NULL;
	if (memories_alloc(&r->memories, &r->images, M, r->unsupervised, r->decorrelate,
	                   r->dynamics != RETRIEVAL_PARALLEL, &fault) ||
	    retrieval_alloc(&r->space, r->memories, r->kernel, &fault))
		return refuse(r, &fault, err);
	r->value = aligned_alloc(64, RETRIEVAL_BLOCK * r->memories->stride * sizeof *r->value);
	return r->value ? 0 : err_set(err, EXIT_FAILED, "mattis retrieve: out of memory");
}

/* Returns the class of the largest overlap with pattern[classes][stride], of equal ones the first; *tie:
 * are there several? */
static int largest(int8_t *tie, const struct retrieve *r, const double *pattern, const double *v)
{
	const struct memories *m = r->memories;
	double best = 0;
	int found = 0;

	for (int c = 0; c < m->classes; c++) {
		double x = retrieval_dot(r->space, pattern + (size_t)c * m->stride, v);
		if (c == 0 || x > best) {
			best = x;
			found = c;
			*tie = 0;
		} else if (x == best) {
			*tie = 1;
		}
	}
	return found;
}

static void measure_start(struct retrieve_result *a, const struct retrieve *r, int class, const double *s)
{
	const struct memories *m = r->memories;
	int8_t tie;

	a->m_start = retrieval_dot(r->space, m->sign + (size_t) class * m->stride, s) / m->N;
	a->nearest = (int16_t)largest(&tie, r, m->nearest, s);
	a->overlap = (int16_t)largest(&tie, r, m->archetype, s);
}

static void measure_end(struct retrieve_result *a, const struct retrieve *r, int class, const double *s,
                        const struct retrieved *done)
{
	const struct memories *m = r->memories;

	a->m = retrieval_dot(r->space, m->sign + (size_t) class * m->stride, s) / m->N;
	a->n = retrieval_dot(r->space, m->archetype + (size_t) class * m->stride, s) / m->N;
	a->predicted = (int16_t)largest(&a->tie, r, m->sign, s);
	a->sweeps = (int32_t)done->sweeps;
	a->converged = (int8_t)done->converged;
}

/* Unsupervised: classifies the spins in r->value by the stored example most like them. */
static void measure_examples(struct retrieve_result *results, struct retrieve *r, int count, bool start)
{
	long row[RETRIEVAL_BLOCK];

	if (!r->unsupervised)
		return;
	retrieval_best_rows(r->space, count, r->value, row);
	for (int k = 0; k < count; k++)
		*(start ? &results[k].nearest_example : &results[k].example) =
			(int16_t)(row[k] / r->memories->M);
}

struct retrieve_block retrieve_block(const struct retrieve *r, size_t task)
{
	struct retrieve_block block = {.point = task / r->blocks,
	                               .first = (long)(task % r->blocks) * RETRIEVAL_BLOCK};
	const long left = r->starts - block.first;
	block.count = left < RETRIEVAL_BLOCK ? (int)left : RETRIEVAL_BLOCK;
	return block;
}

int retrieve_compute(struct retrieve *r, const struct retrieve_block *block, struct retrieve_result *results,
                     const struct retrieve_spins *spins, const struct tick *tick, struct err *err)
{
	const struct retrieve_point p = retrieve_point(r->grid, block->point);
	const struct retrieval how = {.dynamics = r->dynamics, .P = p.P, .T = p.T, .sweeps = r->sweeps};
	const double values[] = {p.P, (double)p.M, p.T, p.flips, p.occlusion};
	struct rng_key key[RETRIEVAL_BLOCK];
	struct retrieved done[RETRIEVAL_BLOCK];

	if (retrieve_memories(r, p.M, err))
		return err->code;
	const size_t stride = r->memories->stride;
	const int N = r->images.N;
	memset(r->value, 0, RETRIEVAL_BLOCK * stride * sizeof *r->value);
	for (int k = 0; k < block->count; k++) {
		const long start = block->first + k;
		double *s = r->value + (size_t)k * stride;
		make_start(s, r, start, &p);
		measure_start(&results[k], r, retrieve_class(r, start), s);
		key[k] = rng_dynamics(r->seed, values, 5, (uint64_t)retrieve_number(r, start), 1);
		for (int i = 0; spins && i < N; i++)
			spins->start[(long)k * N + i] = (int8_t)s[i];
	}
	measure_examples(results, r, block->count, true);
	int code = retrieval_run(r->space, &how, block->count, r->value, key, done, tick);
	if (code)
		return code < 0 ? err_set(err, EXIT_FAILED, "mattis retrieve: out of memory")
		                : err_set(err, EXIT_STOPPED, "mattis retrieve: stopped");
	measure_examples(results, r, block->count, false);
	for (int k = 0; k < block->count; k++) {
		const double *s = r->value + (size_t)k * stride;
		measure_end(&results[k], r, retrieve_class(r, block->first + k), s, &done[k]);
		if (spins)
			memcpy(spins->final + (long)k * N, s, (size_t)N * sizeof *spins->final);
	}
	return 0;
}
