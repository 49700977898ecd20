/* The .npy reader: header "\x93NUMPY", version, length, a Python dictionary, then the values.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/disorder/npy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX = 1 << 16, CHUNK = 1 << 12 };

/* Returns the text after 'key': in the header's dictionary, or NULL. */
static const char *find(const char *header, const char *key)
{
	const char *s = strstr(header, key);

	if (!s)
		return NULL;
	s += strlen(key);
	while (isspace((unsigned char)*s) || *s == ':')
		s++;
	return s;
}

static int parse_shape(struct npy *a, const char *s, struct fault *fault)
{
	char *end;

	if (!s || *s++ != '(')
		return fault_set(fault, "data", "not a .npy file: no shape in its header");
	for (a->dims = 0;; a->dims++) {
		while (isspace((unsigned char)*s) || *s == ',')
			s++;
		if (*s == ')')
			break;
		if (a->dims == 3)
			return fault_set(fault, "data",
			                 "must have 2 dimensions (K, N) or 3 (K, M, N), has more");
		errno = 0;
		a->shape[a->dims] = strtol(s, &end, 10);
		if (end == s || errno || a->shape[a->dims] < 0)
			return fault_set(fault, "data", "not a .npy file: bad shape in its header");
		s = end;
	}
	if (a->dims < 2)
		return fault_set(fault, "data", "must have 2 dimensions (K, N) or 3 (K, M, N), has %d",
		                 a->dims);
	for (long i = 0, n = 1; i < a->dims; i++) {
		if (a->shape[i] < 1)
			return fault_set(fault, "data", "is empty");
		if (__builtin_mul_overflow(n, a->shape[i], &n))
			return fault_set(fault, "data", "its header tells an impossible shape");
	}
	return 0;
}

/* Reads and checks the type: kind and size ('i', 8). */
static int parse_type(char *kind, int *size, const char *s, struct fault *fault)
{
	char order = 0, text[16] = "", quote = 0;

	if (!s || sscanf(s, "%c%15[^'\"]", &quote, text) != 2 || (quote != '\'' && quote != '"'))
		return fault_set(fault, "data", "not a .npy file of plain numbers");
	if (sscanf(text, "%c%c%d", &order, kind, size) != 3 || !strchr("<|", order) ||
	    !((*kind == 'i' && (*size == 1 || *size == 2 || *size == 4 || *size == 8)) ||
	      (*kind == 'f' && (*size == 4 || *size == 8))))
		return fault_set(fault, "data",
		                 "has type %s; save it as int8 or float (numpy.save(..., a.astype('int8')))",
		                 text);
	return 0;
}

static int read_header(struct npy *a, char *kind, int *size, FILE *file, struct fault *fault)
{
	unsigned char start[12];
	size_t length, at = 10;
	char *header = NULL;
	const char *order;
	int code = -1;

	if (fread(start, 1, 10, file) != 10 || memcmp(start, "\x93NUMPY", 6) != 0)
		return fault_set(fault, "data", "not a .npy file");
	length = start[8] | (size_t)start[9] << 8;
	if (start[6] >= 2) {
		if (fread(start + at, 1, 2, file) != 2)
			return fault_set(fault, "data", "not a .npy file");
		length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
	}
	if (start[6] < 1 || start[6] > 3 || length > HEADER_MAX)
		return fault_set(fault, "data", "not a .npy file of version 1 to 3");
	header = malloc(length + 1);
	if (!header)
		return fault_set(fault, "data", "no memory");
	header[length] = 0;
	if (fread(header, 1, length, file) != length) {
		fault_set(fault, "data", "ends inside its header");
		goto done;
	}
	order = find(header, "'fortran_order'");
	if (!order || strncmp(order, "False", 5) != 0) {
		fault_set(fault, "data", "must be in C order (numpy.ascontiguousarray)");
		goto done;
	}
	if (parse_type(kind, size, find(header, "'descr'"), fault) == 0 &&
	    parse_shape(a, find(header, "'shape'"), fault) == 0)
		code = 0;
done:
	free(header);
	return code;
}

/* Converts one value; NaN and everything that is not an integer within int8 becomes 2, which no pattern
 * has. */
static int decode(const unsigned char *raw, char kind, int size)
{
	double x;
	float f;
	int64_t i = 0;

	if (kind == 'i') {
		memcpy(&i, raw, (size_t)size);
		i = (int64_t)((uint64_t)i << (64 - 8 * size)) >> (64 - 8 * size);
		return i >= -1 && i <= 1 ? (int)i : 2;
	}
	if (size == 4) {
		memcpy(&f, raw, sizeof f);
		x = (double)f;
	} else {
		memcpy(&x, raw, sizeof x);
	}
	return x == 1 ? 1 : x == -1 ? -1 : x == 0 ? 0 : 2;
}

static int read_values(struct npy *a, char kind, int size, FILE *file, struct fault *fault)
{
	unsigned char raw[8 * CHUNK];
	long total = a->shape[0] * a->shape[1] * (a->dims == 3 ? a->shape[2] : 1), at = 0, blanks = 0;

	a->value = malloc((size_t)total);
	if (!a->value)
		return fault_set(fault, "data", "no memory for its %ld values", total);
	while (at < total) {
		long n = total - at < CHUNK ? total - at : CHUNK;
		if (fread(raw, (size_t)size, (size_t)n, file) != (size_t)n)
			return fault_set(fault, "data", "ends before its %ld values", total);
		for (long j = 0; j < n; j++) {
			int v = decode(raw + (size_t)size * (size_t)j, kind, size);
			if (v == 2)
				return fault_set(fault, "data",
				                 "value %ld (counted from 0 in C order) is not -1, 0 or 1",
				                 at + j);
			blanks += v == 0;
			a->value[at + j] = (int8_t)v;
		}
		at += n;
	}
	a->blank = (double)blanks / (double)total;
	return fgetc(file) == EOF ? 0 : fault_set(fault, "data", "goes on after its %ld values", total);
}

int npy_read(struct npy *a, const char *path, struct fault *fault)
{
	FILE *file = fopen(path, "rb");
	char kind = 0;
	int size = 0, code;

	memset(a, 0, sizeof *a);
	if (!file)
		return fault_set(fault, "data", "%.100s: %s", path, strerror(errno));
	code = read_header(a, &kind, &size, file, fault);
	if (code == 0)
		code = read_values(a, kind, size, file, fault);
	if (code != 0)
		npy_free(a);
	fclose(file);
	return code;
}

void npy_free(struct npy *a)
{
	free(a->value);
	a->value = NULL;
}
