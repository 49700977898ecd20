/* The program: command line, deck, job, exit code.  Only this file prints errors, and only once.
 *
 * Under mpirun, only rank 0 does what needs no MPI (keys, status, --help, --version, --dry-run, a bad
 * command line); the other ranks exit at once.  A job under mpirun starts MPI first: rank 0 reads the deck,
 * and all ranks parse the same text.  A job without a launcher checks the deck before it starts MPI, which
 * takes time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/collective.h"
#include "src/jobs/compare.h"
#include "src/input/deck.h"
#include "src/base/err.h"
#include "src/input/grid.h"
#include "src/jobs/jobs.h"
#include "src/input/keys.h"
#include "src/input/options.h"
#include "src/file/provenance.h"
#include "src/run/stop.h"

/* A subcommand: either with a deck (job, dry_run), possibly the deck stored in an output; or without MPI
 * (local). */
struct command {
	const char *name, *arguments, *meaning;
	unsigned bit; /* mask of the keys that it uses */
	int (*job)(const struct deck *, const struct options *, struct err *);
	int (*dry_run)(FILE *, const struct deck *, const struct options *, struct err *);
	int (*local)(const struct options *, struct err *);
	int (*settings)(char **lines, const char *path,
	                struct err *); /* the deck of a file, "KEY=VALUE\n" each */
};

static int job_keys(const struct options *options, struct err *err)
{
	if (options->arguments > 0)
		return err_set(err, EXIT_USAGE, "mattis keys: needs no arguments");
	keys_print(stdout, ~0u);
	return 0;
}

static const struct command commands[] = {
	{"solve", "[DECK]", "order parameters on the grid of the deck, from the theory", USED_BY_SOLVE,
         .job = job_solve, .dry_run = dry_solve},
	{"lines", "[DECK]", "transition lines, bracketed along the last two axes of the deck", USED_BY_LINES,
         .job = job_lines, .dry_run = dry_lines},
	{"simulate", "[DECK]", "Monte Carlo on the grid of the deck", USED_BY_SIMULATE, .job = job_simulate,
         .dry_run = dry_simulate},
	{"compare", "FILE", "theory at the points of a finished simulation, and how far apart they are",
         USED_BY_SOLVE | USED_BY_SIMULATE, .job = job_compare, .dry_run = dry_compare,
         .settings = compare_read_settings},
	{"retrieve", "[DECK]", "retrieval and classification of images", USED_BY_RETRIEVE,
         .job = job_retrieve, .dry_run = dry_retrieve},
	{"status", "FILE...", "state of output files", .local = job_status},
	{"keys", "", "all keys of a deck: type, unit, range, default, meaning", .local = job_keys},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* Returns the rank set by the launcher (0 without one), which is known before MPI_Init. */
static int launched_rank(void)
{
	static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (getenv(names[i]))
			return atoi(getenv(names[i]));
	return 0;
}

static bool launched(void)
{
	return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK") || getenv("PMI_RANK");
}

static void print_help(const struct command *command)
{
	if (command) {
		printf("mattis %s %s%s\n\n%s\n\n", command->name, command->job ? "[OPTIONS] " : "",
		       command->arguments, command->meaning);
		options_print(stdout, command->job != NULL);
		if (command->job) {
			printf("\nKeys of the deck:\n\n");
			keys_print(stdout, command->bit);
		}
		return;
	}
	printf("mattis COMMAND [OPTIONS] [DECK or FILES]\n\n"
	       "Statistical physics of Hebbian networks that learn from examples.\n\nCommands:\n");
	for (int i = 0; i < COMMANDS; i++)
		printf("  %-8s %-8s  %s\n", commands[i].name, commands[i].arguments, commands[i].meaning);
	printf("\n");
	options_print(stdout, true);
	printf("\nOne point:  mattis solve -s model.P=4 -s sweep.gamma=0.1 -s sweep.T=0.5\n"
	       "Exit codes: 0 done, 1 failed, 2 bad deck or usage, 3 theory and simulation disagree,\n"
	       "            75 stopped in good order (--resume goes on).\n");
}

static int find_command(const struct command **command, const struct options *options, struct err *err)
{
	*command = NULL;
	for (int i = 0; options->command && i < COMMANDS; i++)
		if (strcmp(commands[i].name, options->command) == 0)
			*command = &commands[i];
	if (options->command && !*command)
		return err_set(err, EXIT_USAGE, "mattis: unknown command %.80s; see mattis --help",
		               options->command);
	if (!*command && !options->help && !options->version)
		return err_set(err, EXIT_USAGE, "mattis: no command; see mattis --help");
	return 0;
}

static int check_usage(const struct command *command, const struct options *options, struct err *err)
{
	const char *name = command->name;
	if (command->local && (options->output || options->settings || options->dry_run || options->resume ||
	                       options->restart))
		return err_set(err, EXIT_USAGE, "mattis %s: takes no deck, and none of its options", name);
	if (command->settings && options->resume)
		return err_set(err, EXIT_USAGE,
		               "mattis %s: is done at once, there is nothing to resume; --restart replaces",
		               name);
	if (command->settings && options->arguments != 1)
		return err_set(err, EXIT_USAGE, "mattis %s: needs the name of one output of mattis simulate",
		               name);
	if (command->job && options->arguments > 1)
		return err_set(err, EXIT_USAGE, "mattis %s: one deck at a time", name);
	if (command->job && options->arguments == 0 && options->settings == 0)
		return err_set(err, EXIT_USAGE,
		               "mattis %s: needs a deck, or keys by -s; see mattis %s --help", name, name);
	return 0;
}

static int read_deck(char **text, size_t *length, const struct command *command,
                     const struct options *options, struct err *err)
{
	if (command->settings) {
		if (command->settings(text, options->argument[0], err) == 0)
			*length = strlen(*text);
		return err->code;
	}
	if (options->arguments == 0 && (*text = calloc(1, 1)))
		return 0;
	if (options->arguments == 0)
		return err_set(err, EXIT_FAILED, "mattis: out of memory");
	return deck_read(text, length, options->argument[0], err);
}

/* Returns the settings of a text, one per line, followed by those of the command line. */
static int parse_settings(struct deck **deck, const struct command *command, const struct options *options,
                          const char *lines, struct err *err)
{
	char *text = strdup(lines);
	size_t count = (size_t)options->settings;
	const char **setting = NULL;
	int n = 0;

	for (const char *c = lines; *c; c++)
		count += *c == '\n';
	if (text)
		setting = malloc((count + 1) * sizeof *setting);
	if (!setting) {
		free(text);
		return err_set(err, EXIT_FAILED, "mattis: out of memory");
	}
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		setting[n++] = line;
	for (int i = 0; i < options->settings; i++)
		setting[n++] = options->setting[i];
	deck_parse(deck, NULL, "", 0, setting, n, command->bit, err);
	free(setting);
	free(text);
	return err->code;
}

static int parse_deck(struct deck **deck, const struct command *command, const struct options *options,
                      const char *text, size_t length, struct err *err)
{
	const char *path = options->arguments ? options->argument[0] : NULL;
	if (command->settings)
		return parse_settings(deck, command, options, text, err);
	return deck_parse(deck, path, text, length, options->setting, options->settings, command->bit, err);
}

/* Runs a job without a launcher.  Errors in the deck are found before MPI starts. */
static int prepare(struct deck **deck, const struct command *command, const struct options *options,
                   struct err *err)
{
	struct grid *grid = NULL;
	size_t length = 0;
	char *text = NULL;

	if (read_deck(&text, &length, command, options, err) == 0 &&
	    parse_deck(deck, command, options, text, length, err) == 0)
		grid_alloc(&grid, *deck, err);
	grid_free(grid);
	free(text);
	return err->code;
}

/* Runs a job on the ranks of a launcher.  Collective. */
static int prepare_together(struct deck **deck, const struct command *command, const struct options *options,
                            struct err *err)
{
	size_t length = 0;
	char *text = NULL;

	if (launched_rank() == 0)
		read_deck(&text, &length, command, options, err);
	if (collective_text(&text, &length, err) == 0) {
		parse_deck(deck, command, options, text, length, err);
		collective_err(err);
	}
	free(text);
	return err->code;
}

/* Fails if standard output could not be written. */
static void flush_output(struct err *err)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		err_set(err, EXIT_FAILED, "mattis: standard output cannot be written");
}

