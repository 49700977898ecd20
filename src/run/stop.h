/* Reasons to stop a job cleanly: a signal (SIGUSR1, SIGTERM, SIGINT), a file OUTPUT.stop, or the wall-clock
 * limit, which is SLURM_JOB_END_TIME or run.wall_time, whichever is earlier.  The margin before the limit is
 * 1/20 of the time that was left at the start, at most 30 s, plus three times what the last checkpoint took.
 *
 * Signals are for every rank; stop file and limit for rank 0.  Not collective; no MPI.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_STOP_H
#define MATTIS_RUN_STOP_H

#include <stddef.h>

struct stop {
	char *file;      /* OUTPUT.stop, owned; NULL: there is no stop file */
	double limit;    /* seconds of the monotonic clock, or infinity */
	double margin;   /* seconds before the limit */
	double looked;   /* when the file was last looked for */
	char reason[64]; /* why the job must stop; "": it goes on */
};

/* From now on the three signals request a stop instead of ending the process; a second SIGINT ends it. */
void stop_listen(void);

/* The signals end the process again; one that came in between ends it now. */
void stop_ignore(void);

/* Returns the name of the signal that came, "SIGUSR1", or NULL. */
const char *stop_signal(void);

/* Begins to watch for a job that writes this output.  wall_time: seconds from now, 0: no limit.  Without
 * memory there is no stop file. */
void stop_watch(struct stop *, const char *output, double wall_time);

/* Returns why the job must stop, or NULL.  last_write: seconds that the last checkpoint took.  Looks for the
 * file twice a second, and removes it; otherwise costs a reading of the clock. */
const char *stop_reason(struct stop *, double last_write);

/* Sets the reason, unless there is one: another rank has announced it. */
void stop_because(struct stop *, const char *reason);

/* Frees the memory. */
void stop_free(struct stop *);

#endif
