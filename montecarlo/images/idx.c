/* The IDX reader.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/images/idx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { LONGEST_NAME = 80, FIRST = 1 << 16 };

static const long MOST = 1L << 31; /* values: more than any image set for these networks */

static int fail(struct fault *fault, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Formats "...end/of/a/long/path: why". */
static int fail(struct fault *fault, const char *path, const char *format, ...)
{
	size_t length = strlen(path), cut = length > LONGEST_NAME ? length - LONGEST_NAME : 0;
	va_list ap;
	int n;

	fault->key = "set";
	n = snprintf(fault->why, sizeof fault->why, "%s%s: ", cut ? "..." : "", path + cut);
	va_start(ap, format);
	vsnprintf(fault->why + n, sizeof fault->why - (size_t)n, format, ap);
	va_end(ap);
	return -1;
}

/* Opens path, or path.gz; *name: the one that was opened, or that the message names. */
static gzFile open_either(char *name, size_t size, const char *path, struct fault *fault)
{
	struct stat info;
	gzFile file;
	int fd = -1;

	for (int zipped = 0; zipped < 2 && fd < 0; zipped++) {
		if ((size_t)snprintf(name, size, "%s%s", path, zipped ? ".gz" : "") >= size) {
			fail(fault, path, "the name is too long");
			return NULL;
		}
		fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* do not block on a FIFO */
		if (fd < 0 && errno != ENOENT)
			break;
	}
	if (fd < 0) {
		if (errno == ENOENT)
			fail(fault, path, "no such file, nor with .gz behind");
		else
			fail(fault, name, "%s", strerror(errno));
		return NULL;
	}
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		fail(fault, name, "not a regular file");
		close(fd);
		return NULL;
	}
	file = gzdopen(fd, "rb"); /* reads plain files as they are */
	if (!file) {
		fail(fault, name, "no memory");
		close(fd);
	}
	return file;
}

/* Returns the reason of a short read: `short_of` if the file just ends. */
static int short_read(gzFile file, const char *name, const char *short_of, struct fault *fault)
{
	int code;

	gzerror(file, &code);
	if (code == Z_ERRNO)
		return fail(fault, name, "%s", strerror(errno));
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
		return fail(fault, name, "its compression is damaged");
	return fail(fault, name, "%s", short_of);
}

static int read_header(struct idx *a, gzFile file, const char *name, int dims, struct fault *fault)
{
	unsigned char head[16];
	long total = 1;
	unsigned length = 4 + 4 * (unsigned)dims;
	int got = gzread(file, head, 4);

	if (got != 4)
		return short_read(file, name, "not an IDX file", fault);
	if (head[0] != 0 || head[1] != 0)
		return fail(fault, name, "not an IDX file");
	if (head[2] != 8)
		return fail(fault, name, "an IDX file of type 0x%02x, not of unsigned bytes (0x08)", head[2]);
	if (head[3] != dims)
		return fail(fault, name, "has %d dimension%s where %s have %d", head[3],
		            head[3] == 1 ? "" : "s", dims == 1 ? "labels" : "images", dims);
	if (gzread(file, head + 4, length - 4) != (int)length - 4)
		return short_read(file, name, "ends inside its header", fault);
	a->dims = dims;
	for (int i = 0; i < dims; i++) {
		const unsigned char *b = head + 4 + 4 * i;
		a->shape[i] = (long)b[0] << 24 | (long)b[1] << 16 | (long)b[2] << 8 | (long)b[3];
		if (a->shape[i] < 1)
			return fail(fault, name, "is empty");
		if (a->shape[i] > MOST / total)
			return fail(fault, name, "its header tells of more than %ld values", MOST);
		total *= a->shape[i];
	}
	return 0;
}

/* The memory grows with the data read, since the header may be wrong. */
static int read_values(struct idx *a, gzFile file, const char *name, struct fault *fault)
{
	long total = a->shape[0] * (a->dims == 3 ? a->shape[1] * a->shape[2] : 1), room = 0, at = 0;
	int got = 0, code;

	while (at < total) {
		if (at == room) {
			room = room ? 2 * room : FIRST;
			room = room < total ? room : total;
			uint8_t *more = realloc(a->value, (size_t)room);
			if (!more)
				return fail(fault, name, "no memory for its %ld values", total);
			a->value = more;
		}
		long n = room - at < 1 << 30 ? room - at : 1 << 30;
		got = gzread(file, a->value + at, (unsigned)n);
		if (got <= 0)
			break;
		at += got;
	}
	if (at < total) {
		char why[64];
		snprintf(why, sizeof why, "ends before its %ld values", total);
		return short_read(file, name, why, fault);
	}
	if (gzgetc(file) != -1)
		return fail(fault, name, "goes on after its %ld values", total);
	gzerror(file, &code); /* gzip has checked the checksum by now */
	return code == Z_OK || code == Z_STREAM_END ? 0 : fail(fault, name, "its compression is damaged");
}

int idx_read(struct idx *a, const char *path, int dims, struct fault *fault)
{
	char name[4096];
	gzFile file;
	int code;

	memset(a, 0, sizeof *a);
	file = open_either(name, sizeof name, path, fault);
	if (!file)
		return -1;
	code = read_header(a, file, name, dims, fault);
	if (code == 0)
		code = read_values(a, file, name, fault);
	if (code != 0)
		idx_free(a);
	gzclose_r(file);
	return code;
}

void idx_free(struct idx *a)
{
	free(a->value);
	a->value = NULL;
}
