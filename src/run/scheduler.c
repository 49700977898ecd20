/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/scheduler.h"

#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clock.h"
#include "src/base/collective.h"
#include "src/run/ledger.h"

/* Messages to rank 0, then those from it. */
enum { TAG_RESULT = 1, TAG_STATE, TAG_DONE, TAG_WANT, TAG_STOP, TAG_LAST, TAG_ASK, TAG_REPLY, TAG_END };

/* Every message begins with it; it keeps what follows aligned. */
struct head {
	uint64_t task;
	double done;     /* share of the task */
	int32_t yes;     /* TAG_STATE: answers TAG_ASK; TAG_ASK: stop then; TAG_STOP: this rank has failed */
	char reason[44]; /* TAG_STOP */
};

enum { HEAD = sizeof(struct head) };
_Static_assert(HEAD == 64, "what follows must be aligned");

static const uint64_t begun = UINT64_C(1) << 63; /* in the order: the task has a state on rank 0 */
static const double done_pause = 1;              /* s, between words of how far a task is */

struct scheduler {
	const struct work *tasks;
	int rank, ranks;
	MPI_Win window; /* the counter, on rank 0 */
	uint64_t *counter;
	uint64_t *order; /* [left] tasks to do */
	size_t left;
	struct running *errand; /* at work, or NULL */
	size_t task;           /* of it */
	bool asked, stopping;
	bool lost;   /* the task at work was told to stop and has no state */
	bool urged;  /* others: rank 0 knows that this one wants to stop */
	double told; /* others: when rank 0 was told how far the task is */

	/* rank 0 */
	struct ledger *ledger;
	char *inbox;
	size_t room;         /* in it */
	bool *over;          /* [ranks] has sent its last message */
	bool *owes;          /* [ranks] has not yet answered */
	int finished, owing; /* how many of them */
	bool collecting;     /* for a checkpoint */
	bool failed;         /* a rank */
};

/* --- everybody */

static uint64_t next_task(struct scheduler *s)
{
	const uint64_t one = 1;
	uint64_t next;
	MPI_Fetch_and_op(&one, &next, MPI_UINT64_T, 0, 0, MPI_SUM, s->window);
	MPI_Win_flush(0, s->window);
	return next;
}

static void send(int to, int tag, const struct head *head)
{
	MPI_Send(head, HEAD, MPI_BYTE, to, tag, MPI_COMM_WORLD);
}

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 200 * 1000}, NULL);
}

/* --- rank 0: checkpoints */

static void write_checkpoint(struct scheduler *s)
{
	struct err err = {0};
	char again[32];
	s->collecting = false;
	if (ledger_write(s->ledger, false, &err) == 0)
		return;
	progress_clear(&s->ledger->progress);
	fprintf(stderr, "mattis %s: warning: no checkpoint: %s; tried again in %s\n", s->tasks->name,
	        err.text, progress_time(again, s->ledger->out->interval));
}

static void write_when_all_came(struct scheduler *s)
{
	if (s->collecting && s->owing == 0 && !s->asked && !s->stopping)
		write_checkpoint(s);
}

/* Asks all ranks for their states. */
static void collect(struct scheduler *s)
{
	const struct head ask = {.yes = s->stopping};
	s->collecting = s->asked = true;
	for (int r = 1; r < s->ranks; r++) {
		if (s->over[r])
			continue;
		s->owing += !s->owes[r];
		s->owes[r] = true;
		send(r, TAG_ASK, &ask);
	}
}

static void stop_all(struct scheduler *s, const char *reason)
{
	stop_because(&s->ledger->out->stop, reason);
	if (s->stopping)
		return;
	s->stopping = true;
	collect(s);
}

static void check_stop(struct scheduler *s)
{
	struct ledger *l = s->ledger;
	const char *reason;

	ledger_show(l);
	if (!l->out->path)
		return;
	if ((reason = stop_reason(&l->out->stop, l->write_seconds)))
		stop_all(s, reason);
	else if (!s->collecting && clock_monotonic() - l->written > l->out->interval)
		collect(s);
}

/* --- rank 0: messages */

static void paid(struct scheduler *s, int rank)
{
	s->owing -= s->owes[rank];
	s->owes[rank] = false;
}

/* A state, or none: it may be large, so it has memory of its own. */
static void receive_state(struct scheduler *s, const struct head *head, size_t bytes, int rank)
{
	void *copy = bytes > 0 ? malloc(bytes) : NULL;
	if (copy) /* else this task will begin where it was before */
		ledger_state(s->ledger, head->task, memcpy(copy, s->inbox + HEAD, bytes), bytes, head->done);
	if (head->yes)
		paid(s, rank);
}

