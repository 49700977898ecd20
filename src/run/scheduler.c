/* Distributing tasks; the contract is in scheduler.h.
 *
 * Ranks other than 0 talk to rank 0 only.  They send results, states, progress and requests to stop; rank 0
 * requests states, answers requests for a saved state, and ends the job.  All ranks handle messages in
 * poll(), the tick of the running task.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
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

enum {
	/* to rank 0 */
	TAG_RESULT = 1,
	TAG_STATE,    /* of the running task; without bytes: it has none */
	TAG_PROGRESS, /* of the running task */
	TAG_FETCH,    /* requests the saved state of a task */
	TAG_STOP,     /* requests that the job stops */
	TAG_LAST,     /* this rank sends no more */
	/* from rank 0 */
	TAG_REQUEST, /* requests the state of the running task */
	TAG_REPLY,   /* to TAG_FETCH */
	TAG_END      /* nothing more is sent */
};

/* Every message except TAG_REPLY begins with it. */
struct head {
	uint64_t task;
	double done;     /* fraction of the task */
	int32_t flag;    /* TAG_STATE: answers TAG_REQUEST; TAG_REQUEST: then stop; TAG_STOP: an error */
	char reason[44]; /* TAG_STOP */
};

enum { HEAD = sizeof(struct head) };
_Static_assert(HEAD == 64, "the head must keep what follows aligned");

static const uint64_t has_state = UINT64_C(1) << 63; /* in the order: rank 0 has a state of the task */
static const double progress_pause = 1;              /* s, between messages of progress */

struct scheduler {
	const struct work *work;
	int rank, ranks;
	MPI_Win window; /* the counter, on rank 0 */
	uint64_t *counter;
	uint64_t *order; /* [left] unfinished tasks */
	size_t left;
	struct running *running; /* the running task; NULL: none */
	size_t task;             /* its number */
	bool requested;          /* rank 0 has requested its state */
	bool stopping;
	bool discarded; /* the running task has no state and must stop */

	/* all ranks but 0 */
	bool stop_requested;
	double announced; /* when progress was sent */

	/* rank 0 */
	struct ledger *ledger;
	char *inbox;
	size_t room;   /* bytes of inbox */
	bool *ended;   /* [ranks] has sent TAG_LAST */
	bool *pending; /* [ranks] has not yet answered TAG_REQUEST */
	int ended_count, pending_count;
	bool collecting; /* states, for a checkpoint */
	bool failed;     /* some rank has */
};

/* --- all ranks */

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

static void sleep_briefly(void)
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
	fprintf(stderr, "mattis %s: warning: no checkpoint: %s; next attempt in %s\n", s->work->name,
	        err.text, progress_time(again, s->ledger->out->interval));
}

static void write_if_collected(struct scheduler *s)
{
	if (s->collecting && s->pending_count == 0 && !s->requested && !s->stopping)
		write_checkpoint(s);
}

/* Requests the states of all running tasks. */
static void collect(struct scheduler *s)
{
	const struct head request = {.flag = s->stopping};
	s->collecting = s->requested = true;
	for (int r = 1; r < s->ranks; r++) {
		if (s->ended[r])
			continue;
		s->pending_count += !s->pending[r];
		s->pending[r] = true;
		send(r, TAG_REQUEST, &request);
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

static void acknowledge(struct scheduler *s, int rank)
{
	s->pending_count -= s->pending[rank];
	s->pending[rank] = false;
}

/* Takes a copy of a state, which may be large, or only the answer that there is none. */
static void receive_state(struct scheduler *s, const struct head *head, size_t bytes, int rank)
{
	void *copy = bytes > 0 ? malloc(bytes) : NULL;
	if (copy) /* else an older state of the task remains */
		ledger_state(s->ledger, head->task, memcpy(copy, s->inbox + HEAD, bytes), bytes, head->done);
	if (head->flag)
		acknowledge(s, rank);
}

static void reply_state(const struct scheduler *s, size_t task, int rank)
{
	const struct task_state *state = &s->ledger->state[task];
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
	case TAG_PROGRESS:
		ledger_progress(s->ledger, head.task, head.done);
		break;
	case TAG_FETCH:
		reply_state(s, head.task, rank);
		break;
	case TAG_STOP:
		s->failed = s->failed || head.flag;
		stop_all(s, head.reason);
		break;
	default:
		s->ended[rank] = true;
		s->ended_count++;
		acknowledge(s, rank);
	}
}

/* Makes room for a message; ends the job if there is no memory. */
static void make_room(struct scheduler *s, size_t bytes)
{
	if (bytes <= s->room)
		return;
	free(s->inbox);
	s->room = (bytes + HEAD - 1) / HEAD * HEAD;
	s->inbox = aligned_alloc(HEAD, s->room);
	if (!s->inbox) {
		fprintf(stderr, "mattis %s: out of memory for a message of %zu bytes\n", s->work->name,
		        bytes);
		MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
	}
}

/* Receives all messages that have arrived; returns whether there were any. */
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
	write_if_collected(s);
	return any;
}

