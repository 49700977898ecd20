/* The output of a job: checks the path, takes the lock, looks for an earlier run, and writes the file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_OUTPUT_H
#define MATTIS_RUN_OUTPUT_H

#include <stdbool.h>

#include "src/run/checkpoint.h"
#include "src/input/deck.h"
#include "src/run/lock.h"
#include "src/input/options.h"
#include "src/file/provenance.h"
#include "src/run/stop.h"
#include "src/file/dataset.h"
#include "src/file/store_probe.h"

struct output {
	const char *path; /* NULL: nothing is written */
	bool complete;    /* all ranks; --resume found the complete output: there is nothing to do */
	const struct deck *deck;
	struct lock lock; /* rank 0, as all that follow */
	struct dataset
		*dataset; /* has title and /parameters, the job adds its results; also without a path */
	struct provenance provenance;
	struct stop stop;
	struct checkpoint *earlier; /* to resume from; NULL: none */
	bool more_sweeps; /* than the earlier run: its results are too short, its states can be continued */
	double interval;  /* seconds between checkpoints */
	bool keep;        /* the checkpoint stays when the job is complete */
};

/* Refuses (EXIT_USAGE) a job without a file that would print more than `most` lines (of `what`: "points").
 * Not collective. */
int output_check_printed(size_t lines, size_t most, const char *what, const struct deck *,
                         const struct options *, struct err *);

/* Rank 0 checks the path, takes the lock and looks at output and checkpoints; all ranks get the same result.
 * Prints a line if the output is complete.  After an error nothing is held.  Without a path, signals end the
 * process (stop.h).  Collective. */
int output_open(struct output *, const struct deck *, const struct options *, struct err *);

/* Rank 0 adds the provenance, writes the file and removes checkpoints that are not kept.  Collective. */
int output_write(struct output *, struct err *);

/* Releases lock and memory.  Not collective. */
void output_close(struct output *);

#endif
