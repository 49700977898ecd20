/* The life of a job's output file on rank 0: allowed? locked? already there? - described - written.
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
	bool complete;    /* --resume found the whole answer: nothing to do */
	const struct deck *deck;
	struct lock lock;
	struct dataset *dataset; /* has title, /parameters; the job adds its variables */
	struct provenance provenance;
	struct stop stop;
	struct checkpoint *earlier; /* of an earlier run, to go on from; NULL: none */
	bool more_sweeps;           /* than it had: its results are too short, its states can be run on */
	double interval;            /* seconds between checkpoints */
	bool keep;                  /* the checkpoint stays when the job is complete */
};

/* A job without a file prints all: refuses more lines (of "points") than that, EXIT_USAGE. */
int output_check_printed(size_t lines, size_t most, const char *what, const struct deck *, const struct options *,
                         struct err *);

/* Collective.  Rank 0 checks the path, takes the lock and looks at what is there, output and checkpoints; all ranks get its
 * verdict.  On an error nothing is held.  `complete` is known on all ranks, and told; lock, dataset and the earlier run live on rank 0
 * only.  Without a path the signals of stop.h end the process. */
int output_open(struct output *, const struct deck *, const struct options *, struct err *);

/* Collective.  Rank 0 adds the provenance, writes the file and removes the checkpoints, unless they are kept. */
int output_write(struct output *, struct err *);

/* Lets go of lock and memory.  Not collective. */
void output_close(struct output *);

#endif
