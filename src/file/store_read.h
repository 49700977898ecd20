/* Reading an output file.  Rank 0 only; nothing is collective.
 *
 * Objects are named as in dataset.h.  All errors have the code EXIT_FAILED and name the file and the object.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_STORE_READ_H
#define MATTIS_FILE_STORE_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"
#include "src/file/store_probe.h"

/* Finds out what is at this path, from every byte of the file.  Fails only if it cannot be read: permissions,
 * I/O, memory. */
int store_probe(struct store_info *, const char *path, struct err *);

/* Calls `each` for every scalar attribute of a group, an axis or a variable of a file (finished or
 * unfinished: call store_probe first), in order, with its value as text (doubles with 17 digits).  Makes no
 * calls if there is no such object. */
int store_attributes(const char *path, const char *object,
                     void (*each)(void *context, const char *name, const char *text), void *context,
                     struct err *);

enum { STORE_NAME = 64, STORE_RANK = 20 };

struct store_file;

/* The dimensions of a variable or an axis. */
struct store_shape {
	int rank;
	size_t size[STORE_RANK];
	char name[STORE_RANK][STORE_NAME]; /* of the axis, without its group */
	size_t count;                      /* of values */
};

/* Opens a file that is finished and undamaged; fails for any other. */
int store_open(struct store_file **, const char *path, struct err *);
/* Closes it; does nothing for NULL. */
void store_close(struct store_file *);

/* Returns whether there is a group, an axis or a variable of that path. */
bool store_has(const struct store_file *, const char *object);

/* Copies an attribute, a number as text; returns false, with "", if there is none. */
bool store_read_text(const struct store_file *, const char *object, const char *attribute, char *text,
                     size_t size);

/* Finds the first axis or variable of a group of which an attribute has that value ("role", "overlap") and
 * writes its name; returns false if there is none. */
bool store_find(const struct store_file *, const char *group, const char *attribute, const char *value,
                char name[STORE_NAME]);

/* Reads the shape of a dataset; fails if there is none of that name. */
int store_read_shape(const struct store_file *, const char *dataset, struct store_shape *, struct err *);

/* Reads all numbers of a dataset in C order, integers as doubles.  *values is to be freed, its length is the
 * count of store_read_shape. */
int store_read(const struct store_file *, const char *dataset, double **values, struct err *);

#endif
