/* The description of an output in plain memory; the contract is in dataset.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_of(const struct object *object)
{
	size_t count = 1;
	for (int i = 0; i < object->rank; i++)
		count *= object->shape[i];
	return count;
}

static size_t type_size(enum dataset_type type)
{
	static const size_t size[] = {[DATASET_DOUBLE] = sizeof(double),
	                              [DATASET_INT32] = sizeof(int32_t),
	                              [DATASET_INT8] = sizeof(int8_t),
	                              [DATASET_STRING] = sizeof(char *)};
	return size[type];
}

size_t dataset_bytes(const struct object *object)
{
	return count_of(object) * type_size(object->type);
}

static void mistake(struct dataset *dataset, const char *what, const char *name)
{
	if (!dataset->mistake[0])
		snprintf(dataset->mistake, sizeof dataset->mistake, "%s%s%.*s", what, name ? ": " : "",
		         name ? (int)strcspn(name, " ") : 0, name ? name : "");
}

static char *copy_string(struct dataset *dataset, const char *string)
{
	char *copy = strdup(string);
	if (!copy)
		mistake(dataset, "no memory", NULL);
	return copy;
}

/* The array of `count` elements with room for one more; NULL after a mistake. */
static void *grow(struct dataset *dataset, void *array, size_t count, size_t size)
{
	if (dataset->mistake[0])
		return NULL;
	if ((count & (count - 1)) != 0) /* the room is always a power of two */
		return array;
	void *more = realloc(array, (count ? 2 * count : 1) * size);
	if (!more)
		mistake(dataset, "no memory", NULL);
	return more;
}

static const char *relative(const char *path)
{
	return path + strspn(path, "/");
}

/* Returns the object whose path is the first `length` characters of that one, or `objects`. */
static size_t find(const struct dataset *dataset, const char *path, size_t length)
{
	size_t i = 0;
	while (i < dataset->objects && (strncmp(dataset->object[i].path, path, length) != 0 ||
	                                dataset->object[i].path[length] != '\0'))
		i++;
	return i;
}

size_t dataset_find(const struct dataset *dataset, const char *path)
{
	return find(dataset, relative(path), strlen(relative(path)));
}

static size_t parent_length(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length > 0 ? length - 1 : 0;
}

/* A new object, after the groups above it. */
static struct object *add_object(struct dataset *dataset, const char *name, enum object_kind kind)
{
	const char *path = relative(name);
	size_t above = parent_length(path, strlen(path));
	if (find(dataset, path, above) == dataset->objects) {
		char *parent = strndup(path, above);
		if (!parent)
			mistake(dataset, "no memory", NULL);
		else
			add_object(dataset, parent, OBJECT_GROUP);
		free(parent);
	}
	if (dataset_find(dataset, path) < dataset->objects)
		mistake(dataset, "two objects of one name", name);
	char *copy = copy_string(dataset, path);
	struct object *object = grow(dataset, dataset->object, dataset->objects, sizeof *object);
	if (!object) {
		free(copy);
		return NULL;
	}
	dataset->object = object;
	object += dataset->objects++;
	*object = (struct object){.path = copy, .kind = kind, .id = -1};
	return object;
}

struct dataset *dataset_alloc(void)
{
	struct dataset *dataset = calloc(1, sizeof *dataset);
	if (!dataset || !(dataset->object = malloc(sizeof *dataset->object))) {
		free(dataset);
		return NULL;
	}
	dataset->object[0] = (struct object){.path = strdup(""), .kind = OBJECT_GROUP, .id = -1};
	dataset->objects = 1;
	if (!dataset->object[0].path) {
		dataset_free(dataset);
		return NULL;
	}
	dataset_attr_string(dataset, "/", "Conventions", "CF-1.10");
	dataset_attr_int(dataset, "/", "schema_version", DATASET_SCHEMA);
	return dataset;
}

void dataset_free(struct dataset *dataset)
{
	if (!dataset)
		return;
	for (size_t i = 0; i < dataset->objects; i++) {
		struct object *o = &dataset->object[i];
		char **string = o->type == DATASET_STRING ? o->owned : NULL;
		for (size_t k = 0; string && k < count_of(o); k++)
			free(string[k]);
		free(o->owned);
		free(o->path);
	}
	for (size_t i = 0; i < dataset->attrs; i++) {
		free(dataset->attr[i].name);
		free(dataset->attr[i].string);
	}
	free(dataset->object);
	free(dataset->attr);
	free(dataset);
}

