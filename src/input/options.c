/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { DRY_RUN = 256, RESUME, RESTART, QUIET, VERSION };

static const struct option table[] = {
	{"output", required_argument, NULL, 'o'},
	{"set", required_argument, NULL, 's'},
	{"dry-run", no_argument, NULL, DRY_RUN},
	{"resume", no_argument, NULL, RESUME},
	{"restart", no_argument, NULL, RESTART},
	{"quiet", no_argument, NULL, QUIET},
	{"version", no_argument, NULL, VERSION},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int take(struct options *o, int c, struct err *err)
{
	switch (c) {
	case 'o':
		if (!*optarg)
			return err_set(err, EXIT_USAGE, "mattis: -o needs the name of a file");
		o->output = optarg;
		return 0;
	case 's':
		o->setting[o->settings++] = optarg;
		return 0;
	case DRY_RUN:
		o->dry_run = true;
		return 0;
	case RESUME:
		o->resume = true;
		return 0;
	case RESTART:
		o->restart = true;
		return 0;
	case QUIET:
		o->quiet = true;
		return 0;
	case VERSION:
		o->version = true;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	case ':':
		return err_set(err, EXIT_USAGE, "mattis: %s needs a value; see mattis --help",
		               o->word[optind - 1]);
	default:
		/* a bad short option may stand within a word, which optind has not passed then */
		if (optopt && optopt < DRY_RUN)
			return err_set(err, EXIT_USAGE, "mattis: unknown option -%c; see mattis --help",
			               optopt);
		return err_set(err, EXIT_USAGE, "mattis: bad option %.80s; see mattis --help",
		               o->word[optind - 1]);
	}
}

int options_parse(struct options *o, int argc, char **argv, struct err *err)
{
	int c;

	*o = (struct options){.argc = argc, .argv = argv};
	o->setting = calloc((size_t)argc + 1, sizeof *o->setting);
	o->word = calloc((size_t)argc + 1, sizeof *o->word);
	if (!o->setting || !o->word)
		return err_set(err, EXIT_FAILED, "mattis: out of memory");
	memcpy(o->word, argv, (size_t)argc * sizeof *o->word);
	optind = 0; /* begin anew, also when called again */
	while ((c = getopt_long(argc, o->word, ":o:s:h", table, NULL)) != -1)
		if (take(o, c, err))
			return err->code;
	o->argument = o->word + optind;
	o->arguments = argc - optind;
	if (o->arguments > 0) {
		o->command = *o->argument++;
		o->arguments--;
	}
	if (o->resume && o->restart)
		return err_set(err, EXIT_USAGE, "mattis: --resume and --restart exclude each other");
	return 0;
}

void options_free(struct options *o)
{
	free(o->setting);
	free(o->word);
	o->setting = NULL;
	o->word = NULL;
}

void options_print(FILE *f, bool deck)
{
	fprintf(f, "Options:\n");
	if (deck)
		fprintf(f, "  -o, --output FILE     output file (HDF5), instead of the deck's run.output\n"
		           "  -s, --set KEY=VALUE   a key as in the deck, in its place; as often as needed\n"
		           "      --dry-run         print the grid, memory, cost and output, then stop\n"
		           "      --resume          go on with an unfinished output; nothing there: start; "
		           "complete: done\n"
		           "      --restart         begin anew and replace an existing output\n"
		           "      --quiet           no progress on stderr\n");
	fprintf(f, "      --version         version, compiler and libraries\n"
	           "  -h, --help            this text\n");
}

const char *options_output(const struct options *o, const struct deck *deck)
{
	return o->output ? o->output : deck_text(deck, "run.output");
}
