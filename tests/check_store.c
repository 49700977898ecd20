/* The store and the lock.  The file that is written has formulas for numbers (example), which
 * tests/store_xarray.py knows too.  The shell tests use this program as a tool:
 *
 *     check_store write FILE [GAMMAS [TEMPERATURES [FIRST]]]   writes the example; exits with its error code
 *     check_store hold OUTPUT SECONDS PATIENCE                  locks OUTPUT, says "held", sleeps, frees it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/checksum.h"
#include "src/base/clock.h"
#include "src/run/lock.h"
#include "src/file/provenance.h"
#include "src/file/dataset_table.h"
#include "src/file/store.h"
#include "src/file/store_read.h"
#include "tests/suite.h"

/* ---- the example */

/* The axis gamma begins with its value number `first`.  Element i of m is sqrt(i), NaN where status (i % 3)
 * is not 0; iterations is i - 5. */
static struct dataset *example(size_t gammas, size_t temperatures, size_t first, const char *title)
{
	static const char *const branches[] = {"retrieval", "glass", "ergodic"};
	static const char *const states[] = {"converged", "none", "not_converged", NULL};
	static const char *const phases[] = {"retrieval", "glass", NULL};
	static const double number = 42;
	struct dataset *d = dataset_alloc();
	dataset_attr_string(d, "/", "title", title);
	dataset_attr_int(d, "/", "complete", 1);
	dataset_axis_steps(d, COLUMN(.name = "gamma", .long_name = "load"), gammas, 0.125 * (double)first,
	                   0.125);
	dataset_axis_steps(d, COLUMN(.name = "T", .long_name = "temperature"), temperatures, 0.25, 0.25);
	dataset_axis(d,
	             COLUMN(.name = "branch", .type = DATASET_STRING, .long_name = "solution",
	                    .data = branches),
	             3);
	double *m = dataset_add(d, COLUMN(.name = "m", .dims = "gamma T branch", .long_name = "overlap",
	                                  .symbol = "m", .role = "overlap"));
	int32_t *iterations =
		dataset_add(d, COLUMN(.name = "iterations", .type = DATASET_INT32, .dims = "gamma T branch",
	                              .unit = "1", .long_name = "steps"));
	int8_t *status = dataset_add(d, COLUMN(.name = "status", .type = DATASET_INT8,
	                                       .dims = "gamma T branch pattern?", .flags = states,
	                                       .long_name = "what became of it"));
	int8_t *phase = dataset_add(d, COLUMN(.name = "phase", .type = DATASET_INT8, .dims = "gamma T",
	                                      .flags = phases, .long_name = "which phase"));
	for (size_t i = 0; i < 3 * gammas * temperatures; i++) {
		status[i] = (int8_t)(i % 3);
		m[i] = i % 3 ? __builtin_nan("") : __builtin_sqrt((double)i);
		iterations[i] = (int32_t)i - 5;
		phase[i / 3] = (int8_t)(i / 3 % 2);
	}
	dataset_axis(d,
	             COLUMN(.group = "/samples", .name = "sample", .long_name = "number of the sample",
	                    .data = &number),
	             1);
	dataset_add(d, COLUMN(.group = "/samples", .name = "T", .suffix = "_of_it", .dims = "T",
	                      .data = dataset_data(d, "T", NULL), .long_name = "an axis from above"));
	dataset_add(d, COLUMN(.name = "/samples/answer", .data = &number, .long_name = "one number"));
	dataset_attr_int(d, "/parameters", "model.P", 4);
	dataset_attr_double(d, "/parameters", "model.r", 0.1);
	dataset_attr_string(d, "/parameters", "sweep.T", "0.25:5:0.25");
	dataset_attr_string(d, "/parameters", "deck", "# Ä deck\nmodel:\n  P: 4\n");
	dataset_attr_string(d, "/parameters", "nothing", "");
	return d;
}

static int example_write(const char *path, size_t gammas, size_t temperatures, size_t first, struct err *err)
{
	struct dataset *d = example(gammas, temperatures, first, "an example, σ");
	int code = store_write(d, path, err);
	dataset_free(d);
	return code;
}

