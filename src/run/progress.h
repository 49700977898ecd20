/* How far a job is, on stderr: one line that renews itself on a terminal, a line now and then in a log file.
 *
 * Only the rank that talks makes one; the others, and --quiet, pass quiet = true and every call does nothing.
 * The unit of work is the caller's (rows, sweeps x spins, ...): time left is the work left over the rate so far,
 * so the unit should be proportional to the cost.  Not collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_PROGRESS_H
#define MATTIS_RUN_PROGRESS_H

#include <stdbool.h>

struct progress {
	const char *what;        /* of the job, begins every line: "simulate" */
	double total, done;      /* work */
	double before;           /* of done: finished by an earlier run, not part of the rate */
	double started, printed; /* seconds of the monotonic clock */
	double pause;            /* seconds between lines */
	int width;               /* of the line that stands on the terminal */
	bool quiet, terminal;
};

/* Begins; `before` is work that a resumed job finds done.  `what` must outlive *p.  Prints nothing yet. */
void progress_init(struct progress *p, const char *what, double total, double before, bool quiet);

/* Work done so far (with what was done before).  Prints when the last line is old enough; cheap otherwise: one
 * clock reading, so it may hang on a tick. */
void progress_update(struct progress *p, double done);

/* Wipes the line on a terminal, so that a message can be printed; the next update draws it again. */
void progress_clear(struct progress *p);

/* The last line: all done, or (complete = false) stopped on the way. */
void progress_end(struct progress *p, bool complete);

/* "43 s", "12 min", "3 h 10 min", "4 d 2 h"; "?" when not finite.  Returns text. */
const char *progress_time(char text[32], double seconds);

#endif
