/* The answers of a retrieval as variables of the output and as a table; the contract is in retrieve.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/jobs/retrieve_tasks.h"
#include "src/jobs/table.h"

/* --- means of the starts of a point */

struct mean {
	const char *name, *long_name;
	double (*of)(const struct answer *, int class);
	bool error;        /* has a standard error */
	bool unsupervised; /* is there only then */
};

static double accuracy(const struct answer *a, int class)
{
	return a->predicted == class;
}

static double accuracy_nearest(const struct answer *a, int class)
{
	return a->nearest == class;
}

static double accuracy_overlap(const struct answer *a, int class)
{
	return a->overlap == class;
}

static double accuracy_example(const struct answer *a, int class)
{
	return a->example == class;
}

static double accuracy_nearest_example(const struct answer *a, int class)
{
	return a->nearest_example == class;
}

static double m(const struct answer *a, int class)
{
	(void)class;
	return a->m;
}

static double n(const struct answer *a, int class)
{
	(void)class;
	return a->n;
}

static double m_start(const struct answer *a, int class)
{
	(void)class;
	return a->m_start;
}

static double converged(const struct answer *a, int class)
{
	(void)class;
	return a->converged;
}

static double sweeps(const struct answer *a, int class)
{
	(void)class;
	return a->sweeps;
}

static double ties(const struct answer *a, int class)
{
	(void)class;
	return a->tie;
}

static const struct mean means[] = {
	{"accuracy",
         "share of the starts whose answer has its largest overlap with the sign of its own archetype",
         accuracy, true, false},
	{"accuracy_nearest",
         "baseline: the start has its largest overlap with its own archetype, all minus their mean over the "
         "classes and "
         "normalised by the rms",
         accuracy_nearest, false, false},
	{"accuracy_overlap",
         "baseline: the start has its largest overlap with its own archetype, normalised by the rms",
         accuracy_overlap, false, false},
	{"accuracy_example", "share of the starts whose answer is most like an example of its own class",
         accuracy_example, true, true},
	{"accuracy_nearest_example", "baseline: the start is most like an example of its own class",
         accuracy_nearest_example, false, true},
	{"m", "overlap of the answer with the sign of its own archetype", m, true, false},
	{"n", "overlap of the answer with its own archetype, normalised by the rms", n, false, false},
	{"m_start", "overlap of the start with the sign of its own archetype", m_start, false, false},
	{"converged", "share of the starts that reached a fixed point", converged, false, false},
	{"sweeps", "mean number of sweeps, the last one changes nothing where a fixed point is reached",
         sweeps, false, false},
	{"ties", "share of the answers whose largest overlap is that of several classes; the first is taken",
         ties, false, false},
};

enum { MEANS = sizeof means / sizeof means[0] };

static double mean_at(double *error, const struct retrieve *r, const struct answer *answers, size_t point,
                      const struct mean *what)
{
	const struct answer *a = answers + point * (size_t)r->starts;
	double sum = 0, squares = 0, count = (double)r->starts;

	for (long k = 0; k < r->starts; k++) {
		double x = what->of(&a[k], retrieve_class(r, k));
		sum += x;
		squares += x * x;
	}
	double mean = sum / count, variance = squares / count - mean * mean;
	*error = count > 1 && variance > 0 ? sqrt(variance / (count - 1)) : 0;
	return mean;
}

static bool is_there(const struct retrieve *r, int i)
{
	return r->unsupervised || !means[i].unsupervised;
}

/* --- the file */

/* Memory that must live until the file is written. */
struct retrieve_columns {
	void *memory[64];
	int used;
};

static void *keep(struct retrieve_columns *c, size_t count, size_t size, struct err *err)
{
	void *p = calloc(count ? count : 1, size);
	if (p)
		c->memory[c->used++] = p;
	else
		err_set(err, EXIT_FAILED, "mattis retrieve: out of memory for the results");
	return p;
}

void retrieve_forget(struct retrieve_columns *c)
{
	for (int i = 0; c && i < c->used; i++)
		free(c->memory[i]);
	free(c);
}

