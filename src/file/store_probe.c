/* An output file seen from outside; the contract is in store_probe.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/checksum.h"
#include "src/file/store_probe.h"

enum { PIECE = 1 << 20 };

uint64_t store_length(const unsigned char first[64])
{
	static const size_t place[] = {40, 44, 28, 28}; /* by version, if addresses have 8 bytes */
	unsigned version = first[8];
	if (memcmp(first, "\211HDF\r\n\032\n", 8) != 0 || version > 3 || first[version < 2 ? 13 : 9] != 8)
		return 0;
	uint64_t length = 0;
	for (size_t i = 0; i < 8; i++)
		length |= (uint64_t)first[place[version] + i] << 8 * i;
	return length;
}

void store_trailer(char trailer[STORE_TRAILER + 1], uint64_t checksum, uint64_t length)
{
	snprintf(trailer, STORE_TRAILER + 1, "\nmattis: digest %016" PRIx64 " of %21" PRIu64 " bytes\n",
	         checksum, length);
}

/* Both ends of a file, and the checksum of everything but the last line. */
struct bytes {
	uint64_t size, checksum;
	unsigned char first[64];
	char last[STORE_TRAILER + 1];
};

/* Reads a file; returns 0, or -1 with errno. */
static int read_bytes(struct bytes *bytes, int fd)
{
	struct stat st;
	struct checksum checksum;
	char *buffer = malloc(PIECE);
	int bad = !buffer || fstat(fd, &st);
	*bytes = (struct bytes){.size = bad ? 0 : (uint64_t)st.st_size};
	checksum_init(&checksum);
	uint64_t body = bytes->size < STORE_TRAILER ? 0 : bytes->size - STORE_TRAILER;
	for (uint64_t at = 0; !bad && at < bytes->size;) {
		ssize_t n = pread(fd, buffer, PIECE, (off_t)at);
		bad = n < 0 && errno != EINTR;
		if (n == 0)
			break; /* cut off just now: the checksum is wrong then */
		if (n < 0)
			continue;
		if (at == 0)
			memcpy(bytes->first, buffer, (size_t)n < 64 ? (size_t)n : 64);
		if (at < body)
			checksum_add(&checksum, buffer,
			             (uint64_t)n < body - at ? (size_t)n : (size_t)(body - at));
		at += (uint64_t)n;
	}
	bad = bad || pread(fd, bytes->last, STORE_TRAILER, (off_t)body) < 0;
	bytes->checksum = checksum_value(&checksum);
	free(buffer);
	return bad ? -1 : 0;
}

static void classify(struct store_info *info, const struct bytes *bytes)
{
	char trailer[STORE_TRAILER + 1];
	uint64_t length = store_length(bytes->first);
	store_trailer(trailer, bytes->checksum, bytes->size - STORE_TRAILER);
	if (bytes->size > STORE_TRAILER && strcmp(trailer, bytes->last) == 0) {
		info->state = STORE_FINISHED;
	} else if (memcmp(trailer, bytes->last, strlen("\nmattis: digest ")) == 0) {
		info->state = STORE_DAMAGED;
		snprintf(info->why, sizeof info->why, "some of its bytes have changed (wrong checksum)");
	} else if (length == 0) {
		info->state = STORE_FOREIGN;
		snprintf(info->why, sizeof info->why, bytes->size ? "not an HDF5 file" : "empty");
	} else if (bytes->size < length) {
		info->state = STORE_DAMAGED;
		snprintf(info->why, sizeof info->why, "cut off after %" PRIu64 " of %" PRIu64 " bytes",
		         bytes->size, length + STORE_TRAILER);
	} else if (bytes->size > length) {
		info->state = STORE_DAMAGED;
		snprintf(info->why, sizeof info->why, "the checksum at its end is missing or damaged");
	} else {
		info->state = STORE_FOREIGN;
		snprintf(info->why, sizeof info->why,
		         "HDF5, but not from mattis, or changed since by another program");
	}
}

int store_probe_bytes(struct store_info *info, const char *path, struct err *err)
{
	struct stat st;
	struct bytes bytes;
	*info = (struct store_info){.state = STORE_MISSING};
	if (stat(path, &st) && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		info->state = STORE_FOREIGN;
		snprintf(info->why, sizeof info->why, "not a regular file");
		return 0;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC), bad = fd < 0 || read_bytes(&bytes, fd), reason = errno;
	if (fd >= 0)
		close(fd);
	if (bad)
		return err_set(err, EXIT_FAILED, "%s: cannot be read: %s", path, strerror(reason));
	classify(info, &bytes);
	return 0;
}

int store_check_output(const char *path, int overwrite, struct err *err)
{
	struct stat st;
	char *copy = strdup(path);
	if (!copy)
		return err_set(err, EXIT_FAILED, "%s: out of memory", path);
	const char *directory = dirname(copy);
	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		err_set(err, EXIT_USAGE, "output \"%s\" is not the name of a file", path);
	else if (stat(directory, &st))
		err_set(err, EXIT_FAILED, "%s: output directory %s: %s", path, directory, strerror(errno));
	else if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		err_set(err, EXIT_USAGE, "%s: output is not a regular file and is left alone", path);
	else if (lstat(path, &st) == 0 && !overwrite)
		err_set(err, EXIT_USAGE,
		        "%s exists: --resume continues it, or leaves it if it is complete; --restart "
		        "replaces it",
		        path);
	else if (lstat(path, &st) && errno != ENOENT)
		err_set(err, EXIT_FAILED, "%s: %s", path, strerror(errno));
	else if (access(directory, W_OK | X_OK))
		err_set(err, EXIT_FAILED, "%s: cannot write to directory %s: %s", path, directory,
		        strerror(errno));
	free(copy);
	return err->code;
}
