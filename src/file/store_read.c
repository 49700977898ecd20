/* Reading a file that store_write has written; the contract is in store_read.h.
 *
 * HDF5 1.10 crashes on damaged files: it opens a file only if its checksum is correct.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/store_read.h"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/file/store.h"

struct store_file {
	hid_t id;
	char *path;
};

/* Returns the handle of a file whose checksum is correct; negative if HDF5 cannot open it. */
static hid_t open_hdf5(const char *path)
{
	store_listen();
	hid_t access = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
	H5Pset_file_locking(access, 0, 1); /* reading needs no lock, and some shared disks have none */
#endif
	hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
	H5Pclose(access);
	return file;
}

static bool exists(hid_t file, const char *object)
{
	htri_t there = 1;
	H5E_BEGIN_TRY /* an error if a group on the path does not exist */
	{
		there = strcmp(object, "/") == 0 || H5Lexists(file, object, H5P_DEFAULT) > 0;
	}
	H5E_END_TRY
	return there > 0;
}

/* --- attributes */

/* Returns a scalar attribute as text, to be freed; NULL if there is none. */
static char *attr_text(hid_t file, const char *object, const char *name)
{
	if (!exists(file, object) || H5Aexists_by_name(file, object, name, H5P_DEFAULT) <= 0)
		return NULL;
	hid_t id = H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT), type = H5Aget_type(id);
	char number[32] = "", *string = NULL, *copy = NULL;
	int64_t integer;
	double real;
	switch (H5Tget_class(type)) {
	case H5T_INTEGER:
		if (H5Aread(id, H5T_NATIVE_INT64, &integer) >= 0)
			snprintf(number, sizeof number, "%" PRId64, integer);
		break;
	case H5T_FLOAT:
		if (H5Aread(id, H5T_NATIVE_DOUBLE, &real) >= 0)
			snprintf(number, sizeof number, "%.17g", real);
		break;
	default:
		if (H5Tis_variable_str(type) > 0 && H5Aread(id, type, &string) >= 0)
			copy = strdup(string ? string : "");
		H5free_memory(string);
	}
	H5Tclose(type);
	H5Aclose(id);
	return number[0] ? strdup(number) : copy;
}

/* Writes a scalar attribute as text; false, with "", if there is none. */
static bool attr_copy(char *text, size_t size, hid_t file, const char *object, const char *name)
{
	char *all = attr_text(file, object, name);
	snprintf(text, size, "%s", all ? all : "");
	free(all);
	return all;
}

static int64_t attr_int(hid_t file, const char *object, const char *name)
{
	char text[32];
	return attr_copy(text, sizeof text, file, object, name) ? strtoll(text, NULL, 10) : 0;
}

/* Lists the axes of the root group, "gamma 51 x T 60". */
static void read_shape(char *text, size_t size, hid_t file)
{
	H5G_info_t group = {0};
	size_t length = 0;
	text[0] = '\0';
	H5Gget_info(file, &group);
	for (hsize_t i = 0; i < group.nlinks && length < size; i++) {
		char name[128];
		hsize_t extent[H5S_MAX_RANK] = {0};
		if (H5Lget_name_by_idx(file, "/", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name, sizeof name,
		                       H5P_DEFAULT) < 0)
			continue;
		hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
		if (dataset >= 0 && H5DSis_scale(dataset) > 0 &&
		    H5Sget_simple_extent_dims(space, extent, NULL) == 1)
			length += (size_t)snprintf(text + length, size - length, "%s%s %llu",
			                           length ? " x " : "", name, (unsigned long long)extent[0]);
		H5Sclose(space);
		H5Dclose(dataset);
	}
}

static void read_info(struct store_info *info, const char *path)
{
	hid_t file = open_hdf5(path);
	if (file < 0) {
		info->state = STORE_DAMAGED;
		snprintf(info->why, sizeof info->why, "HDF5: %.140s", store_hdf5_error());
		return;
	}
	info->state = attr_int(file, "/", "complete") == 1 ? STORE_FINISHED : STORE_UNFINISHED;
	info->schema = (int)attr_int(file, "/", "schema_version");
	info->ranks = attr_int(file, "/provenance", "ranks");
	attr_copy(info->title, sizeof info->title, file, "/", "title");
	attr_copy(info->start, sizeof info->start, file, "/provenance", "start");
	attr_copy(info->end, sizeof info->end, file, "/provenance", "end");
	read_shape(info->shape, sizeof info->shape, file);
	H5Fclose(file);
}