struct report {
	struct retrieve_columns *columns;
	struct dataset *dataset;
	struct retrieve *r;
	const struct answer *answers;
	const char *dims[MAX_AXES + 2];
	int axes;
	size_t points, starts;
	struct err *err;
};

static void store_means(struct report *p)
{
	char name[64], long_name[96];

	for (int i = 0; i < MEANS; i++) {
		if (!is_there(p->r, i))
			continue;
		double *value = keep(p->columns, p->points, sizeof *value, p->err);
		double *error = keep(p->columns, p->points, sizeof *error, p->err);
		if (!value || !error)
			return;
		for (size_t k = 0; k < p->points; k++)
			value[k] = mean_at(&error[k], p->r, p->answers, k, &means[i]);
		store_variable(p->dataset, means[i].name, DATASET_DOUBLE, p->axes, p->dims, value, "1",
		               means[i].long_name, NULL);
		if (!means[i].error)
			continue;
		snprintf(name, sizeof name, "%s_error", means[i].name);
		snprintf(long_name, sizeof long_name, "standard error of %s over the starts", means[i].name);
		store_variable(p->dataset, name, DATASET_DOUBLE, p->axes, p->dims, error, "1", long_name, NULL);
	}
}

static void store_confusion(struct report *p)
{
	const struct images *s = &p->r->images;
	size_t K = (size_t)s->classes;
	int32_t *count = keep(p->columns, p->points * K * K, sizeof *count, p->err);
	double label[MAX_CLASSES];

	for (size_t c = 0; c < K; c++)
		label[c] = s->label[c];
	store_axis(p->dataset, "class", K, label, "1", "label of the class");
	store_axis(p->dataset, "predicted_class", K, label, "1", "label that the answer is given");
	p->dims[p->axes] = "class";
	p->dims[p->axes + 1] = "predicted_class";
	for (size_t k = 0; count && k < p->points * p->starts; k++) {
		size_t class = (size_t)retrieve_class(p->r, (long)(k % p->starts)),
		       given = (size_t)p->answers[k].predicted;
		count[(k / p->starts * K + class) * K + given]++;
	}
	if (count)
		store_variable(p->dataset, "confusion", DATASET_INT32, p->axes + 2, p->dims, count, NULL,
		               "starts of a class given that label", NULL);
}

/* Every start: its label, what it was taken for, its overlap. */
static void store_starts(struct report *p)
{
	size_t all = p->points * p->starts;
	double *number = keep(p->columns, p->starts, sizeof *number, p->err),
	       *overlap = keep(p->columns, all, sizeof *overlap, p->err);
	int32_t *label = keep(p->columns, p->starts, sizeof *label, p->err),
		*given = keep(p->columns, all, sizeof *given, p->err);
	int32_t *count = keep(p->columns, all, sizeof *count, p->err),
		*example = keep(p->columns, p->r->unsupervised ? all : 0, sizeof *example, p->err);
	const char *image = "images/image";

	if (p->err->code)
		return;
	for (size_t k = 0; k < p->starts; k++) {
		number[k] = (double)retrieve_number(p->r, (long)k);
		label[k] = p->r->images.label[retrieve_class(p->r, (long)k)];
	}
	for (size_t k = 0; k < all; k++) {
		overlap[k] = p->answers[k].m;
		given[k] = p->r->images.label[p->answers[k].predicted];
		count[k] = p->answers[k].sweeps;
		if (p->r->unsupervised)
			example[k] = p->r->images.label[p->answers[k].example];
	}
	store_axis(p->dataset, image, p->starts, number, "1", "number in the file of test images, from 0");
	p->dims[p->axes] = "image";
	store_variable(p->dataset, "images/label", DATASET_INT32, 1, p->dims + p->axes, label, NULL, "label",
	               NULL);
	store_variable(p->dataset, "images/predicted", DATASET_INT32, p->axes + 1, p->dims, given, NULL,
	               "label that the answer is given", NULL);
	if (p->r->unsupervised)
		store_variable(p->dataset, "images/predicted_example", DATASET_INT32, p->axes + 1, p->dims,
		               example, NULL, "label of the stored example most like the answer", NULL);
	store_variable(p->dataset, "images/m", DATASET_DOUBLE, p->axes + 1, p->dims, overlap, "1",
	               "overlap of the answer with its archetype", NULL);
	store_variable(p->dataset, "images/sweeps", DATASET_INT32, p->axes + 1, p->dims, count, NULL, "sweeps",
	               NULL);
}