static void reply_state(const struct scheduler *s, size_t task, int rank)
{
	const struct state *state = &s->ledger->state[task];
	MPI_Send(state->bytes, (int)state->size, MPI_BYTE, rank, TAG_REPLY, MPI_COMM_WORLD);
}

static void handle(struct scheduler *s, int tag, int rank, size_t bytes)
{
	struct head head;
	memcpy(&head, s->inbox, HEAD);
	switch (tag) {
	case TAG_RESULT:
		ledger_result(s->ledger, head.task, s->inbox + HEAD);
		break;
	case TAG_STATE:
		receive_state(s, &head, bytes - HEAD, rank);
		break;
	case TAG_DONE:
		ledger_progress(s->ledger, head.task, head.done);
		break;
	case TAG_WANT:
		reply_state(s, head.task, rank);
		break;
	case TAG_STOP:
		s->failed = s->failed || head.yes;
		stop_all(s, head.reason);
		break;
	default:
		s->over[rank] = true;
		s->finished++;
		paid(s, rank);
	}
}

/* Room for the message that comes; without it the run can't go on. */
static void make_room(struct scheduler *s, size_t bytes)
{
	if (bytes <= s->room)
		return;
	free(s->inbox);
	s->room = (bytes + HEAD - 1) / HEAD * HEAD;
	s->inbox = aligned_alloc(HEAD, s->room);
	if (!s->inbox) {
		fprintf(stderr, "mattis %s: out of memory for a message of %zu bytes\n", s->tasks->name,
		        bytes);
		MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
	}
}

/* Receives what has arrived.  True: there was something. */
static bool receive(struct scheduler *s)
{
	bool any = false;
	for (int there = 1;;) {
		MPI_Status status;
		int bytes;
		MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
		if (!there)
			break;
		any = true;
		MPI_Get_count(&status, MPI_BYTE, &bytes);
		make_room(s, (size_t)bytes);
		MPI_Recv(s->inbox, bytes, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
		         MPI_STATUS_IGNORE);
		handle(s, status.MPI_TAG, status.MPI_SOURCE, (size_t)bytes);
	}
	write_when_all_came(s);
	return any;
}

/* --- the other ranks */

static void tell(struct scheduler *s)
{
	double now = clock_monotonic();
	if (!s->urged && stop_signal()) {
		struct head head = {0};
		snprintf(head.reason, sizeof head.reason, "%s", stop_signal());
		send(0, TAG_STOP, &head);
		s->urged = true;
	}
	if (s->errand && s->errand->done > 0 && now - s->told > done_pause) {
		s->told = now;
		send(0, TAG_DONE, &(struct head){.task = s->task, .done = s->errand->done});
	}
}

