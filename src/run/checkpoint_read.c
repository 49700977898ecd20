/* Reading checkpoints; the contract is in checkpoint.h.  No byte of a file is used before its checksum is
 * verified.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/run/checkpoint.h"
#include "src/file/provenance.h"
#include "src/file/store_probe.h"

static const off_t most_probed = 256 << 20; /* bytes of a file that checkpoint_probe reads */

/* --- checks */

/* Reads the head.  Returns NULL, or what is wrong with it. */
static const char *check_head(struct progress_counts *counts, size_t *deck, const char head[CHECKPOINT_HEAD])
{
	char text[CHECKPOINT_SIGNED + 1], sign[64];
	struct checksum checksum;
	size_t magic = strlen(CHECKPOINT_MAGIC);

	if (memcmp(head, CHECKPOINT_MAGIC, strcspn(CHECKPOINT_MAGIC, "1")) != 0)
		return "not a checkpoint";
	checksum_init(&checksum);
	checksum_add(&checksum, head, CHECKPOINT_SIGNED);
	snprintf(sign, sizeof sign, "head %016llx", (unsigned long long)checksum_value(&checksum));
	if (memcmp(head + CHECKPOINT_SIGNED, sign, strlen(sign)) != 0)
		return "some of its bytes have changed (wrong checksum of the head)";
	memcpy(text, head, CHECKPOINT_SIGNED);
	text[CHECKPOINT_SIGNED] = '\0';
	const char *line = strchr(text, '\n');
	if (strncmp(text, CHECKPOINT_MAGIC, magic) != 0 ||
	    strncmp(text + magic + 1, provenance_version(), (size_t)(line - text) - magic - 1) != 0 ||
	    strlen(provenance_version()) != (size_t)(line - text) - magic - 1)
		return "of another version";
	if (!progress_counts_read(counts, line + 1) ||
	    sscanf(strchr(line + 1, '\n'), "\ndeck %zu", deck) != 1)
		return "its head is not readable";
	return NULL;
}

/* Compares the last line with the bytes before it, or only their number if `bytes` is NULL.  Returns NULL, or
 * what is wrong. */
static const char *check_trailer(const char last[STORE_TRAILER], const char *bytes, size_t size)
{
	char trailer[STORE_TRAILER + 1], *digits = trailer + strlen("\nmattis: digest ");
	struct checksum checksum;

	checksum_init(&checksum);
	if (bytes)
		checksum_add(&checksum, bytes, size);
	store_trailer(trailer, checksum_value(&checksum), size);
	if (!bytes)
		memcpy(digits, last + (digits - trailer), 16);
	if (memcmp(trailer, last, STORE_TRAILER) == 0)
		return NULL;
	return memcmp(trailer, last, (size_t)(digits - trailer)) == 0
	               ? "some of its bytes have changed (wrong checksum)"
	               : "cut off, or its end is damaged";
}

/* Reads `size` bytes at an offset; returns 0, or -1 with errno. */
static int read_at(char *bytes, size_t size, off_t offset, int fd)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = pread(fd, bytes + at, size - at, offset + (off_t)at);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0)
			memset(bytes + at, 0, size - at); /* cut off just now: the checksum is wrong then */
		at = n == 0 ? size : n > 0 ? at + (size_t)n : at;
	}
	return 0;
}

/* Reads c->path; of a file above `most` bytes only head and last line.  Returns 1 if it is good, 0 if there
 * is none, -1 if it is damaged, -2 if it cannot be read; *why is the reason. */
static int read_file(struct checkpoint *c, off_t most, char *why, size_t size)
{
	struct stat st;
	const char *wrong = NULL;
	int fd = open(c->path, O_RDONLY | O_CLOEXEC), code = -2;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st)) {
		snprintf(why, size, "%s", strerror(errno));
	} else if (st.st_size < CHECKPOINT_HEAD + STORE_TRAILER) {
		wrong = "cut off";
	} else {
		bool whole = st.st_size <= most;
		size_t body = whole ? (size_t)st.st_size - STORE_TRAILER : CHECKPOINT_HEAD;
		c->size = (size_t)st.st_size - STORE_TRAILER;
		c->bytes = aligned_alloc(CHECKPOINT_ALIGN, checkpoint_padded(body + STORE_TRAILER));
		if (!c->bytes)
			snprintf(why, size, "out of memory for %lld bytes", (long long)st.st_size);
		else if (read_at(c->bytes, body, 0, fd) ||
		         read_at(c->bytes + body, STORE_TRAILER, (off_t)c->size, fd))
			snprintf(why, size, "%s", strerror(errno));
		else if (!(wrong = check_trailer(c->bytes + body, whole ? c->bytes : NULL, c->size)) &&
		         !(wrong = check_head(&c->progress, &c->deck, c->bytes)))
			code = 1;
	}
	c->entries = CHECKPOINT_HEAD + c->deck;
	if (wrong) {
		snprintf(why, size, "%s", wrong);
		code = strcmp(wrong, "of another version") == 0 ? -2 : -1;
	}
	if (fd >= 0)
		close(fd);
	return code;
}

