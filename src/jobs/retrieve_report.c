/* The results of a retrieval as columns of the output and as a table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/file/dataset_table.h"
#include "src/jobs/retrieve_tasks.h"
#include "src/jobs/table.h"

/* --- means over the starts of a point */

/* clang-format off */
enum mean {
	ACCURACY, ACCURACY_NEAREST, ACCURACY_OVERLAP, ACCURACY_EXAMPLE, ACCURACY_NEAREST_EXAMPLE,
	MEAN_M, MEAN_N, MEAN_M_START, CONVERGED_STARTS, SWEEPS, TIES, MEANS
};

static const struct {
	const char *name, *long_name;
	bool error;        /* has a standard error */
	bool unsupervised; /* of unsupervised learning only */
} means[MEANS] = {
	[ACCURACY] = {"accuracy",
	              "fraction of the starts whose result has its largest overlap with the sign of its own "
	              "archetype",
	              .error = true},
	[ACCURACY_NEAREST] = {.name = "accuracy_nearest",
	                      "baseline: the start has its largest overlap with its own archetype, all minus "
	                      "their mean over the classes and normalised by the rms"},
	[ACCURACY_OVERLAP] = {.name = "accuracy_overlap",
	                      "baseline: the start has its largest overlap with its own archetype, "
	                      "normalised by the rms"},
	[ACCURACY_EXAMPLE] = {"accuracy_example",
	                      "fraction of the starts whose result is most like an example of its own class",
	                      .error = true, .unsupervised = true},
	[ACCURACY_NEAREST_EXAMPLE] = {"accuracy_nearest_example",
	                              "baseline: the start is most like an example of its own class",
	                              .unsupervised = true},
	[MEAN_M] = {"m", "overlap of the result with the sign of its own archetype", .error = true},
	[MEAN_N] = {.name = "n", "overlap of the result with its own archetype, normalised by the rms"},
	[MEAN_M_START] = {.name = "m_start", "overlap of the start with the sign of its own archetype"},
	[CONVERGED_STARTS] = {.name = "converged", "fraction of the starts that reached a fixed point"},
	[SWEEPS] = {.name = "sweeps",
	            "mean number of sweeps; the last one changes nothing if a fixed point was reached"},
	[TIES] = {.name = "ties",
	          "fraction of the results whose largest overlap is that of several classes; the first is "
	          "taken"},
};
/* clang-format on */

static double value_of(enum mean which, const struct retrieve_result *a, int class)
{
	const double value[MEANS] = {[ACCURACY] = a->predicted == class,
	                             [ACCURACY_NEAREST] = a->nearest == class,
	                             [ACCURACY_OVERLAP] = a->overlap == class,
	                             [ACCURACY_EXAMPLE] = a->example == class,
	                             [ACCURACY_NEAREST_EXAMPLE] = a->nearest_example == class,
	                             [MEAN_M] = a->m,
	                             [MEAN_N] = a->n,
	                             [MEAN_M_START] = a->m_start,
	                             [CONVERGED_STARTS] = a->converged,
	                             [SWEEPS] = a->sweeps,
	                             [TIES] = a->tie};
	return value[which];
}

static double mean_at(double *error, const struct retrieve *r, const struct retrieve_result *results,
                      size_t point, enum mean which)
{
	const struct retrieve_result *a = results + point * (size_t)r->starts;
	double sum = 0, squares = 0, count = (double)r->starts;

	for (long k = 0; k < r->starts; k++) {
		double x = value_of(which, &a[k], retrieve_class(r, k));
		sum += x;
		squares += x * x;
	}
	double mean = sum / count, variance = squares / count - mean * mean;
	*error = count > 1 && variance > 0 ? sqrt(variance / (count - 1)) : 0;
	return mean;
}

static void report_means(struct dataset *dataset, const struct retrieve *r,
                         const struct retrieve_result *results)
{
	char name[64], long_name[96];
	double no_error;

	for (enum mean i = 0; i < MEANS; i++) {
		if (means[i].unsupervised && !r->unsupervised)
			continue;
		snprintf(name, sizeof name, "%s_error", means[i].name);
		snprintf(long_name, sizeof long_name, "standard error of %s over the starts", means[i].name);
		double *value = dataset_add(
			dataset, COLUMN(.name = means[i].name, .dims = "*", .long_name = means[i].long_name));
		double *error = means[i].error ? dataset_add(dataset, COLUMN(.name = name, .dims = "*",
		                                                             .long_name = long_name))
		                               : NULL;
		for (size_t k = 0; value && k < r->grid->points; k++)
			value[k] = mean_at(error ? &error[k] : &no_error, r, results, k, i);
	}
}

/* --- the other columns.  If there is memory for the last of several, there is memory for all
 * (dataset_add). */

