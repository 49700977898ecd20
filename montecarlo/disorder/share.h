/* The rows of a sample once per node: what several ranks need at the same time (the parts of a long task), or one after the other
 * (the temperatures of a sample), is drawn once, by all who wait for it, and read by all.
 *
 * The rows lie in an MPI shared window with a place for every rank of the node, of which only those in use take memory.
 * Ranks come and go by themselves.  What is drawn depends on the disorder only, so the numbers do not depend on who drew it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DISORDER_SHARE_H
#define MATTIS_DISORDER_SHARE_H

#include "montecarlo/disorder/quenched.h"

struct share;

/* Collective over all ranks.  bytes: rows of the largest sample (quenched.h).  *share is NULL where nothing is gained or possible:
 * small samples, one rank on the node, no room for shared memory (then every rank has rows of its own). */
void share_alloc(struct share **, size_t bytes);

/* Collective.  No rows are in use any more. */
void share_free(struct share *);

/* quenched_fill with rows that others of the node may use too; a rank may hold one sample at a time.  Not collective.  share NULL: its
 * own rows.  0, or -1 with the fault filled in (no memory).  Let go by share_release, also after an error. */
int share_fill(struct share *, struct quenched *, struct fault *);
void share_release(struct share *, struct quenched *);

#endif