static struct attr *add_attr(struct dataset *dataset, const char *object, const char *name,
                             enum attr_type type)
{
	size_t index = dataset_find(dataset, object);
	if (index == dataset->objects && !add_object(dataset, object, OBJECT_GROUP))
		return NULL;
	for (size_t i = 0; i < dataset->attrs; i++)
		if (dataset->attr[i].object == index && strcmp(dataset->attr[i].name, name) == 0)
			mistake(dataset, "two attributes of one name", name);
	char *copy = copy_string(dataset, name);
	struct attr *attr = grow(dataset, dataset->attr, dataset->attrs, sizeof *attr);
	if (!attr) {
		free(copy);
		return NULL;
	}
	dataset->attr = attr;
	attr += dataset->attrs++;
	*attr = (struct attr){.object = index, .name = copy, .type = type};
	return attr;
}

void dataset_attr_double(struct dataset *dataset, const char *object, const char *name, double value)
{
	struct attr *attr = add_attr(dataset, object, name, ATTR_DOUBLE);
	if (attr)
		attr->real = value;
}

void dataset_attr_int(struct dataset *dataset, const char *object, const char *name, int64_t value)
{
	struct attr *attr = add_attr(dataset, object, name, ATTR_INT);
	if (attr)
		attr->integer = value;
}

void dataset_attr_string(struct dataset *dataset, const char *object, const char *name, const char *value)
{
	struct attr *attr = add_attr(dataset, object, name, ATTR_STRING);
	if (attr)
		attr->string = copy_string(dataset, value);
}

static void add_flags(struct dataset *dataset, const char *path, const char *const *flags)
{
	char meanings[1024] = "";
	size_t length = 0;
	int n = 0;
	for (; flags[n] && length < sizeof meanings; n++)
		length += (size_t)snprintf(meanings + length, sizeof meanings - length, n ? " %s" : "%s",
		                           flags[n]);
	if (n > INT8_MAX || length >= sizeof meanings)
		mistake(dataset, "too many flags", path);
	struct attr *attr = add_attr(dataset, path, "flag_values", ATTR_FLAGS);
	if (attr)
		attr->integer = n;
	dataset_attr_string(dataset, path, "flag_meanings", meanings);
}

/* Adds the attributes of an axis or a column, in the order that files have had; newer ones last. */
static void describe(struct dataset *dataset, const char *path, const struct column *c, enum object_kind kind)
{
	const char *unit = c->unit ? c->unit : c->type == DATASET_DOUBLE ? "1" : NULL;
	if (unit)
		dataset_attr_string(dataset, path, "units", unit);
	if (c->long_name)
		dataset_attr_string(dataset, path, "long_name", c->long_name);
	if (kind == OBJECT_COLUMN && c->type == DATASET_DOUBLE)
		dataset_attr_double(dataset, path, "_FillValue", (double)NAN);
	if (c->flags)
		add_flags(dataset, path, c->flags);
	if (c->symbol)
		dataset_attr_string(dataset, path, "symbol", c->symbol);
	if (c->role)
		dataset_attr_string(dataset, path, "role", c->role);
}

/* Gives an object zeroed memory for its values, and copies them if there are any. */
static void *own(struct dataset *dataset, struct object *object, const void *data)
{
	const size_t count = count_of(object);
	object->data = object->owned = calloc(count ? count : 1, type_size(object->type));
	if (!object->owned) {
		mistake(dataset, "no memory", NULL);
		return NULL;
	}
	char **string = object->owned;
	for (size_t i = 0; data && object->type == DATASET_STRING && i < count; i++)
		string[i] = copy_string(dataset, ((const char *const *)data)[i]);
	if (data && object->type != DATASET_STRING)
		memcpy(object->owned, data, dataset_bytes(object));
	return object->owned;
}

static void make_path(char path[256], const struct column *c)
{
	snprintf(path, 256, "%s%s%s%s", c->group ? c->group : "", c->group ? "/" : "", c->name,
	         c->suffix ? c->suffix : "");
}

