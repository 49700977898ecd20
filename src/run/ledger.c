/* Recording tasks; the contract is in ledger.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/ledger.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clock.h"

static const double lock_pause = 2; /* s, between writes to the lock file */

static double cost_of(const struct ledger *l, size_t task)
{
	return l->work->cost ? l->work->cost(l->work->job, task) : 1;
}

static double units_of(const struct ledger *l, size_t task)
{
	return l->work->units ? l->work->units(l->work->job, task) : 1;
}

void ledger_progress(struct ledger *l, size_t task, double done)
{
	l->cost_done += (done - (double)l->done[task]) * cost_of(l, task);
	l->units_done += (done - (double)l->done[task]) * units_of(l, task);
	l->done[task] = (float)done;
}

static void free_state(struct ledger *l, size_t task)
{
	free(l->state[task].bytes);
	l->state[task] = (struct task_state){0};
}

void ledger_result(struct ledger *l, size_t task, const void *result)
{
	l->work->store(l->work->job, task, result);
	ledger_progress(l, task, 1);
	l->finished_count += !l->finished[task];
	l->finished[task] = 1;
	if (!l->work->keep)
		free_state(l, task);
}

void ledger_state(struct ledger *l, size_t task, void *bytes, size_t size, double done)
{
	free_state(l, task);
	l->state[task] = (struct task_state){bytes, size, done};
	if (!l->finished[task])
		ledger_progress(l, task, done);
}

/* --- resuming */

static struct checkpoint_key key_of(const struct ledger *l, size_t task)
{
	struct checkpoint_key key;
	for (uint64_t k = 0; k < 2; k++) {
		struct checksum checksum;
		uint64_t begin[] = {k, work_result_size(l->work, task)};
		checksum_init(&checksum);
		checksum_add(&checksum, begin, sizeof begin);
		l->work->key(l->work->job, task, &checksum);
		key.word[k] = checksum_value(&checksum);
	}
	return key;
}

/* Makes the keys of all tasks, unless that is done. */
static int make_keys(struct ledger *l, struct err *err)
{
	size_t count = l->work->count;
	if (l->key)
		return 0;
	l->key = malloc(count * sizeof *l->key);
	if (!l->key)
		return err_set(err, EXIT_FAILED, "mattis %s: out of memory for %zu tasks", l->work->name,
		               count);
	for (size_t i = 0; i < count; i++)
		l->key[i] = key_of(l, i);
	return 0;
}

/* A task, sorted by its key. */
struct keyed {
	struct checkpoint_key key;
	size_t task;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct checkpoint_key));
}

static void use_entry(struct ledger *l, size_t task, const struct checkpoint_entry *entry, const void *bytes)
{
	if (entry->kind == CHECKPOINT_RESULT && entry->size == work_result_size(l->work, task) &&
	    !l->out->more_sweeps)
		ledger_result(l, task, bytes);
	if (entry->kind != CHECKPOINT_STATE || (l->finished[task] && !l->work->keep))
		return;
	void *copy = malloc(entry->size);
	if (copy) /* else the task starts from the beginning */
		ledger_state(l, task, memcpy(copy, bytes, entry->size), entry->size,
		             l->out->more_sweeps ? 0 : entry->done);
}

static int resume(struct ledger *l, struct err *err)
{
	const struct checkpoint_entry *entry;
	const void *bytes;
	size_t count = l->work->count;
	struct keyed *keyed = malloc(count * sizeof *keyed);

	if (!keyed)
		err_set(err, EXIT_FAILED, "mattis %s: out of memory for %zu tasks", l->work->name, count);
	if (err->code || make_keys(l, err)) {
		free(keyed);
		return err->code;
	}
	for (size_t i = 0; i < count; i++)
		keyed[i] = (struct keyed){l->key[i], i};
	qsort(keyed, count, sizeof *keyed, by_key);
	for (size_t at = 0; (entry = checkpoint_next(l->out->earlier, &at, &bytes));) {
		/* equal points have equal keys: from the first of them */
		const struct keyed *k = bsearch(&entry->key, keyed, count, sizeof *keyed, by_key);
		while (k && k > keyed && by_key(k - 1, &entry->key) == 0)
			k--;
		for (; k && k < keyed + count && by_key(k, &entry->key) == 0; k++)
			use_entry(l, k->task, entry, bytes);
	}
	free(keyed);
	return 0;
}

/* --- opening and closing */

int ledger_open(struct ledger *l, const struct work *work, struct output *out, int ranks, bool quiet,
                struct err *err)
{
	size_t count = work->count;

