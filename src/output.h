/* The life of a job's output file on rank 0: allowed? locked? already there? - described - written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_OUTPUT_H
#define MATTIS_OUTPUT_H

#include <stdbool.h>

#include "src/deck.h"
#include "src/lock.h"
#include "src/options.h"
#include "src/provenance.h"
#include "src/store.h"

struct output {
	const char *path; /* NULL: nothing is written */
	bool complete;    /* --resume found the whole answer: nothing to do */
	struct lock lock;
	struct store *store; /* has title, /parameters; the job adds its variables */
	struct provenance provenance;
};

/* Collective.  Rank 0 checks the path, takes the lock and looks at what is there; all ranks get its verdict.  On an error nothing is held.
 * `complete` is known on all ranks; lock and store live on rank 0 only. */
int output_open(struct output *, const struct deck *, const struct options *, struct err *);

/* Collective.  Rank 0 adds the provenance and writes the file. */
int output_write(struct output *, struct err *);

/* Lets go of lock and memory.  Not collective. */
void output_close(struct output *);

#endif
