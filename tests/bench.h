/* Code shared by the benchmarks.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TESTS_BENCH_H
#define MATTIS_TESTS_BENCH_H

#include <stdio.h>
#include <stdlib.h>

/* Returns memory, or exits. */
static inline void *need(void *p)
{
	if (!p) {
		fputs("benchmark: no memory\n", stderr);
		exit(1);
	}
	return p;
}

#endif