static void write_example(const char *path)
{
	struct err err = {0};
	ck_assert_msg(example_write(path, 5, 4, 0, &err) == 0, "%s", err.text);
}

/* ---- helpers on files, in the test's own directory */

static char *read_file(const char *path, size_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	ck_assert_msg(fd >= 0 && fstat(fd, &st) == 0, "%s", path);
	char *bytes = malloc((size_t)st.st_size + 1);
	ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
	close(fd);
	*size = (size_t)st.st_size;
	return bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

/* For store_attributes: appends "name=text;" to a list of less than 4000 characters. */
static void list_attribute(void *list, const char *name, const char *text)
{
	size_t n = strlen(list);
	snprintf((char *)list + n, 4000 - n, "%s=%s;", name, text);
}

static struct store_info probe(const char *path)
{
	struct store_info info;
	struct err err = {0};
	ck_assert_msg(store_probe(&info, path, &err) == 0, "%s", err.text);
	return info;
}

/* ---- tests */

START_TEST(digest_pieces_and_flips)
{
	unsigned char bytes[203];
	struct checksum whole, pieces;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * i);
	checksum_init(&whole);
	checksum_add(&whole, bytes, sizeof bytes);
	for (size_t n = 1; n < 80; n++) {
		checksum_init(&pieces);
		for (size_t at = 0; at < sizeof bytes; at += n)
			checksum_add(&pieces, bytes + at, sizeof bytes - at < n ? sizeof bytes - at : n);
		ck_assert(checksum_value(&pieces) == checksum_value(&whole));
	}
	for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		checksum_init(&pieces);
		checksum_add(&pieces, bytes, sizeof bytes);
		ck_assert(checksum_value(&pieces) != checksum_value(&whole));
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	for (size_t n = 0; n < sizeof bytes; n++) { /* shorter, and longer by zeros */
		checksum_init(&pieces);
		checksum_add(&pieces, bytes, n);
		ck_assert(checksum_value(&pieces) != checksum_value(&whole));
	}
	checksum_init(&pieces);
	checksum_add(&pieces, bytes, sizeof bytes);
	checksum_add(&pieces, "", 1);
	ck_assert(checksum_value(&pieces) != checksum_value(&whole));
}
END_TEST

START_TEST(written_and_recognised)
{
	write_example("a.h5");
	struct store_info info = probe("a.h5");
	ck_assert_int_eq(info.state, STORE_FINISHED);
	ck_assert_int_eq(info.schema, 1);
	ck_assert_str_eq(info.title, "an example, σ");
	ck_assert_str_eq(info.shape, "gamma 5 x T 4 x branch 3");
	ck_assert_str_eq(info.end, "");
	ck_assert_int_ne(access("a.h5.tmp", F_OK), 0);
}
END_TEST

/* Design: what depends on the run stands in /provenance only; without it the same content is the same
 * bytes. */
START_TEST(same_bytes_again)
{
	size_t n, k;
	write_example("a.h5");
	char *a = read_file("a.h5", &n);
	write_example("a.h5");
	char *b = read_file("a.h5", &k);
	ck_assert_uint_eq(n, k);
	ck_assert(memcmp(a, b, n) == 0);
	free(a);
	free(b);
}
END_TEST

START_TEST(provenance_is_stored)
{
	char *argv[] = {"mattis", "solve", "bad\xff utf-8", "good \xc3\xa4"};
	struct provenance p;
	struct err err = {0};
	struct dataset *s = example(2, 2, 0, "t");
	provenance_start(&p, 4, argv);
	provenance_store(&p, 7, s);
	ck_assert_msg(store_write(s, "a.h5", &err) == 0, "%s", err.text);
	struct store_info info = probe("a.h5");
	ck_assert_int_eq(info.ranks, 7);
	ck_assert_str_eq(info.start, p.start);
	ck_assert_uint_eq(strlen(info.end), strlen("2026-11-24T09:30:00Z"));
	dataset_free(s);

	char list[4000] = "";
	ck_assert_int_eq(store_attributes("a.h5", "/provenance", list_attribute, list, &err), 0);
	ck_assert_ptr_nonnull(strstr(list, "argv=mattis solve bad? utf-8 good \xc3\xa4;"));
	ck_assert_ptr_nonnull(strstr(list, "ranks=7;"));
}
END_TEST

