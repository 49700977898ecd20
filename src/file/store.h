/* The output file: HDF5, one per job, written in one go from a dataset (dataset.h).  store.c and store_read.c
 * are the only files that call HDF5.  Rank 0 only; nothing is collective.
 *
 * The file is plain HDF5 that the netCDF-4 libraries read: every variable has a dimension scale on each
 * dimension, creation order is tracked, strings are UTF-8 of variable length.  NaN is the _FillValue of
 * float64; integers have none, so that xarray leaves them integers.  One line of text after the end of the
 * HDF5 data, where no reader looks, holds a checksum of everything before it (store_probe.h).  mattis checks
 * it before HDF5 sees the file, because damaged bytes can crash HDF5, and recognises a file that another
 * program has changed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FILE_STORE_H
#define MATTIS_FILE_STORE_H

#include "src/base/err.h"
#include "src/file/dataset.h"

/* Writes the file: PATH.tmp, fsync, rename to PATH, fsync of the directory.  If anything fails, PATH is what
 * it was before, PATH.tmp is gone, and the error (EXIT_FAILED) names the path and the reason.  Numbers go
 * from the memory of the columns to the disk without a copy. */
int store_write(struct dataset *, const char *path, struct err *);

/* Returns the version of the HDF5 library in use, "1.10.8" (static string). */
const char *store_library_version(void);

/* For store_read.c: from store_listen on, HDF5 prints no errors; store_hdf5_error returns the first one
 * since. */
void store_listen(void);
const char *store_hdf5_error(void);

#endif
