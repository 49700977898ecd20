/* `mattis status FILE...`: one line per output file, FILE: STATE, then details after a colon or a comma.  The states
 * are finished, unfinished, running (another process holds the lock), damaged, foreign, missing, unreadable.
 *
 * Exit code 0 when every file is finished or running, otherwise 1 (the lines say why, nothing goes to stderr).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "src/job.h"
#include "src/lock.h"
#include "src/store.h"

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

/* Prints the state of one file; 0 if all is well. */
static int status(const char *path)
{
	struct err err = {0};
	struct store_info info;
	char holder[256];
	if (lock_probe(path, holder, sizeof holder) == 1) {
		printf("%s: running, %s\n", path, holder);
		return 0;
	}
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
