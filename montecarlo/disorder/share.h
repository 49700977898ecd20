/* Keeps the rows of a sample once per node: rows that several ranks need at the same time (the parts of a
 * long task) or one after the other (the temperatures of a sample) are drawn once, by all waiting ranks,
 * and read by all.
 *
 * The rows lie in an MPI shared window with a place for every rank of the node; only places in use take
 * memory.  Ranks need no synchronisation.  The rows depend only on the disorder, not on who draws them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DISORDER_SHARE_H
#define MATTIS_DISORDER_SHARE_H

#include "montecarlo/disorder/quenched.h"

struct share;

/* Collective over all ranks.  bytes: rows of the largest sample (quenched.h).  *share is NULL if sharing is
 * useless or impossible: small samples, one rank on the node, no shared memory (then every rank has its own
 * rows). */
void share_alloc(struct share **, size_t bytes);

/* Collective.  No rows may be in use. */
void share_free(struct share *);

/* Like quenched_fill, with rows that other ranks of the node may use too; a rank may hold one sample at a
 * time.  Not collective.  share NULL: the rank's own rows.  Returns 0, or -1 with the fault filled in (no
 * memory).  Released by share_release, also after an error. */
int share_fill(struct share *, struct quenched *, struct fault *);
void share_release(struct share *, struct quenched *);

#endif
