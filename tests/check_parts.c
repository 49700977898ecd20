/* Tests that the parts of a task together give the result of the whole, that a finished task continues to
 * more sweeps as if requested at once, and that the numbering of a deck's tasks finds every part again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/parts.h"
#include "src/jobs/simulate_parts.h"
#include "tests/suite.h"

static struct protocol example(enum dynamics dynamics, int replicas)
{
	return (struct protocol){.network = networks[0],
	                         .dynamics = dynamics,
	                         .replicas = replicas,
	                         .burn_in = 10,
	                         .sweeps = 60,
	                         .seed = 5,
	                         .histogram = 6,
	                         .patterns = 1,
	                         .spins = 30,
	                         .kernel = "auto"};
}

enum { POINTS = 3 };

static const struct params at[POINTS] = {{.P = 3, .T = 0.4, .r = 1, .K = 20, .N = 30},
                                         {.P = 3, .T = 0.6, .r = 1, .K = 20, .N = 30},
                                         {.P = 3, .T = 0.9, .r = 1, .K = 20, .N = 30}};

static struct task example_task(enum dynamics dynamics)
{
	return (struct task){.p = at, .points = dynamics >= DYNAMICS_TEMPERING ? POINTS : 1, .sample = 2};
}

static struct task_run *begin(const struct protocol *protocol, const struct task *task)
{
	struct task_run *e;
	struct fault fault;
	ck_assert_msg(task_run_alloc(&e, protocol, task, &fault) == 0, "%s", fault.why);
	return e;
}

/* Returns the result of an uninterrupted run of this many sweeps. */
static double *answer_of(const struct protocol *protocol, const struct task *task)
{
	struct record_shape shape = task_shape(protocol);
	double *answer = malloc((size_t)task->points * record_width(&shape) * sizeof *answer);
	struct task_run *e = begin(protocol, task);
	ck_assert_int_eq(task_run_advance(e, NULL), 0);
	task_run_result(e, answer);
	task_run_free(e);
	return answer;
}

static const enum dynamics all[] = {DYNAMICS_HEAT_BATH, DYNAMICS_METROPOLIS, DYNAMICS_PARALLEL,
                                    DYNAMICS_TEMPERING, DYNAMICS_ANNEALING};

/* Bit for bit, except for means over ladders, which are rounded differently. */
static void expect_same(const double *a, const double *b, const struct record_shape *shape, int points)
{
	for (int k = 0; k < points; k++)
		for (size_t i = 0; i < record_width(shape); i++) {
			double x = a[(size_t)k * record_width(shape) + i],
			       y = b[(size_t)k * record_width(shape) + i];
			bool mean = i == RESULT_EXCHANGE || i == RESULT_ROUND_TRIPS;
			ck_assert_msg((isnan(x) && isnan(y)) || x == y ||
			                      (mean && fabs(x - y) < 1e-14 * fabs(x)),
			              "point %d, number %zu: %.17g, %.17g", k, i, x, y);
		}
}

START_TEST(parts_make_the_whole)
{
	struct protocol whole = example(all[_i], 5);
	struct task task = example_task(all[_i]);
	struct record_shape shape = task_shape(&whole);
	double *expected = answer_of(&whole, &task),
	       *answer = malloc((size_t)task.points * record_width(&shape) * sizeof *answer);
	void *result[3];

	for (int i = 0; i < 3; i++) {
		struct protocol part = parts_protocol(&whole, i);
		ck_assert_int_eq(part.replicas, i < 2 ? 2 : 1);
		struct task_run *e = begin(&part, &task);
		ck_assert_int_eq(task_run_advance(e, NULL), 0);
		result[i] = malloc(parts_size(&part, task.points));
		parts_result(result[i], e, &part, task.points);
		task_run_free(e);
	}
	ck_assert_int_eq(parts_answer(answer, &whole, task.points, 30, (const void *const *)result, 3), 0);
	expect_same(answer, expected, &shape, task.points);
	for (int i = 0; i < 3; i++)
		free(result[i]);
	free(expected);
	free(answer);
}
END_TEST

