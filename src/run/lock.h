/* One job per output: an fcntl lock on OUTPUT.lock, which the system releases when the holder dies, however
 * it dies.
 *
 * Rank 0 holds it from before it looks at the output until the output has been written.  The first line of
 * the file names the holder: host, pid and SLURM_JOB_ID; the second is its progress.  The holder removes the
 * file before it releases the lock.  A process that had opened the file earlier and now gets the lock notices
 * that the name no longer leads to this file, and tries again: there are never two holders, and no file is
 * left behind.  After kill -9 the file stays, unlocked, and the next job takes it over.
 *
 * fcntl locks belong to the process and end when it closes any descriptor of the file: nothing else in the
 * process may open OUTPUT.lock while it is held.  Rank 0 only; not collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_LOCK_H
#define MATTIS_RUN_LOCK_H

#include <stddef.h>

#include "src/base/err.h"

struct lock {
	int fd;           /* -1: not held */
	char *path;       /* OUTPUT.lock */
	char holder[256]; /* first line of the file */
};

/* Takes the lock of this output; waits up to `patience` seconds for another holder (5 in a job: killed ranks
 * can live for another second).  Fails (EXIT_FAILED) if another process holds it, which the message names, or
 * if the file cannot be created. */
int lock_acquire(struct lock *, const char *output, double patience, struct err *);

/* Removes the file and releases the lock; does nothing if it is not held (fd = -1). */
void lock_release(struct lock *);

/* Writes the second line of the file; does nothing if the lock is not held or the file cannot be written. */
void lock_note(struct lock *, const char *text);

/* Returns 1 if another process holds the lock of this output, with the lines of the file ("host n12, pid
 * 4711, job 99"; the note may be ""); 0 if none does; -1 with errno if that cannot be found out. */
int lock_probe(const char *output, char *holder, size_t size, char *note, size_t note_size);

#endif
