/* The progress of a job; the contract is in progress.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "src/base/clock.h"

const char *progress_time(char text[32], double seconds)
{
	if (!(seconds >= 0 && seconds < 1e10)) {
		snprintf(text, 32, "?");
		return text;
	}
	long s = lround(seconds), min = (s + 30) / 60, h = min / 60;
	if (s < 100)
		snprintf(text, 32, "%ld s", s);
	else if (min < 100)
		snprintf(text, 32, "%ld min", min);
	else if (h < 48)
		snprintf(text, 32, "%ld h %ld min", h, min % 60);
	else
		snprintf(text, 32, "%ld d %ld h", h / 24, h % 24);
	return text;
}

void progress_counts_write(char text[PROGRESS_COUNTS_LENGTH], const struct progress_counts *t)
{
	snprintf(text, PROGRESS_COUNTS_LENGTH,
	         "tally %.15s %.15s complete %d tasks %" PRIu64 " finished %" PRIu64 " begun %" PRIu64
	         " share %.17g rate %.6g left %.6g ranks %d time %" PRId64,
	         t->command, t->unit, t->complete, t->tasks, t->finished, t->started, t->fraction, t->rate,
	         t->left, t->ranks, t->time);
}

bool progress_counts_read(struct progress_counts *t, const char *text)
{
	int complete;
	*t = (struct progress_counts){0};
	bool good = sscanf(text,
	                   "tally %15s %15s complete %d tasks %" SCNu64 " finished %" SCNu64 " begun %" SCNu64
	                   " share %lg rate %lg left %lg ranks %d time %" SCNd64,
	                   t->command, t->unit, &complete, &t->tasks, &t->finished, &t->started, &t->fraction,
	                   &t->rate, &t->left, &t->ranks, &t->time) == 11;
	t->complete = good && complete;
	return good;
}

void progress_counts_print(char *text, size_t size, const struct progress_counts *t, bool running)
{
	char left[32];
	size_t n = (size_t)snprintf(text, size, "%.3f %% done, %" PRIu64 " of %" PRIu64 " tasks",
	                            100 * t->fraction, t->finished, t->tasks);
	if (t->started > 0 && n < size)
		n += (size_t)snprintf(text + n, size - n, ", %" PRIu64 " started", t->started);
	if (t->rate > 0 && n < size)
		n += (size_t)snprintf(text + n, size - n, ", %.3g %s/s", t->rate, t->unit);
	if (isfinite(t->left) && n < size)
		n += (size_t)snprintf(text + n, size - n, ", %s left", progress_time(left, t->left));
	if (n < size)
		snprintf(text + n, size - n, "%s %d rank%s", running ? " on" : ", was on", t->ranks,
		         t->ranks == 1 ? "" : "s");
}

static const double pause_terminal = 0.2, pause_log = 5, pause_log_longest = 300; /* s */

void progress_init(struct progress *p, const char *what, double total, double before, bool quiet)
{
	*p = (struct progress){
		.what = what, .total = total, .done = before, .before = before, .quiet = quiet};
	p->terminal = isatty(STDERR_FILENO);
	p->pause = p->terminal ? pause_terminal : pause_log;
	p->started = p->printed = clock_monotonic();
}

static void print(struct progress *p, double now, const char *end)
{
	char spent[32], left[32], line[160];
	double rate = (p->done - p->before) / (now - p->started);
	progress_time(spent, now - p->started);
	progress_time(left, rate > 0 ? (p->total - p->done) / rate : INFINITY);
	double percent = p->total > 0 ? 100 * p->done / p->total : 100;
	int n = end ? snprintf(line, sizeof line, "%s: %s, %.1f %% in %s", p->what, end, percent, spent)
	            : snprintf(line, sizeof line, "%s: %.1f %%, %s, %s left", p->what, percent, spent, left);
	if (p->terminal)
		fprintf(stderr, "\r%-*s%s", p->width, line, end ? "\n" : "");
	else
		fprintf(stderr, "%s\n", line);
	fflush(stderr);
	p->width = n;
	p->printed = now;
}

void progress_update(struct progress *p, double done)
{
	p->done = done;
	if (p->quiet)
		return;
	double now = clock_monotonic();
	if (now - p->printed < p->pause)
		return;
	print(p, now, NULL);
	if (!p->terminal && p->pause < pause_log_longest)
		p->pause *= 1.25;
}

void progress_clear(struct progress *p)
{
	if (p->quiet || !p->terminal || p->width == 0)
		return;
	fprintf(stderr, "\r%*s\r", p->width, "");
	fflush(stderr);
	p->width = 0;
}

void progress_end(struct progress *p, bool complete)
{
	if (p->quiet)
		return;
	double now = clock_monotonic();
	if (p->printed == p->started && now - p->started < 1 && complete)
		return; /* no line for a short job */
	print(p, now, complete ? "done" : "stopped");
}