START_TEST(attributes_are_listed)
{
	char list[4000] = "";
	struct err err = {0};
	write_example("a.h5");
	ck_assert_int_eq(store_attributes("a.h5", "/parameters", list_attribute, list, &err), 0);
	ck_assert_str_eq(list, "model.P=4;model.r=0.10000000000000001;sweep.T=0.25:5:0.25;"
	                       "deck=# \xc3\x84 deck\nmodel:\n  P: 4\n;nothing=;");
	ck_assert_int_eq(store_attributes("a.h5", "/none", list_attribute, list, &err), 0);
}
END_TEST

/* Any change of a bit, any cut: never called finished, never a crash. */
START_TEST(damage_is_noticed)
{
	size_t size, step = getenv("LONG") && *getenv("LONG") ? 1 : 13;
	write_example("a.h5");
	char *bytes = read_file("a.h5", &size);
	for (size_t bit = 0; bit < 8 * size; bit += 8 * step - 1) {
		bytes[bit / 8] ^= (char)(1u << bit % 8);
		write_file("b.h5", bytes, size);
		bytes[bit / 8] ^= (char)(1u << bit % 8);
		struct store_info info = probe("b.h5");
		ck_assert_msg(info.state == STORE_DAMAGED, "bit %zu: state %d", bit, (int)info.state);
		ck_assert(info.why[0]);
	}
	for (size_t n = 64; n < size; n += 8 * step + 1) {
		write_file("b.h5", bytes, n);
		ck_assert_msg(probe("b.h5").state == STORE_DAMAGED, "cut at %zu", n);
	}
	free(bytes);
}
END_TEST

START_TEST(other_things_are_foreign)
{
	size_t size;
	write_example("a.h5");
	char *bytes = read_file("a.h5", &size);
	ck_assert_int_eq(probe("none.h5").state, STORE_MISSING);
	ck_assert_int_eq(probe("a.h5/none.h5").state, STORE_MISSING);
	ck_assert_int_eq(probe(".").state, STORE_FOREIGN);
	ck_assert_int_eq(mkfifo("fifo", 0666), 0);
	ck_assert_int_eq(probe("fifo").state, STORE_FOREIGN);
	write_file("empty", "", 0);
	ck_assert_int_eq(probe("empty").state, STORE_FOREIGN);
	write_file("text", "model:\n  P: 4\n", 14);
	ck_assert_int_eq(probe("text").state, STORE_FOREIGN);
	write_file("plain.h5", bytes, size - 64); /* as HDF5 leaves it when another program has changed it */
	ck_assert_int_eq(probe("plain.h5").state, STORE_FOREIGN);
	free(bytes);
}
END_TEST

/* An axis without values, one that does not exist, a second column or attribute of the same name: an error,
 * no file. */
START_TEST(mistakes_are_errors)
{
	static const char *const why[] = {"an axis without values: T", "no such axis: nowhere",
	                                  "two objects of one name: x",
	                                  "two attributes of one name: _FillValue"};
	for (int i = 0; i < 4; i++) {
		struct err err = {0}, same = {0};
		struct dataset *d = dataset_alloc();
		dataset_axis_steps(d, COLUMN(.name = "T"), i == 0 ? 0 : 1, 0, 1);
		dataset_add(d, COLUMN(.name = "x", .dims = i == 1 ? "T nowhere T" : "T"));
		if (i == 2)
			dataset_add(d, COLUMN(.name = "x", .dims = "T"));
		if (i == 3)
			dataset_attr_int(d, "x", "_FillValue", 1);
		ck_assert_int_eq(store_write(d, "wrong.h5", &err), EXIT_FAILED);
		ck_assert_ptr_nonnull(strstr(err.text, "wrong.h5: cannot build the file: "));
		ck_assert_ptr_nonnull(strstr(err.text, why[i]));
		ck_assert_int_ne(access("wrong.h5", F_OK), 0);
		ck_assert_int_eq(dataset_check(d, "mattis solve", &same), EXIT_FAILED);
		ck_assert_ptr_nonnull(strstr(same.text, why[i]));
		ck_assert_ptr_null(dataset_add(d, COLUMN(.name = "y")));
		dataset_free(d);
	}
}
END_TEST

