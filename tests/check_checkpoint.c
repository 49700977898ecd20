/* Tests checkpoint files: what is written is read back, any damage is detected, decks may be extended; and
 * the line of progress counts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/run/checkpoint.h"
#include "src/run/stop.h"
#include "tests/suite.h"

static const struct progress_counts example = {.command = "simulate",
                                     .unit = "sweeps",
                                     .tasks = 400,
                                     .finished = 120,
                                     .started = 2,
                                     .fraction = 0.372,
                                     .rate = 1.25e5,
                                     .left = 11400,
                                     .ranks = 8,
                                     .time = 1795508493};

static struct deck *parse(const char *const *setting, int settings)
{
	struct err err = {0};
	struct deck *deck;
	deck_parse(&deck, NULL, "", 0, setting, settings, USED_BY_SIMULATE, &err);
	ck_assert_msg(err.code == 0, "%s", err.text);
	return deck;
}

static struct deck *example_deck(void)
{
	static const char *const setting[] = {"model.P=4", "model.K=30", "sweep.N=[20,40]",
	                                      "sweep.T=0.1:0.5:0.1"};
	return parse(setting, 4);
}

/* Entries of 0, 1, 64 and 100 bytes, all of them the number of the entry. */
static const size_t sizes[] = {0, 1, 64, 100};

static void write_example(int generation)
{
	struct deck *deck = example_deck();
	struct checkpoint_writer w;
	struct err err = {0};
	char bytes[100];

	ck_assert_int_eq(checkpoint_begin(&w, "a.h5", false, deck, &example, &err), 0);
	for (int i = 0; i < 4; i++) {
		struct checkpoint_entry entry = {.key.word = {(uint64_t)i, 7},
		                                 .kind = CHECKPOINT_STATE,
		                                 .size = sizes[i],
		                                 .done = 0.5};
		memset(bytes, i + generation, sizeof bytes);
		ck_assert_int_eq(checkpoint_add(&w, &entry, bytes, &err), 0);
	}
	ck_assert_int_eq(checkpoint_end(&w, &err), 0);
	deck_free(deck);
}

static char *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *bytes = malloc(1 << 16);
	ck_assert(f && bytes);
	*size = fread(bytes, 1, 1 << 16, f);
	fclose(f);
	return bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");
	ck_assert(f && fwrite(bytes, 1, size, f) == size && fclose(f) == 0);
}

static void expect_example(const struct checkpoint *c, int generation)
{
	const struct checkpoint_entry *entry;
	const void *bytes;
	int n = 0;
	for (size_t at = 0; (entry = checkpoint_next(c, &at, &bytes)); n++) {
		ck_assert_int_lt(n, 4);
		ck_assert_uint_eq(entry->key.word[0], (uint64_t)n);
		ck_assert_uint_eq(entry->size, sizes[n]);
		ck_assert_uint_eq((uintptr_t)bytes % 64, 0);
		for (size_t i = 0; i < sizes[n]; i++)
			ck_assert_int_eq(((const char *)bytes)[i], n + generation);
	}
	ck_assert_int_eq(n, 4);
}

START_TEST(written_and_read)
{
	struct checkpoint *c;
	struct err err = {0};
	struct deck_changes changes;
	struct deck *deck = example_deck();

	checkpoint_remove("a.h5");
	ck_assert_int_eq(checkpoint_read(&c, "a.h5", &err), 0);
	ck_assert_ptr_null(c);
	write_example(1);
	write_example(2);
	ck_assert_int_eq(checkpoint_read(&c, "a.h5", &err), 0);
	ck_assert_ptr_nonnull(c);
	expect_example(c, 2);
	ck_assert_str_eq(c->warning, "");
	ck_assert_uint_eq(c->progress.finished, 120);
	checkpoint_compare(&changes, c, deck);
	ck_assert_str_eq(changes.text, "");
	ck_assert(!changes.more);
	checkpoint_free(c);
	unlink("a.h5.ckpt"); /* the previous one */
	ck_assert_int_eq(checkpoint_read(&c, "a.h5", &err), 0);
	expect_example(c, 1);
	ck_assert_str_eq(c->warning, "a.h5.ckpt: missing; the previous checkpoint is used");
	checkpoint_free(c);
	deck_free(deck);
	ck_assert(checkpoint_exists("a.h5"));
	checkpoint_remove("a.h5");
	ck_assert(!checkpoint_exists("a.h5"));
}
END_TEST

