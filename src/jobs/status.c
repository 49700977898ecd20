/* `mattis status FILE...`: one line per output file, FILE: STATE, then details.  The states are finished,
 * running (another process holds the lock), stopped (a checkpoint to continue from exists), unfinished,
 * damaged, foreign, missing, unreadable.
 *
 * Exit code 0 when every file is finished or running, otherwise 1 (the lines say why, nothing goes to
 * stderr).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/run/checkpoint.h"
#include "src/jobs/jobs.h"
#include "src/run/lock.h"
#include "src/file/store_read.h"
#include "src/run/progress.h"

static void print_finished(const char *path, const struct store_info *info, const char *state)
{
	printf("%s: %s", path, state);
	if (info->end[0])
		printf(" %s", info->end);
	if (info->ranks > 0)
		printf(" on %lld rank%s", (long long)info->ranks, info->ranks > 1 ? "s" : "");
	printf(", %s", info->shape[0] ? info->shape : "one point");
	if (info->title[0])
		printf(", \"%s\"", info->title);
	printf("\n");
}

/* "; checkpoint 3 min ago" */
static void print_age(const struct progress_counts *checkpoint)
{
	char age[32];
	if (checkpoint->time > 0)
		printf("; checkpoint %s ago",
		       progress_time(age, fmax(0, difftime(time(NULL), (time_t)checkpoint->time))));
}

static int print_running(const char *path, const char *holder, const char *note,
                         const struct progress_counts *checkpoint)
{
	struct progress_counts now;
	char text[256];

	printf("%s: running, ", path);
	if (progress_counts_read(&now, note)) {
		progress_counts_print(text, sizeof text, &now, true);
		printf("%s, ", text);
	}
	printf("%s", holder);
	print_age(checkpoint);
	printf("\n");
	return 0;
}

static int print_stopped(const char *path, const char *why, const struct progress_counts *checkpoint)
{
	char text[256];

	progress_counts_print(text, sizeof text, checkpoint, false);
	printf("%s: stopped, %s", path, text);
	print_age(checkpoint);
	if (why[0])
		printf("; the last one is damaged (%s), this is the one before", why);
	printf("\n");
	return 1;
}

/* True if the checkpoint was written after the output, by a job that is to replace it. */
static bool newer(const struct progress_counts *checkpoint, const char *path)
{
	struct stat st;
	return stat(path, &st) != 0 || st.st_mtime <= checkpoint->time;
}

/* Prints the state of an output that has no newer checkpoint.  Returns 0 if it is finished. */
static int print_output(const char *path)
{
	struct err err = {0};
	struct store_info info;

	if (store_probe(&info, path, &err)) {
		printf("%s\n", err.text);
		return 1;
	}
	switch (info.state) {
	case STORE_FINISHED:
		print_finished(path, &info, "finished");
		return 0;
	case STORE_UNFINISHED:
		print_finished(path, &info, "unfinished");
		return 1;
	case STORE_DAMAGED:
		printf("%s: damaged: %s\n", path, info.why);
		return 1;
	case STORE_FOREIGN:
		printf("%s: foreign: %s\n", path, info.why);
		return 1;
	default:
		printf("%s: missing\n", path);
		return 1;
	}
}

/* Prints the state of one job.  Returns 0 if it is finished or running. */
static int status(const char *path)
{
	char holder[256], note[PROGRESS_COUNTS_LENGTH], why[160];
	struct progress_counts checkpoint;
	int found = checkpoint_probe(&checkpoint, why, sizeof why, path);

	if (lock_probe(path, holder, sizeof holder, note, sizeof note) == 1)
		return print_running(path, holder, note, &checkpoint);
	if (found == 1 && !checkpoint.complete && newer(&checkpoint, path))
		return print_stopped(path, why, &checkpoint);
	if (found == -1 && access(path, F_OK) != 0) {
		printf("%s: damaged: no output, and its checkpoints are damaged: %s\n", path,
		       why[0] ? why : "the last one is missing");
		return 1;
	}
	return print_output(path);
}

int job_status(const struct options *options, struct err *err)
{
	int code = EXIT_DONE;
	if (options->arguments == 0)
		return err_set(err, EXIT_USAGE, "mattis status: needs the name of an output file");
	for (int i = 0; i < options->arguments; i++)
		if (status(options->argument[i]))
			code = EXIT_FAILED;
	return code;
}
