/* Prepares image sets as spins.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/images/images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/images/idx.h"
#include "montecarlo/disorder/rng.h"

enum { LEVELS = 256 };

/* The files of one part of a set. */
struct part {
	struct idx image, label;
	long chosen; /* images of the chosen classes */
};

static int no_memory(struct fault *fault)
{
	return fault_set(fault, "set", "no memory for the images");
}

/* --- files */

static int read_part(struct part *p, const char *folder, const char *name, struct fault *fault)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte", folder, name);
	if (idx_read(&p->image, path, 3, fault) != 0)
		return -1;
	snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte", folder, name);
	if (idx_read(&p->label, path, 1, fault) != 0)
		return -1;
	if (p->image.shape[0] != p->label.shape[0])
		return fault_set(fault, "set", "%ld images but %ld labels in the files %s-*",
		                 p->image.shape[0], p->label.shape[0], name);
	return 0;
}

/* Returns the class of a label, or -1 if it is not among the chosen ones. */
static int class_of(const struct images *s, int label)
{
	for (int c = 0; c < s->classes; c++)
		if (s->label[c] == label)
			return c;
	return -1;
}

static int choose_classes(struct images *s, const struct preparation *prep, struct part part[2],
                          struct fault *fault)
{
	long there[LEVELS] = {0};

	for (long i = 0; i < part[0].label.shape[0]; i++)
		there[part[0].label.value[i]]++;
	for (int l = 0; l < LEVELS; l++)
		if (prep->classes == 0 && there[l])
			s->label[s->classes++] = l;
	for (int c = 0; c < prep->classes; c++)
		s->label[s->classes++] = prep->label[c];
	for (int c = 0; c < s->classes; c++) {
		if (!there[s->label[c]])
			return fault_set(fault, "classes", "the set has no training image of class %d",
			                 s->label[c]);
		if (there[s->label[c]] < prep->most)
			return fault_set(fault, "M", "class %d has %ld training images, fewer than %ld",
			                 s->label[c], there[s->label[c]], prep->most);
	}
	if (s->classes < 2)
		return fault_set(fault, "classes", "at least two are needed");
	for (int k = 0; k < 2; k++)
		for (long i = 0; i < part[k].label.shape[0]; i++)
			part[k].chosen += class_of(s, part[k].label.value[i]) >= 0;
	return 0;
}

/* --- thresholds and pixels */

/* Returns the median of the values counted in a histogram. */
static double median(const long count[LEVELS], long n)
{
	int low = 0, high;
	long below = count[0];

	while (below <= (n - 1) / 2)
		below += count[++low];
	high = low;
	while (below <= n / 2)
		below += count[++high];
	return 0.5 * (low + high);
}

/* Counts every value at every pixel over the chosen training images: [pixels][LEVELS]. */
static void count_values(long *count, const struct images *s, const struct part *p)
{
	size_t pixels = (size_t)s->height * (size_t)s->width;

	for (long i = 0; i < p->image.shape[0]; i++) {
		if (class_of(s, p->label.value[i]) < 0)
			continue;
		for (size_t x = 0; x < pixels; x++)
			count[x * LEVELS + p->image.value[(size_t)i * pixels + x]]++;
	}
}

static void set_thresholds(struct images *s, const struct preparation *prep, const long *count, long n)
{
	long pixels = (long)s->height * s->width, all[LEVELS] = {0};

	for (long x = 0; x < pixels; x++)
		for (int l = 0; l < LEVELS; l++)
			all[l] += count[x * LEVELS + l];
	for (long x = 0; x < pixels; x++)
		s->threshold[x] = prep->threshold == THRESHOLD_PIXEL    ? median(count + x * LEVELS, n)
		                  : prep->threshold == THRESHOLD_GLOBAL ? median(all, n * pixels)
		                                                        : prep->level;
}

static int keep_pixels(struct images *s, const struct preparation *prep, const long *count, long n,
                       struct fault *fault)
{
	int pixels = s->height * s->width;

