/* Writing an output file; the contract is in store.h.
 *
 * HDF5 1.10 reports a full disk late, twice, or by crashing at exit.  Therefore it never touches the disk
 * here: it builds the file in memory, and atomic_file.c writes it.  Numbers do not pass through HDF5 at all:
 * HDF5 only allocates their place in the file (contiguous, early, never filled), which stays a hole in the
 * image, and they are written to that place from the memory of the columns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/file/atomic_file.h"
#include "src/file/store.h"
#include "src/file/store_probe.h"

/* HDF5's first error message since store_listen(); HDF5 itself prints nothing. */
static struct {
	int caught;
	char text[200];
} first_error;

static herr_t innermost(unsigned n, const H5E_error2_t *error, void *context)
{
	(void)context;
	if (n == 0)
		snprintf(first_error.text, sizeof first_error.text, "%s", error->desc);
	return 0;
}

static herr_t catch_error(hid_t stack, void *context)
{
	(void)context;
	if (!first_error.caught)
		H5Ewalk2(stack, H5E_WALK_UPWARD, innermost, NULL);
	first_error.caught = 1;
	return 0;
}

void store_listen(void)
{
	first_error.caught = 0;
	snprintf(first_error.text, sizeof first_error.text, "no reason given");
	H5Eset_auto2(H5E_DEFAULT, catch_error, NULL);
}

const char *store_hdf5_error(void)
{
	return first_error.text;
}

/* --- a file in memory */

/* It has holes: a page is allocated when it is first written to. */
enum { PAGE = 1 << 12 };

struct image {
	char **page; /* NULL: a hole, which reads as zeros */
	size_t pages;
	int no_memory;
};

/* HDF5's driver for it (a "virtual file driver" in HDF5's manual). */
struct driver {
	H5FD_t file; /* first, HDF5 knows only this */
	struct image *image;
	haddr_t end;
};

static H5FD_t *image_open(const char *name, unsigned flags, hid_t access, haddr_t max)
{
	struct image *const *image = H5Pget_driver_info(access);
	struct driver *driver = image ? calloc(1, sizeof *driver) : NULL;
	(void)name, (void)flags, (void)max;
	if (!driver)
		return NULL;
	driver->image = *image;
	return &driver->file;
}

static herr_t image_close(H5FD_t *file)
{
	free(file);
	return 0;
}

static haddr_t image_end(const H5FD_t *file, H5FD_mem_t type)
{
	(void)type;
	return ((const struct driver *)file)->end;
}

static herr_t image_set_end(H5FD_t *file, H5FD_mem_t type, haddr_t end)
{
	(void)type;
	((struct driver *)file)->end = end;
	return 0;
}

static herr_t image_read(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t count, void *buffer)
{
	const struct image *image = ((struct driver *)file)->image;
	(void)type, (void)list;
	for (char *to = buffer; count > 0;) {
		size_t i = at / PAGE, from = at % PAGE, n = count < PAGE - from ? count : PAGE - from;
		if (i < image->pages && image->page[i])
			memcpy(to, image->page[i] + from, n);
		else
			memset(to, 0, n);
		to += n;
		at += n;
		count -= n;
	}
	return 0;
}

/* Returns page i, allocated if need be; NULL without memory. */
static char *image_page(struct image *image, size_t i)
{
	if (i >= image->pages) {
		size_t pages = i + i / 2 + 64;
		char **page = realloc(image->page, pages * sizeof *page);
		if (!page)
			return NULL;
		memset(page + image->pages, 0, (pages - image->pages) * sizeof *page);
		image->page = page;
		image->pages = pages;
	}
	if (!image->page[i])
		image->page[i] = calloc(1, PAGE);
	return image->page[i];
}

static herr_t image_write(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t count,
                          const void *buffer)
{
	struct image *image = ((struct driver *)file)->image;
	(void)type, (void)list;
	for (const char *from = buffer; count > 0;) {
		size_t to = at % PAGE, n = count < PAGE - to ? count : PAGE - to;
		char *page = image_page(image, at / PAGE);
		if (!page) {
			image->no_memory = 1;
			return -1;
		}
		memcpy(page + to, from, n);
		from += n;
		at += n;
		count -= n;
	}
	return 0;
}

static void image_free(struct image *image)
{
	for (size_t i = 0; i < image->pages; i++)
		free(image->page[i]);
	free(image->page);
}

