/* Progress of a job: in numbers, for checkpoint, lock file and `mattis status`, and as a line on stderr.  Not
 * collective; no MPI.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_PROGRESS_H
#define MATTIS_RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- in numbers */

struct progress_counts {
	char command[16], unit[16];        /* "simulate", "sweeps" */
	bool complete;                     /* all tasks are finished and the output is written */
	uint64_t tasks, finished, started; /* started: not yet finished */
	double fraction;                   /* of the work that is done, 0 to 1 */
	double rate;                       /* units per second of all ranks, in this run; 0: unknown */
	double left;                       /* seconds; infinite: unknown */
	int ranks;
	int64_t time; /* of these numbers, seconds since 1970 */
};

enum { PROGRESS_COUNTS_LENGTH = 256 };

/* Writes them as one line of text, without a line end; the format is part of checkpoints and lock files. */
void progress_counts_write(char text[PROGRESS_COUNTS_LENGTH], const struct progress_counts *);

/* Reads such a line; returns false for any other. */
bool progress_counts_read(struct progress_counts *, const char *text);

/* Writes "37.215 % done, 120 of 400 tasks, 2 started, 1.2e+05 sweeps/s, 3 h 10 min left on 8 ranks".  Three
 * decimals, because scripts/submit.slurm compares them: half a minute of a month is progress. */
void progress_counts_print(char *text, size_t size, const struct progress_counts *, bool running);

/* Writes "43 s", "12 min", "3 h 10 min", "4 d 2 h"; "?" if not finite.  Returns text. */
const char *progress_time(char text[32], double seconds);

/* --- on stderr: one line that is redrawn on a terminal, a line now and then in a log file */

struct progress {
	const char *what;        /* the job, at the beginning of every line: "simulate" */
	double total, done;      /* work, in a unit proportional to the time it takes */
	double before;           /* part of `done` by an earlier run: not counted in the rate */
	double started, printed; /* seconds of the monotonic clock */
	double pause;            /* seconds between lines */
	int width;               /* of the line on the terminal */
	bool quiet, terminal;
};

/* Begins; prints nothing yet.  `what` must outlive *p.  If `quiet`, no function prints: for --quiet, and all
 * ranks but 0. */
void progress_init(struct progress *p, const char *what, double total, double before, bool quiet);

/* Sets the work done so far, including `before`, and prints if the last line is old enough; otherwise costs a
 * reading of the clock, so that it may be called at every tick. */
void progress_update(struct progress *p, double done);

/* Erases the line on a terminal, so that a message can be printed; the next update draws it again. */
void progress_clear(struct progress *p);

/* Prints the last line: done, or stopped. */
void progress_end(struct progress *p, bool complete);

#endif
