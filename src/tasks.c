/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/tasks.h"

#include <mpi.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/agree.h"

enum { TAG_RESULT = 1, TAG_LAST };
enum { HEAD = 64 }; /* bytes before the result in a message: the task number, and alignment */

struct share {
	const struct tasks *tasks;
	struct progress *progress;
	int rank, ranks;
	MPI_Win window; /* the counter, on rank 0 */
	uint64_t *counter;
	char *inbox;    /* rank 0 */
	int finished;   /* rank 0: other ranks that have sent their last message */
	size_t taken;   /* rank 0: results */
};

static void take(struct share *s, const char *message)
{
	uint64_t task;
	memcpy(&task, message, sizeof task);
	s->tasks->take(s->tasks->ctx, task, message + HEAD);
	s->taken++;
	if (s->progress)
		progress_update(s->progress, (double)s->taken);
}

/* Rank 0: receives what has arrived, or (wait) at least one message. */
static void receive(struct share *s, int wait)
{
	for (int there = 1; there; wait = 0) {
		MPI_Status status;
		if (wait)
			MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
		else
			MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
		if (!there)
			break;
		MPI_Recv(s->inbox, (int)(HEAD + s->tasks->bytes), MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
		         MPI_STATUS_IGNORE);
		if (status.MPI_TAG == TAG_RESULT)
			take(s, s->inbox);
		else
			s->finished++;
	}
}

/* The tick of all work: rank 0 takes results in (which also answers remote counter requests), the others give MPI
 * a chance to move what they have sent. */
static int poll(void *ctx)
{
	struct share *s = ctx;
	if (s->rank == 0) {
		receive(s, 0);
		if (s->progress)
			progress_update(s->progress, (double)s->taken);
	} else {
		int there;
		MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
	}
	return 0;
}

static uint64_t next_task(struct share *s)
{
	const uint64_t one = 1;
	uint64_t task;
	MPI_Fetch_and_op(&one, &task, MPI_UINT64_T, 0, 0, MPI_SUM, s->window);
	MPI_Win_flush(0, s->window);
	return task;
}

/* No rank begins another task. */
static void stop_all(struct share *s)
{
	const uint64_t many = UINT64_MAX / 2;
	uint64_t before;
	MPI_Fetch_and_op(&many, &before, MPI_UINT64_T, 0, 0, MPI_REPLACE, s->window);
	MPI_Win_flush(0, s->window);
}

/* Until no task is left.  Two messages: one is filled while the other is on its way. */
static void work(struct share *s, char *message[2], struct err *err)
{
	const struct tasks *t = s->tasks;
	const struct tick tick = {poll, s};
	MPI_Request sent[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};

	for (int i = 0;; i = !i) {
		uint64_t task = next_task(s);
		if (task >= t->count)
			break;
		MPI_Wait(&sent[i], MPI_STATUS_IGNORE);
		memset(message[i], 0, HEAD + t->bytes);
		memcpy(message[i], &task, sizeof task);
		if (t->work(t->ctx, task, &tick, message[i] + HEAD, err)) {
			stop_all(s);
			break;
		}
		if (s->rank == 0) {
			take(s, message[i]);
			receive(s, 0);
		} else {
			MPI_Isend(message[i], (int)(HEAD + t->bytes), MPI_BYTE, 0, TAG_RESULT, MPI_COMM_WORLD, &sent[i]);
		}
	}
	MPI_Waitall(2, sent, MPI_STATUSES_IGNORE);
}

int tasks_run(const struct tasks *tasks, struct progress *progress, struct err *err)
{
	struct share s = {.tasks = tasks, .progress = progress};
	size_t size = (HEAD + tasks->bytes + HEAD - 1) / HEAD * HEAD;
	char *memory = NULL;

	MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
	MPI_Comm_size(MPI_COMM_WORLD, &s.ranks);
	if (tasks->bytes >= INT32_MAX - HEAD)
		err_set(err, EXIT_FAILED, "a result of %zu bytes is too large for one message", tasks->bytes);
	else if (!(memory = aligned_alloc(HEAD, 3 * size)))
		err_set(err, EXIT_FAILED, "out of memory");
	if (agree_err(err))
		goto done;
	s.inbox = memory + 2 * size;

	MPI_Win_allocate(s.rank == 0 ? sizeof *s.counter : 0, sizeof *s.counter, MPI_INFO_NULL, MPI_COMM_WORLD,
	                 &s.counter, &s.window);
	MPI_Win_lock_all(0, s.window);
	if (s.rank == 0) {
		const uint64_t zero = 0;
		MPI_Put(&zero, 1, MPI_UINT64_T, 0, 0, 1, MPI_UINT64_T, s.window);
		MPI_Win_flush(0, s.window);
	}
	MPI_Barrier(MPI_COMM_WORLD);
	work(&s, (char *[2]){memory, memory + size}, err);
	if (s.rank == 0)
		while (s.finished < s.ranks - 1)
			receive(&s, 1);
	else
		MPI_Send(memory, 1, MPI_BYTE, 0, TAG_LAST, MPI_COMM_WORLD);
	MPI_Win_unlock_all(s.window);
	MPI_Win_free(&s.window);
	agree_err(err);
done:
	free(memory);
	return err->code;
}