/* --- all ranks but 0 */

static void announce(struct scheduler *s)
{
	double now = clock_monotonic();
	if (!s->stop_requested && stop_signal()) {
		struct head head = {0};
		snprintf(head.reason, sizeof head.reason, "%s", stop_signal());
		send(0, TAG_STOP, &head);
		s->stop_requested = true;
	}
	if (s->running && s->running->done > 0 && now - s->announced > progress_pause) {
		s->announced = now;
		send(0, TAG_PROGRESS, &(struct head){.task = s->task, .done = s->running->done});
	}
}

static void receive_requests(struct scheduler *s)
{
	for (int there = 1;;) {
		struct head head;
		MPI_Iprobe(0, TAG_REQUEST, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
		if (!there)
			break;
		MPI_Recv(&head, HEAD, MPI_BYTE, 0, TAG_REQUEST, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		s->requested = true;
		s->stopping = s->stopping || head.flag;
	}
}

/* --- the tick of a running task */

static void answer_without_state(struct scheduler *s)
{
	s->requested = false;
	if (s->rank == 0)
		write_if_collected(s);
	else
		send(0, TAG_STATE, &(struct head){.flag = 1});
}

/* Returns nonzero if the task must save its state, or return if it has none. */
static int poll(void *scheduler)
{
	struct scheduler *s = scheduler;
	if (s->rank == 0) {
		receive(s);
		check_stop(s);
		if (s->running && s->running->done > 0)
			ledger_progress(s->ledger, s->task, s->running->done);
	} else {
		receive_requests(s);
		announce(s);
	}
	if (s->requested && (!s->running || !s->work->states))
		answer_without_state(s);
	s->discarded = s->discarded || (s->stopping && !s->work->states);
	return s->requested || s->stopping;
}

bool running_save(struct running *running, const void *state, size_t bytes)
{
	struct scheduler *s = running->tick.ctx;
	const struct head head = {.task = s->task, .done = running->done, .flag = s->requested};
	const size_t before = s->rank == 0 ? 0 : HEAD;
	char *copy = bytes > 0 && bytes < INT32_MAX - HEAD ? malloc(before + bytes) : NULL;

	s->requested = false;
	if (copy)
		memcpy(copy + before, state, bytes);
	if (s->rank == 0) {
		if (copy) /* else an older state of the task remains */
			ledger_state(s->ledger, s->task, copy, bytes, running->done);
		write_if_collected(s);
		return !s->stopping;
	}
	if (copy)
		memcpy(copy, &head, HEAD);
	MPI_Send(copy ? copy : (const char *)&head, (int)(copy ? HEAD + bytes : HEAD), MPI_BYTE, 0, TAG_STATE,
	         MPI_COMM_WORLD);
	free(copy);
	return !s->stopping;
}

/* --- tasks */

/* Returns the state that rank 0 has of a task, to be freed; NULL without memory on rank 0: the task starts
 * from the beginning. */
static void *fetch_state(struct scheduler *s, size_t task, size_t *bytes)
{
	MPI_Status status;
	int count;
	if (s->rank == 0) {
		const struct task_state *state = &s->ledger->state[task];
		void *copy = malloc(*bytes = state->size);
		return copy ? memcpy(copy, state->bytes, state->size) : NULL;
	}
	send(0, TAG_FETCH, &(struct head){.task = task});
	MPI_Probe(0, TAG_REPLY, MPI_COMM_WORLD, &status);
	MPI_Get_count(&status, MPI_BYTE, &count);
	void *state = malloc(*bytes = (size_t)count);
	if (!state)
		MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
	MPI_Recv(state, count, MPI_BYTE, 0, TAG_REPLY, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	return state;
}

/* Computes a task; returns whether there is a result. */
static bool compute(struct scheduler *s, uint64_t entry, void *result, struct err *err)
{
	struct running running = {.tick = {poll, s}};
	void *state = NULL;

	s->task = entry & ~has_state;
	if (entry & has_state)
		running.state = state = fetch_state(s, s->task, &running.bytes);
	s->running = &running;
	s->discarded = false;
	int code = s->work->compute(s->work->job, s->task, &running, result, err);
	s->running = NULL;
	free(state);
	if (s->stopping && code)
		*err = (struct err){0}; /* it returned because the job stops */
	return code == 0 && !s->discarded;
}

/* Stops the job because this rank has failed. */
static void fail(struct scheduler *s)
{
	struct head head = {.flag = 1, .reason = "an error"};
	s->failed = true;
	if (s->rank == 0)
		stop_all(s, head.reason);
	else
		send(0, TAG_STOP, &head);
}

/* Computes tasks until none is left.  Of the two messages one is filled while the other is being sent. */
static void compute_all(struct scheduler *s, char *message[2], struct err *err)
{
	const struct work *t = s->work;
	MPI_Request sent[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};

	for (int i = 0; !poll(s); i = !i) {
		uint64_t next = next_task(s);
		if (next >= s->left)
			break;
		uint64_t task = s->order[next] & ~has_state;
		MPI_Wait(&sent[i], MPI_STATUS_IGNORE);
		size_t size = HEAD + work_result_size(t, task);
		memset(message[i], 0, size);
		memcpy(message[i], &task, sizeof task);
		if (!compute(s, s->order[next], message[i] + HEAD, err)) {
			if (err->code)
				fail(s);
			break;
		}
		if (s->rank == 0)
			ledger_result(s->ledger, task, message[i] + HEAD);
		else
			MPI_Isend(message[i], (int)size, MPI_BYTE, 0, TAG_RESULT, MPI_COMM_WORLD, &sent[i]);
	}
	MPI_Waitall(2, sent, MPI_STATUSES_IGNORE);
}

/* Waits on rank 0 until all others have sent their last message, and ends the job. */
static void end_all(struct scheduler *s)
{
	while (s->ended_count < s->ranks - 1) {
		if (!receive(s))
			sleep_briefly();
		check_stop(s);
	}
	for (int r = 1; r < s->ranks; r++)
		send(r, TAG_END, &(struct head){0});
}

/* Sends the last message of any other rank, and waits until rank 0 ends the job. */
static void wait_for_end(struct scheduler *s)
{
	struct head head;

	send(0, TAG_LAST, &(struct head){0});
	for (int there = 0; !there;) {
		MPI_Iprobe(0, TAG_END, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
		if (!there)
			sleep_briefly();
	}
	MPI_Recv(&head, HEAD, MPI_BYTE, 0, TAG_END, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	receive_requests(s); /* sent after TAG_LAST: rank 0 does not wait for an answer */
}

/* --- beginning and end */

/* Gives all ranks the order of the tasks.  Collective. */
static int share_order(struct scheduler *s, struct err *err)
{
	uint64_t left = 0;

	s->order = malloc((s->work->count + 1) * sizeof *s->order);
	if (!s->order)
		err_set(err, EXIT_FAILED, "mattis %s: out of memory for %zu tasks", s->work->name,
		        s->work->count);
	if (collective_err(err))
		return err->code;
	if (s->rank == 0) {
		left = ledger_order(s->ledger, s->order);
		for (size_t i = 0; i < left; i++)
			s->order[i] |= s->ledger->state[s->order[i]].bytes ? has_state : 0;
		if ((size_t)s->ranks > left && left > 0)
			fprintf(stderr, "mattis %s: %d ranks for %zu %s%s: some are idle\n", s->work->name,
			        s->ranks, (size_t)left, s->work->noun, left == 1 ? "" : "s");
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

/* On rank 0, after the last message: writes the last checkpoint, if the job is not complete or keeps it. */
static void conclude(struct scheduler *s, struct err *err)
{
	struct ledger *l = s->ledger;
	const char *name = s->work->name, *reason = l->out->stop.reason;
	bool complete = l->finished_count == s->work->count;
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
		        "mattis %s: stopped by %s, %.1f %% done; --resume continues from %s.ckpt", name,
		        reason, 100 * l->cost_done / l->cost, l->out->path);
}

static void run(struct scheduler *s, char *message[2], struct err *err)
{
	open_counter(s);
	compute_all(s, message, err);
	if (s->rank == 0)
		end_all(s);
	else
		wait_for_end(s);
	close_counter(s);
	if (s->rank == 0)
		conclude(s, err);
	collective_err(err);
}

int scheduler_run(const struct work *work, struct output *out, bool quiet, struct err *err)
{
	struct scheduler s = {.work = work};
	struct ledger ledger = {.work = work};
	size_t size = (HEAD + work->bytes + HEAD - 1) / HEAD * HEAD;
	char *memory = NULL;

	MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
	MPI_Comm_size(MPI_COMM_WORLD, &s.ranks);
	if (work->bytes >= INT32_MAX - HEAD)
		err_set(err, EXIT_FAILED, "a result of %zu bytes is too large for one message", work->bytes);
	else if (!(memory = aligned_alloc(HEAD, 2 * size)) ||
	         !(s.ended = calloc((size_t)s.ranks, 2 * sizeof *s.ended)))
		err_set(err, EXIT_FAILED, "out of memory");
	s.pending = s.ended + s.ranks;
	if (s.rank == 0 && err->code == 0) {
		s.ledger = &ledger;
		ledger_open(&ledger, work, out, s.ranks, quiet, err);
	}
	if (collective_err(err) == 0 && share_order(&s, err) == 0)
		run(&s, (char *[2]){memory, memory + size}, err);
	ledger_close(&ledger);
	free(s.order);
	free(s.ended);
	free(s.inbox);
	free(memory);
	return err->code;
}