int store_probe(struct store_info *info, const char *path, struct err *err)
{
	int code = store_probe_bytes(info, path, err);
	if (!code && info->state == STORE_FINISHED)
		read_info(info, path);
	return code;
}

int store_attributes(const char *path, const char *object,
                     void (*each)(void *context, const char *name, const char *text), void *context,
                     struct err *err)
{
	hid_t file = open_hdf5(path);
	if (file < 0)
		return err_set(err, EXIT_FAILED, "%s: cannot be read: HDF5: %s", path, store_hdf5_error());
	hid_t id = exists(file, object) ? H5Oopen(file, object, H5P_DEFAULT) : -1;
	int count = id >= 0 ? H5Aget_num_attrs(id) : 0;
	for (int i = 0; i < count; i++) {
		char name[128];
		if (H5Aget_name_by_idx(id, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, (hsize_t)i, name,
		                       sizeof name, H5P_DEFAULT) < 0)
			continue;
		char *text = attr_text(file, object, name);
		if (text)
			each(context, name, text);
		free(text);
	}
	if (id >= 0)
		H5Oclose(id);
	H5Fclose(file);
	return 0;
}

/* --- an open file */

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
		return err_set(err, EXIT_FAILED, "%s: out of memory", path);
	}
	file->id = open_hdf5(path);
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
	return exists(file->id, object);
}

bool store_read_text(const struct store_file *file, const char *object, const char *attribute, char *text,
                     size_t size)
{
	return attr_copy(text, size, file->id, object, attribute);
}

bool store_find(const struct store_file *file, const char *group, const char *attribute, const char *value,
                char name[STORE_NAME])
{
	hid_t id = exists(file->id, group) ? H5Gopen2(file->id, group, H5P_DEFAULT) : -1;
	H5G_info_t info = {0};
	bool found = false;
	char text[STORE_NAME];

	if (id >= 0)
		H5Gget_info(id, &info);
	for (hsize_t i = 0; i < info.nlinks && !found; i++)
		found = H5Lget_name_by_idx(id, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name, STORE_NAME,
		                           H5P_DEFAULT) > 0 &&
		        attr_copy(text, sizeof text, id, name, attribute) && strcmp(text, value) == 0;
	if (id >= 0)
		H5Gclose(id);
	return found;
}

static int fail(const struct store_file *file, const char *object, struct err *err)
{
	if (!store_has(file, object))
		return err_set(err, EXIT_FAILED, "%s: has no %s", file->path, object);
	return err_set(err, EXIT_FAILED, "%s: %s cannot be read: HDF5: %s", file->path, object,
	               store_hdf5_error());
}

/* Writes the name of an axis without its group; stops the iteration, because the first is enough. */
static herr_t axis_name(hid_t dataset, unsigned dimension, hid_t scale, void *name)
{
	char path[256];
	(void)dataset, (void)dimension;
	if (H5Iget_name(scale, path, sizeof path) > 0) {
		const char *slash = strrchr(path, '/');
		snprintf(name, STORE_NAME, "%.63s", slash ? slash + 1 : path);
	}
	return 1;
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
		fail(file, dataset, err);
	} else {
		for (int i = 0; i < rank; i++) {
			shape->size[i] = size[i];
			shape->count *= size[i];
			if (H5DSis_scale(id) <= 0)
				H5DSiterate_scales(id, (unsigned)i, NULL, axis_name, shape->name[i]);
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
		return err_set(err, EXIT_FAILED, "%s: out of memory for %zu values of %s", file->path,
		               shape.count, dataset);
	hid_t id = H5Dopen2(file->id, dataset, H5P_DEFAULT);
	if (H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0) {
		fail(file, dataset, err);
		free(*values);
		*values = NULL;
	}
	H5Dclose(id);
	return err->code;
}