/* Every changed bit and every length is detected, without a crash. */
START_TEST(damage_is_seen)
{
	struct checkpoint *c;
	struct progress_counts counts;
	char why[160];
	size_t size;

	write_example(1);
	unlink("a.h5.ckpt.prev");
	char *bytes = read_file("a.h5.ckpt", &size);
	for (size_t bit = 0; bit < 8 * size; bit += getenv("LONG") && *getenv("LONG") ? 1 : 7) {
		struct err err = {0};
		bytes[bit / 8] ^= (char)(1u << bit % 8);
		write_file("a.h5.ckpt", bytes, size);
		bytes[bit / 8] ^= (char)(1u << bit % 8);
		ck_assert_msg(checkpoint_read(&c, "a.h5", &err) == EXIT_FAILED, "bit %zu", bit);
		ck_assert_ptr_nonnull(strstr(err.text, "a.h5.ckpt: damaged: "));
		ck_assert_int_eq(checkpoint_probe(&counts, why, sizeof why, "a.h5"), -1);
		ck_assert(why[0]);
	}
	for (size_t n = 0; n < size; n++) {
		struct err err = {0};
		write_file("a.h5.ckpt", bytes, n);
		ck_assert_msg(checkpoint_read(&c, "a.h5", &err) == EXIT_FAILED, "cut at %zu", n);
		ck_assert_int_eq(checkpoint_probe(&counts, why, sizeof why, "a.h5"), -1);
	}
	free(bytes);
	checkpoint_remove("a.h5");
}
END_TEST

START_TEST(another_version_is_refused)
{
	struct checkpoint *c;
	struct err err = {0};
	struct checksum digest;
	size_t size;

	write_example(1);
	write_example(1); /* an intact previous file does not help, since this is not damage */
	char *bytes = read_file("a.h5.ckpt", &size),
	     *digit = strstr(bytes, "checkpoint ") + strlen("checkpoint ");
	*digit = '9'; /* with right digests */
	checksum_init(&digest);
	checksum_add(&digest, bytes, 480);
	char sign[40];
	snprintf(sign, sizeof sign, "head %016llx", (unsigned long long)checksum_value(&digest));
	memcpy(bytes + 480, sign, strlen(sign));
	checksum_init(&digest);
	checksum_add(&digest, bytes, size - 64);
	snprintf(sign, sizeof sign, "%016llx", (unsigned long long)checksum_value(&digest));
	memcpy(bytes + size - 64 + strlen("\nmattis: digest "), sign, 16);
	write_file("a.h5.ckpt", bytes, size);
	ck_assert_int_eq(checkpoint_read(&c, "a.h5", &err), EXIT_FAILED);
	ck_assert_ptr_nonnull(strstr(err.text, "of another version"));
	free(bytes);
	checkpoint_remove("a.h5");
}
END_TEST

