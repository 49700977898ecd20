/* Progress on stderr; the contract is in progress.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/progress.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "src/base/clock.h"

static const double pause_terminal = 0.2, pause_log = 5, pause_log_longest = 300;

void progress_init(struct progress *p, const char *what, double total, double before, bool quiet)
{
	*p = (struct progress){.what = what, .total = total, .done = before, .before = before, .quiet = quiet};
	p->terminal = isatty(STDERR_FILENO);
	p->pause = p->terminal ? pause_terminal : pause_log;
	p->started = p->printed = clock_monotonic();
}

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

static void print(struct progress *p, double t, const char *end)
{
	char spent[32], left[32], line[160];
	double rate = (p->done - p->before) / (t - p->started);
	progress_time(spent, t - p->started);
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
	p->printed = t;
}

void progress_update(struct progress *p, double done)
{
	p->done = done;
	if (p->quiet)
		return;
	double t = clock_monotonic();
	if (t - p->printed < p->pause)
		return;
	print(p, t, NULL);
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
	double t = clock_monotonic();
	if (p->printed == p->started && t - p->started < 1 && complete)
		return; /* too short to talk about */
	print(p, t, complete ? "done" : "stopped");
}