START_TEST(more_sweeps_as_if_asked_at_once)
{
	struct protocol few = example(all[_i], 3), many = few;
	struct task task = example_task(all[_i]);
	struct record_shape shape = task_shape(&few);
	many.sweeps = 150;
	double *expected = answer_of(&many, &task),
	       *answer = malloc((size_t)task.points * record_width(&shape) * sizeof *answer);

	struct task_run *e = begin(&few, &task);
	ck_assert_int_eq(task_run_advance(e, NULL), 0);
	void *state = malloc(task_run_saved_size(e));
	task_run_save(e, state);
	task_run_free(e);
	e = begin(&many, &task);
	task_run_load(e, state);
	ck_assert(task_run_done(e) < 1);
	ck_assert_int_eq(task_run_advance(e, NULL), 0);
	task_run_result(e, answer);
	task_run_free(e);
	expect_same(answer, expected, &shape, task.points);
	free(state);
	free(expected);
	free(answer);
}
END_TEST

START_TEST(only_long_tasks_are_divided)
{
	struct protocol p = example(DYNAMICS_HEAT_BATH, 8);
	struct task task = example_task(DYNAMICS_HEAT_BATH);
	struct params many_examples = at[0];

	ck_assert_int_eq(parts_count(&p, &task, 1e9), 1);
	ck_assert_int_eq(parts_count(&p, &task, 1e12), 4);
	p.curve = 10;
	ck_assert_int_eq(parts_count(&p, &task, 1e12), 1);
	p.curve = 0;
	many_examples.M = 1e8; /* drawing them is most of the work */
	task.p = &many_examples;
	ck_assert_int_eq(parts_count(&p, &task, 1e12), 1);
}
END_TEST

/* N = 4000 is divided into parts, N = 100 is not: every number leads to one part, and each replica of a
 * task occurs once. */
START_TEST(parts_cover_the_tasks)
{
	static const char *const setting[] = {"model.P=2",          "model.gamma=0.1",
	                                      "sweep.T=[0.2,0.3]",  "sweep.N=[100,4000]",
	                                      "simulate.samples=3", "simulate.replicas=5"};
	struct err err = {0};
	struct deck *deck;
	struct grid *grid;
	struct simulation s;
	struct simulate_parts parts;
	deck_parse(&deck, NULL, "", 0, setting, 6, USED_BY_SIMULATE, &err);
	grid_alloc(&grid, deck, &err);
	ck_assert_int_eq(simulate_init(&s, grid, &err), 0);
	ck_assert_int_eq(simulate_parts_init(&parts, &s, &err), 0);
	ck_assert_uint_eq(parts.count, 2 * 3 * (1 + 3));
	size_t task = 0;
	for (size_t i = 0; i < parts.count; task++) {
		int replicas = 0, per_task = simulate_parts_find(&parts, i).per_task;
		ck_assert_int_eq(per_task, s.work[task / 3] > 2e10 ? 3 : 1);
		for (int index = 0; index < per_task; index++, i++) {
			struct simulate_part part = simulate_parts_find(&parts, i);
			ck_assert_uint_eq(part.task, task);
			ck_assert_int_eq(part.index, index);
			ck_assert_int_eq(part.protocol.first, replicas);
			replicas += part.protocol.replicas;
			ck_assert_uint_le(simulate_parts_size(&parts, i), parts.bytes);
		}
		ck_assert_int_eq(replicas, 5);
	}
	ck_assert_uint_eq(task, s.tasks);
	simulate_parts_free(&parts);
	simulate_free(&s);
	grid_free(grid);
	deck_free(deck);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tcase = suite_case(suite, "parts", 120);

	tcase_add_loop_test(tcase, parts_make_the_whole, 0, 5);
	tcase_add_loop_test(tcase, more_sweeps_as_if_asked_at_once, 0, 4);
	tcase_add_test(tcase, only_long_tasks_are_divided);
	tcase_add_test(tcase, parts_cover_the_tasks);
}
