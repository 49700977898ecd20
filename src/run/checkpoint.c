/* Writing checkpoints; the contract is in checkpoint.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/file/provenance.h"
#include "src/file/store_probe.h"

static void writer_free(struct checkpoint_writer *w)
{
	free(w->path);
	free(w->previous);
	w->path = w->previous = NULL;
}

/* Returns "KEY=VALUE" of all effective keys, each ended by a 0, padded to 64 bytes; NULL without memory. */
static char *list_deck(size_t *size, const struct deck *deck)
{
	struct effective e;
	char *list = NULL;
	size_t n = 0;

	for (int i = 0; deck_effective(deck, &i, &e);) {
		char *value = deck_spell_all(&e);
		size_t length = strlen(e.name) + 1 + (value ? strlen(value) : 0) + 1;
		char *longer = value ? realloc(list, checkpoint_padded(n + length)) : NULL;
		if (!longer) {
			free(value);
			free(list);
			return NULL;
		}
		list = longer;
		snprintf(list + n, length, "%s=%s", e.name, value);
		n += length;
		free(value);
	}
	*size = checkpoint_padded(n);
	if (list)
		memset(list + n, 0, *size - n);
	return list;
}

static void make_head(char head[CHECKPOINT_HEAD + 1], const struct progress_counts *counts, size_t deck)
{
	char line[PROGRESS_COUNTS_LENGTH];
	struct checksum checksum;

	progress_counts_write(line, counts);
	memset(head, '\n', CHECKPOINT_HEAD);
	int n = snprintf(head, CHECKPOINT_SIGNED, "%s %s\n%s\ndeck %zu\n", CHECKPOINT_MAGIC,
	                 provenance_version(), line, deck);
	head[n] = '\n';
	checksum_init(&checksum);
	checksum_add(&checksum, head, CHECKPOINT_SIGNED);
	snprintf(head + CHECKPOINT_SIGNED, CHECKPOINT_HEAD - CHECKPOINT_SIGNED + 1, "head %016" PRIx64 "%11s",
	         checksum_value(&checksum), "\n");
}

int checkpoint_begin(struct checkpoint_writer *w, const char *output, bool damaged, const struct deck *deck,
                     const struct progress_counts *counts, struct err *err)
{
	char head[CHECKPOINT_HEAD + 1];
	size_t size = 0;
	char *list = list_deck(&size, deck);

	*w = (struct checkpoint_writer){.path = atomic_file_beside(output, ".ckpt"),
	                                .previous = atomic_file_beside(output, ".ckpt.prev")};
	if (!list || !w->path || !w->previous) {
		err_set(err, EXIT_FAILED, "%s.ckpt: out of memory", output);
	} else if (atomic_file_begin(&w->file, w->path, err) == 0) {
		w->file.keep = damaged ? NULL : w->previous;
		make_head(head, counts, size);
		if (atomic_file_append(&w->file, head, CHECKPOINT_HEAD, err) == 0)
			atomic_file_append(&w->file, list, size, err);
	}
	free(list);
	if (err->code)
		writer_free(w);
	return err->code;
}

int checkpoint_add(struct checkpoint_writer *w, const struct checkpoint_entry *entry, const void *bytes,
                   struct err *err)
{
	static const char fill[CHECKPOINT_ALIGN];

	if (atomic_file_append(&w->file, entry, sizeof *entry, err) ||
	    atomic_file_append(&w->file, bytes, entry->size, err) ||
	    atomic_file_append(&w->file, fill, checkpoint_padded(entry->size) - entry->size, err))
		writer_free(w);
	return err->code;
}

int checkpoint_end(struct checkpoint_writer *w, struct err *err)
{
	char trailer[STORE_TRAILER + 1];

	store_trailer(trailer, checksum_value(&w->file.checksum), w->file.checksum.length);
	if (atomic_file_append(&w->file, trailer, STORE_TRAILER, err) == 0)
		atomic_file_commit(&w->file, err);
	writer_free(w);
	return err->code;
}

static const char *const endings[] = {".ckpt", ".ckpt.prev", ".ckpt.tmp", ".ckpt.prev.tmp"};

bool checkpoint_exists(const char *output)
{
	bool there = false;
	for (int i = 0; i < 2; i++) {
		char *name = atomic_file_beside(output, endings[i]);
		there = there || (name && access(name, F_OK) == 0);
		free(name);
	}
	return there;
}

void checkpoint_remove(const char *output)
{
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		char *name = atomic_file_beside(output, endings[i]);
		if (name)
			unlink(name);
		free(name);
	}
}
