/* When a job shall stop in good order: a signal (SIGUSR1, SIGTERM, SIGINT), a file OUTPUT.stop, or the wall limit, from
 * SLURM_JOB_END_TIME or run.wall_time, whichever is earlier.  It stops before the limit: 1/20 of the time there was,
 * at most 30 s, and three times what the last checkpoint took.
 *
 * Every process listens for signals; stop file and clock are for rank 0.  Not collective, no MPI.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_STOP_H
#define MATTIS_RUN_STOP_H

#include <stddef.h>

struct stop {
	char *file;      /* OUTPUT.stop, owned; NULL: nothing is watched */
	double limit;    /* seconds of the monotonic clock, or infinity */
	double margin;   /* to stop before it */
	double looked;   /* when the file was last looked for */
	char reason[64]; /* "" or why it stops: from then on it stays so */
};

/* From here on the three signals ask to stop instead of ending the process; a second SIGINT ends it all the same. */
void stop_listen(void);

/* The signals end the process again; one that came in between does so now. */
void stop_ignore(void);

/* "SIGUSR1" when such a signal came, or NULL. */
const char *stop_signal(void);

/* Begins to watch for a job that writes this output.  wall_time: seconds from now, 0: none.  A lack of memory leaves only
 * the stop file unwatched. */
void stop_watch(struct stop *, const char *output, double wall_time);

/* Why the job shall stop, or NULL: go on.  A few clock readings; the file is looked for twice a second, and removed when it
 * is there. */
const char *stop_reason(struct stop *, double last_write);

/* The same for a reason that another rank has told. */
void stop_because(struct stop *, const char *reason);

void stop_free(struct stop *);

#endif
