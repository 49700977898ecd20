/* The first half of a store: taking notes of what is to be written.  Plain memory, no HDF5.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/store_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void mistake(struct store *store, const char *what, const char *name)
{
	if (!store->mistake[0])
		snprintf(store->mistake, sizeof store->mistake, "%s%s%s", what, name ? ": " : "", name ? name : "");
}

static char *copy_string(struct store *store, const char *string)
{
	char *copy = strdup(string);
	if (!copy)
		mistake(store, "no memory", NULL);
	return copy;
}

/* The array of `count` elements with room for one more; NULL after a mistake. */
static void *grow(struct store *store, void *array, size_t count, size_t size)
{
	if (store->mistake[0])
		return NULL;
	if ((count & (count - 1)) != 0) /* the room is always a power of two */
		return array;
	void *more = realloc(array, (count ? 2 * count : 1) * size);
	if (!more)
		mistake(store, "no memory", NULL);
	return more;
}

static const char *relative(const char *path)
{
	return path + strspn(path, "/");
}

/* The object of a path of which only the first `length` characters count; `objects` when there is none. */
static size_t find(const struct store *store, const char *path, size_t length)
{
	size_t i = 0;
	while (i < store->objects &&
	       (strncmp(store->object[i].path, path, length) != 0 || store->object[i].path[length] != '\0'))
		i++;
	return i;
}

size_t store_find(const struct store *store, const char *path)
{
	return find(store, relative(path), strlen(relative(path)));
}

static size_t parent_length(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length > 0 ? length - 1 : 0;
}

/* A new object, after the groups above it. */
static struct object *add_object(struct store *store, const char *name, enum kind kind)
{
	const char *path = relative(name);
	size_t above = parent_length(path, strlen(path));
	if (find(store, path, above) == store->objects) {
		char *parent = strndup(path, above);
		if (!parent)
			mistake(store, "no memory", NULL);
		else
			add_object(store, parent, GROUP);
		free(parent);
	}
	if (store_find(store, path) < store->objects)
		mistake(store, "two objects of one name", name);
	char *copy = copy_string(store, path);
	struct object *object = grow(store, store->object, store->objects, sizeof *object);
	if (!object) {
		free(copy);
		return NULL;
	}
	store->object = object;
	object += store->objects++;
	*object = (struct object){.path = copy, .kind = kind, .id = -1};
	return object;
}

struct store *store_alloc(void)
{
	struct store *store = calloc(1, sizeof *store);
	if (!store || !(store->object = malloc(sizeof *store->object))) {
		free(store);
		return NULL;
	}
	store->object[0] = (struct object){.path = strdup(""), .kind = GROUP, .id = -1};
	store->objects = 1;
	if (!store->object[0].path) {
		store_free(store);
		return NULL;
	}
	store_attr_string(store, "/", "Conventions", "CF-1.10");
	store_attr_int(store, "/", "schema_version", SCHEMA_VERSION);
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->objects; i++) {
		struct object *o = &store->object[i];
		for (size_t k = 0; o->strings && k < o->shape[0]; k++)
			free(o->strings[k]);
		free(o->strings);
		free(o->values);
		free(o->path);
	}
	for (size_t i = 0; i < store->attrs; i++) {
		free(store->attr[i].name);
		free(store->attr[i].string);
	}
	free(store->object);
	free(store->attr);
	free(store);
}

static struct attr *add_attr(struct store *store, const char *object, const char *name, enum attr_type type)
{
	size_t index = store_find(store, object);
	if (index == store->objects && !add_object(store, object, GROUP))
		return NULL;
	for (size_t i = 0; i < store->attrs; i++)
		if (store->attr[i].object == index && strcmp(store->attr[i].name, name) == 0)
			mistake(store, "two attributes of one name", name);
	char *copy = copy_string(store, name);
	struct attr *attr = grow(store, store->attr, store->attrs, sizeof *attr);
	if (!attr) {
		free(copy);
		return NULL;
	}
	store->attr = attr;
	attr += store->attrs++;
	*attr = (struct attr){.object = index, .name = copy, .type = type};
	return attr;
}

void store_attr_double(struct store *store, const char *object, const char *name, double value)
{
	struct attr *attr = add_attr(store, object, name, ATTR_DOUBLE);
	if (attr)
		attr->real = value;
}

void store_attr_int(struct store *store, const char *object, const char *name, int64_t value)
{
	struct attr *attr = add_attr(store, object, name, ATTR_INT);
	if (attr)
		attr->integer = value;
}