void dataset_axis(struct dataset *dataset, const struct column *c, size_t n)
{
	char path[256];
	make_path(path, c);
	if (n == 0)
		mistake(dataset, "an axis without values", path);
	struct object *object = add_object(dataset, path, OBJECT_AXIS);
	if (!object)
		return;
	object->type = c->type;
	object->rank = 1;
	object->shape[0] = n;
	if (own(dataset, object, c->data))
		describe(dataset, path, c, OBJECT_AXIS);
}

void dataset_axis_steps(struct dataset *dataset, const struct column *c, size_t n, double first, double step)
{
	size_t objects = dataset->objects;
	dataset_axis(dataset, c, n);
	double *value = dataset->objects > objects ? dataset->object[dataset->objects - 1].owned : NULL;
	for (size_t i = 0; value && i < n; i++)
		value[i] = first + step * (double)i;
}

void dataset_grid(struct dataset *dataset, const struct grid *grid)
{
	for (int a = 0; a < grid->axes; a++) {
		const struct axis *axis = &grid->axis[a];
		dataset->grid[dataset->grid_axes++] = dataset->objects;
		dataset_axis(dataset,
		             COLUMN(.name = axis->name, .long_name = axis->key->meaning,
		                    .symbol = axis->key->symbol, .unit = axis->key->unit,
		                    .data = axis->value),
		             axis->count);
	}
}

/* Returns the axis of that name in the group of a path, or in the nearest group above that has one. */
static size_t find_axis(const struct dataset *dataset, const char *path, const char *name, size_t length)
{
	size_t above = strlen(path);
	do {
		above = parent_length(path, above);
		for (size_t i = 0; i < dataset->objects; i++) {
			const char *p = dataset->object[i].path;
			size_t skip = above ? above + 1 : 0;
			if (dataset->object[i].kind == OBJECT_AXIS && strncmp(p, path, skip) == 0 &&
			    strncmp(p + skip, name, length) == 0 && p[skip + length] == '\0')
				return i;
		}
	} while (above > 0);
	return dataset->objects;
}

int dataset_dims(size_t axis[DATASET_RANK], const struct dataset *dataset, const char *path, const char *dims,
                 const char **unknown)
{
	int rank = 0;
	for (const char *name = dims ? dims : ""; *(name += strspn(name, " ")); name += strcspn(name, " ")) {
		size_t length = strcspn(name, " ?");
		int needed = *name == '*' ? dataset->grid_axes : 1;
		*unknown = name;
		if (rank + needed > DATASET_RANK)
			return -1;
		for (int a = 0; *name == '*' && a < dataset->grid_axes; a++)
			axis[rank++] = dataset->grid[a];
		if (*name == '*')
			continue;
		axis[rank] = find_axis(dataset, relative(path), name, length);
		if (axis[rank] < dataset->objects)
			rank++;
		else if (name[length] != '?')
			return -1;
	}
	return rank;
}

void *dataset_add(struct dataset *dataset, const struct column *c)
{
	char path[256];
	const char *unknown = NULL;
	make_path(path, c);
	struct object *object = add_object(dataset, path, OBJECT_COLUMN);
	if (!object)
		return NULL;
	object->type = c->type;
	object->flags = c->flags;
	int rank = dataset_dims(object->axis, dataset, path, c->dims, &unknown);
	if (rank < 0) {
		mistake(dataset, "no such axis", unknown);
		return NULL;
	}
	object->rank = rank;
	for (int i = 0; i < rank; i++)
		object->shape[i] = dataset->object[object->axis[i]].shape[0];
	object->data = c->data;
	void *made = c->data && c->type != DATASET_STRING ? NULL : own(dataset, object, c->data);
	describe(dataset, path, c, OBJECT_COLUMN);
	return c->data ? NULL : made;
}

int dataset_check(const struct dataset *dataset, const char *who, struct err *err)
{
	return dataset->mistake[0] ? err_set(err, EXIT_FAILED, "%s: %s", who, dataset->mistake) : 0;
}

const void *dataset_data(const struct dataset *dataset, const char *path, size_t *count)
{
	size_t i = dataset_find(dataset, path);
	if (count)
		*count = i < dataset->objects ? count_of(&dataset->object[i]) : 0;
	return i < dataset->objects ? dataset->object[i].data : NULL;
}
