/* What the benchmarks share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TESTS_BENCH_H
#define MATTIS_TESTS_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Seconds of processor time that this program has had. */
static inline double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Memory, or the end. */
static inline void *need(void *p)
{
	if (!p) {
		fputs("benchmark: no memory\n", stderr);
		exit(1);
	}
	return p;
}

#endif
