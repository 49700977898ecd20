/* Tests image sets from files to spins: the IDX reader and what it refuses; thresholds, kept pixels and
 * examples against values counted by hand; own data.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "montecarlo/images/idx.h"
#include "montecarlo/images/images.h"
#include "tests/suite.h"

static char folder[64];

static void open_folder(void)
{
	strcpy(folder, "check_images.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void close_folder(void)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static int next;
	next = (next + 1) % 4;
	snprintf(path[next], sizeof path[0], "%s/%s", folder, name);
	return path[next];
}

static void write_bytes(const char *name, int zipped, const void *bytes, size_t length)
{
	const char *path = in_folder(name);
	if (zipped) {
		gzFile f = gzopen(path, "wb");
		ck_assert_int_eq(gzwrite(f, bytes, (unsigned)length), (int)length);
		gzclose(f);
		return;
	}
	FILE *f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, length, f), length);
	fclose(f);
}

/* An IDX file of these dimensions; values count up unless given. */
static size_t idx_bytes(unsigned char *out, int dims, const int *shape, const uint8_t *value)
{
	size_t n = 0, total = 1;
	out[n++] = 0;
	out[n++] = 0;
	out[n++] = 8;
	out[n++] = (unsigned char)dims;
	for (int i = 0; i < dims; i++) {
		for (int shift = 24; shift >= 0; shift -= 8)
			out[n++] = (unsigned char)(shape[i] >> shift);
		total *= (size_t)shape[i];
	}
	for (size_t i = 0; i < total; i++)
		out[n++] = value ? value[i] : (unsigned char)(7 * i);
	return n;
}

static void write_idx(const char *name, int zipped, int dims, const int *shape, const uint8_t *value)
{
	static unsigned char bytes[1 << 16];
	write_bytes(name, zipped, bytes, idx_bytes(bytes, dims, shape, value));
}

/* --- the reader */

START_TEST(test_idx_reads)
{
	const int images[3] = {5, 3, 4}, labels[1] = {11};
	struct idx a;
	struct fault fault;

	for (int zipped = 0; zipped < 2; zipped++) {
		write_idx(zipped ? "z.gz" : "a", zipped, 3, images, NULL);
		ck_assert_msg(idx_read(&a, in_folder(zipped ? "z" : "a"), 3, &fault) == 0, "%s", fault.why);
		ck_assert(a.shape[0] == 5 && a.shape[1] == 3 && a.shape[2] == 4);
		for (int i = 0; i < 60; i++)
			ck_assert_int_eq(a.value[i], (uint8_t)(7 * i));
		idx_free(&a);
	}
	write_idx("l", 0, 1, labels, NULL);
	ck_assert_int_eq(idx_read(&a, in_folder("l"), 1, &fault), 0);
	ck_assert_int_eq(a.value[10], 70);
	idx_free(&a);
}
END_TEST

/* Asserts that a file of these bytes is refused with a message that contains this text. */
static void refuse(const void *bytes, size_t length, int dims, const char *why)
{
	struct idx a;
	struct fault fault = {"", ""};

	write_bytes("bad", 0, bytes, length);
	ck_assert_int_eq(idx_read(&a, in_folder("bad"), dims, &fault), -1);
	ck_assert_ptr_null(a.value);
	ck_assert_str_eq(fault.key, "set");
	ck_assert_msg(strstr(fault.why, why) && strstr(fault.why, "bad: "), "%s (expected %s)", fault.why,
	              why);
}