/* --- the checkpoint to resume from */

void checkpoint_free(struct checkpoint *c)
{
	if (!c)
		return;
	free(c->path);
	free(c->bytes);
	free(c);
}

enum { WHY = 160 };

/* Reads OUTPUT + end, as read_file does. */
static int try_file(struct checkpoint *c, const char *output, const char *end, off_t most, char why[WHY])
{
	free(c->path);
	free(c->bytes);
	*c = (struct checkpoint){.path = atomic_file_beside(output, end)};
	if (c->path)
		return read_file(c, most, why, WHY);
	snprintf(why, WHY, "out of memory");
	return -2;
}

int checkpoint_read(struct checkpoint **out, const char *output, struct err *err)
{
	struct checkpoint *c = calloc(1, sizeof *c);
	char why[2][WHY] = {"missing", "missing"};

	*out = NULL;
	if (!c)
		return err_set(err, EXIT_FAILED, "%s.ckpt: out of memory", output);
	int first = try_file(c, output, ".ckpt", INT64_MAX, why[0]), second = first;
	if (first == 0 || first == -1) {
		second = try_file(c, output, ".ckpt.prev", INT64_MAX, why[1]);
		snprintf(c->warning, sizeof c->warning, "%s.ckpt: %s%s; the previous checkpoint is used",
		         output, first ? "damaged: " : "", why[0]);
	}
	if (second == 1)
		*out = c;
	else if (first == -2)
		err_set(err, EXIT_FAILED,
		        "%s.ckpt: %s; nothing was overwritten; --restart starts from the beginning", output,
		        why[0]);
	else if (first != 0 || second != 0)
		err_set(err, EXIT_FAILED,
		        "%s.ckpt: %s%s, and %s.ckpt.prev: %s; nothing was overwritten; --restart starts from "
		        "the beginning",
		        output, first ? "damaged: " : "", why[0], output, why[1]);
	if (!*out)
		checkpoint_free(c);
	return err->code;
}

void checkpoint_compare(struct deck_changes *changes, const struct checkpoint *c, const struct deck *now)
{
	char name[64];

	deck_changes_begin(changes, now);
	for (const char *at = c->bytes + CHECKPOINT_HEAD, *end = at + c->deck; at < end && *at;
	     at += strlen(at) + 1) {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "="), at);
		deck_changes_add(changes, name, at + strcspn(at, "=") + 1);
	}
	deck_changes_end(changes);
}

const struct checkpoint_entry *checkpoint_next(const struct checkpoint *c, size_t *at, const void **bytes)
{
	const struct checkpoint_entry *entry = (const void *)(c->bytes + c->entries + *at);
	size_t left = c->size - c->entries;

	if (*at >= left || left - *at < sizeof *entry ||
	    left - *at - sizeof *entry < checkpoint_padded(entry->size))
		return NULL;
	*bytes = entry + 1;
	*at += sizeof *entry + checkpoint_padded(entry->size);
	return entry;
}

int checkpoint_probe(struct progress_counts *counts, char *why, size_t size, const char *output)
{
	struct checkpoint *c = calloc(1, sizeof *c);
	char reason[2][WHY] = {"", ""};
	int first = c ? try_file(c, output, ".ckpt", most_probed, reason[0]) : 0, second = first;

	if (c && first != 1)
		second = try_file(c, output, ".ckpt.prev", most_probed, reason[1]);
	*counts = second == 1 ? c->progress : (struct progress_counts){0};
	snprintf(why, size, "%s", reason[0]);
	checkpoint_free(c);
	return second == 1 ? 1 : first || second ? -1 : 0;
}
