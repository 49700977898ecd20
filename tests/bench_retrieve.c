/* Times the retrieval of the 10,000 test images of MNIST and Fashion-MNIST from class means of 1000
 * examples at P = 20: processor time of dynamics and classification on one core, as in bench_retrieve.py.
 * The folder of the sets: MATTIS_SETS.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/images/images.h"
#include "montecarlo/images/memories.h"
#include "montecarlo/images/retrieval.h"
#include "src/base/clock.h"
#include "tests/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { P = 20, M = 1000, REPEATS = 5 };

static void must(int code, const struct fault *fault)
{
	if (code == 0)
		return;
	fprintf(stderr, "bench_retrieve: %s\n", fault->why);
	exit(EXIT_FAILURE);
}

/* Returns the class with the largest overlap with the sign of its archetype. */
static int class_of(const struct retrieval_space *space, const struct memories *m, const double *s)
{
	double best = -INFINITY;
	int found = 0;
	for (int c = 0; c < m->classes; c++) {
		double x = retrieval_dot(space, m->sign + (size_t)c * m->stride, s);
		if (x > best) {
			best = x;
			found = c;
		}
	}
	return found;
}

/* Retrieves all test images once; returns how many are classified correctly. */
static long all_images(struct retrieval_space *space, const struct memories *m, const struct images *images)
{
	static const struct rng_key key[RETRIEVAL_BLOCK];
	const struct retrieval how = {.dynamics = RETRIEVAL_PARALLEL, .P = P, .sweeps = 20};
	struct retrieved done[RETRIEVAL_BLOCK];
	double *value = aligned_alloc(64, RETRIEVAL_BLOCK * m->stride * sizeof *value);
	long right = 0;

	memset(value, 0, RETRIEVAL_BLOCK * m->stride * sizeof *value);
	for (long first = 0; first < images->tests; first += RETRIEVAL_BLOCK) {
		int count = images->tests - first < RETRIEVAL_BLOCK ? (int)(images->tests - first)
		                                                    : RETRIEVAL_BLOCK;
		for (int k = 0; k < count; k++)
			for (int i = 0; i < m->N; i++)
				value[(size_t)k * m->stride + (size_t)i] =
					images->test[(first + k) * m->N + i];
		retrieval_run(space, &how, count, value, key, done, NULL);
		for (int k = 0; k < count; k++)
			right += class_of(space, m, value + (size_t)k * m->stride) ==
			         images->test_class[first + k];
	}
	free(value);
	return right;
}

static void bench(const char *folder, const char *set)
{
	static const char *const kernels[] = {"avx512", "avx2", "portable"};
	struct preparation prep = {.variance = 0.2, .most = M};
	struct retrieval_space *space;
	struct memories *memories;
	struct images images;
	struct fault fault;
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, set);
	if (images_read(&images, path, &prep, &fault) != 0) {
		printf("%s: no comparison of retrieval\n", fault.why);
		images_free(&images);
		return;
	}
	must(memories_alloc(&memories, &images, M, 0, DECORRELATE_NONE, 0, &fault), &fault);
	for (int k = 0; k < 3; k++) {
		double best = INFINITY;
		if (retrieval_alloc(&space, memories, kernels[k], &fault) != 0)
			continue;
		for (int i = 0; i < REPEATS; i++) {
			double start = clock_cpu();
			long right = all_images(space, memories, &images);
			best = fmin(best, clock_cpu() - start);
			if (right * 2 < images.tests)
				must(-1, &(struct fault){.why = "wrong answers"});
		}
		printf("retrieve_%s_P%d.%s %.4g ms\n", set, P, kernels[k], 1e3 * best);
		retrieval_free(space);
	}
	memories_free(memories);
	images_free(&images);
}

int main(void)
{
	const char *folder = getenv("MATTIS_SETS");
	bench(folder ? folder : "data/sets", "mnist");
	bench(folder ? folder : "data/sets", "fashion-mnist");
	return EXIT_SUCCESS;
}