START_TEST(test_idx_refuses)
{
	const int shape[3] = {5, 3, 4};
	unsigned char good[200], bad[200],
		huge[] = {0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
		large[] = {0, 0, 8, 3, 127, 255, 255, 255, 0, 0, 0, 1, 0, 0, 0, 1, 3}, zipped[300];
	size_t n = idx_bytes(good, 3, shape, NULL);
	struct idx a;
	struct fault fault;

	for (size_t cut = 0; cut < n; cut++) /* every truncation */
		refuse(good, cut, 3,
		       cut < 4    ? "not an IDX file"
		       : cut < 16 ? "ends inside its header"
		                  : "ends before its 60 values");
	memcpy(bad, good, n);
	bad[n] = 1;
	refuse(bad, n + 1, 3, "goes on after its 60 values");
	bad[1] = 1;
	refuse(bad, n, 3, "not an IDX file");
	bad[1] = 0;
	bad[2] = 13;
	refuse(bad, n, 3, "type 0x0d");
	bad[2] = 8;
	refuse(bad, n, 1, "has 3 dimensions where labels have 1");
	bad[7] = 0;
	refuse(bad, n, 3, "is empty");
	refuse(huge, sizeof huge, 3, "more than");
	refuse(large, sizeof large, 3, "ends before its 2147483647 values");

	/* compressed: cut, and a wrong check sum */
	write_bytes("good.gz", 1, good, n);
	FILE *f = fopen(in_folder("good.gz"), "rb");
	size_t length = fread(zipped, 1, sizeof zipped, f);
	fclose(f);
	refuse(zipped, length / 2, 3, "ends");
	zipped[length - 8] ^= 1;
	refuse(zipped, length, 3, "compression is damaged");

	ck_assert_int_eq(idx_read(&a, in_folder("none"), 3, &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.why, "none: no such file"));
	ck_assert_int_eq(idx_read(&a, folder, 3, &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.why, "not a regular file"));
}
END_TEST

/* --- preparation */

enum { TRAIN = 6, TEST = 3, H = 1, W = 4 };
/* pixel 0: 0 0 10 10 20 20, median 10; pixel 1: always 9; pixel 2: 1 2 3 4 5 6, median 3.5; pixel 3: 0
 * except once */
static const uint8_t train_image[TRAIN][W] = {{0, 9, 1, 0},  {0, 9, 2, 0},  {10, 9, 3, 0},
                                              {10, 9, 4, 0}, {20, 9, 5, 0}, {20, 9, 6, 200}};
static const uint8_t train_label[TRAIN] = {3, 7, 3, 7, 3, 7}, test_label[TEST] = {7, 3, 7};
static const uint8_t test_image[TEST][W] = {{11, 9, 3, 1}, {10, 0, 4, 0}, {255, 255, 255, 255}};

static void write_set(void)
{
	const int a[3] = {TRAIN, H, W}, b[3] = {TEST, H, W};
	write_idx("train-images-idx3-ubyte", 0, 3, a, &train_image[0][0]);
	write_idx("train-labels-idx1-ubyte.gz", 1, 1, a, train_label);
	write_idx("t10k-images-idx3-ubyte.gz", 1, 3, b, &test_image[0][0]);
	write_idx("t10k-labels-idx1-ubyte", 0, 1, b, test_label);
}

START_TEST(test_preparation)
{
	struct preparation prep = {.threshold = THRESHOLD_PIXEL, .variance = 0.6, .most = 2};
	struct images s;
	struct fault fault;

	write_set();
	ck_assert_msg(images_read(&s, folder, &prep, &fault) == 0, "%s", fault.why);
	/* above 10: 2 of 6, variance 1 - (1/3)^2 = 8/9; above 3.5: 1; above 0: 1 of 6, 1 - (2/3)^2 = 5/9 <
	 * 0.6 */
	ck_assert_int_eq(s.N, 2);
	ck_assert(s.pixel[0] == 0 && s.pixel[1] == 2);
	ck_assert(s.threshold[0] == 10 && s.threshold[1] == 9 && s.threshold[2] == 3.5 &&
	          s.threshold[3] == 0);
	ck_assert(s.classes == 2 && s.label[0] == 3 && s.label[1] == 7);
	ck_assert(s.example_index[0] == 0 && s.example_index[1] == 2 && s.example_index[2] == 1 &&
	          s.example_index[3] == 3);
	const int8_t example[8] = {-1, -1, -1, -1, -1, -1, -1, 1}, test[6] = {1, -1, -1, 1, 1, 1};
	ck_assert_int_eq(memcmp(s.example, example, sizeof example), 0);
	ck_assert_int_eq(s.tests, 3);
	ck_assert_int_eq(memcmp(s.test, test, sizeof test), 0);
	ck_assert(s.test_class[0] == 1 && s.test_class[1] == 0 && s.test_class[2] == 1 &&
	          s.test_index[1] == 1);
	images_free(&s);

	prep.variance = 0.5; /* now the fourth pixel too */
	ck_assert_int_eq(images_read(&s, folder, &prep, &fault), 0);
	ck_assert(s.N == 3 && s.pixel[2] == 3);
	images_free(&s);

	/* all values: 0 seven times, 1 .. 6, 9 six times, 10 10 20 20 200: 24, the 12th and 13th are 5 and
	 * 6 */
	prep.threshold = THRESHOLD_GLOBAL;
	ck_assert_int_eq(images_read(&s, folder, &prep, &fault), 0);
	ck_assert(s.threshold[0] == 5.5 && s.threshold[3] == 5.5);
	images_free(&s);

	prep = (struct preparation){
		.threshold = THRESHOLD_FIXED, .level = 4, .most = 1, .tests = 1, .variance = 0};
	ck_assert_int_eq(images_read(&s, folder, &prep, &fault), 0);
	ck_assert(s.tests == 1 && s.threshold[1] == 4 && s.N == 3); /* pixel 1 is always +1 */
	images_free(&s);
}
END_TEST

static void refuse_set(const struct preparation *prep, const char *key, const char *why)
{
	struct images s;
	struct fault fault = {"", ""};

	ck_assert_int_eq(images_read(&s, folder, prep, &fault), -1);
	images_free(&s);
	ck_assert_str_eq(fault.key, key);
	ck_assert_msg(strstr(fault.why, why), "%s (expected %s)", fault.why, why);
}

START_TEST(test_sets_refused)
{
	const struct preparation good = {.variance = 0.2, .most = 2};
	const int four[1] = {4}, wide[3] = {TEST, 2, 2};
	struct preparation prep = good;

	write_set();
	prep.most = 4;
	refuse_set(&prep, "M", "class 3 has 3 training images, fewer than 4");
	prep = good;
	prep.tests = 4;
	refuse_set(&prep, "tests", "has 3 test images");
	prep = good;
	prep.classes = 2;
	prep.label[1] = 3;
	refuse_set(&prep, "classes", "no training image of class 0");
	prep.classes = 1;
	prep.label[0] = 3;
	refuse_set(&prep, "classes", "at least two");
	prep = good;
	prep.variance = 0.99;
	refuse_set(&prep, "variance", "leaves 1 of 4 pixels");
	write_idx("t10k-images-idx3-ubyte.gz", 1, 3, wide, NULL);
	refuse_set(&good, "set", "training images of 1 x 4 pixels, test images of 2 x 2");
	write_idx("t10k-labels-idx1-ubyte", 0, 1, four, NULL);
	refuse_set(&good, "set", "3 images but 4 labels");
	unlink(in_folder("train-images-idx3-ubyte"));
	refuse_set(&good, "set", "train-images-idx3-ubyte: no such file");
}
END_TEST

/* Random order: a permutation of the class, the same for smaller M, different for another seed. */
START_TEST(test_random_examples)
{
	enum { EACH = 40 };
	static uint8_t image[2 * EACH * 4], label[2 * EACH];
	const int shape[3] = {2 * EACH, 2, 2};
	struct preparation prep = {.variance = 0, .most = EACH, .random = 1, .seed = 1};
	struct images a, b;
	struct fault fault;

	for (int i = 0; i < 2 * EACH; i++) {
		label[i] = i % 2;
		for (int x = 0; x < 4; x++)
			image[4 * i + x] = (uint8_t)(i * (x + 3) * 37);
	}
	write_idx("train-images-idx3-ubyte", 0, 3, shape, image);
	write_idx("train-labels-idx1-ubyte", 0, 1, shape, label);
	write_idx("t10k-images-idx3-ubyte", 0, 3, shape, image);
	write_idx("t10k-labels-idx1-ubyte", 0, 1, shape, label);
	ck_assert_int_eq(images_read(&a, folder, &prep, &fault), 0);
	prep.most = 7;
	ck_assert_int_eq(images_read(&b, folder, &prep, &fault), 0);
	int seen[2 * EACH] = {0}, moved = 0;
	for (int k = 0; k < 2 * EACH; k++) {
		ck_assert_int_eq(a.example_index[k] % 2, k / EACH);
		seen[a.example_index[k]]++;
		moved += a.example_index[k] != 2 * (k % EACH) + k / EACH;
	}
	for (int k = 0; k < 2 * EACH; k++)
		ck_assert_int_eq(seen[k], 1);
	ck_assert_int_gt(moved, EACH);
	for (int c = 0; c < 2; c++)
		ck_assert_int_eq(memcmp(a.example_index + c * EACH, b.example_index + c * 7,
		                        7 * sizeof *a.example_index),
		                 0);
	images_free(&b);
	prep.seed = 2;
	ck_assert_int_eq(images_read(&b, folder, &prep, &fault), 0);
	ck_assert_int_ne(memcmp(a.example_index, b.example_index, 7 * sizeof *a.example_index), 0);
	images_free(&a);
	images_free(&b);
}
END_TEST

START_TEST(test_own_data)
{
	int8_t value[2 * 3 * 2] = {1, 1, 1, -1, -1, 1, -1, -1, -1, 1, 1, 1};
	struct npy data = {.dims = 3, .shape = {2, 3, 2}, .value = value};
	struct preparation prep = {.most = 1};
	struct images s;
	struct fault fault;

	ck_assert_int_eq(images_take(&s, &data, &prep, &fault), 0);
	ck_assert(s.classes == 2 && s.N == 2 && s.tests == 4 && s.test_class[0] == 0 && s.test_class[1] == 1);
	ck_assert(s.test_index[0] == 1 && s.test_index[1] == 4 && s.test_index[2] == 2);
	ck_assert(s.example[2] == -1 && s.test[2] == -1 && s.test[3] == 1);
	images_free(&s);
	prep.most = 4;
	ck_assert_int_eq(images_take(&s, &data, &prep, &fault), -1);
	ck_assert_str_eq(fault.key, "M");
	images_free(&s);
	prep.most = 1;
	data.blank = 1;
	ck_assert_int_eq(images_take(&s, &data, &prep, &fault), -1);
	ck_assert_str_eq(fault.key, "data");
	images_free(&s);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *files = suite_case(suite, "files", 4);

	tcase_add_checked_fixture(files, open_folder, close_folder);
	tcase_add_test(files, test_idx_reads);
	tcase_add_test(files, test_idx_refuses);
	tcase_add_test(files, test_preparation);
	tcase_add_test(files, test_sets_refused);
	tcase_add_test(files, test_random_examples);
	tcase_add_test(files, test_own_data);
}