static void print_error(const struct err *err)
{
	if (err->code)
		fprintf(stderr, "%s\n", err->text);
}

/* Configures Open MPI for a job without a launcher, which needs neither a daemon nor a network: it starts
 * in 0.1 s instead of 0.6 s.  All message layers except ob1 load drivers of absent network cards (PSM),
 * which calibrate the processor clock for 0.2 s; plug-ins of hwloc query X servers for graphics cards.  By
 * default all such jobs would share one session folder in /tmp and remove it while others use it: of 40
 * jobs started together 10 failed.  Settings of the user take precedence. */
static void be_alone(void)
{
	setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
	setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
	setenv("OMPI_MCA_btl", "self", 0);
	setenv("OMPI_MCA_pml", "ob1", 0);
	setenv("HWLOC_PLUGINS_PATH", "", 0);
}

static int run_job(const struct command *command, struct options *options, struct err *err)
{
	struct deck *deck = NULL;
	int code = 0;

	if (!launched() && prepare(&deck, command, options, err)) {
		deck_free(deck);
		print_error(err);
		return err->code;
	}
	if (!launched())
		be_alone();
	stop_listen();
	MPI_Init(NULL, NULL);
	if (launched())
		code = prepare_together(&deck, command, options, err);
	if (code == 0)
		code = command->job(deck, options, err);
	flush_output(err);
	if (collective_err(err))
		code = err->code;
	if (launched_rank() ==
	    0) /* before the exit: the launcher kills the other ranks when one exits with a code */
		print_error(err);
	deck_free(deck);
	MPI_Finalize();
	return code;
}

static int dry_run(const struct command *command, const struct options *options, struct err *err)
{
	struct deck *deck = NULL;
	if (prepare(&deck, command, options, err) == 0)
		command->dry_run(stdout, deck, options, err);
	deck_free(deck);
	return err->code;
}

/* Runs a command that needs no MPI. */
static int run_local(const struct command *command, const struct options *options, struct err *err)
{
	int code = 0;

	if (err->code)
		code = err->code;
	else if (options->help)
		print_help(command);
	else if (options->version)
		provenance_print(stdout);
	else if (command->local)
		code = command->local(options, err);
	else
		code = dry_run(command, options, err);
	flush_output(err);
	print_error(err);
	return err->code ? err->code : code;
}

int main(int argc, char **argv)
{
	const struct command *command = NULL;
	struct options options;
	struct err err = {0};
	int code = 0;

	gsl_set_error_handler_off(); /* its exit codes are checked */
	if (options_parse(&options, argc, argv, &err) == 0 &&
	    networks_validate(err.text, sizeof err.text) != 0)
		err.code = EXIT_FAILED;
	if (err.code == 0)
		find_command(&command, &options, &err);
	if (err.code == 0 && !options.help && !options.version)
		check_usage(command, &options, &err);
	if (!err.code && !options.help && !options.version && !options.dry_run && command->job)
		code = run_job(command, &options, &err);
	else if (launched_rank() == 0)
		code = run_local(command, &options, &err);
	options_free(&options);
	return code;
}
