/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/output.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "src/agree.h"

static const double PATIENCE = 5; /* s: how long killed ranks may live on */

/* /parameters: one attribute per effective key, and the deck as it was. */
static void store_parameters(struct store *store, const struct deck *deck)
{
	struct effective e;
	char text[16384];

	for (int i = 0; deck_effective(deck, &i, &e);) {
		if (e.swept || (e.range && e.range->count > 1)) {
			deck_spell(text, sizeof text, &e);
			store_attr_string(store, "/parameters", e.name, text);
		} else if (!e.range) {
			store_attr_string(store, "/parameters", e.name, e.text);
		} else if (e.key->type == KEY_INTEGER) {
			store_attr_int(store, "/parameters", e.name, (int64_t)range_value(e.range, 0));
		} else {
			store_attr_double(store, "/parameters", e.name, range_value(e.range, 0));
		}
	}
	store_attr_string(store, "/parameters", "deck", deck->text);
}

/* --resume with a file there: the whole answer to this deck, or refused. */
static int look_at_old(struct output *out, struct err *err)
{
	struct store_info info;
	char changes[512];
	static const char *const not_the_answer[] = {"deck", "run.", "title", NULL};

	if (store_probe(&info, out->path, err) || info.state == STORE_MISSING)
		return err->code;
	if (info.state != STORE_FINISHED)
		return err_set(err, EXIT_FAILED, "%s: %s; nothing was overwritten, --restart begins anew", out->path,
		               info.state == STORE_UNFINISHED ? "not finished" : info.why);
	if (store_changes(changes, sizeof changes, out->store, "/parameters", not_the_answer, out->path, err))
		return err->code;
	if (changes[0])
		return err_set(err, EXIT_USAGE, "%s: belongs to another deck: %s; --restart begins anew", out->path, changes);
	out->complete = true;
	return 0;
}

static int open_here(struct output *out, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *title = deck_text(deck, "title");

	if (!out->path)
		return 0;
	if (store_check_output(out->path, options->resume || options->restart, err) ||
	    lock_acquire(&out->lock, out->path, PATIENCE, err))
		return err->code;
	/* once more: while we waited for the lock its holder may have written the file */
	if (store_check_output(out->path, options->resume || options->restart, err))
		return err->code;
	if (!(out->store = store_alloc()))
		return err_set(err, EXIT_FAILED, "out of memory");
	if (title)
		store_attr_string(out->store, "/", "title", title);
	store_parameters(out->store, deck);
	return options->resume ? look_at_old(out, err) : 0;
}

int output_open(struct output *out, const struct deck *deck, const struct options *options, struct err *err)
{
	int rank, complete;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	*out = (struct output){.path = options_output(options, deck), .lock = {.fd = -1}};
	provenance_start(&out->provenance, options->argc, options->argv);
	if (rank == 0)
		open_here(out, deck, options, err);
	if (agree_err(err)) {
		output_close(out);
		return err->code;
	}
	complete = out->complete;
	MPI_Bcast(&complete, 1, MPI_INT, 0, MPI_COMM_WORLD);
	out->complete = complete;
	return 0;
}

int output_write(struct output *out, struct err *err)
{
	int ranks;

	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	if (out->store && !err->code) {
		store_attr_int(out->store, "/", "complete", 1);
		provenance_store(&out->provenance, ranks, out->store);
		store_write(out->store, out->path, err);
	}
	return agree_err(err);
}

void output_close(struct output *out)
{
	store_free(out->store);
	out->store = NULL;
	lock_release(&out->lock);
}
