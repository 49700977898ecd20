/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/disorder/share.h"

#include <mpi.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

enum { CHUNK = 512, LINE = 64 };                     /* patterns drawn together; bytes */
static const size_t smallest = 1 << 20;              /* bytes: smaller samples are drawn in milliseconds */
static const char *const shared_memory = "/dev/shm"; /* where MPI libraries place shared memory on Linux */
static const long closed = INT32_MAX;                /* no chunk is available yet */

/* Lies in shared memory. */
struct place {
	struct disorder of; /* N = 0: empty; `data` is a pointer of another process */
	int users;          /* ranks */
	atomic_long next;   /* chunk to draw */
	atomic_long drawn;  /* chunks drawn; when all are, the rows can be read */
	atomic_bool failed; /* a rank had no memory to draw */
};

struct board {
	atomic_flag busy; /* guards `of` and `users` of all places */
	struct place place[];
};

struct share {
	MPI_Comm node;
	MPI_Win window;
	struct board *board;
	unsigned char *rows; /* [places][bytes] */
	int places;
	size_t bytes;
};

static size_t up(size_t n)
{
	return (n + LINE - 1) / LINE * LINE;
}

/* --- beginning and end */

/* Returns the number of places for which there is room; leaves half of the free memory to others. */
static int places_for(size_t bytes, int ranks)
{
	struct statvfs fs;
	if (ranks < 2 || statvfs(shared_memory, &fs) != 0)
		return 0;
	double room = (double)fs.f_bavail * (double)fs.f_frsize / 2 / (double)bytes;
	return room < ranks ? (int)room : ranks;
}

static bool open_window(struct share *s, int rank, int ranks)
{
	size_t head = up(sizeof(struct board) + (size_t)ranks * sizeof(struct place)) + LINE;
	size_t size = head + (size_t)s->places * s->bytes;
	MPI_Aint all;
	void *base;
	int unit;

	MPI_Comm_set_errhandler(s->node, MPI_ERRORS_RETURN);
	int good = MPI_Win_allocate_shared(rank == 0 ? (MPI_Aint)size : 0, 1, MPI_INFO_NULL, s->node, &base,
	                                   &s->window) == MPI_SUCCESS;
	MPI_Allreduce(MPI_IN_PLACE, &good, 1, MPI_INT, MPI_MIN, s->node);
	if (!good)
		return false;
	MPI_Win_shared_query(s->window, 0, &all, &unit, &base);
	/* the window begins at the same offset in a page in every process */
	s->board = (void *)up((uintptr_t)base);
	s->rows = (unsigned char *)s->board + head - LINE;
	if (rank == 0)
		memset(s->board, 0, head - LINE);
	MPI_Barrier(s->node);
	return true;
}

void share_alloc(struct share **out, size_t bytes)
{
	struct share *s = calloc(1, sizeof *s);
	MPI_Comm node;
	int rank, ranks;

	*out = NULL;
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
	MPI_Comm_rank(node, &rank);
	MPI_Comm_size(node, &ranks);
	int places = s && bytes >= smallest ? places_for(up(bytes), ranks) : 0;
	MPI_Allreduce(MPI_IN_PLACE, &places, 1, MPI_INT, MPI_MIN, node);
	if (places > 0) {
		*s = (struct share){.node = node, .places = places, .bytes = up(bytes)};
		if (open_window(s, rank, ranks)) {
			*out = s;
			return;
		}
	}
	MPI_Comm_free(&node);
	free(s);
}

void share_free(struct share *s)
{
	if (!s)
		return;
	MPI_Win_free(&s->window);
	MPI_Comm_free(&s->node);
	free(s);
}

/* --- places */

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 20 * 1000}, NULL);
}

static void lock(struct board *b)
{
	while (atomic_flag_test_and_set(&b->busy))
		rest();
}

static void unlock(struct board *b)
{
	atomic_flag_clear(&b->busy);
}

static bool same(const struct disorder *a, const struct disorder *b)
{
	return a->seed == b->seed && a->sample == b->sample && a->N == b->N && a->K == b->K && a->M == b->M &&
	       a->r == b->r && a->d == b->d && a->learning == b->learning && a->stratified == b->stratified;
}

/* Returns the place of this disorder, or the first unused one, which may have memory already, or NULL if
 * all are in use.  *mine: the caller must draw it from the beginning. */
static struct place *find_place(struct share *s, const struct disorder *of, bool *mine)
{
	struct place *found = NULL, *idle = NULL;

	lock(s->board);
	for (struct place *p = s->board->place; p < s->board->place + s->places; p++) {
		if (same(&p->of, of) && !atomic_load(&p->failed))
			found = p;
		else if (p->users == 0 && !idle)
			idle = p;
	}
	*mine = !found && idle;
	if (*mine) {
		found = idle;
		found->of = *of;
		atomic_store(&found->next, closed);
		atomic_store(&found->drawn, 0);
		atomic_store(&found->failed, false);
	}
	if (found)
		found->users++;
	unlock(s->board);
	return found;
}

/* Draws chunks until all exist.  Returns 0, or -1. */
static int draw(struct place *p, struct quenched *q)
{
	const long K = q->of.K, chunks = (K + CHUNK - 1) / CHUNK;

	while (atomic_load(&p->drawn) < chunks && !atomic_load(&p->failed)) {
		long c = atomic_load(&p->next) < chunks ? atomic_fetch_add(&p->next, 1) : chunks;
		long mu0 = c * CHUNK, mu1 = mu0 + CHUNK < K ? mu0 + CHUNK : K;
		if (c >= chunks)
			rest();
		else if (quenched_fill_part(q, mu0, mu1) != 0)
			atomic_store(&p->failed, true);
		else
			atomic_fetch_add(&p->drawn, 1);
	}
	return atomic_load(&p->failed) ? -1 : 0;
}

int share_fill(struct share *s, struct quenched *q, struct fault *fault)
{
	bool mine;
	struct place *p =
		s && q->bytes >= smallest && q->bytes <= s->bytes ? find_place(s, &q->of, &mine) : NULL;

	if (!p)
		return quenched_fill(q, NULL, fault);
	q->site = s->rows + (size_t)(p - s->board->place) * s->bytes;
	if (mine) {
		memset(q->site, 0, q->bytes);
		atomic_store(&p->next, 0);
	}
	if (draw(p, q) == 0)
		return 0;
	share_release(s, q);
	return fault_set(fault, "K", "no memory for the patterns");
}

void share_release(struct share *s, struct quenched *q)
{
	if (s && q->site && !q->own) {
		lock(s->board);
		s->board->place[(size_t)(q->site - s->rows) / s->bytes].users--;
		unlock(s->board);
		q->site = NULL;
	}
	quenched_free(q);
}
