/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/tally.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/run/progress.h"

void progress_counts_write(char text[PROGRESS_COUNTS_LENGTH], const struct progress_counts *t)
{
	snprintf(text, PROGRESS_COUNTS_LENGTH,
	         "tally %.15s %.15s complete %d tasks %" PRIu64 " finished %" PRIu64 " begun %" PRIu64
	         " share %.17g rate %.6g left %.6g ranks %d time %" PRId64,
	         t->command, t->unit, t->complete, t->tasks, t->finished, t->begun, t->share, t->rate,
	         t->left, t->ranks, t->time);
}

bool progress_counts_read(struct progress_counts *t, const char *text)
{
	int complete;
	*t = (struct progress_counts){0};
	bool good = sscanf(text,
	                   "tally %15s %15s complete %d tasks %" SCNu64 " finished %" SCNu64 " begun %" SCNu64
	                   " share %lg rate %lg left %lg ranks %d time %" SCNd64,
	                   t->command, t->unit, &complete, &t->tasks, &t->finished, &t->begun, &t->share,
	                   &t->rate, &t->left, &t->ranks, &t->time) == 11;
	t->complete = good && complete;
	return good;
}

void progress_counts_print(char *text, size_t size, const struct progress_counts *t, bool running)
{
	char left[32];
	size_t n = (size_t)snprintf(text, size, "%.3f %% done, %" PRIu64 " of %" PRIu64 " tasks",
	                            100 * t->share, t->finished, t->tasks);
	if (t->begun > 0 && n < size)
		n += (size_t)snprintf(text + n, size - n, ", %" PRIu64 " begun", t->begun);
	if (t->rate > 0 && n < size)
		n += (size_t)snprintf(text + n, size - n, ", %.3g %s/s", t->rate, t->unit);
	if (isfinite(t->left) && n < size)
		n += (size_t)snprintf(text + n, size - n, ", %s left", progress_time(left, t->left));
	if (n < size)
		snprintf(text + n, size - n, "%s %d rank%s", running ? " on" : ", was on", t->ranks,
		         t->ranks == 1 ? "" : "s");
}
