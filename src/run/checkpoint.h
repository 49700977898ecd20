/* Checkpoint: the file OUTPUT.ckpt with the results of finished tasks and the states of running ones; the one
 * before it is kept as OUTPUT.ckpt.prev.
 *
 *     512 bytes   text: "mattis checkpoint 1", the version of mattis, progress, length of deck, checksum
 *     deck        "KEY=VALUE" for every key that the job uses, each ended by a 0, padded to a multiple of 64
 *     entries     64 bytes of struct checkpoint_entry, then its bytes, padded to a multiple of 64
 *     64 bytes    "mattis: digest ... of ... bytes", as at the end of an output (store_probe.h)
 *
 * It is not HDF5: a plain stream is written without a copy of the results in memory, and read without a
 * library that damaged bytes could crash.  A task is identified by the values of its points, not by its
 * number, so that a resumed deck may have more points.
 *
 * Rank 0 only; nothing is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_CHECKPOINT_H
#define MATTIS_RUN_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/file/atomic_file.h"
#include "src/input/deck.h"
#include "src/input/deck_changes.h"
#include "src/run/progress.h"

enum checkpoint_kind { CHECKPOINT_RESULT, CHECKPOINT_STATE };

/* Identifies a task: two checksums of the same values. */
struct checkpoint_key {
	uint64_t word[2];
};

/* Head of an entry, as it is in the file. */
struct checkpoint_entry {
	struct checkpoint_key key;
	uint64_t kind;
	uint64_t size; /* bytes that follow */
	double done;   /* fraction of the task */
	uint64_t unused[3];
};

/* --- reading */

struct checkpoint {
	char *path;  /* of the file that was read */
	char *bytes; /* its contents, aligned to 64 bytes */
	size_t size, deck,
		entries; /* bytes before the last line; bytes of the deck; offset of the first entry */
	struct progress_counts progress;
	char warning[400]; /* why it is not OUTPUT.ckpt itself; usually "" */
};

/* Reads the checkpoint of an output, or the previous one if the last is missing or damaged.  *checkpoint is
 * NULL if there is none, else to be freed.  Fails (EXIT_FAILED) if it is damaged with no good one before it,
 * of another version of mattis, or unreadable. */
int checkpoint_read(struct checkpoint **checkpoint, const char *output, struct err *);
void checkpoint_free(struct checkpoint *);

/* Compares its deck with this one (deck_changes.h). */
void checkpoint_compare(struct deck_changes *, const struct checkpoint *, const struct deck *now);

/* Returns the entry at *at, which is 0 for the first, and moves on; NULL after the last.  *bytes is aligned
 * to 64 bytes. */
const struct checkpoint_entry *checkpoint_next(const struct checkpoint *, size_t *at, const void **bytes);

/* For `mattis status`: looks at the checkpoints of an output, quickly; of files above 256 MB it reads only
 * head and length.  Returns 1 if a job can be resumed from one (`why` is "" or why the previous one is used),
 * 0 if there is none, -1 if all are damaged. */
int checkpoint_probe(struct progress_counts *, char *why, size_t size, const char *output);

/* --- writing */

struct checkpoint_writer {
	struct atomic_file file;
	char *path, *previous;
};

/* Begins a new file; `damaged`: the present one is not worth keeping as the previous.  After an error of this
 * function or the next two, nothing needs to be freed, and the old files are what they were. */
int checkpoint_begin(struct checkpoint_writer *, const char *output, bool damaged, const struct deck *,
                     const struct progress_counts *, struct err *);
int checkpoint_add(struct checkpoint_writer *, const struct checkpoint_entry *, const void *bytes,
                   struct err *);
int checkpoint_end(struct checkpoint_writer *, struct err *);

/* --- the files */

/* Returns whether there are any. */
bool checkpoint_exists(const char *output);
/* Removes all of them. */
void checkpoint_remove(const char *output);

/* --- what checkpoint.c and checkpoint_read.c share */

enum {
	CHECKPOINT_HEAD = 512,
	CHECKPOINT_SIGNED = 480, /* bytes of the head that its checksum covers */
	CHECKPOINT_ALIGN = 64
};

/* The number changes whenever the format or the meaning of the states changes. */
#define CHECKPOINT_MAGIC "mattis checkpoint 1 of mattis"

static inline size_t checkpoint_padded(size_t n)
{
	return (n + CHECKPOINT_ALIGN - 1) / CHECKPOINT_ALIGN * CHECKPOINT_ALIGN;
}

#endif
