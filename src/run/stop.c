/* Reasons to stop; the contract is in stop.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/stop.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/file/atomic_file.h"

static const struct {
	int number;
	const char *name;
} signals[] = {{SIGUSR1, "SIGUSR1"}, {SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}};

enum { SIGNALS = sizeof signals / sizeof signals[0] };

static const double longest_margin = 30, file_pause = 0.5; /* s */

static volatile sig_atomic_t caught;

static void catch_signal(int number)
{
	caught = number;
	if (number == SIGINT)
		signal(SIGINT, SIG_DFL);
}

void stop_listen(void)
{
	struct sigaction action = {.sa_handler = catch_signal, .sa_flags = SA_RESTART};
	for (int i = 0; i < SIGNALS; i++)
		sigaction(signals[i].number, &action, NULL);
}

void stop_ignore(void)
{
	for (int i = 0; i < SIGNALS; i++)
		signal(signals[i].number, SIG_DFL);
	if (caught)
		raise(caught);
}

const char *stop_signal(void)
{
	for (int i = 0; i < SIGNALS; i++)
		if (caught == signals[i].number)
			return signals[i].name;
	return NULL;
}

void stop_watch(struct stop *s, const char *output, double wall_time)
{
	const char *end = getenv("SLURM_JOB_END_TIME");
	double left = wall_time > 0 ? wall_time : INFINITY,
	       slurm = end ? strtod(end, NULL) - (double)time(NULL) : INFINITY;

	if (slurm > 0 && slurm < left)
		left = slurm;
	*s = (struct stop){.limit = clock_monotonic() + left, .margin = fmin(longest_margin, left / 20)};
	s->file = atomic_file_beside(output, ".stop");
}

void stop_because(struct stop *s, const char *reason)
{
	if (!s->reason[0])
		snprintf(s->reason, sizeof s->reason, "%s", reason);
}

const char *stop_reason(struct stop *s, double last_write)
{
	double now = clock_monotonic();

	if (stop_signal())
		stop_because(s, stop_signal());
	if (now > s->limit - s->margin - 3 * last_write)
		stop_because(s, "the wall-clock limit");
	if (s->file && now - s->looked > file_pause) {
		s->looked = now;
		if (unlink(s->file) == 0)
			stop_because(s, "the stop file");
	}
	return s->reason[0] ? s->reason : NULL;
}

void stop_free(struct stop *s)
{
	free(s->file);
	s->file = NULL;
}