static void add_axis(struct dataset *dataset, const char *name, const char *long_name, size_t n,
                     const double *value)
{
	const struct column column = {.name = name, .long_name = long_name, .data = value};
	if (value)
		dataset_axis(dataset, &column, n);
	else
		dataset_axis_steps(dataset, &column, n, 0, 1);
}

/* Adds an axis of the first `count` starts, by their number in the file of test images. */
static int add_starts_axis(struct dataset *dataset, const struct retrieve *r, const char *name, long count,
                           struct err *err)
{
	double *number = malloc((size_t)count * sizeof *number);
	if (!number)
		return err_set(err, EXIT_FAILED, "mattis retrieve: out of memory for %ld starts", count);
	for (long k = 0; k < count; k++)
		number[k] = (double)retrieve_number(r, k);
	add_axis(dataset, name, "number in the file of test images, from 0", (size_t)count, number);
	free(number);
	return 0;
}

static void report_confusion(struct dataset *dataset, const struct retrieve *r,
                             const struct retrieve_result *results)
{
	const struct images *s = &r->images;
	const size_t K = (size_t)s->classes, starts = (size_t)r->starts;
	double label[MAX_CLASSES];

	for (size_t c = 0; c < K; c++)
		label[c] = s->label[c];
	add_axis(dataset, "class", "label of the class", K, label);
	add_axis(dataset, "predicted_class", "label that the result is given", K, label);
	int32_t *count = dataset_add(dataset, COLUMN(.name = "confusion", .type = DATASET_INT32,
	                                             .dims = "* class predicted_class",
	                                             .long_name = "starts of a class given that label"));
	for (size_t k = 0; count && k < r->grid->points * starts; k++) {
		size_t class = (size_t)retrieve_class(r, (long)(k % starts));
		count[(k / starts * K + class) * K + (size_t)results[k].predicted]++;
	}
}

/* Every start: its label, the label it is given, its overlap. */
static int report_starts(struct dataset *dataset, const struct retrieve *r,
                         const struct retrieve_result *results, struct err *err)
{
	const size_t starts = (size_t)r->starts, all = r->grid->points * starts;
	const int *label_of = r->images.label;
	int32_t *example = NULL;

	if (add_starts_axis(dataset, r, "images/image", r->starts, err))
		return err->code;
	int32_t *label = dataset_add(dataset, COLUMN(.name = "images/label", .type = DATASET_INT32,
	                                             .dims = "image", .long_name = "label"));
	int32_t *given = dataset_add(dataset, COLUMN(.name = "images/predicted", .type = DATASET_INT32,
	                                             .dims = "* image",
	                                             .long_name = "label that the result is given"));
	if (r->unsupervised)
		example = dataset_add(
			dataset,
			COLUMN(.name = "images/predicted_example", .type = DATASET_INT32, .dims = "* image",
		               .long_name = "label of the stored example most like the result"));
	double *overlap =
		dataset_add(dataset, COLUMN(.name = "images/m", .dims = "* image",
	                                    .long_name = "overlap of the result with its archetype"));
	int32_t *sweeps = dataset_add(dataset, COLUMN(.name = "images/sweeps", .type = DATASET_INT32,
	                                              .dims = "* image", .long_name = "sweeps"));
	for (size_t k = 0; sweeps && k < starts; k++)
		label[k] = label_of[retrieve_class(r, (long)k)];
	for (size_t k = 0; sweeps && k < all; k++) {
		overlap[k] = results[k].m;
		given[k] = label_of[results[k].predicted];
		sweeps[k] = results[k].sweeps;
		if (example)
			example[k] = label_of[results[k].example];
	}
	return 0;
}

/* How the images were prepared: thresholds, kept pixels, examples. */
static int report_preparation(struct dataset *dataset, const struct retrieve *r, struct err *err)
{
	const struct images *s = &r->images;
	const size_t N = (size_t)s->N, examples = (size_t)s->classes * (size_t)s->most;
	double *pixel = malloc(N * sizeof *pixel);

	if (!pixel)
		return err_set(err, EXIT_FAILED, "mattis retrieve: out of memory for %d pixels", s->N);
	for (size_t i = 0; i < N; i++)
		pixel[i] = s->pixel[i];
	add_axis(dataset, "pixel", "kept pixel: row * width + column", N, pixel);
	free(pixel);
	add_axis(dataset, "preparation/row", "row of the picture", (size_t)s->height, NULL);
	add_axis(dataset, "preparation/column", "column of the picture", (size_t)s->width, NULL);
	add_axis(dataset, "preparation/example", "example of its class", (size_t)s->most, NULL);
	int8_t *kept =
		dataset_add(dataset, COLUMN(.name = "preparation/kept", .type = DATASET_INT8,
	                                    .dims = "row column", .long_name = "1: the pixel is a spin"));
	if (s->threshold)
		dataset_add(dataset, COLUMN(.group = "preparation", .name = "threshold",
		                            .long_name = "the spin is +1 if the value is larger",
		                            .dims = "row column", .data = s->threshold));
	int32_t *index = dataset_add(
		dataset,
		COLUMN(.name = "preparation/example_index", .type = DATASET_INT32, .dims = "class example",
	               .long_name =
	                       "number in the file of training images, from 0; the first M are learned"));
	for (size_t i = 0; index && i < N; i++)
		kept[s->pixel[i]] = 1;
	for (size_t i = 0; index && i < examples; i++)
		index[i] = (int32_t)s->example_index[i];
	return 0;
}