void store_attr_string(struct store *store, const char *object, const char *name, const char *value)
{
	struct attr *attr = add_attr(store, object, name, ATTR_STRING);
	if (attr)
		attr->string = copy_string(store, value);
}

static void describe(struct store *store, const char *object, const char *units, const char *long_name)
{
	if (units)
		store_attr_string(store, object, "units", units);
	if (long_name)
		store_attr_string(store, object, "long_name", long_name);
}

static struct object *add_axis(struct store *store, const char *axis, size_t n)
{
	if (n == 0)
		mistake(store, "an axis without values", axis);
	struct object *object = add_object(store, axis, AXIS);
	if (object) {
		object->rank = 1;
		object->shape[0] = n;
	}
	return object;
}

void store_axis(struct store *store, const char *axis, size_t n, const double *values, const char *units,
                const char *long_name)
{
	struct object *object = add_axis(store, axis, n);
	if (!object)
		return;
	object->type = STORE_DOUBLE;
	object->data = object->values = malloc(n * sizeof *values);
	if (!object->values) {
		mistake(store, "no memory", NULL);
		return;
	}
	memcpy(object->values, values, n * sizeof *values);
	describe(store, axis, units, long_name);
}

static void copy_strings(struct store *store, struct object *object, size_t n, const char *const *values)
{
	object->data = object->strings = calloc(n, sizeof *object->strings);
	if (!object->strings) {
		mistake(store, "no memory", NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		object->strings[i] = copy_string(store, values[i]);
}

void store_axis_strings(struct store *store, const char *axis, size_t n, const char *const *values,
                        const char *long_name)
{
	struct object *object = add_axis(store, axis, n);
	if (!object)
		return;
	copy_strings(store, object, n, values);
	describe(store, axis, NULL, long_name);
}

/* The axis of that name in the group of a path, or in the nearest group above that has one. */
static size_t find_axis(const struct store *store, const char *path, const char *name)
{
	size_t above = strlen(path);
	do {
		above = parent_length(path, above);
		for (size_t i = 0; i < store->objects; i++) {
			const char *p = store->object[i].path;
			size_t skip = above ? above + 1 : 0;
			if (store->object[i].kind == AXIS && strncmp(p, path, skip) == 0 &&
			    strcmp(p + skip, name) == 0)
				return i;
		}
	} while (above > 0);
	return store->objects;
}

static void add_flags(struct store *store, const char *variable, const char *const *flags)
{
	char meanings[1024] = "";
	size_t length = 0;
	int n = 0;
	for (; flags[n] && length < sizeof meanings; n++)
		length += (size_t)snprintf(meanings + length, sizeof meanings - length, n ? " %s" : "%s", flags[n]);
	if (n > INT8_MAX || length >= sizeof meanings)
		mistake(store, "too many flags", variable);
	struct attr *attr = add_attr(store, variable, "flag_values", ATTR_FLAGS);
	if (attr)
		attr->integer = n;
	store_attr_string(store, variable, "flag_meanings", meanings);
}

void store_variable(struct store *store, const char *variable, enum store_type type, int rank,
                    const char *const *dims, const void *data, const char *units, const char *long_name,
                    const char *const *flags)
{
	struct object *object = add_object(store, variable, VARIABLE);
	if (rank > MAX_RANK)
		mistake(store, "too many dimensions", variable);
	if (!object || rank > MAX_RANK)
		return;
	object->type = type;
	object->data = data;
	object->rank = rank;
	for (int i = 0; i < rank; i++) {
		object->axis[i] = find_axis(store, object->path, dims[i]);
		if (object->axis[i] == store->objects) {
			mistake(store, "no such axis", dims[i]);
			return;
		}
		object->shape[i] = store->object[object->axis[i]].shape[0];
	}
	describe(store, variable, units, long_name);
	if (type == STORE_DOUBLE)
		store_attr_double(store, variable, "_FillValue", (double)NAN);
	if (flags)
		add_flags(store, variable, flags);
}

void store_strings(struct store *store, const char *variable, const char *axis, const char *const *values,
                   const char *long_name)
{
	struct object *object = add_object(store, variable, VARIABLE);
	size_t at = object ? find_axis(store, object->path, axis) : store->objects;
	if (object && at == store->objects)
		mistake(store, "no such axis", axis);
	if (!object || at == store->objects)
		return;
	object->rank = 1;
	object->axis[0] = at;
	object->shape[0] = store->object[at].shape[0];
	copy_strings(store, object, object->shape[0], values);
	describe(store, variable, NULL, long_name);
}
