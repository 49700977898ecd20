/* The command line: mattis COMMAND [OPTIONS] [ARGUMENTS].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_INPUT_OPTIONS_H
#define MATTIS_INPUT_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "src/input/deck.h"
#include "src/base/err.h"

struct options {
	const char *command; /* the word, NULL: only --help or --version */
	int arguments;       /* decks or files */
	char **argument;
	const char **setting; /* -s KEY=VALUE, `settings` of them, in order */
	int settings;
	const char *output; /* -o FILE, NULL: as the deck says */
	bool dry_run, resume, restart, quiet, help, version;
	int argc; /* as main got them, for the provenance */
	char **argv;
	char **word; /* argv as reordered by getopt; owned */
};

/* Reads the command line.  The strings belong to argv; options_free frees the lists, also after an error.
 * EXIT_USAGE for an unknown option, a missing argument, or --resume with --restart. */
int options_parse(struct options *, int argc, char **argv, struct err *);
void options_free(struct options *);

/* Prints the options for --help; `deck`: those of commands with a deck, too. */
void options_print(FILE *, bool deck);

/* Returns the output file: -o, else run.output, else NULL (print only). */
const char *options_output(const struct options *, const struct deck *);

#endif