static void listen_to_0(struct scheduler *s)
{
	for (int there = 1;;) {
		struct head head;
		MPI_Iprobe(0, TAG_ASK, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
		if (!there)
			break;
		MPI_Recv(&head, HEAD, MPI_BYTE, 0, TAG_ASK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		s->asked = true;
		s->stopping = s->stopping || head.yes;
	}
}

/* --- the tick of all work */

static void answer_without_state(struct scheduler *s)
{
	s->asked = false;
	if (s->rank == 0)
		write_when_all_came(s);
	else
		send(0, TAG_STATE, &(struct head){.yes = 1});
}

/* Says stop when the task shall hand in its state, or end without one. */
static int poll(void *ctx)
{
	struct scheduler *s = ctx;
	if (s->rank == 0) {
		receive(s);
		check_stop(s);
		if (s->errand && s->errand->done > 0)
			ledger_progress(s->ledger, s->task, s->errand->done);
	} else {
		listen_to_0(s);
		tell(s);
	}
	if (s->asked && (!s->errand || !s->tasks->states))
		answer_without_state(s);
	s->lost = s->lost || (s->stopping && !s->tasks->states);
	return s->asked || s->stopping;
}

bool running_save(struct running *e, const void *state, size_t bytes)
{
	struct scheduler *s = e->tick.ctx;
	struct head head = {.task = s->task, .done = e->done, .yes = s->asked};
	char *message = bytes < INT32_MAX - HEAD ? malloc(HEAD + bytes) : NULL;

	s->asked = false;
	if (message) {
		memcpy(message, &head, HEAD);
		memcpy(message + HEAD, state, bytes);
	}
	if (s->rank == 0) {
		if (message)
			ledger_state(s->ledger, s->task, memmove(message, message + HEAD, bytes), bytes,
			             e->done);
		else
			free(message);
		write_when_all_came(s);
	} else {
		MPI_Send(message ? message : (char *)&head, message ? (int)(HEAD + bytes) : HEAD, MPI_BYTE, 0,
		         TAG_STATE, MPI_COMM_WORLD);
		free(message);
	}
	return !s->stopping;
}

/* --- the work */

/* Where the task was left, from rank 0.  NULL: nowhere, or no memory. */
static void *fetch_state(struct scheduler *s, size_t task, size_t *bytes)
{
	MPI_Status status;
	int count;
	if (s->rank == 0) {
		const struct state *state = &s->ledger->state[task];
		void *copy = malloc(*bytes = state->size);
		return copy ? memcpy(copy, state->bytes, state->size) : NULL;
	}
	send(0, TAG_WANT, &(struct head){.task = task});
	MPI_Probe(0, TAG_REPLY, MPI_COMM_WORLD, &status);
	MPI_Get_count(&status, MPI_BYTE, &count);
	void *state = malloc(*bytes = (size_t)count);
	if (!state)
		MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
	MPI_Recv(state, count, MPI_BYTE, 0, TAG_REPLY, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	return state;
}

/* Does a task.  True: there is a result. */
static bool work_on(struct scheduler *s, uint64_t entry, void *result, struct err *err)
{
	struct running errand = {.tick = {poll, s}};
	void *state = NULL;

	s->task = entry & ~begun;
	if (entry & begun)
		errand.state = state = fetch_state(s, s->task, &errand.bytes);
	s->errand = &errand;
	s->lost = false;
	int code = s->tasks->compute(s->tasks->job, s->task, &errand, result, err);
	s->errand = NULL;
	free(state);
	if (s->stopping && code)
		*err = (struct err){0}; /* that is why it returned */
	return code == 0 && !s->lost;
}

/* Rank 0 learns that this rank has failed. */
static void fail(struct scheduler *s)
{
	struct head head = {.yes = 1, .reason = "an error"};
	s->failed = true;
	if (s->rank == 0)
		stop_all(s, head.reason);
	else
		send(0, TAG_STOP, &head);
}

/* Until no task is left.  Two messages: one is filled while the other is on its way. */
static void work(struct scheduler *s, char *message[2], struct err *err)
{
	const struct work *t = s->tasks;
	MPI_Request sent[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};

	for (int i = 0; !poll(s); i = !i) {
		uint64_t next = next_task(s);
		if (next >= s->left)
			break;
		uint64_t task = s->order[next] & ~begun;
		MPI_Wait(&sent[i], MPI_STATUS_IGNORE);
		size_t size = HEAD + work_result_size(t, task);
		memset(message[i], 0, size);
		memcpy(message[i], &task, sizeof task);
		if (!work_on(s, s->order[next], message[i] + HEAD, err)) {
			if (err->code)
				fail(s);
			break;
		}
		if (s->rank == 0)
			ledger_result(s->ledger, task, message[i] + HEAD);
		else
			MPI_Isend(message[i], (int)size, MPI_BYTE, 0, TAG_RESULT, MPI_COMM_WORLD,
			          &sent[i]);
	}
	MPI_Waitall(2, sent, MPI_STATUSES_IGNORE);
}

/* Rank 0: until all others have sent their last message.  Others: until rank 0 lets them go. */
static void wait_for_all(struct scheduler *s)
{
	int there = 0;
	if (s->rank != 0)
		send(0, TAG_LAST, &(struct head){0});
	while (s->rank != 0 && !there) {
		MPI_Iprobe(0, TAG_END, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
		if (!there)
			rest();
	}
	while (s->rank == 0 && s->finished < s->ranks - 1) {
		if (!receive(s))
			rest();
		check_stop(s);
	}
	for (int r = 1; r < s->ranks && s->rank == 0; r++)
		send(r, TAG_END, &(struct head){0});
	if (s->rank != 0) {
		MPI_Recv(&(struct head){0}, HEAD, MPI_BYTE, 0, TAG_END, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		listen_to_0(s); /* asked after its last message: rank 0 does not wait for an answer */
	}
}

/* --- the beginning and the end */

/* All ranks get the order that rank 0 knows. */
static int share_order(struct scheduler *s, struct err *err)
{
	uint64_t left = 0;

	s->order = malloc((s->tasks->count + 1) * sizeof *s->order);
	if (!s->order)
		err_set(err, EXIT_FAILED, "mattis %s: out of memory for %zu tasks", s->tasks->name,
		        s->tasks->count);
	if (collective_err(err))
		return err->code;
	if (s->rank == 0) {
		left = ledger_order(s->ledger, s->order);
		for (size_t i = 0; i < left; i++)
			s->order[i] |= s->ledger->state[s->order[i]].bytes ? begun : 0;
		if ((size_t)s->ranks > left && left > 0)
			fprintf(stderr, "mattis %s: %d ranks for %zu %s%s: some will be idle\n",
			        s->tasks->name, s->ranks, (size_t)left, s->tasks->noun, left == 1 ? "" : "s");
	}
	MPI_Bcast(&left, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
	s->left = (size_t)left;
	for (size_t at = 0; at < s->left; at += 1 << 24)
		MPI_Bcast(s->order + at, (int)(s->left - at < 1 << 24 ? s->left - at : 1 << 24), MPI_UINT64_T,
		          0, MPI_COMM_WORLD);
	return 0;
}

static void open_counter(struct scheduler *s)
{
	MPI_Win_allocate(s->rank == 0 ? sizeof *s->counter : 0, sizeof *s->counter, MPI_INFO_NULL,
	                 MPI_COMM_WORLD, &s->counter, &s->window);
	MPI_Win_lock_all(0, s->window);
	if (s->rank == 0) {
		const uint64_t zero = 0;
		MPI_Put(&zero, 1, MPI_UINT64_T, 0, 0, 1, MPI_UINT64_T, s->window);
		MPI_Win_flush(0, s->window);
	}
	MPI_Barrier(MPI_COMM_WORLD);
}

static void close_counter(struct scheduler *s)
{
	MPI_Win_unlock_all(s->window);
	MPI_Win_free(&s->window);
}

/* Rank 0: nothing more will come.  The last checkpoint, if the job is not complete, or to be kept. */
static void conclude(struct scheduler *s, struct err *err)
{
	struct ledger *l = s->ledger;
	const char *name = s->tasks->name, *reason = l->out->stop.reason;
	bool complete = l->finished_count == s->tasks->count;
	struct err own = {0};

	progress_end(&l->progress, complete);
	if (!l->out->path || (complete && !l->out->keep))
		return;
	ledger_write(l, complete, &own);
	if (complete && own.code)
		fprintf(stderr, "mattis %s: warning: the checkpoint is not kept: %s\n", name, own.text);
	if (complete || s->failed)
		return;
	if (own.code)
		err_set(err, own.code, "mattis %s: stopped by %s, and the checkpoint was not written: %s",
		        name, reason, own.text);
	else
		err_set(err, EXIT_STOPPED,
		        "mattis %s: stopped by %s, %.1f %% done; --resume goes on from %s.ckpt", name, reason,
		        100 * l->cost_done / l->cost, l->out->path);
}

static void run(struct scheduler *s, char *message[2], struct err *err)
{
	open_counter(s);
	work(s, message, err);
	wait_for_all(s);
	close_counter(s);
	if (s->rank == 0)
		conclude(s, err);
	collective_err(err);
}

int scheduler_run(const struct work *tasks, struct output *out, bool quiet, struct err *err)
{
	struct scheduler s = {.tasks = tasks};
	struct ledger ledger = {.tasks = tasks};
	size_t size = (HEAD + tasks->bytes + HEAD - 1) / HEAD * HEAD;
	char *memory = NULL;

	MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
	MPI_Comm_size(MPI_COMM_WORLD, &s.ranks);
	if (tasks->bytes >= INT32_MAX - HEAD)
		err_set(err, EXIT_FAILED, "a result of %zu bytes is too large for one message", tasks->bytes);
	else if (!(memory = aligned_alloc(HEAD, 2 * size)) ||
	         !(s.over = calloc((size_t)s.ranks, 2 * sizeof *s.over)))
		err_set(err, EXIT_FAILED, "out of memory");
	s.owes = s.over + s.ranks;
	if (s.rank == 0 && err->code == 0) {
		s.ledger = &ledger;
		ledger_open(&ledger, tasks, out, s.ranks, quiet, err);
	}
	if (collective_err(err) == 0 && share_order(&s, err) == 0)
		run(&s, (char *[2]){memory, memory + size}, err);
	ledger_close(&ledger);
	free(s.order);
	free(s.over);
	free(s.inbox);
	free(memory);
	return err->code;
}
