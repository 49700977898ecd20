/* The output file: HDF5, one per job, written in one go from a dataset (dataset.h).  store.c and store_read.c are the
 * only files that call HDF5.  Rank 0 only; nothing is collective.
 *
 * The file is plain HDF5 that the netCDF-4 libraries read: every variable has a dimension scale on each dimension,
 * creation order is tracked, strings are UTF-8 of variable length.  NaN is the _FillValue of float64; integers have
 * none, so that xarray leaves them integers.  One line of text after the end of the HDF5 data, where no reader looks,
 * holds a checksum of everything before it (store_probe.h).  mattis checks it before HDF5 sees the file, because
 * damaged bytes can crash HDF5, and recognises a file that another program has changed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_STORE_H
#define MATTIS_FILE_STORE_H

#include <stdint.h>

#include "src/base/err.h"
#include "src/file/dataset.h"
#include "src/file/store_probe.h"

/* Writes the file: PATH.tmp, fsync, rename to PATH, fsync of the directory.  If anything fails, PATH is what it was
 * before, PATH.tmp is gone, and the error (EXIT_FAILED) names the path and the reason.  Numbers go from the memory of
 * the columns to the disk without a copy. */
int store_write(struct dataset *, const char *path, struct err *);

/* Finds out what is at this path, from every byte of the file.  Fails (EXIT_FAILED) only if it cannot be read:
 * permissions, I/O, memory. */
int store_probe(struct store_info *, const char *path, struct err *);

/* Calls `each` for every attribute of a group in a file (finished or unfinished: call store_probe first), in order,
 * with its value as text (doubles with 17 digits).  Makes no calls if there is no such group. */
int store_attributes(const char *path, const char *group,
                     void (*each)(void *context, const char *name, const char *text), void *context,
                     struct err *err);

/* Returns the version of the HDF5 library in use, "1.10.8" (static string). */
const char *store_library_version(void);

/* For store_read.c: returns HDF5's handle of a file whose checksum is correct, negative if it cannot be opened, and
 * HDF5's first error message since. */
int64_t store_open_hdf5(const char *path);
const char *store_hdf5_error(void);

#endif
