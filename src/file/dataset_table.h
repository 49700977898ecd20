/* Prints columns of a dataset as a table: a line of heads, then a line per row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_DATASET_TABLE_H
#define MATTIS_FILE_DATASET_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "src/file/dataset.h"

enum { DATASET_TEXT = 64 };

/* A column of the table. */
struct dataset_cell {
	const char *column;     /* path of the axis or column to print */
	const char *error;      /* path of the column of its standard errors: prints 0.9666(13); NULL: none */
	const char *error_else; /* the same, printed where that error is NaN; NULL: none */
	const char *head;       /* NULL: the path; "[index + 1]" follows if rows lack one of its dimensions */
	int width;              /* negative: left-aligned */
	const char *format;     /* of a number, converted to double; NULL: "%.6g", "%.0f" for integers */
	size_t index;           /* in the dimension of the column that the rows do not have (pattern) */

	/* Writes the text of a cell that is no column; NULL: `column` is printed. */
	void (*text)(char text[DATASET_TEXT], const void *context, size_t row);
};

struct dataset_table {
	const struct dataset *dataset;
	const char *rows; /* dimensions of the rows, as in struct column; those of "*" are printed first */
	size_t cells;
	const struct dataset_cell *cell;
	const void *context;
	bool (*hidden)(const void *context, size_t row); /* leaves out a row; NULL: all are printed */
};

/* Prints the table.  Columns that do not exist are left out.  Strings that are empty appear as "-". */
void dataset_table_print(FILE *, const struct dataset_table *);

/* Writes a value with its error in units of the last digits, "0.9666(13)"; alone if the error is NaN. */
void dataset_table_value(char text[32], double value, double error);

#endif
