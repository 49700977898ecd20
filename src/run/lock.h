/* One job per output: an fcntl lock on OUTPUT.lock, which the system frees when the holder dies, however it dies.
 *
 * Rank 0 holds it from before it looks at the output until after it has been written.  The file says who holds it:
 * host, pid and SLURM_JOB_ID.  It is removed by its holder before the lock is let go.  A process that had opened
 * it before and gets the lock then sees that the name no longer leads to the file it has locked, and starts again;
 * so there are never two holders, and no litter.  After a kill -9 the file stays, unlocked, and the next job takes
 * it over.
 *
 * fcntl locks belong to the process and are gone when it closes any descriptor of the file: nothing else in
 * the process may open OUTPUT.lock while it is held.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_LOCK_H
#define MATTIS_RUN_LOCK_H

#include <stddef.h>

#include "src/base/err.h"

struct lock {
	int fd;           /* -1: not held */
	char *path;       /* OUTPUT.lock */
	char holder[256]; /* the line that names it */
};

/* Takes the lock of this output; waits up to `patience` seconds for another holder (5 in a job: killed ranks
 * live about 1 s on).  Errors, code 1: held (the text names the holder), the file can't be made. */
int lock_acquire(struct lock *, const char *output, double patience, struct err *);

/* Removes the file and frees the lock; nothing to do if it is not held (fd = -1). */
void lock_release(struct lock *);

/* Puts a line of text (how far the job is) behind the one that names the holder; nothing happens if the lock is not held, or when it
 * cannot be written. */
void lock_note(struct lock *, const char *text);

/* Does another process hold the lock of this output?  1: yes, and holder says who ("host n12, pid 4711, job 99"),
 * and note is what it last noted, or ""; 0: no, -1: can't tell, errno says why. */
int lock_probe(const char *output, char *holder, size_t size, char *note, size_t note_size);

#endif