	for (int x = 0; x < pixels; x++) {
		long up = 0;
		for (int l = 0; l < LEVELS; l++)
			up += l > s->threshold[x] ? count[x * LEVELS + l] : 0;
		double mean = (double)(2 * up - n) / (double)n;
		if (1 - mean * mean > prep->variance)
			s->pixel[s->N++] = x;
	}
	return s->N >= 2 ? 0 : fault_set(fault, "variance", "leaves %d of %d pixels", s->N, pixels);
}

static int choose_pixels(struct images *s, const struct preparation *prep, const struct part *p,
                         struct fault *fault)
{
	size_t pixels = (size_t)s->height * (size_t)s->width;
	long *count = calloc(pixels * LEVELS, sizeof *count);
	int code = -1;

	s->threshold = malloc(pixels * sizeof *s->threshold);
	s->pixel = malloc(pixels * sizeof *s->pixel);
	if (!count || !s->threshold || !s->pixel) {
		no_memory(fault);
		goto done;
	}
	count_values(count, s, p);
	set_thresholds(s, prep, count, p->chosen);
	code = keep_pixels(s, prep, count, p->chosen, fault);
done:
	free(count);
	return code;
}

static void spins(int8_t *out, const struct images *s, const struct part *p, long image)
{
	const uint8_t *raw = p->image.value + (size_t)image * (size_t)s->height * (size_t)s->width;

	for (int i = 0; i < s->N; i++)
		out[i] = raw[s->pixel[i]] > s->threshold[s->pixel[i]] ? 1 : -1;
}

/* --- examples and test images */

struct draw {
	uint64_t key; /* the order is that of the keys */
	long index;
};