/* What was made of the pictures: thresholds, kept pixels, examples. */
static void store_preparation(struct report *p)
{
	const struct images *s = &p->r->images;
	size_t pixels = (size_t)s->height * (size_t)s->width, N = (size_t)s->N, K = (size_t)s->classes,
	       most = (size_t)s->most;
	size_t longest = (size_t)s->height > (size_t)s->width ? (size_t)s->height : (size_t)s->width;
	longest = longest > N ? longest : N;
	longest = longest > most ? longest : most;
	double *counted = keep(p->columns, longest, sizeof *counted, p->err),
	       *place = keep(p->columns, N, sizeof *place, p->err);
	int8_t *kept = keep(p->columns, pixels, sizeof *kept, p->err);
	int32_t *index = keep(p->columns, K * most, sizeof *index, p->err);
	static const char *const picture[] = {"row", "column"}, *const examples[] = {"class", "example"};

	if (p->err->code)
		return;
	for (size_t i = 0; i < longest; i++)
		counted[i] = (double)i;
	for (size_t i = 0; i < N; i++) {
		place[i] = s->pixel[i];
		kept[s->pixel[i]] = 1;
	}
	for (size_t i = 0; i < K * most; i++)
		index[i] = (int32_t)s->example_index[i];
	store_axis(p->dataset, "pixel", N, place, "1", "kept pixel: row * width + column");
	store_axis(p->dataset, "preparation/row", (size_t)s->height, counted, "1", "row of the picture");
	store_axis(p->dataset, "preparation/column", (size_t)s->width, counted, "1", "column of the picture");
	store_axis(p->dataset, "preparation/example", most, counted, "1", "example of its class");
	store_variable(p->dataset, "preparation/kept", DATASET_INT8, 2, picture, kept, NULL,
	               "1: the pixel is a spin", NULL);
	if (s->threshold)
		store_variable(p->dataset, "preparation/threshold", DATASET_DOUBLE, 2, picture, s->threshold, "1",
		               "the spin is +1 where the value is larger", NULL);
	store_variable(p->dataset, "preparation/example_index", DATASET_INT32, 2, examples, index, NULL,
	               "number in the file of training images, from 0; the first M are learned", NULL);
}

/* The archetypes at every M: [M][class][pixel], or without the first where M is not an axis. */
static void store_archetypes(struct report *p)
{
	const struct grid *grid = p->r->grid;
	const char *dims[3] = {"M", "class", "pixel"};
	size_t K = (size_t)p->r->images.classes, N = (size_t)p->r->images.N, count = 1;
	const double *M = NULL, alone = (double)retrieve_point(grid, 0).M;

	for (int a = 0; a < grid->axes; a++)
		if (strcmp(grid->axis[a].name, "M") == 0 &&
		    deck_word(grid->deck, "model.learning") != STORAGE) {
			M = grid->axis[a].value;
			count = grid->axis[a].count;
		}
	double *value = keep(p->columns, count * K * N, sizeof *value, p->err);
	for (size_t k = 0; value && k < count; k++) {
		if (retrieve_memories(p->r, (long)(M ? M[k] : alone), p->err))
			return;
		for (size_t c = 0; c < K; c++)
			memcpy(value + (k * K + c) * N,
			       p->r->memories->archetype + c * p->r->memories->stride, N * sizeof *value);
	}
	if (value)
		store_variable(p->dataset, "preparation/archetype", DATASET_DOUBLE, M ? 3 : 2, dims + !M, value,
		               "1", "mean of the examples, normalised by the rms", NULL);
}