START_TEST(more_is_no_change)
{
	static const char *const now[] = {
		"model.P=4",           "model.K=30",           "sweep.N=40",      "sweep.T=[0.1,0.2,0.3]",
		"simulate.samples=20", "simulate.sweeps=5000", "run.wall_time=10"};
	static const struct {
		const char *name, *was, *text;
		int more, more_sweeps;
	} row[] = {
		{"model.P", "4", "", 0, 0},
		{"model.P", "5", "model.P (was 5, now 4)", 0, 0},
		{"model.r", "0.5", "model.r (was 0.5, now not set)", 0, 0},
		{"simulate.dynamics", "metropolis", "simulate.dynamics (was metropolis, now heat-bath)", 0,
	         0},
		{"run.wall_time", "77", "", 0, 0},
		{"title", "another", "", 0, 0},
		{"sweep.T", "0.1:0.3:0.1", "", 0, 0}, /* spelled in another way */
		{"sweep.T", "0.10000000000000001", "", 1, 0},
		{"sweep.T", "[0.1, 0.3]", "", 1, 0},
		{"sweep.T", "[0.1, 0.25]", "sweep.T (was [0.1, 0.25], now [0.1, 0.2, 0.3])", 0, 0},
		{"sweep.T", "0.1:0.4:0.1", "sweep.T (was 0.1:0.4:0.1, now [0.1, 0.2, 0.3])", 0, 0},
		{"sweep.T", "[0.1, 0.2, ..., 0.3]", "sweep.T (was [0.1, 0.2, ..., 0.3], now [0.1, 0.2, 0.3])",
	         0, 0},
		{"simulate.samples", "19", "", 1, 0},
		{"simulate.samples", "21", "simulate.samples (was 21, now 20)", 0, 0},
		{"simulate.sweeps", "4999", "", 1, 1},
		{"simulate.sweeps", "5001", "simulate.sweeps (was 5001, now 5000)", 0, 0},
	};
	struct deck *deck = parse(now, 7);
	struct deck_changes c;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		deck_changes_begin(&c, deck);
		deck_changes_add(&c, row[i].name, row[i].was);
		ck_assert_str_eq(c.text, row[i].text);
		ck_assert_int_eq(c.more, row[i].more);
		ck_assert_int_eq(c.more_sweeps, row[i].more_sweeps);
	}
	deck_changes_begin(&c, deck); /* keys that the earlier run did not have, not at their defaults */
	deck_changes_end(&c);
	ck_assert_str_eq(c.text,
	                 "model.P (was not set, now 4), model.K (was not set, now 30), "
	                 "sweep.T (was not set, now [0.1, 0.2, 0.3]), sweep.N (was not set, now 40), "
	                 "simulate.samples (was not set, now 20), simulate.sweeps (was not set, now 5000)");
	deck_free(deck);
}
END_TEST

START_TEST(progress_is_read_as_written)
{
	struct progress_counts t;
	char line[PROGRESS_COUNTS_LENGTH], text[200];

	progress_counts_write(line, &example);
	ck_assert(progress_counts_read(&t, line));
	ck_assert_str_eq(t.command, "simulate");
	ck_assert_uint_eq(t.started, 2);
	ck_assert(t.fraction == 0.372 && t.left == 11400 && t.time == example.time && t.ranks == 8);
	progress_counts_print(text, sizeof text, &t, true);
	ck_assert_str_eq(
		text,
		"37.200 % done, 120 of 400 tasks, 2 started, 1.25e+05 sweeps/s, 3 h 10 min left on 8 ranks");
	t.left = INFINITY;
	progress_counts_write(line, &t);
	ck_assert(progress_counts_read(&t, line));
	ck_assert(isinf(t.left));
	ck_assert(!progress_counts_read(&t, "tally simulate"));
	ck_assert(!progress_counts_read(&t, ""));
}
END_TEST

START_TEST(stops_are_noticed)
{
	struct stop s;
	setenv("SLURM_JOB_END_TIME", "12", 1); /* long ago: not of this job */
	stop_watch(&s, "a.h5", 0);
	ck_assert_ptr_null(stop_reason(&s, 0));
	write_file("a.h5.stop", "", 0);
	s.looked = 0;
	ck_assert_str_eq(stop_reason(&s, 0), "the stop file");
	ck_assert_int_ne(access("a.h5.stop", F_OK), 0);
	stop_free(&s);

	stop_watch(&s, "a.h5", 1000); /* stops 30 s before, and 3 times the last write */
	s.limit = clock_monotonic() + 31;
	ck_assert_ptr_null(stop_reason(&s, 0));
	ck_assert_str_eq(stop_reason(&s, 1), "the wall-clock limit");
	stop_free(&s);

	stop_listen();
	stop_watch(&s, "a.h5", 0);
	ck_assert_ptr_null(stop_reason(&s, 0));
	raise(SIGTERM);
	ck_assert_str_eq(stop_reason(&s, 0), "SIGTERM");
	ck_assert_str_eq(stop_reason(&s, 0), "SIGTERM");
	stop_free(&s);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tcase = suite_case(suite, "checkpoint", 120);

	suite_enter_scratch();
	tcase_add_test(tcase, written_and_read);
	tcase_add_test(tcase, damage_is_seen);
	tcase_add_test(tcase, another_version_is_refused);
	tcase_add_test(tcase, more_is_no_change);
	tcase_add_test(tcase, progress_is_read_as_written);
	tcase_add_test(tcase, stops_are_noticed);
}
