/* Fuzzes the IDX reader with random changes of good files, plain and compressed.  Each input must give an
 * array of the announced size or one line, quickly and without much memory; sanitizers find memory errors.
 * LONG=1 in the environment: 60 s of new input instead of 0.5 s.
 *
 * A run prints its seed; `fuzz_idx SEED` repeats it.  A file that failed is left in fuzz_idx.failed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "montecarlo/images/idx.h"

enum { LONGEST = 1 << 12, GOOD = 4 };

static unsigned char good[GOOD][LONGEST]; /* images and labels, plain and compressed */
static size_t good_length[GOOD];
static uint64_t state; /* splitmix64 */
static char name[64];

static uint64_t draw(uint64_t below)
{
	uint64_t x = state += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (x ^ x >> 31) % below;
}

static void insist(int truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "fuzz_idx: %s\n", what);
	raise(SIGABRT);
}

static void leave_failed(int sig)
{
	rename(name, "fuzz_idx.failed");
	fprintf(stderr, "fuzz_idx: signal %d; the file is fuzz_idx.failed\n", sig);
	signal(sig, SIG_DFL);
	raise(sig);
}

static int try(const unsigned char *bytes, size_t length, int dims)
{
	struct idx a;
	struct fault fault = {"", ""};
	FILE *f = fopen(name, "wb");

	insist(f && fwrite(bytes, 1, length, f) == length && fclose(f) == 0, "the file can't be written");
	alarm(20);
	int code = idx_read(&a, name, dims, &fault);
	alarm(0);
	insist(code == 0 || code == -1, "a code that is none");
	insist((code == 0) == (a.value != NULL), "values and a fault, or neither");
	if (code == 0) {
		long total = a.shape[0] * (dims == 3 ? a.shape[1] * a.shape[2] : 1);
		unsigned sum = 0;
		insist(a.dims == dims && total > 0, "an impossible shape");
		for (long i = 0; i < total; i++)
			sum += a.value[i];
		insist(sum <= 255u * (unsigned)total, "values beyond a byte");
	} else {
		insist(strcmp(fault.key, "set") == 0 && fault.why[0], "a fault without a word");
		for (const char *c = fault.why; *c; c++)
			insist(!iscntrl((unsigned char)*c), "a message of more than one line");
	}
	idx_free(&a);
	return code;
}

static void make_good(void)
{
	static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0, 7},
				   labels[] = {0, 0, 8, 1, 0, 0, 0, 40};

	for (int k = 0; k < 2; k++) {
		size_t head = k ? sizeof labels : sizeof images, n = head + (k ? 40 : 210);
		memcpy(good[k], k ? labels : images, head);
		for (size_t i = head; i < n; i++)
			good[k][i] = (unsigned char)draw(4);
		good_length[k] = n;
		gzFile f = gzopen(name, "wb");
		insist(f && gzwrite(f, good[k], (unsigned)n) == (int)n && gzclose(f) == Z_OK,
		       "the file can't be written");
		FILE *back = fopen(name, "rb");
		good_length[2 + k] = fread(good[2 + k], 1, LONGEST, back);
		fclose(back);
	}
}

static size_t change(unsigned char *bytes, size_t length)
{
	size_t at = draw(length ? length : 1), n = 1 + draw(16);

	switch (draw(5)) {
	case 0:
		return length ? at : 0; /* cut */
	case 1:
		for (size_t i = 0; i < n && length < LONGEST - 1; i++) /* longer */
			bytes[length++] = (unsigned char)draw(256);
		return length;
	case 2:
		bytes[draw(16)] = (unsigned char)(draw(2) ? draw(256) : 255); /* in the header */
		return length;
	case 3:
		bytes[at] ^= (unsigned char)(1u << draw(8));
		return length;
	default:
		for (size_t i = 0; i < n; i++)
			bytes[draw(length ? length : 1)] = (unsigned char)draw(256);
		return length;
	}
}

int main(int argc, char **argv)
{
	const char *longer = getenv("LONG");
	unsigned char bytes[LONGEST];
	clock_t start = clock();
	double seconds = longer && *longer ? 60 : 0.5;
	size_t tried = 0, accepted = 0;

	state = argc > 1 ? strtoull(argv[1], NULL, 10) : longer && *longer ? (uint64_t)time(NULL) : 1;
	snprintf(name, sizeof name, "fuzz_idx.%ld", (long)getpid());
	printf("fuzz_idx: seed %llu\n", (unsigned long long)state);
	fflush(stdout);
	signal(SIGSEGV, leave_failed);
	signal(SIGABRT, leave_failed);
	signal(SIGALRM, leave_failed);
	signal(SIGBUS, leave_failed);
	signal(SIGFPE, leave_failed);
	make_good();
	for (int k = 0; k < GOOD; k++)
		insist(try(good[k], good_length[k], k % 2 ? 1 : 3) == 0, "a good file is refused");
	while ((double)(clock() - start) < seconds * CLOCKS_PER_SEC) {
		size_t k = draw(GOOD), length = good_length[k];
		memcpy(bytes, good[k], length);
		for (uint64_t i = 1 + draw(3); i > 0; i--)
			length = change(bytes, length);
		tried++;
		accepted += try(bytes, length, draw(8) ? (k % 2 ? 1 : 3) : (k % 2 ? 3 : 1)) == 0;
	}
	remove(name);
	printf("fuzz_idx: %zu files tried, %zu accepted\n", tried, accepted);
	insist(accepted > 0 && accepted < tried, "the changes are too mild or too wild to test anything");
	return 0;
}
