/* What a store is inside: the notes that store.c takes and store.c turns into a file,
 * and what store_bytes.c tells of a file's bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_STORE_INTERNAL_H
#define MATTIS_FILE_STORE_INTERNAL_H

#include "src/file/store.h"

enum { MAX_RANK = 20, TRAILER = 64 /* bytes of the last line of a file */ };
enum { SCHEMA_VERSION = 1 }; /* grows when readers of the files must change */

enum kind { GROUP, AXIS, VARIABLE };

struct object {
	char *path; /* without the leading /, "" is the root */
	enum kind kind;
	enum store_type type;
	char **strings; /* AXIS or VARIABLE of strings: owned, shape[0] of them */
	double *values; /* AXIS of numbers: owned */
	const void *data;
	int rank;
	size_t shape[MAX_RANK], axis[MAX_RANK]; /* axis: index of the object */
	int64_t id;     /* HDF5's handle while the file is built, else -1 */
	uint64_t place; /* in the file, of the data that HDF5 does not write */
};

enum attr_type { ATTR_DOUBLE, ATTR_INT, ATTR_STRING, ATTR_FLAGS };

struct attr {
	size_t object;
	char *name;
	enum attr_type type;
	double real;
	int64_t integer; /* ATTR_FLAGS: 0, 1, ... integer - 1 as int8 */
	char *string;
};

struct store {
	struct object *object;
	struct attr *attr;
	size_t objects, attrs;
	char mistake[200]; /* the first; reported by store_write */
};

/* The index of the object of that path; store->objects when there is none. */
size_t store_find(const struct store *, const char *path);

/* The length of the HDF5 file as its superblock says; 0 if these are not the first 64 bytes of one. */
uint64_t store_length(const unsigned char first[64]);

/* The last line of a file whose HDF5 part has this digest and length. */
void store_trailer(char trailer[TRAILER + 1], uint64_t digest, uint64_t length);

/* store_probe without HDF5: finished means only that the file is just as store_write wrote it. */
int store_probe_bytes(struct store_info *, const char *path, struct err *);

/* HDF5's handle of a file whose digest is right, < 0 if it can't be opened; why is HDF5's first complaint since. */
int64_t store_open_hdf5(const char *path);
const char *store_hdf5_error(void);

#endif
