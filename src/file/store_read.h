/* Reading a finished file of store_write: the numbers; for attributes see store_attributes.  Rank 0 reads, nothing is collective.
 *
 * Objects are named as in store.h.  All errors have code 1 and name the file and the object.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_STORE_READ_H
#define MATTIS_FILE_STORE_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

enum { STORE_NAME = 64, STORE_RANK = 20 };

struct store_file;

/* The dimensions of a variable or an axis. */
struct store_shape {
	int rank;
	size_t size[STORE_RANK];
	char name[STORE_RANK][STORE_NAME]; /* of the axis, without its group */
	size_t count;                      /* of values */
};

/* Opens a file that is finished and undamaged; everything else is an error that says what it is.  store_close takes
 * NULL. */
int store_open(struct store_file **, const char *path, struct err *);
void store_close(struct store_file *);

bool store_has(const struct store_file *, const char *object);

/* The shape of a dataset; an error if there is none of that name. */
int store_read_shape(const struct store_file *, const char *dataset, struct store_shape *, struct err *);

/* All numbers of a dataset in C order, integers as doubles; *values is allocated, count as in its shape. */
int store_read(const struct store_file *, const char *dataset, double **values, struct err *);

#endif