/* The archetypes at every M: [M][class][pixel], or [class][pixel] if M is no axis. */
static int report_archetypes(struct dataset *dataset, struct retrieve *r, struct err *err)
{
	const struct grid *grid = r->grid;
	const size_t K = (size_t)r->images.classes, N = (size_t)r->images.N;
	const double one = (double)retrieve_point(grid, 0).M, *M = &one;
	size_t count = 1;
	bool axis = false;

	for (int a = 0; a < grid->axes; a++)
		if (strcmp(grid->axis[a].name, "M") == 0 &&
		    deck_word(grid->deck, "model.learning") != STORAGE) {
			M = grid->axis[a].value;
			count = grid->axis[a].count;
			axis = true;
		}
	double *value =
		dataset_add(dataset, COLUMN(.name = "preparation/archetype",
	                                    .dims = axis ? "M class pixel" : "class pixel",
	                                    .long_name = "mean of the examples, normalised by the rms"));
	for (size_t k = 0; value && k < count; k++) {
		if (retrieve_memories(r, (long)M[k], err))
			return err->code;
		for (size_t c = 0; c < K; c++)
			memcpy(value + (k * K + c) * N, r->memories->archetype + c * r->memories->stride,
			       N * sizeof *value);
	}
	return 0;
}

/* The first starts and their results, computed once more: they are the same because they depend on the
 * point and the start only. */
static int report_pictures(struct dataset *dataset, struct retrieve *r, struct err *err)
{
	const size_t N = (size_t)r->images.N, each = (size_t)r->pictures;
	struct retrieve_result again[RETRIEVAL_BLOCK];

	if (each == 0)
		return 0;
	if (add_starts_axis(dataset, r, "pictures/picture", r->pictures, err))
		return err->code;
	int8_t *start =
		dataset_add(dataset, COLUMN(.name = "pictures/start", .type = DATASET_INT8,
	                                    .dims = "* picture pixel", .long_name = "spins of the start"));
	double *final = dataset_add(dataset, COLUMN(.name = "pictures/answer", .dims = "* picture pixel",
	                                            .long_name = "the result: spins, or their mean values"));
	for (size_t point = 0; final && point < r->grid->points; point++)
		for (long first = 0; first < r->pictures; first += RETRIEVAL_BLOCK) {
			const struct retrieve_block block = {
				point, first, (int)fmin(RETRIEVAL_BLOCK, (double)(r->pictures - first))};
			const size_t at = (point * each + (size_t)first) * N;
			const struct retrieve_spins spins = {start + at, final + at};
			if (retrieve_compute(r, &block, again, &spins, NULL, err))
				return err->code;
		}
	return 0;
}

int retrieve_report(struct dataset *dataset, struct retrieve *r, const struct retrieve_result *results,
                    struct err *err)
{
	dataset_grid(dataset, r->grid);
	report_means(dataset, r, results);
	report_confusion(dataset, r, results);
	if (report_starts(dataset, r, results, err) || report_preparation(dataset, r, err) ||
	    report_archetypes(dataset, r, err) || report_pictures(dataset, r, err))
		return err->code;
	return dataset_check(dataset, "mattis retrieve", err);
}

/* --- the table */

void retrieve_table(FILE *f, const char *path, const struct dataset *dataset, const struct retrieve *r)
{
	struct dataset_cell cell[MEANS];

	for (int i = 0; i < MEANS; i++)
		cell[i] = (struct dataset_cell){.column = means[i].name,
		                                .width = (int)fmax(9, (double)strlen(means[i].name))};
	table_head(f, r->grid->deck);
	fprintf(f, "# %d classes, %d of %d x %d pixels, %ld starts per point\n", r->images.classes,
	        r->images.N, r->images.height, r->images.width, r->starts);
	if (r->grid->points <= TABLE_LONGEST)
		dataset_table_print(f,
		                    &(struct dataset_table){
					    .dataset = dataset, .rows = "*", .cells = MEANS, .cell = cell});
	if (path)
		fprintf(f, "# %zu points in %s\n", r->grid->points, path);
}
