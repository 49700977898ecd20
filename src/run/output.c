/* Opening and writing the output of a job; the contract is in output.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/output.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/collective.h"
#include "src/file/store.h"
#include "src/file/store_read.h"

static const double patience = 5; /* s; killed ranks may live for another second */

/* Adds /parameters: one attribute per effective key, and the text of the deck. */
static int store_parameters(struct dataset *dataset, const struct deck *deck, struct err *err)
{
	struct effective e;

	for (int i = 0; deck_effective(deck, &i, &e);) {
		if (e.swept || !e.range) {
			char *text = deck_spell_all(&e);
			if (!text)
				return err_set(err, EXIT_FAILED, "out of memory");
			dataset_attr_string(dataset, "/parameters", e.name, text);
			free(text);
		} else if (e.key->type == KEY_INTEGER) {
			dataset_attr_int(dataset, "/parameters", e.name, (int64_t)range_value(e.range, 0));
		} else {
			dataset_attr_double(dataset, "/parameters", e.name, range_value(e.range, 0));
		}
	}
	dataset_attr_string(dataset, "/parameters", "deck", deck->text);
	return 0;
}

/* How a file at the path of the output relates to the deck: has all that it asks for, has less, is of another
 * deck, or is unfinished or damaged. */
enum old { OLD_MISSING, OLD_COMPLETE, OLD_PART, OLD_OTHER, OLD_BAD };

static enum old compare_old(char *why, size_t size, const struct output *out, struct err *err)
{
	struct store_info info;
	struct deck_changes changes;

	if (store_probe(&info, out->path, err) || info.state == STORE_MISSING)
		return OLD_MISSING;
	if (info.state != STORE_FINISHED) {
		snprintf(why, size, "%s", info.state == STORE_UNFINISHED ? "not finished" : info.why);
		return OLD_BAD;
	}
	deck_changes_begin(&changes, out->deck);
	store_attributes(out->path, "/parameters", deck_changes_add, &changes, err);
	deck_changes_end(&changes);
	snprintf(why, size, "%s", changes.text);
	return changes.text[0] ? OLD_OTHER : changes.more ? OLD_PART : OLD_COMPLETE;
}

static int refuse_changes(const char *path, const char *changes, struct err *err)
{
	return err_set(err, EXIT_USAGE,
	               "%s: belongs to another deck: %s; --restart starts from the beginning", path, changes);
}

/* Reads the checkpoint of an earlier run, if there is one. */
static int read_checkpoint(struct output *out, struct err *err)
{
	struct deck_changes changes;

	if (checkpoint_read(&out->earlier, out->path, err) || !out->earlier)
		return err->code;
	checkpoint_compare(&changes, out->earlier, out->deck);
	if (changes.text[0])
		return refuse_changes(out->earlier->path, changes.text, err);
	out->more_sweeps = changes.more_sweeps;
	if (out->earlier->warning[0])
		fprintf(stderr, "%s\n", out->earlier->warning);
	return 0;
}

/* For --resume: accepts a complete output, a checkpoint, or nothing at all; refuses anything else. */
static int look_for_earlier(struct output *out, struct err *err)
{
	char why[512];
	enum old old = compare_old(why, sizeof why, out, err);

	out->complete = old == OLD_COMPLETE;
	if (out->complete && !out->keep)
		checkpoint_remove(out->path); /* its job was killed before it removed them */
	if (err->code || out->complete || read_checkpoint(out, err) || out->earlier)
		return err->code;
	if (old == OLD_OTHER)
		return refuse_changes(out->path, why, err);
	if (old == OLD_BAD)
		return err_set(err, EXIT_FAILED,
		               "%s: %s; nothing was overwritten; --restart starts from the beginning",
		               out->path, why);
	if (old == OLD_PART)
		fprintf(stderr,
		        "%s: the deck asks for more, and no checkpoint was kept (run.extendable): "
		        "everything is computed again\n",
		        out->path);
	return 0;
}

static int open_here(struct output *out, const struct options *options, struct err *err)
{
	const char *title = deck_text(out->deck, "title");
	bool overwrite = options->resume || options->restart;

	if (store_check_output(out->path, overwrite, err) ||
	    lock_acquire(&out->lock, out->path, patience, err))
		return err->code;
	/* again: the holder of the lock may have written the file in the meantime */
	if (store_check_output(out->path, overwrite, err))
		return err->code;
	if (title)
		dataset_attr_string(out->dataset, "/", "title", title);
	if (store_parameters(out->dataset, out->deck, err))
		return err->code;
	if (options->resume)
		return look_for_earlier(out, err);
	if (options->restart)
		checkpoint_remove(out->path);
	if (checkpoint_exists(out->path))
		err_set(err, EXIT_USAGE,
		        "%s has a checkpoint of an earlier run: --resume continues it, --restart starts "
		        "from the beginning",
		        out->path);
	return err->code;
}

int output_check_printed(size_t lines, size_t most, const char *what, const struct deck *deck,
                         const struct options *options, struct err *err)
{
	if (options_output(options, deck) || lines <= most)
		return 0;
	return err_set(err, EXIT_USAGE, "mattis %s: %zu %s are too many to print: give -o FILE or run.output",
	               options->command, lines, what);
}

int output_open(struct output *out, const struct deck *deck, const struct options *options, struct err *err)
{
	int rank, complete;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	*out = (struct output){.path = options_output(options, deck), .deck = deck, .lock = {.fd = -1}};
	out->interval = deck_real(deck, "run.checkpoint_interval");
	out->keep = deck_word(deck, "run.extendable");
	provenance_start(&out->provenance, options->argc, options->argv);
	if (out->path)
		stop_watch(&out->stop, out->path, deck_real(deck, "run.wall_time"));
	else
		stop_ignore();
	if (rank == 0 && !(out->dataset = dataset_alloc()))
		err_set(err, EXIT_FAILED, "out of memory");
	else if (rank == 0 && out->path)
		open_here(out, options, err);
	if (collective_err(err)) {
		output_close(out);
		return err->code;
	}
	complete = out->complete;
	MPI_Bcast(&complete, 1, MPI_INT, 0, MPI_COMM_WORLD);
	out->complete = complete;
	if (complete && rank == 0 && !options->quiet)
		printf("%s: complete, nothing to do\n", out->path);
	return 0;
}

int output_write(struct output *out, struct err *err)
{
	int ranks;

	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	if (out->dataset && out->path && !err->code) {
		dataset_attr_int(out->dataset, "/", "complete", 1);
		provenance_store(&out->provenance, ranks, out->dataset);
		if (store_write(out->dataset, out->path, err) == 0 && !out->keep)
			checkpoint_remove(out->path);
	}
	return collective_err(err);
}

void output_close(struct output *out)
{
	checkpoint_free(out->earlier);
	out->earlier = NULL;
	stop_free(&out->stop);
	dataset_free(out->dataset);
	out->dataset = NULL;
	lock_release(&out->lock);
}