static int by_key(const void *a, const void *b)
{
	const struct draw *x = a, *y = b;

	if (x->key != y->key)
		return x->key > y->key ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Lists the members of a class in the order of learning; returns their number. */
static long order_class(struct draw *d, const struct idx *label, int wanted, const struct preparation *prep)
{
	struct rng_key key = rng_derive(rng_disorder(prep->seed, 0), 0x696d6167u, (uint64_t)wanted);
	long n = 0;

	for (long i = 0; i < label->shape[0]; i++)
		if (label->value[i] == wanted) {
			struct rng_block b = rng_block(key, (uint32_t)i, (uint32_t)(i >> 32), 0, 0);
			d[n++] = (struct draw){prep->random ? (uint64_t)b.word[0] << 32 | b.word[1] : 0, i};
		}
	qsort(d, (size_t)n, sizeof *d, by_key);
	return n;
}

static int alloc_spins(struct images *s, struct fault *fault)
{
	size_t examples = (size_t)s->classes * (size_t)s->most, N = (size_t)s->N,
	       tests = (size_t)s->tests + 1;

	s->example = malloc(examples * N);
	s->example_index = malloc(examples * sizeof *s->example_index);
	s->test = malloc(tests * N);
	s->test_class = malloc(tests * sizeof *s->test_class);
	s->test_index = malloc(tests * sizeof *s->test_index);
	return s->example && s->example_index && s->test && s->test_class && s->test_index ? 0
	                                                                                   : no_memory(fault);
}

static int take_examples(struct images *s, const struct preparation *prep, const struct part *p,
                         struct fault *fault)
{
	struct draw *d = malloc((size_t)p->label.shape[0] * sizeof *d);

	if (!d)
		return no_memory(fault);
	for (int c = 0; c < s->classes; c++) {
		order_class(d, &p->label, s->label[c], prep);
		for (long a = 0; a < s->most; a++) {
			long at = c * s->most + a;
			s->example_index[at] = d[a].index;
			spins(s->example + at * s->N, s, p, d[a].index);
		}
	}
	free(d);
	return 0;
}

static void take_tests(struct images *s, const struct part *p)
{
	long n = 0;

	for (long i = 0; i < p->label.shape[0] && n < s->tests; i++) {
		int c = class_of(s, p->label.value[i]);
		if (c < 0)
			continue;
		s->test_class[n] = c;
		s->test_index[n] = i;
		spins(s->test + n * s->N, s, p, i);
		n++;
	}
}

static int prepare(struct images *s, const struct preparation *prep, struct part part[2], struct fault *fault)
{
	const long *train = part[0].image.shape, *test = part[1].image.shape;

	if (train[1] != test[1] || train[2] != test[2])
		return fault_set(fault, "set",
		                 "training images of %ld x %ld pixels, test images of %ld x %ld", train[1],
		                 train[2], test[1], test[2]);
	if (train[1] * train[2] > 1 << 16)
		return fault_set(fault, "set", "%ld x %ld pixels are more than 65536", train[1], train[2]);
	s->height = (int)train[1];
	s->width = (int)train[2];
	if (choose_classes(s, prep, part, fault) || choose_pixels(s, prep, &part[0], fault))
		return -1;
	if (part[1].chosen < (prep->tests ? prep->tests : 1))
		return fault_set(fault, "tests", "the set has %ld test images of these classes",
		                 part[1].chosen);
	s->most = prep->most;
	s->tests = prep->tests ? prep->tests : part[1].chosen;
	if (alloc_spins(s, fault) || take_examples(s, prep, &part[0], fault))
		return -1;
	take_tests(s, &part[1]);
	return 0;
}

int images_read(struct images *s, const char *folder, const struct preparation *prep, struct fault *fault)
{
	struct part part[2] = {0};
	int code = -1;

	memset(s, 0, sizeof *s);
	if (read_part(&part[0], folder, "train", fault) == 0 &&
	    read_part(&part[1], folder, "t10k", fault) == 0)
		code = prepare(s, prep, part, fault);
	for (int k = 0; k < 2; k++) {
		idx_free(&part[k].image);
		idx_free(&part[k].label);
	}
	return code;
}

/* --- the user's own data */

int images_take(struct images *s, const struct npy *data, const struct preparation *prep, struct fault *fault)
{
	long K = data->shape[0], each = data->dims == 3 ? data->shape[1] : 1, N = data->shape[data->dims - 1],
	     n = 0;
	long left = each - prep->most;

	memset(s, 0, sizeof *s);
	if (data->blank)
		return fault_set(fault, "data", "has zeros; the spins of images are -1 and 1");
	if (K < 2 || K > MAX_CLASSES || N < 2 || N > 1 << 16)
		return fault_set(fault, "data",
		                 "%ld patterns of length %ld: must be 2 to %d of length 2 to 65536", K, N,
		                 MAX_CLASSES);
	if (left < 0)
		return fault_set(fault, "M", "the data have %ld example%s of a pattern, fewer than %ld", each,
		                 each == 1 ? "" : "s", prep->most);
	if (prep->tests > K * left)
		return fault_set(fault, "tests", "the data have %ld examples that are not learned", K * left);
	*s = (struct images){
		.height = 1, .width = (int)N, .N = (int)N, .classes = (int)K, .most = prep->most};
	s->tests = prep->tests ? prep->tests : K * left;
	s->pixel = malloc((size_t)N * sizeof *s->pixel);
	if (!s->pixel || alloc_spins(s, fault))
		return no_memory(fault);
	for (int i = 0; i < s->N; i++)
		s->pixel[i] = i;
	for (int c = 0; c < s->classes; c++) {
		s->label[c] = c;
		memcpy(s->example + c * s->most * N, data->value + c * each * N, (size_t)(s->most * N));
		for (long a = 0; a < s->most; a++)
			s->example_index[c * s->most + a] = a;
	}
	for (long a = prep->most; a < each;
	     a++) /* interleaves the classes, so that the first images cover all of them */
		for (int c = 0; c < s->classes && n < s->tests; c++, n++) {
			s->test_class[n] = c;
			s->test_index[n] = c * each + a;
			memcpy(s->test + n * N, data->value + (c * each + a) * N, (size_t)N);
		}
	return 0;
}

void images_free(struct images *s)
{
	free(s->pixel);
	free(s->threshold);
	free(s->example);
	free(s->example_index);
	free(s->test);
	free(s->test_class);
	free(s->test_index);
	*s = (struct images){0};
}