static const H5FD_class_t image_class = {
#if H5_VERSION_GE(1, 13, 2)
	.version = H5FD_CLASS_VERSION,
	.value = H5_VFD_RESERVED, /* of no registered driver */
#endif
	.name = "mattis_image",
	.maxaddr = INT64_MAX,
	.fc_degree = H5F_CLOSE_STRONG,
	.fapl_size = sizeof(struct image *),
	.open = image_open,
	.close = image_close,
	.get_eoa = image_end,
	.set_eoa = image_set_end,
	.get_eof = image_end,
	.read = image_read,
	.write = image_write,
	.fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* --- building
 *
 * HDF5 functions fail if they are given a negative handle, so that only the last of a chain is checked. */

/* Returns a type for strings of variable length. */
static hid_t string_type(void)
{
	hid_t type = H5Tcopy(H5T_C_S1);
	H5Tset_size(type, H5T_VARIABLE);
	H5Tset_cset(type, H5T_CSET_UTF8);
	return type;
}

static hid_t number_type(enum dataset_type type)
{
	return type == DATASET_DOUBLE  ? H5T_NATIVE_DOUBLE
	       : type == DATASET_INT32 ? H5T_NATIVE_INT32
	                               : H5T_NATIVE_INT8;
}

/* Returns a property list that makes the bytes of a file reproducible: order of creation, no times. */
static hid_t creation_list(hid_t class)
{
	hid_t list = H5Pcreate(class);
	H5Pset_obj_track_times(list, 0);
	H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
	if (class != H5P_DATASET_CREATE)
		H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
	return list;
}

static hid_t create_file(struct image *image)
{
	hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = creation_list(H5P_FILE_CREATE);
	hid_t driver = H5FDregister(&image_class), file = -1;
	if (H5Pset_driver(access, driver, &image) >= 0)
		file = H5Fcreate("mattis", H5F_ACC_TRUNC, creation, access);
	H5FDunregister(driver);
	H5Pclose(creation);
	H5Pclose(access);
	return file;
}

/* Writes strings; of numbers, only notes their place in the file. */
static int write_data(struct object *object, hid_t type)
{
	if (object->type == DATASET_STRING)
		return H5Dwrite(object->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, object->data) < 0;
	object->place = H5Dget_offset(object->id);
	return object->place == HADDR_UNDEF;
}

static int create_dataset(const struct dataset *dataset, struct object *object, hid_t file)
{
	hsize_t shape[DATASET_RANK];
	for (int i = 0; i < object->rank; i++)
		shape[i] = object->shape[i];
	hid_t type = object->type == DATASET_STRING ? string_type() : H5Tcopy(number_type(object->type));
	hid_t space = object->rank ? H5Screate_simple(object->rank, shape, NULL) : H5Screate(H5S_SCALAR);
	hid_t list = creation_list(H5P_DATASET_CREATE);
	if (object->type != DATASET_STRING) {
		H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
		H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);
	}
	object->id = H5Dcreate2(file, object->path, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
	int bad = object->id < 0 || write_data(object, type);
	if (!bad && object->kind == OBJECT_AXIS) {
		const char *slash = strrchr(object->path, '/');
		bad = H5DSset_scale(object->id, slash ? slash + 1 : object->path) < 0;
	}
	for (int i = 0; !bad && object->kind == OBJECT_COLUMN && i < object->rank; i++)
		bad = H5DSattach_scale(object->id, dataset->object[object->axis[i]].id, (unsigned)i) < 0;
	H5Pclose(list);
	H5Sclose(space);
	H5Tclose(type);
	return bad;
}

static int create_object(const struct dataset *dataset, struct object *object, hid_t file)
{
	if (object->kind != OBJECT_GROUP)
		return create_dataset(dataset, object, file);
	hid_t list = creation_list(H5P_GROUP_CREATE);
	object->id = object->path[0] ? H5Gcreate2(file, object->path, H5P_DEFAULT, list, H5P_DEFAULT)
	                             : H5Gopen2(file, "/", H5P_DEFAULT);
	H5Pclose(list);
	return object->id < 0;
}

static int write_attr(const struct attr *attr, hid_t object)
{
	hsize_t count = (hsize_t)attr->integer;
	int8_t flags[INT8_MAX];
	for (int i = 0; i < INT8_MAX; i++)
		flags[i] = (int8_t)i;
	const void *value = &attr->string;
	hid_t type;
	switch (attr->type) {
	case ATTR_DOUBLE:
		type = H5Tcopy(H5T_NATIVE_DOUBLE);
		value = &attr->real;
		break;
	case ATTR_INT:
		type = H5Tcopy(H5T_NATIVE_INT64);
		value = &attr->integer;
		break;
	case ATTR_FLAGS:
		type = H5Tcopy(H5T_NATIVE_INT8);
		value = flags;
		break;
	default:
		type = string_type();
	}
	hid_t space = attr->type == ATTR_FLAGS ? H5Screate_simple(1, &count, NULL) : H5Screate(H5S_SCALAR);
	hid_t id = H5Acreate2(object, attr->name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	int bad = id < 0 || H5Awrite(id, type, value) < 0;
	H5Aclose(id);
	H5Sclose(space);
	H5Tclose(type);
	return bad;
}

/* Builds the file in memory except for the numbers. */
static int build(struct image *image, struct dataset *dataset, const char *path, struct err *err)
{
	store_listen();
	hid_t file = create_file(image);
	int bad = file < 0;
	for (size_t i = 0; !bad && i < dataset->objects; i++)
		bad = create_object(dataset, &dataset->object[i], file);
	for (size_t i = 0; !bad && i < dataset->attrs; i++)
		bad = write_attr(&dataset->attr[i], dataset->object[dataset->attr[i].object].id);
	if (bad)
		err_set(err, EXIT_FAILED, "%s: cannot build the file: HDF5: %s", path, first_error.text);
	for (size_t i = 0; i < dataset->objects; i++) {
		hid_t id = dataset->object[i].id;
		if (id >= 0 && dataset->object[i].kind == OBJECT_GROUP)
			H5Gclose(id);
		else if (id >= 0)
			H5Dclose(id);
		dataset->object[i].id = -1;
	}
	if (file >= 0 && H5Fclose(file) < 0 && !bad)
		bad = err_set(err, EXIT_FAILED, "%s: cannot build the file: HDF5: %s", path,
		              first_error.text);
	if (image->no_memory)
		snprintf(err->text, sizeof err->text, "%s: out of memory for the file", path);
	return bad ? err->code : 0;
}

/* --- writing */

static int by_place(const void *a, const void *b)
{
	haddr_t x = (*(struct object *const *)a)->place, y = (*(struct object *const *)b)->place;
	return (x > y) - (x < y);
}

/* Appends the bytes from ... to - 1 of the image. */
static int append_image(struct atomic_file *r, const struct image *image, uint64_t from, uint64_t to,
                        struct err *err)
{
	static const char hole[PAGE];
	int code = 0;
	while (!code && from < to) {
		const char *page = from / PAGE < image->pages ? image->page[from / PAGE] : NULL;
		size_t at = from % PAGE, n = to - from < PAGE - at ? (size_t)(to - from) : PAGE - at;
		code = atomic_file_append(r, (page ? page : hole) + at, n, err);
		from += n;
	}
	return code;
}

static int write_file(const struct image *image, struct object **data, size_t count, const char *path,
                      struct err *err)
{
	char trailer[STORE_TRAILER + 1];
	struct atomic_file r;
	uint64_t at = 0, length = store_length((const unsigned char *)image->page[0]);
	int code = atomic_file_begin(&r, path, err);
	for (size_t i = 0; !code && i < count; i++) {
		code = append_image(&r, image, at, data[i]->place, err);
		if (!code)
			code = atomic_file_append(&r, data[i]->data, dataset_bytes(data[i]), err);
		at = data[i]->place + dataset_bytes(data[i]);
	}
	if (!code)
		code = append_image(&r, image, at, length, err);
	if (code)
		return code;
	store_trailer(trailer, checksum_value(&r.checksum), length);
	code = atomic_file_append(&r, trailer, STORE_TRAILER, err);
	return code ? code : atomic_file_commit(&r, err);
}

int store_write(struct dataset *dataset, const char *path, struct err *err)
{
	struct image image = {0};
	size_t count = 0;
	if (dataset->mistake[0])
		return err_set(err, EXIT_FAILED, "%s: cannot build the file: %s", path, dataset->mistake);
	struct object **data = malloc(dataset->objects * sizeof *data);
	int code = data ? build(&image, dataset, path, err)
	                : err_set(err, EXIT_FAILED, "%s: out of memory for the file", path);
	for (size_t i = 0; !code && i < dataset->objects; i++)
		if (dataset->object[i].kind != OBJECT_GROUP && dataset->object[i].type != DATASET_STRING)
			data[count++] = &dataset->object[i];
	if (!code) {
		qsort(data, count, sizeof *data, by_place);
		code = write_file(&image, data, count, path, err);
	}
	free(data);
	image_free(&image);
	return code;
}

const char *store_library_version(void)
{
	static char text[32];
	unsigned major = 0, minor = 0, release = 0;
	H5get_libversion(&major, &minor, &release);
	snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
	return text;
}