	*l = (struct ledger){.work = work, .out = out, .ranks = ranks};
	l->finished = calloc(count, 1);
	l->done = calloc(count, sizeof *l->done);
	l->state = calloc(count, sizeof *l->state);
	l->result = aligned_alloc(CHECKPOINT_ALIGN, checkpoint_padded(work->bytes));
	if (!l->finished || !l->done || !l->state || !l->result)
		return err_set(err, EXIT_FAILED, "mattis %s: out of memory for %zu tasks", work->name, count);
	for (size_t i = 0; i < count; i++)
		l->cost += cost_of(l, i);
	if (out->earlier && resume(l, err))
		return err->code;
	l->damaged = out->earlier && out->earlier->warning[0];
	checkpoint_free(out->earlier);
	out->earlier = NULL;
	l->cost_before = l->cost_done;
	l->units_before = l->units_done;
	l->started = l->written = clock_monotonic();
	progress_init(&l->progress, work->name, l->cost, l->cost_before, quiet);
	return 0;
}

void ledger_close(struct ledger *l)
{
	for (size_t i = 0; l->state && i < l->work->count; i++)
		free(l->state[i].bytes);
	free(l->finished);
	free(l->done);
	free(l->state);
	free(l->result);
	free(l->key);
}

/* --- unfinished tasks */

struct sized {
	double cost;
	uint64_t task;
};

static int most_expensive_first(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;
	return x->cost != y->cost ? (x->cost < y->cost) - (x->cost > y->cost)
	                          : (x->task > y->task) - (x->task < y->task);
}

size_t ledger_order(const struct ledger *l, uint64_t *order)
{
	size_t n = 0;
	struct sized *sized = malloc(l->work->count * sizeof *sized);

	for (size_t i = 0; i < l->work->count; i++) {
		if (l->finished[i])
			continue;
		if (sized)
			sized[n] = (struct sized){cost_of(l, i) * (1 - (double)l->done[i]), i};
		order[n++] = i;
	}
	if (sized) /* else in the order of their numbers */
		qsort(sized, n, sizeof *sized, most_expensive_first);
	for (size_t i = 0; sized && i < n; i++)
		order[i] = sized[i].task;
	free(sized);
	return n;
}

/* --- progress */

static void fill_counts(const struct ledger *l, struct progress_counts *t, bool complete)
{
	double spent = clock_monotonic() - l->started, did = l->cost_done - l->cost_before;

	*t = (struct progress_counts){.complete = complete,
	                              .tasks = l->work->count,
	                              .finished = l->finished_count,
	                              .fraction = complete ? 1 : l->cost_done / l->cost,
	                              .ranks = l->ranks,
	                              .left = did > 0 ? (l->cost - l->cost_done) / did * spent : INFINITY,
	                              .rate = spent > 0 ? (l->units_done - l->units_before) / spent : 0,
	                              .time = (int64_t)time(NULL)};
	snprintf(t->command, sizeof t->command, "%s", l->work->name);
	snprintf(t->unit, sizeof t->unit, "%s", l->work->unit);
	for (size_t i = 0; i < l->work->count; i++)
		t->started += l->done[i] > 0 && !l->finished[i];
}

void ledger_show(struct ledger *l)
{
	struct progress_counts counts;
	char line[PROGRESS_COUNTS_LENGTH];
	double now = clock_monotonic();

	progress_update(&l->progress, l->cost_done);
	if (now - l->lock_written < lock_pause)
		return;
	l->lock_written = now;
	fill_counts(l, &counts, false);
	progress_counts_write(line, &counts);
	lock_note(&l->out->lock, line);
}

/* --- the checkpoint */

static int add_task(struct ledger *l, struct checkpoint_writer *w, size_t task, struct err *err)
{
	struct checkpoint_entry entry = {0};

	if (!l->finished[task] && !l->state[task].bytes)
		return 0;
	entry.key = l->key[task];
	if (l->finished[task]) {
		entry.kind = CHECKPOINT_RESULT;
		entry.size = work_result_size(l->work, task);
		entry.done = 1;
		memset(l->result, 0, entry.size);
		l->work->load(l->work->job, task, l->result);
		if (checkpoint_add(w, &entry, l->result, err))
			return err->code;
	}
	if (l->state[task].bytes) {
		entry.kind = CHECKPOINT_STATE;
		entry.size = l->state[task].size;
		entry.done = l->state[task].done;
		checkpoint_add(w, &entry, l->state[task].bytes, err);
	}
	return err->code;
}

int ledger_write(struct ledger *l, bool complete, struct err *err)
{
	struct checkpoint_writer w;
	struct progress_counts counts;
	double start = clock_monotonic();

	if (make_keys(l, err))
		return err->code;
	fill_counts(l, &counts, complete);
	int code = checkpoint_begin(&w, l->out->path, l->damaged, l->out->deck, &counts, err);
	for (size_t i = 0; i < l->work->count && code == 0; i++)
		code = add_task(l, &w, i, err);
	if (code == 0)
		code = checkpoint_end(&w, err);
	l->damaged = l->damaged && code;
	l->written = clock_monotonic();
	l->write_seconds = l->written - start;
	return code;
}
