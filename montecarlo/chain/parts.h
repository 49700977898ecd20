/* Divides a long task into parts, each a group of two replicas, which different ranks can simulate, and
 * merges their results.  The division depends only on the protocol and the task, not on the number of
 * ranks; so do the results.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_PARTS_H
#define MATTIS_CHAIN_PARTS_H

#include "montecarlo/chain/task_run.h"

/* Returns the number of parts: 1 if the task is short (work as given by task_check), if a part would mostly
 * draw its sample, or if the results contain something that cannot be merged (curve, configurations, TAP). */
int parts_count(const struct protocol *, const struct task *, double work);

/* Returns the protocol of part i of a task that has several parts. */
struct protocol parts_protocol(const struct protocol *whole, int i);

/* Returns the size in bytes of a part's result with `points` temperatures; copies the result. */
size_t parts_size(const struct protocol *part, int points);
void parts_result(void *result, const struct task_run *, const struct protocol *part, int points);

/* Merges the results of all parts, in order, into that of the whole task, [points][record_width].  N:
 * spins.  Returns 0, or -1 without memory. */
int parts_answer(double *answer, const struct protocol *whole, int points, double N,
                 const void *const *result, int parts);

#endif