/* The first starts and their answers, computed once more: a start's numbers depend on nothing but the point. */
static void store_pictures(struct report *p)
{
	struct retrieve *r = p->r;
	size_t N = (size_t)r->images.N, each = (size_t)r->pictures, all = p->points * each;
	int8_t *start = keep(p->columns, all * N, sizeof *start, p->err);
	double *final = keep(p->columns, all * N, sizeof *final, p->err),
	       *number = keep(p->columns, each, sizeof *number, p->err);
	struct answer again[RETRIEVAL_BLOCK];

	if (each == 0 || p->err->code)
		return;
	for (size_t k = 0; k < each; k++)
		number[k] = (double)retrieve_number(r, (long)k);
	for (size_t point = 0; point < p->points; point++)
		for (long first = 0; first < r->pictures; first += RETRIEVAL_BLOCK) {
			long left = r->pictures - first;
			size_t at = (point * each + (size_t)first) * N;
			if (retrieve_block(r, point, first,
			                   left < RETRIEVAL_BLOCK ? (int)left : RETRIEVAL_BLOCK, again,
			                   start + at, final + at, NULL, p->err))
				return;
		}
	store_axis(p->dataset, "pictures/picture", each, number, "1",
	           "number in the file of test images, from 0");
	p->dims[p->axes] = "picture";
	p->dims[p->axes + 1] = "pixel";
	store_variable(p->dataset, "pictures/start", DATASET_INT8, p->axes + 2, p->dims, start, NULL,
	               "spins of the start", NULL);
	store_variable(p->dataset, "pictures/answer", DATASET_DOUBLE, p->axes + 2, p->dims, final, "1",
	               "the answer: spins, or their mean values", NULL);
}

int retrieve_store(struct retrieve_columns **memory, struct dataset *dataset, struct retrieve *r,
                   const struct answer *answers, struct err *err)
{
	struct report p = {.dataset = dataset,
	                   .r = r,
	                   .answers = answers,
	                   .axes = r->grid->axes,
	                   .points = r->grid->points,
	                   .starts = (size_t)r->starts,
	                   .err = err};

	*memory = p.columns = calloc(1, sizeof *p.columns);
	if (!p.columns)
		return err_set(err, EXIT_FAILED, "mattis retrieve: out of memory");
	for (int a = 0; a < p.axes; a++) {
		const struct axis *axis = &r->grid->axis[a];
		store_axis(dataset, axis->name, axis->count, axis->value, axis->key->unit, axis->key->meaning);
		p.dims[a] = axis->name;
	}
	store_means(&p);
	store_confusion(&p);
	store_starts(&p);
	store_preparation(&p);
	store_archetypes(&p);
	store_pictures(&p);
	return err->code;
}

/* --- the table */

void retrieve_table(FILE *f, const char *path, const struct retrieve *r, const struct answer *answers)
{
	const struct grid *grid = r->grid;
	double error;

	table_head(f, grid->deck);
	fprintf(f, "# %d classes, %d of %d x %d pixels, %ld starts per point\n", r->images.classes,
	        r->images.N, r->images.height, r->images.width, r->starts);
	if (grid->points <= TABLE_LONGEST) {
		fprintf(f, "#");
		for (int a = 0; a < grid->axes; a++)
			fprintf(f, " %9s", grid->axis[a].name);
		for (int i = 0; i < MEANS; i++)
			if (is_there(r, i))
				fprintf(f, " %*s",
				        (int)strlen(means[i].name) > 9 ? (int)strlen(means[i].name) : 9,
				        means[i].name);
		fprintf(f, "\n");
	}
	for (size_t point = 0; point < grid->points && grid->points <= TABLE_LONGEST; point++) {
		fprintf(f, " ");
		for (int a = 0; a < grid->axes; a++)
			fprintf(f, " %9.6g", grid->axis[a].value[grid_coordinate(grid, a, point)]);
		for (int i = 0; i < MEANS; i++)
			if (is_there(r, i))
				fprintf(f, " %*.6g",
				        (int)strlen(means[i].name) > 9 ? (int)strlen(means[i].name) : 9,
				        mean_at(&error, r, answers, point, &means[i]));
		fprintf(f, "\n");
	}
	if (path)
		fprintf(f, "# %zu points in %s\n", grid->points, path);
}
