/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/cost.h"

#include <unistd.h>

#include "src/run/progress.h"

double cost_machine_bytes(void)
{
	return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

const char *cost_size_text(char text[32], double bytes)
{
	static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
	int u = 0;
	for (; bytes >= 1000 && u < 5; u++)
		bytes /= 1000;
	snprintf(text, 32, "%.3g %s", bytes, unit[u]);
	return text;
}

int cost_check_memory(double bytes, const struct deck *deck, struct err *err)
{
	const double machine = cost_machine_bytes();
	char need[32], has[32];

	if (bytes <= machine)
		return 0;
	return err_set(err, EXIT_FAILED, "%s%sthe results need %s of memory, this machine has %s",
	               deck->path ? deck->path : "", deck->path ? ": " : "", cost_size_text(need, bytes),
	               cost_size_text(has, machine));
}

void cost_print_grid(FILE *f, const struct grid *grid)
{
	const char *title = deck_text(grid->deck, "title");

	if (title)
		fprintf(f, "title    %s\n", title);
	fprintf(f, "grid     ");
	for (int a = 0; a < grid->axes; a++)
		fprintf(f, "%s%s %zu", a ? " x " : "", grid->axis[a].name, grid->axis[a].count);
	fprintf(f, " = %zu point%s", grid->points, grid->points == 1 ? "" : "s");
}

void cost_print_time(FILE *f, double seconds, const char *note, size_t ranks)
{
	char time[32];

	if (seconds < 1)
		fprintf(f, "time     less than 1 s on one core\n");
	else
		fprintf(f, "time     about %s on one core%s, at best %zu ranks\n",
		        progress_time(time, seconds), note, ranks);
}

void cost_print_output(FILE *f, const char *output, size_t lines, size_t most, const char *what)
{
	if (output || lines <= most)
		fprintf(f, "output   %s\n", output ? output : "none, only printed");
	else
		fprintf(f, "output   none; so many %s need -o FILE or run.output\n", what);
}
