/* mattis lines: what the deck asks for, the tasks, and the job; the contract is in lines.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/lines.h"

#include <ctype.h>
#include <gsl/gsl_errno.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/collective.h"
#include "src/jobs/jobs.h"
#include "src/jobs/cost.h"
#include "src/jobs/table.h"
#include "src/run/output.h"
#include "src/run/scheduler.h"

/* ---------------------------------------------------------------- what the deck asks for */

/* Returns whether a word is in a list with blanks between; NULL lists all words. */
static bool listed(const char *list, const char *word)
{
	size_t length = strlen(word);
	if (!list)
		return true;
	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || isspace((unsigned char)at[-1])) &&
		    (!at[length] || isspace((unsigned char)at[length])))
			return true;
	return false;
}

static int count_words(const char *list)
{
	int words = 0;
	for (; list && *list; list++)
		words += !isspace((unsigned char)*list) && (!list[1] || isspace((unsigned char)list[1]));
	return words;
}

static int choose_lines(struct lines *l, const struct deck *deck, struct err *err)
{
	const char *list = deck_text(deck, "lines.which");
	const struct transition *line = deck->network->lines;
	char names[1024] = "";
	size_t n = 0;

	if (!line || !line->name)
		return deck_fault(deck, key_find(NULL, "model.network"), err,
		                  "the %s network has no transition lines", deck->network->name);
	for (; line->name && l->count < MAX_LINES; line++) {
		if (listed(list, line->name))
			l->line[l->count++] = line;
		if (n < sizeof names)
			n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", line->name);
	}
	if (list && l->count != count_words(list))
		return deck_fault(deck, key_find(NULL, "lines.which"), err,
		                  "must be names of %s, with blanks between", names);
	return 0;
}

/* Rows along the last axis and along the one before, if they have several values.  The axis before the last
 * must not be one of integers: there is no line between them. */
static int choose_directions(struct lines *l, const struct deck *deck, struct err *err)
{
	const struct grid *grid = l->grid;
	for (int a = grid->axes - 1; a >= 0 && a >= grid->axes - 2; a--) {
		const struct axis *axis = &grid->axis[a];
		int other = a < grid->axes - 1 ? a + 1 : a - 1; /* -1 if there is none */
		if (axis->count < 2 || (a < grid->axes - 1 && axis->key->type == KEY_INTEGER))
			continue;
		l->direction[l->directions++] =
			(struct direction){a, other, l->rows, grid->points / axis->count};
		l->rows += grid->points / axis->count;
	}
	if (l->directions == 0)
		return deck_fault(deck, deck->axis[deck->axes - 1], err,
		                  "needs two values or more: lines are searched along the last axis");
	return 0;
}

static int lines_init(struct lines *l, const struct deck *deck, const struct grid *grid, struct err *err)
{
	*l = (struct lines){.grid = grid, .tolerance = deck_real(deck, "lines.tolerance")};
	if (choose_lines(l, deck, err) || choose_directions(l, deck, err))
		return err->code;
	int status = average_alloc(&l->average, deck_text(deck, "run.kernel"));
	if (status == GSL_EINVAL)
		return deck_fault(deck, key_find(NULL, "run.kernel"), err, "this processor cannot run it");
	l->crossings = calloc(l->rows * (size_t)l->count + 1, sizeof *l->crossings);
	if (status || !l->crossings)
		return err_set(err, EXIT_FAILED, "mattis lines: out of memory");
	return 0;
}

static void lines_free(struct lines *l)
{
	average_free(l->average);
	free(l->crossings);
}

/* ---------------------------------------------------------------- the tasks: rows */

static int compute(void *job, size_t row, struct running *running, void *result, struct err *err)
{
	return lines_search_row(result, job, row, &running->tick, err);
}

static void store(void *job, size_t row, const void *result)
{
	struct lines *l = job;
	const size_t n = (size_t)l->count;
	memcpy(l->crossings + row * n, result, n * sizeof *l->crossings);
}

static void load(void *job, size_t row, void *result)
{
	const struct lines *l = job;
	const size_t n = (size_t)l->count;
	memcpy(result, l->crossings + row * n, n * sizeof *l->crossings);
}

/* All points of the row, which the nodes of the search depend on, and the range of the other axis, which
 * bounds single points. */
static void key(void *job, size_t row, struct checksum *checksum)
{
	const struct lines *l = job;
	const struct direction *direction = lines_search_direction(l, row);
	const struct axis *axis = &l->grid->axis[direction->axis];
	const size_t first = lines_search_first_point(l, row);
	struct params p;

	for (size_t i = 0; i < axis->count; i++) {
		grid_params_at(&p, l->grid, first, direction->axis, axis->value[i]);
		grid_checksum(checksum, &p);
	}
	for (int end = 0; end < 2 && direction->other >= 0; end++) {
		const struct axis *other = &l->grid->axis[direction->other];
		grid_params_at(&p, l->grid, first, direction->other,
		               other->value[end ? other->count - 1 : 0]);
		grid_checksum(checksum, &p);
	}
}

static int search_rows(struct lines *l, const struct options *options, struct output *out, struct err *err)
{
	struct work work = {.name = "lines",
	                    .noun = "row",
	                    .unit = "rows",
	                    .count = l->rows,
	                    .bytes = (size_t)l->count * sizeof *l->crossings,
	                    .job = l,
	                    .compute = compute,
	                    .store = store,
	                    .load = load,
	                    .key = key};
	return scheduler_run(&work, out, options->quiet, err);
}

/* ---------------------------------------------------------------- the job */

int job_lines(const struct deck *deck, const struct options *options, struct err *err)
{
	struct grid *grid = NULL;
	struct output out = {.lock = {.fd = -1}};
	struct lines l = {0};

	if (grid_alloc(&grid, deck, err) == 0 && lines_init(&l, deck, grid, err) == 0)
		output_check_printed(l.rows, 2 * TABLE_LONGEST, "rows", deck, options, err);
	if (collective_err(err) || output_open(&out, deck, options, err) || out.complete)
		goto done;
	if (search_rows(&l, options, &out, err))
		goto done;
	if (out.dataset) {
		lines_report(out.dataset, &l, err);
		dataset_attr_string(out.dataset, "/provenance", "kernel", average_kernel(l.average));
	}
	if (collective_err(err) == 0 && output_write(&out, err) == 0 && out.dataset)
		lines_report_print(stdout, out.dataset, &l, out.path);
done:
	output_close(&out);
	lines_free(&l);
	grid_free(grid);
	return err->code;
}

int dry_lines(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *output = options_output(options, deck);
	struct grid *grid = NULL;
	struct lines l = {0};

	if (grid_alloc(&grid, deck, err) || lines_init(&l, deck, grid, err) ||
	    (output && store_check_output(output, options->resume || options->restart, err)))
		goto done;
	for (int i = 0; i < l.directions; i++) {
		const struct axis *axis = &grid->axis[l.direction[i].axis];
		fprintf(f, "rows     %zu, each from %s = %.6g to %.6g\n", l.direction[i].rows, axis->name,
		        axis->value[0], axis->value[axis->count - 1]);
	}
	fprintf(f, "lines   ");
	for (int i = 0; i < l.count; i++)
		fprintf(f, " %s", l.line[i]->name);
	fprintf(f, "\n");
	cost_print_output(f, output, l.rows, 2 * TABLE_LONGEST, "rows");
done:
	lines_free(&l);
	grid_free(grid);
	return err->code;
}
