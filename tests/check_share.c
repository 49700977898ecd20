/* Tests rows shared by the ranks of a node: equal to those that each rank would draw, while ranks come and
 * go; and really shared.  Run by share.sh on several ranks; one rank shares nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/disorder/share.h"
#include "tests/suite.h"

static int rank, ranks;

/* Two samples of 1.2 MB, of bits and of bytes; one that is too small to share. */
static struct quenched shape(uint64_t sample, int kind)
{
	struct disorder of = {
		.seed = 3, .sample = sample, .N = 300, .K = 33000, .M = 1, .r = 1, .learning = STORAGE};
	struct quenched q;
	struct fault fault;

	if (kind == 1) {
		of.K = 4111;
		of.M = 5;
		of.r = 0.7;
		of.learning = SUPERVISED;
	} else if (kind == 2) {
		of.K = 40;
	}
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	return q;
}

static void expect_own(const struct quenched *q, uint64_t sample, int kind)
{
	struct quenched own = shape(sample, kind);
	struct fault fault;

	ck_assert_int_eq(quenched_fill(&own, NULL, &fault), 0);
	ck_assert_uint_eq(own.bytes, q->bytes);
	ck_assert_int_eq(memcmp(own.site, q->site, own.bytes), 0);
	quenched_free(&own);
}

static size_t largest(void)
{
	struct quenched a = shape(0, 0), b = shape(0, 1);
	return a.bytes > b.bytes ? a.bytes : b.bytes;
}

/* All ranks use the same sample: what one writes, all can read. */
START_TEST(one_memory)
{
	struct quenched q = shape(7, 0);
	struct share *share;
	struct fault fault;

	share_alloc(&share, largest());
	ck_assert_int_eq(share != NULL, ranks > 1);
	ck_assert_int_eq(share_fill(share, &q, &fault), 0);
	expect_own(&q, 7, 0);
	const unsigned char before = q.site[5], other = (unsigned char)~before;
	MPI_Barrier(MPI_COMM_WORLD);
	if (rank == 0)
		q.site[5] = other;
	MPI_Barrier(MPI_COMM_WORLD);
	ck_assert_int_eq(q.site[5], rank == 0 || share ? other : before);
	share_release(share, &q);
	share_free(share);
}
END_TEST

/* Ranks come and go with few samples, often shared, of two kinds, some too small to share. */
START_TEST(come_and_go)
{
	struct share *share;
	struct fault fault;
	unsigned random = (unsigned)rank;

	share_alloc(&share, largest());
	for (int round = 0; round < 12; round++) {
		random = random * 1103515245 + 12345;
		uint64_t sample = random >> 16 & 1;
		int kind = (int)(random >> 20 & 15) % 3;
		struct quenched q = shape(sample, kind);
		ck_assert_int_eq(share_fill(share, &q, &fault), 0);
		ck_assert_int_eq(q.own == NULL, share && kind != 2);
		expect_own(&q, sample, kind);
		share_release(share, &q);
		ck_assert_ptr_null(q.site);
	}
	share_free(share);
}
END_TEST

/* Samples that are too small, or larger than the memory, are not shared, without an error. */
START_TEST(nothing_to_share)
{
	struct quenched q = shape(1, 2);
	struct share *share;
	struct fault fault;

	share_alloc(&share, q.bytes);
	ck_assert_ptr_null(share);
	ck_assert_int_eq(share_fill(share, &q, &fault), 0);
	expect_own(&q, 1, 2);
	share_release(share, &q);
	share_free(share);
	share_alloc(&share, (size_t)1 << 50);
	ck_assert_ptr_null(share);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tcase = suite_case(suite, "share", 4);

	tcase_add_test(tcase, one_memory);
	tcase_add_test(tcase, come_and_go);
	tcase_add_test(tcase, nothing_to_share);
}

int main(int argc, char **argv)
{
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	/* MPI does not survive a fork */
	if (suite_run(CK_NOFORK, rank == 0 ? CK_NORMAL : CK_SILENT) != 0)
		MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE); /* others may wait for this rank */
	MPI_Finalize();
	return EXIT_SUCCESS;
}
