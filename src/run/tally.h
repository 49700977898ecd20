/* How far a job is, in numbers: one line of text in the checkpoint and in the lock file, for `mattis status`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_TALLY_H
#define MATTIS_RUN_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress_counts {
	char command[16], unit[16]; /* "simulate", "sweeps" */
	bool complete;              /* all tasks are done and the output is written */
	uint64_t tasks, finished, begun;
	double share; /* of the work that is done, 0 to 1 */
	double rate;  /* units per second, of all ranks, in this run; 0: not known */
	double left;  /* seconds; infinite: not known */
	int ranks;
	int64_t time; /* of this tally, seconds since 1970 */
};

enum { PROGRESS_COUNTS_LENGTH = 256 };

/* The line, without a line end. */
void progress_counts_write(char text[PROGRESS_COUNTS_LENGTH], const struct progress_counts *);

/* False when it is not such a line. */
bool progress_counts_read(struct progress_counts *, const char *text);

/* "37.215 % done, 120 of 400 tasks, 2 begun, 1.2e+05 sweeps/s, 3 h 10 min left on 8 ranks" for people, and for scripts/submit.slurm,
 * to which half a minute of a month is progress. */
void progress_counts_print(char *text, size_t size, const struct progress_counts *, bool running);

#endif
