/* A long task in parts: groups of two replicas that different ranks simulate, each as an ensemble by itself, and the answer made of
 * them.  Whether a task is divided depends on the protocol and the task only, never on the ranks, so the answers do not either.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_PARTS_H
#define MATTIS_CHAIN_PARTS_H

#include "montecarlo/chain/task_run.h"

/* Into how many parts?  1 when the task is short (work as by task_check), when a part would mostly draw its sample, or where
 * something is kept that only the whole has (curve, configurations). */
int parts_count(const struct protocol *, const struct task *, double work);

/* The protocol of part i of a task that has more than one. */
struct protocol parts_protocol(const struct protocol *whole, int i);

/* Bytes of a part's result with so many temperatures; the result. */
size_t parts_size(const struct protocol *part, int points);
void parts_result(void *result, const struct task_run *, const struct protocol *part, int points);

/* The answer of the whole, [points][record_width], of the results of all parts, in order.  N: spins.  0, or -1 (no
 * memory). */
int parts_answer(double *answer, const struct protocol *whole, int points, double N,
                 const void *const *result, int parts);

#endif
