/* The report of a simulation while it is made: private to simulate_report.c and simulate_sites.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_REPORT_H
#define MATTIS_JOBS_SIMULATE_REPORT_H

#include "src/jobs/simulate_tasks.h"

/* Memory that must live until the file is written. */
struct columns {
	int n, room;
	void **memory;
	bool failed;
};

struct report {
	struct dataset *dataset;
	const struct simulation *s;
	const double *answers;
	struct columns *columns;
	const char *dims[MAX_AXES + 3];
	size_t points, samples, patterns;
	double *value, *error, *pair; /* [samples], [samples], [samples][2] scratch */
	bool *use;                    /* [points][samples] which are averaged over */
	bool *left;                   /* [points][samples] in which no replica stayed in the state it started in */
};

/* Zeroed memory that lives until the file is written, or NULL (noted in r->columns). */
void *report_keep(struct columns *, size_t count, size_t size);

/* The answer of a sample at a point of the grid (montecarlo/statistics/record.h). */
const double *report_answer(const struct report *, size_t point, size_t sample);

/* The mean over samples of a number of the head, and with `samples` the samples' own in /samples. */
void report_head(struct report *, enum answer, const char *name, const char *long_name, bool samples);

/* The mean of each spin, as /samples/magnetisation. */
void report_magnetisations(struct report *);

/* The solutions of TAP, from every start of every sample, as /solutions, and their means. */
void report_solutions(struct report *);

#endif
