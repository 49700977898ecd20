/* Printing columns of a dataset; the contract is in dataset_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/dataset_table.h"

#include <math.h>
#include <string.h>

void dataset_table_value(char text[32], double value, double error)
{
	if (!isfinite(value)) {
		snprintf(text, 32, "nan");
		return;
	}
	if (!(error > 0)) {
		snprintf(text, 32, error == 0 ? "%.6g(0)" : "%.6g", value);
		return;
	}
	int digits = 1 - (int)floor(log10(error));
	if (digits < 0 || digits > 12)
		snprintf(text, 32, "%.3g+-%.2g", value, error);
	else
		snprintf(text, 32, "%.*f(%.0f)", digits, value, error * pow(10, digits));
}

/* The axes that the rows run over, and where the current row is on each. */
struct place {
	const struct dataset *dataset;
	size_t axis[DATASET_RANK], at[DATASET_RANK], rows;
	int rank;
};

static void place_init(struct place *place, const struct dataset_table *table)
{
	const char *unknown;
	*place = (struct place){.dataset = table->dataset, .rows = 1};
	place->rank = dataset_dims(place->axis, table->dataset, "", table->rows, &unknown);
	for (int i = 0; i < place->rank; i++)
		place->rows *= table->dataset->object[place->axis[i]].shape[0];
}

static void place_set(struct place *place, size_t row)
{
	for (int i = place->rank - 1; i >= 0; i--) {
		size_t n = place->dataset->object[place->axis[i]].shape[0];
		place->at[i] = row % n;
		row /= n;
	}
}

/* Returns the index of the row along an axis, or `other` if the rows do not run over it. */
static size_t coordinate(const struct place *place, size_t axis, size_t other)
{
	for (int i = 0; i < place->rank; i++)
		if (place->axis[i] == axis)
			return place->at[i];
	return other;
}

/* Returns the axis or column of that path, or NULL. */
static const struct object *find(const struct place *place, const char *path)
{
	size_t i = path ? dataset_find(place->dataset, path) : place->dataset->objects;
	return i < place->dataset->objects ? &place->dataset->object[i] : NULL;
}

/* Returns the index of the value that belongs to the row. */
static size_t element(const struct place *place, const struct object *o, size_t index)
{
	size_t at = 0;
	if (o->kind == OBJECT_AXIS)
		return coordinate(place, (size_t)(o - place->dataset->object), index);
	for (int i = 0; i < o->rank; i++)
		at = at * o->shape[i] + coordinate(place, o->axis[i], index);
	return at;
}

static double number(const struct object *o, size_t at)
{
	return o->type == DATASET_DOUBLE  ? ((const double *)o->data)[at]
	       : o->type == DATASET_INT32 ? ((const int32_t *)o->data)[at]
	                                  : ((const int8_t *)o->data)[at];
}

static void value_text(char text[DATASET_TEXT], const struct place *place, const struct dataset_cell *cell)
{
	const struct object *o = find(place, cell->column), *error = find(place, cell->error),
			    *error_else = find(place, cell->error_else);
	size_t at = element(place, o, cell->index);
	if (o->type == DATASET_STRING) {
		const char *string = ((const char *const *)o->data)[at];
		snprintf(text, DATASET_TEXT, "%s", *string ? string : "-");
	} else if (o->flags) {
		snprintf(text, DATASET_TEXT, "%s", o->flags[((const int8_t *)o->data)[at]]);
	} else if (error) {
		double e = number(error, element(place, error, cell->index));
		if (isnan(e) && error_else)
			e = number(error_else, element(place, error_else, cell->index));
		dataset_table_value(text, number(o, at), e);
	} else {
		const char *format = cell->format                ? cell->format
		                     : o->type == DATASET_DOUBLE ? "%.6g"
		                                                 : "%.0f";
		snprintf(text, DATASET_TEXT, format, number(o, at));
	}
}

static void head_text(char text[DATASET_TEXT], const struct place *place, const struct dataset_cell *cell)
{
	const struct object *o = find(place, cell->column);
	bool several = false;
	for (int i = 0; o && o->kind == OBJECT_COLUMN && i < o->rank; i++)
		several = several || coordinate(place, o->axis[i], SIZE_MAX) == SIZE_MAX;
	snprintf(text, DATASET_TEXT, several ? "%s[%zu]" : "%s", cell->head ? cell->head : cell->column,
	         cell->index + 1);
}

static void print_axes(FILE *f, const struct place *place, const struct dataset_table *table, bool head)
{
	fprintf(f, head ? "#" : " ");
	for (int i = 0; *table->rows == '*' && i < place->dataset->grid_axes; i++) {
		const struct object *axis = &place->dataset->object[place->axis[i]];
		if (head)
			fprintf(f, " %9s", axis->path);
		else
			fprintf(f, " %9.6g", ((const double *)axis->data)[place->at[i]]);
	}
}

void dataset_table_print(FILE *f, const struct dataset_table *table)
{
	struct place place;
	char text[DATASET_TEXT];

	place_init(&place, table);
	print_axes(f, &place, table, true);
	for (size_t i = 0; i < table->cells; i++) {
		const struct dataset_cell *cell = &table->cell[i];
		if (!cell->text && !find(&place, cell->column))
			continue;
		head_text(text, &place, cell);
		fprintf(f, " %*s", cell->width, text);
	}
	fprintf(f, "\n");
	for (size_t row = 0; row < place.rows; row++) {
		if (table->hidden && table->hidden(table->context, row))
			continue;
		place_set(&place, row);
		print_axes(f, &place, table, false);
		for (size_t i = 0; i < table->cells; i++) {
			const struct dataset_cell *cell = &table->cell[i];
			if (cell->text)
				cell->text(text, table->context, row);
			else if (find(&place, cell->column))
				value_text(text, &place, cell);
			else
				continue;
			fprintf(f, " %*s", cell->width, text);
		}
		fprintf(f, "\n");
	}
}
