/* The checkpoint of a job: OUTPUT.ckpt, with the results of finished tasks and the states of begun ones, and the one
 * before it, OUTPUT.ckpt.prev.
 *
 *     512 bytes   text: "mattis checkpoint 1", the version of mattis, the tally, lengths, a digest of these lines
 *     deck        "KEY=VALUE" for every key that the job uses, each ended by a 0, filled up to a multiple of 64
 *     entries     64 bytes of struct checkpoint_entry, then its bytes, filled up to a multiple of 64
 *     64 bytes    "mattis: digest ... of ... bytes", as at the end of an output
 *
 * It is no HDF5: a plain stream is written without a copy of the results in memory, and read without a library that damaged
 * bytes could upset.  Tasks are known by the values of their points, not by their numbers, so decks can grow.
 * Rank 0 only; nothing is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_CHECKPOINT_H
#define MATTIS_RUN_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/input/deck_changes.h"
#include "src/input/deck.h"
#include "src/base/err.h"
#include "src/file/atomic_file.h"
#include "src/run/tally.h"

enum checkpoint_kind { CHECKPOINT_RESULT, CHECKPOINT_STATE };

struct checkpoint_key {
	uint64_t word[2];
};

/* Head of an entry, as it stands in the file. */
struct checkpoint_entry {
	struct checkpoint_key key; /* of the task */
	uint64_t kind;
	uint64_t size; /* bytes that follow */
	double done;   /* share of the task */
	uint64_t unused[3];
};

/* --- reading */

struct checkpoint {
	char *path;                 /* the file that was read */
	char *bytes;                /* aligned to 64 */
	size_t size, deck, entries; /* entries: place of the first */
	struct progress_counts tally;
	char warning[400]; /* why it is not OUTPUT.ckpt itself; "" usually */
};

/* Looks for a checkpoint of this output: the file itself, or the previous one when that is missing or damaged.  *checkpoint
 * is NULL when there is none.  EXIT_FAILED: damaged and no good one before it, of another version of mattis, unreadable. */
int checkpoint_read(struct checkpoint **, const char *output, struct err *);
void checkpoint_free(struct checkpoint *);

/* What its deck asked, against this one; for changes.h. */
void checkpoint_compare(struct deck_changes *, const struct checkpoint *, const struct deck *now);

/* `for (size_t at = 0; (entry = checkpoint_next(c, &at, &bytes));)`: all entries; bytes are aligned to 64. */
const struct checkpoint_entry *checkpoint_next(const struct checkpoint *, size_t *at, const void **bytes);

/* For `mattis status`, quickly.  1: there is one to go on from, and why is "" or says why the previous one is used; 0: none, -1:
 * only damaged ones.  Of files above 256 MB only head and length are looked at. */
int checkpoint_look(struct progress_counts *, char *why, size_t size, const char *output);

/* --- writing */

struct checkpoint_writer {
	struct atomic_file file;
	char *path, *previous;
};

/* Begins a new file.  damaged: what is there is not worth keeping.  After an error of this or the next function nothing is
 * left to do, and the old files are what they were. */
int checkpoint_begin(struct checkpoint_writer *, const char *output, bool damaged, const struct deck *,
                     const struct progress_counts *, struct err *);
int checkpoint_add(struct checkpoint_writer *, const struct checkpoint_entry *, const void *bytes,
                   struct err *);
int checkpoint_end(struct checkpoint_writer *, struct err *);

/* --- the files */

/* Are there any? */
bool checkpoint_exists(const char *output);
/* Removes all of them. */
void checkpoint_remove(const char *output);

#endif
