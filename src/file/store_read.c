/* Reading a file that store.c wrote; the contract is in store_read.h.  HDF5 sees it only if its digest is right.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/store_read.h"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/file/store.h"

struct store_file {
	hid_t id;
	char *path;
};

static int refuse(const struct store_info *info, const char *path, struct err *err)
{
	switch (info->state) {
	case STORE_MISSING:
		return err_set(err, EXIT_FAILED, "%s: no such file", path);
	case STORE_UNFINISHED:
		return err_set(err, EXIT_FAILED, "%s: not finished", path);
	case STORE_DAMAGED:
		return err_set(err, EXIT_FAILED, "%s: damaged: %s", path, info->why);
	default:
		return err_set(err, EXIT_FAILED, "%s: not an output of mattis: %s", path, info->why);
	}
}

int store_open(struct store_file **out, const char *path, struct err *err)
{
	struct store_info info;

	*out = NULL;
	if (store_probe(&info, path, err))
		return err->code;
	if (info.state != STORE_FINISHED)
		return refuse(&info, path, err);
	struct store_file *file = calloc(1, sizeof *file);
	if (file)
		file->path = strdup(path);
	if (!file || !file->path) {
		free(file);
		return err_set(err, EXIT_FAILED, "%s: no memory", path);
	}
	file->id = store_open_hdf5(path);
	*out = file;
	if (file->id >= 0)
		return 0;
	store_close(file);
	*out = NULL;
	return err_set(err, EXIT_FAILED, "%s: cannot be read: HDF5: %s", path, store_hdf5_error());
}

void store_close(struct store_file *file)
{
	if (!file)
		return;
	if (file->id >= 0)
		H5Fclose(file->id);
	free(file->path);
	free(file);
}

bool store_has(const struct store_file *file, const char *object)
{
	char part[256];
	size_t length = strlen(object);
	if (length == 0 || length >= sizeof part)
		return false;
	for (size_t i = 1; i <= length; i++) { /* HDF5 wants every group on the way asked for first */
		if (object[i] != '/' && object[i] != '\0')
			continue;
		snprintf(part, sizeof part, "%.*s", (int)i, object);
		if (H5Lexists(file->id, part, H5P_DEFAULT) <= 0)
			return false;
	}
	return true;
}

static int complain(const struct store_file *file, const char *object, struct err *err)
{
	if (!store_has(file, object))
		return err_set(err, EXIT_FAILED, "%s: has no %s", file->path, object);
	return err_set(err, EXIT_FAILED, "%s: %s cannot be read: HDF5: %s", file->path, object,
	               store_hdf5_error());
}

static herr_t name_of(hid_t dataset, unsigned dimension, hid_t scale, void *name)
{
	char path[256];
	(void)dataset, (void)dimension;
	if (H5Iget_name(scale, path, sizeof path) > 0) {
		const char *slash = strrchr(path, '/');
		snprintf(name, STORE_NAME, "%.63s", slash ? slash + 1 : path);
	}
	return 1; /* the first is enough */
}

int store_read_shape(const struct store_file *file, const char *dataset, struct store_shape *shape,
                     struct err *err)
{
	hsize_t size[H5S_MAX_RANK];
	hid_t id = store_has(file, dataset) ? H5Dopen2(file->id, dataset, H5P_DEFAULT) : -1,
	      space = H5Dget_space(id);
	int rank = H5Sget_simple_extent_ndims(space);

	*shape = (struct store_shape){.rank = rank, .count = 1};
	if (rank < 0 || rank > STORE_RANK || H5Sget_simple_extent_dims(space, size, NULL) < 0) {
		complain(file, dataset, err);
	} else {
		for (int i = 0; i < rank; i++) {
			shape->size[i] = size[i];
			shape->count *= size[i];
			if (H5DSis_scale(id) <= 0)
				H5DSiterate_scales(id, (unsigned)i, NULL, name_of, shape->name[i]);
		}
	}
	H5Sclose(space);
	H5Dclose(id);
	return err->code;
}

int store_read(const struct store_file *file, const char *dataset, double **values, struct err *err)
{
	struct store_shape shape;

	*values = NULL;
	if (store_read_shape(file, dataset, &shape, err))
		return err->code;
	*values = malloc((shape.count ? shape.count : 1) * sizeof **values);
	if (!*values)
		return err_set(err, EXIT_FAILED, "%s: no memory for %zu values of %s", file->path,
		               shape.count, dataset);
	hid_t id = H5Dopen2(file->id, dataset, H5P_DEFAULT);
	if (H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0) {
		complain(file, dataset, err);
		free(*values);
		*values = NULL;
	}
	H5Dclose(id);
	return err->code;
}
