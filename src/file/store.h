/* The HDF5 output: one file per job, described in memory, written in one go by rank 0.  store.c is the only file
 * that knows HDF5; nothing here knows of networks, and nothing is collective.
 *
 * A store is a description: the functions that add to it only take notes, cannot fail by themselves, and keep
 * the first mistake or shortage of memory for store_write to report.  Objects are named by their path: "/" is the
 * root group, "/parameters" a group (made when first named), "m" or "/samples/m" an axis or a variable.
 * Names, texts and axes are copied.  The data of variables are not: they must live until store_write.
 *
 * The file is plain HDF5 that the netCDF-4 libraries read: every variable has a dimension scale on each dimension,
 * creation order is tracked, strings are UTF-8 of variable length.  NaN is the _FillValue of float64; integers
 * have none, so that xarray leaves them integers.  After the end of the HDF5 file, where no reader looks, stands
 * one line of text with a digest of all before it: damage is found without giving HDF5 bytes it may crash on, and
 * a file changed by another program is known as such.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_STORE_H
#define MATTIS_FILE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

struct store;

enum store_type { STORE_DOUBLE, STORE_INT32, STORE_INT8 };

/* --- describing a file */

/* A store with the attributes Conventions and schema_version, nothing else (NULL: no memory).  store_free takes NULL. */
struct store *store_alloc(void);
void store_free(struct store *);

/* An attribute of a group, an axis or a variable that exists already. */
void store_attr_double(struct store *, const char *object, const char *name, double value);
void store_attr_int(struct store *, const char *object, const char *name, int64_t value);
void store_attr_string(struct store *, const char *object, const char *name, const char *value);

/* A dimension with its coordinate: n >= 1 values, in double precision or as strings.  units or long_name may be
 * null.  An axis is visible in its group and in the groups below. */
void store_axis(struct store *, const char *axis, size_t n, const double *values, const char *units,
                const char *long_name);
void store_axis_strings(struct store *, const char *axis, size_t n, const char *const *values,
                        const char *long_name);

/* A variable on the `rank` axes named in dims (0: one number), data in C order.  flags, for STORE_INT8: the names
 * of 0, 1, 2, ..., ended by NULL (else null), written as flag_values and flag_meanings. */
void store_variable(struct store *, const char *variable, enum store_type type, int rank,
                    const char *const *dims, const void *data, const char *units, const char *long_name,
                    const char *const *flags);

/* A variable of strings on one axis; they are copied. */
void store_strings(struct store *, const char *variable, const char *axis, const char *const *values,
                   const char *long_name);

/* Writes the file: path.tmp, fsync, rename to path, fsync of the directory.  When anything fails, path is what it
 * was before, path.tmp is gone, and the error (code 1) names the path and the reason.  The data of variables go
 * from where they are to the disk without a copy. */
int store_write(struct store *, const char *path, struct err *);

/* --- looking at a file */

enum store_state {
	STORE_MISSING,    /* nothing there */
	STORE_FINISHED,   /* written by store_write, undamaged, complete = 1 */
	STORE_UNFINISHED, /* the same with complete = 0 */
	STORE_DAMAGED,    /* begins as such a file, but bytes are missing or wrong */
	STORE_FOREIGN     /* not written by store_write, changed since, or not a regular file */
};

struct store_info {
	enum store_state state;
	char why[160];   /* damaged, foreign: what is wrong */
	int schema;      /* schema_version; this and the rest only when finished or unfinished */
	char title[256]; /* of the root group */
	char shape[256]; /* "gamma 51 x T 60 x branch 3": the axes of the root group, in order */
	char start[32], end[32]; /* of /provenance, "" if it has none */
	int64_t ranks;           /* of /provenance, 0 if it has none */
};

/* What is at this path.  Reads every byte of the file.  An error (code 1) only when it can't be read: permissions,
 * I/O, memory. */
int store_probe(struct store_info *, const char *path, struct err *);

/* Calls `each` for every attribute of a group in the file (finished or unfinished: call store_probe first), in order, with
 * its value as text (doubles with 17 digits).  No such group: no calls. */
int store_attributes(const char *path, const char *group, void (*each)(void *ctx, const char *name, const char *text),
                     void *ctx, struct err *err);

/* May a job write to this path?  Checked before any work: the directory must exist and be writable, and what is
 * there must be nothing or a regular file; an existing file is refused unless `overwrite`, with the advice to
 * use --resume or --restart.  A refusal has code 2, I/O errors 1. */
int store_check_output(const char *path, int overwrite, struct err *);

/* "1.10.8": the HDF5 library in use (static string). */
const char *store_library_version(void);

#endif