/* Attributes of a column and the column that has a role, as they are read back. */
START_TEST(columns_are_described)
{
	char name[STORE_NAME], text[80];
	struct store_file *file;
	struct err err = {0};
	write_example("a.h5");
	ck_assert_msg(store_open(&file, "a.h5", &err) == 0, "%s", err.text);
	ck_assert(store_find(file, "/", "role", "overlap", name));
	ck_assert_str_eq(name, "m");
	ck_assert(!store_find(file, "/", "role", "energy", name));
	ck_assert(!store_find(file, "/none", "role", "overlap", name));
	ck_assert(store_read_text(file, "/samples/T_of_it", "long_name", text, sizeof text));
	ck_assert_str_eq(text, "an axis from above");
	ck_assert(!store_read_text(file, "/samples/T_of_it", "symbol", text, sizeof text));
	ck_assert_str_eq(text, "");
	store_close(file);
}
END_TEST

static void describe_row(char text[DATASET_TEXT], const void *context, size_t row)
{
	snprintf(text, DATASET_TEXT, "%s %zu", (const char *)context, row);
}

static bool hide_glass(const void *context, size_t row)
{
	(void)context;
	return row % 3 == 1;
}

START_TEST(tables_are_printed)
{
	static const double m[] = {1, 2, 3, 4, 5.25, 6},
			    error[] = {0, 0.02, 0.3, __builtin_nan(""), 0.001, 0};
	static const struct dataset_cell cell[] = {
		{.column = "phase", .width = -9},
		{.column = "branch", .head = "which", .width = -9},
		{.column = "m", .width = 8, .format = "%.2f"},
		{.column = "nothing", .width = 8},
		{.column = "x", .error = "x_error", .index = 1, .width = 9},
		{.column = "iterations", .width = 3, .head = "it"},
		{.head = "text", .text = describe_row, .width = 6},
	};
	const struct dataset_table table = {.rows = "gamma T branch",
	                                    .cell = cell,
	                                    .cells = sizeof cell / sizeof *cell,
	                                    .context = "row",
	                                    .hidden = hide_glass};
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct dataset *d = example(1, 1, 0, "t");
	struct dataset_table mine = table;
	dataset_axis_steps(d, COLUMN(.name = "pattern"), 2, 1, 1);
	dataset_add(d, COLUMN(.name = "x", .dims = "branch pattern", .data = m));
	dataset_add(d, COLUMN(.name = "x", .suffix = "_error", .dims = "branch pattern", .data = error));
	mine.dataset = d;
	dataset_table_print(f, &mine);
	fclose(f);
	ck_assert_str_eq(text, "# phase     which            m      x[2]  it   text\n"
	                       "  retrieval retrieval     0.00 2.000(20)  -5  row 0\n"
	                       "  retrieval ergodic        nan      6(0)  -3  row 2\n");
	free(text);
	dataset_free(d);
}
END_TEST

