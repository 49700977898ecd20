/* Dataset: what a job reports, described in memory: axes, columns (variables) with their units, names and
 * memory, and attributes.  It is the one way into the output file (store.h writes it) and onto stdout
 * (dataset_table.h prints it).
 *
 * The functions that add to a dataset cannot fail by themselves: the first mistake (an unknown dimension, a
 * name that is taken) or shortage of memory is kept, everything added later is ignored, and dataset_check and
 * store_write report it.  Objects are named by their path: "/" is the root group, "/parameters" a group (made
 * when first named), "m" or "/samples/m" an axis or a column.  All texts are copied, except `flags`, which
 * must be static.
 *
 * Rank 0 only; nothing is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_DATASET_H
#define MATTIS_FILE_DATASET_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/input/grid.h"

enum dataset_type { DATASET_DOUBLE, DATASET_INT32, DATASET_INT8, DATASET_STRING };

/* Describes an axis or a column; its path is GROUP/NAMESUFFIX. */
struct column {
	const char *group;     /* "/samples"; NULL: the root */
	const char *name;      /* "m" */
	const char *suffix;    /* "_error"; NULL: none */
	const char *long_name; /* the definition, one line */
	const char *symbol;    /* LaTeX without the $, for plots; NULL: none */
	const char *unit;      /* as in UDUNITS; NULL: "1" for DATASET_DOUBLE, none for the other types */
	const char *role;      /* what the quantity is to the program: "overlap", "energy"; NULL: none */
	enum dataset_type type;

	/* Column: the names of its axes, separated by blanks, the last one fastest; NULL: a single number.
	 * "*" stands for the axes of dataset_grid; "pattern?" is left out if there is no such axis.  An axis
	 * is found in the group of the column or in the nearest group above. */
	const char *dims;

	/* DATASET_INT8: the words for 0, 1, 2, ..., ended by NULL; static. */
	const char *const *flags;

	/* The values in C order; const char *const * for strings.  Values of an axis and strings are copied;
	 * numbers of a column are not, they must live until the dataset is freed.  Column, NULL: dataset_add
	 * makes the memory. */
	const void *data;
};

/* Makes one for a call: dataset_add(d, COLUMN(.name = "m", .dims = "*", .role = "overlap")). */
#define COLUMN(...) (&(const struct column){__VA_ARGS__})

/* Returns a dataset that has the attributes Conventions and schema_version only; NULL without memory. */
struct dataset *dataset_alloc(void);
/* Frees a dataset and the memory of its columns; does nothing for NULL. */
void dataset_free(struct dataset *);

/* Adds an axis of the `n` >= 1 values column->data, DATASET_DOUBLE or DATASET_STRING. */
void dataset_axis(struct dataset *, const struct column *, size_t n);

/* Adds an axis of the n values first, first + step, first + 2 step, ... */
void dataset_axis_steps(struct dataset *, const struct column *, size_t n, double first, double step);

/* Adds the axes of a grid, in its order. */
void dataset_grid(struct dataset *, const struct grid *);

/* Adds a column.  If column->data is NULL, returns zeroed memory for its values, which belongs to the
 * dataset, or NULL after a mistake; numbers only.  If data is given, returns NULL. */
void *dataset_add(struct dataset *, const struct column *);

/* Adds an attribute to a group, an axis or a column that exists already. */
void dataset_attr_double(struct dataset *, const char *object, const char *name, double value);
void dataset_attr_int(struct dataset *, const char *object, const char *name, int64_t value);
void dataset_attr_string(struct dataset *, const char *object, const char *name, const char *value);

/* Fails (EXIT_FAILED, "WHO: ...") if anything that was added to the dataset could not be added. */
int dataset_check(const struct dataset *, const char *who, struct err *);

/* Returns the values of the axis or column of that path (*count of them, unless null), or NULL if there is
 * none. */
const void *dataset_data(const struct dataset *, const char *path, size_t *count);

/* --- what a dataset is made of, for store.c and dataset_table.c */

enum { DATASET_RANK = 20, DATASET_SCHEMA = 1 /* grows when readers of the files must change */ };
enum object_kind { OBJECT_GROUP, OBJECT_AXIS, OBJECT_COLUMN };
enum attr_type { ATTR_DOUBLE, ATTR_INT, ATTR_STRING, ATTR_FLAGS };

struct object {
	char *path; /* without the leading /; "" is the root */
	enum object_kind kind;
	enum dataset_type type;
	const char *const *flags;
	const void *data;
	void *owned; /* `data` if the dataset is to free it; of strings each one too */
	int rank;
	size_t shape[DATASET_RANK];
	size_t axis[DATASET_RANK]; /* OBJECT_COLUMN: indices of its axes in the list of objects */
	int64_t id;                /* HDF5's handle while the file is built, else -1 */
	uint64_t place;            /* in the file, of data that HDF5 does not write */
};

struct attr {
	size_t object; /* index */
	char *name;
	enum attr_type type;
	double real;
	int64_t integer; /* ATTR_FLAGS: the values 0, 1, ..., integer - 1 as int8 */
	char *string;
};

struct dataset {
	struct object *object;
	struct attr *attr;
	size_t objects, attrs;
	size_t grid[MAX_AXES]; /* indices of the axes of dataset_grid */
	int grid_axes;
	char mistake[200]; /* the first; "": none */
};

/* Returns the index of the object of that path, or dataset->objects if there is none. */
size_t dataset_find(const struct dataset *, const char *path);

/* Returns the number of axes in a list of dimensions (struct column) as seen from a path, and their indices;
 * -1, with *unknown pointing to the name, if one does not exist. */
int dataset_dims(size_t axis[DATASET_RANK], const struct dataset *, const char *path, const char *dims,
                 const char **unknown);

/* Returns the bytes of the values of an axis or a column. */
size_t dataset_bytes(const struct object *);

#endif