/* A limit on the size of files stops the writing at every place: old file intact, no .tmp, one line. */
START_TEST(failed_writing_leaves_the_old_file)
{
	size_t size, k;
	struct rlimit before;
	write_example("a.h5");
	char *bytes = read_file("a.h5", &size);
	getrlimit(RLIMIT_FSIZE, &before);
	for (size_t limit = 0; limit < size; limit += 1021) {
		struct rlimit tight = {.rlim_cur = limit, .rlim_max = before.rlim_max};
		struct err err = {0};
		setrlimit(RLIMIT_FSIZE, &tight);
		int code = example_write("a.h5", 5, 4, 0, &err);
		setrlimit(RLIMIT_FSIZE, &before);
		ck_assert_int_eq(code, EXIT_FAILED);
		ck_assert_str_eq(err.text, "a.h5: cannot write the file: File too large");
		ck_assert_int_ne(access("a.h5.tmp", F_OK), 0);
		char *after = read_file("a.h5", &k);
		ck_assert(k == size && memcmp(after, bytes, size) == 0);
		free(after);
	}
	free(bytes);
	struct err err = {0};
	ck_assert_int_eq(example_write("none/a.h5", 2, 2, 0, &err), EXIT_FAILED);
	ck_assert_str_eq(err.text, "none/a.h5.tmp: cannot be created: No such file or directory");
	err = (struct err){0};
	mkdir("full.h5", 0777); /* rename can't replace a directory */
	ck_assert_int_eq(example_write("full.h5", 2, 2, 0, &err), EXIT_FAILED);
	ck_assert_int_ne(access("full.h5.tmp", F_OK), 0);
}
END_TEST

static int refusal(const char *path, int overwrite)
{
	struct err err = {0};
	int code = store_check_output(path, overwrite, &err);
	ck_assert_int_eq(code != 0, err.text[0] != '\0');
	return code;
}

START_TEST(outputs_are_checked)
{
	write_example("a.h5");
	ck_assert_int_eq(refusal("new.h5", 0), 0);
	ck_assert_int_eq(refusal("a.h5", 0), EXIT_USAGE);
	ck_assert_int_eq(refusal("a.h5", 1), 0);
	ck_assert_int_eq(refusal(".", 1), EXIT_USAGE);
	ck_assert_int_eq(refusal("", 1), EXIT_USAGE);
	ck_assert_int_eq(refusal("/dev/null", 1), EXIT_USAGE);
	ck_assert_int_eq(symlink("a.h5", "link.h5"), 0);
	ck_assert_int_eq(refusal("link.h5", 1), EXIT_USAGE);
	ck_assert_int_eq(refusal("nowhere/a.h5", 1), EXIT_FAILED);
	ck_assert_int_eq(refusal("a.h5/a.h5", 1), EXIT_FAILED);
}
END_TEST

/* The holder of the lock, a child, dies by kill -9: then, and only then, the lock is free. */
START_TEST(lock_is_freed_by_death)
{
	struct lock lock;
	struct err err = {0};
	char holder[256], note[64], pid[40];
	int ready[2];
	ck_assert_int_eq(lock_probe("a.h5", holder, sizeof holder, note, sizeof note), 0);
	ck_assert_int_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		int code = lock_acquire(&lock, "a.h5", 0, &err);
		lock_note(&lock, "a much longer note that is replaced");
		lock_note(&lock, "half done");
		if (write(ready[1], &code, sizeof code) > 0)
			pause();
		_exit(0);
	}
	int code = -1;
	ck_assert_int_eq(read(ready[0], &code, sizeof code), (int)sizeof code);
	ck_assert_int_eq(code, 0);
	snprintf(pid, sizeof pid, "pid %ld", (long)child);
	ck_assert_int_eq(lock_probe("a.h5", holder, sizeof holder, note, sizeof note), 1);
	ck_assert_ptr_nonnull(strstr(holder, pid));
	ck_assert_int_eq(memcmp(note, "half done   ", 12), 0);
	ck_assert_int_eq(lock_acquire(&lock, "a.h5", 0.2, &err), EXIT_FAILED);
	ck_assert_ptr_nonnull(strstr(err.text, "a.h5 is being written by another job (host "));
	ck_assert_ptr_nonnull(strstr(err.text, pid));
	lock_release(&lock); /* not held: nothing happens */
	ck_assert_int_eq(lock_probe("a.h5", holder, sizeof holder, note, sizeof note), 1);

	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ck_assert_int_eq(access("a.h5.lock", F_OK), 0);
	ck_assert_int_eq(lock_probe("a.h5", holder, sizeof holder, note, sizeof note), 0);
	err = (struct err){0};
	ck_assert_msg(lock_acquire(&lock, "a.h5", 0, &err) == 0, "%s", err.text);
	lock_release(&lock);
	ck_assert_int_ne(access("a.h5.lock", F_OK), 0);
	close(ready[0]);
	close(ready[1]);
}
END_TEST

/* Takes and frees the lock for a second; in between "inside" is made and removed, which fails with two
 * inside. */
static int contend(void)
{
	double end = clock_monotonic() + 1;
	int rounds = 0;
	while (clock_monotonic() < end) {
		struct lock lock;
		struct err err = {0};
		if (lock_acquire(&lock, "race.h5", 0, &err))
			continue;
		int fd = open("inside", O_CREAT | O_EXCL, 0666);
		if (fd < 0 || close(fd) || unlink("inside"))
			return 1;
		lock_release(&lock);
		rounds++;
	}
	return rounds > 10 ? 0 : 2;
}

START_TEST(never_two_holders)
{
	enum { PROCESSES = 3 };
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			_exit(contend());
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;
		wait(&status);
		ck_assert_int_eq(status, 0);
	}
}
END_TEST

START_TEST(lock_that_cannot_be_made)
{
	struct lock lock;
	struct err err = {0};
	ck_assert_int_eq(lock_acquire(&lock, "nowhere/a.h5", 0, &err), EXIT_FAILED);
	ck_assert_str_eq(err.text, "nowhere/a.h5.lock: cannot be locked: No such file or directory");
}
END_TEST

static void remove_files(void)
{
	struct dirent *entry;
	DIR *dir = opendir(".");
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove(entry->d_name);
	closedir(dir);
}

static size_t number(int argc, char **argv, int i, size_t otherwise)
{
	return i < argc ? strtoul(argv[i], NULL, 10) : otherwise;
}

static int tool(int argc, char **argv)
{
	struct err err = {0};
	int code = EXIT_USAGE;
	if (argc >= 3 && strcmp(argv[1], "write") == 0) {
		code = example_write(argv[2], number(argc, argv, 3, 5), number(argc, argv, 4, 4),
		                     number(argc, argv, 5, 0), &err);
	} else if (argc == 5 && strcmp(argv[1], "hold") == 0) {
		struct lock lock;
		code = lock_acquire(&lock, argv[2], strtod(argv[4], NULL), &err);
		if (code == 0) {
			puts("held");
			fflush(stdout);
			usleep((useconds_t)(1e6 * strtod(argv[3], NULL)));
			lock_release(&lock);
		}
	}
	if (err.code)
		fprintf(stderr, "%s\n", err.text);
	return code;
}

void suite_fill(Suite *suite)
{
	TCase *store = suite_case(suite, "store", 60);
	TCase *lock = suite_case(suite, "lock", 4);

	suite_enter_scratch();
	tcase_add_checked_fixture(store, NULL, remove_files);
	tcase_add_checked_fixture(lock, NULL, remove_files);
	tcase_add_test(store, digest_pieces_and_flips);
	tcase_add_test(store, written_and_recognised);
	tcase_add_test(store, same_bytes_again);
	tcase_add_test(store, provenance_is_stored);
	tcase_add_test(store, attributes_are_listed);
	tcase_add_test(store, damage_is_noticed);
	tcase_add_test(store, other_things_are_foreign);
	tcase_add_test(store, mistakes_are_errors);
	tcase_add_test(store, columns_are_described);
	tcase_add_test(store, tables_are_printed);
	tcase_add_test(store, failed_writing_leaves_the_old_file);
	tcase_add_test(store, outputs_are_checked);
	tcase_add_test(lock, lock_is_freed_by_death);
	tcase_add_test(lock, never_two_holders);
	tcase_add_test(lock, lock_that_cannot_be_made);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return tool(argc, argv);
	return suite_run(CK_FORK_GETENV, CK_NORMAL) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
