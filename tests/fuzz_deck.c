/* Fuzzes the deck parser and the grid with every file of tests/corpus and random changes of them.  Each
 * input must give a deck or one line of at most the length of an error, within seconds; sanitizers find
 * memory errors. LONG=1 in the environment: minutes of new input instead of 1 s.
 *
 * A run prints its seed; `fuzz_deck SEED` repeats it, `fuzz_deck FILE...` tries files (one that failed is
 * left in fuzz_deck.failed).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/input/deck.h"
#include "src/input/grid.h"

enum { MAX_TEXTS = 400, MAX_TEXT = 1 << 18 };

static struct text {
	char *bytes;
	size_t length;
} corpus[MAX_TEXTS];
static size_t texts;

static uint64_t state; /* splitmix64 */

static uint64_t draw(uint64_t below)
{
	uint64_t x = state += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (x ^ x >> 31) % below;
}

/* The current input, for the handler of crashes and hangs. */
static const char *trying;
static size_t trying_length;

static void leave_failed(int sig)
{
	FILE *f = fopen("fuzz_deck.failed", "w");
	if (f) {
		fwrite(trying, 1, trying_length, f);
		fclose(f);
	}
	fprintf(stderr, "fuzz_deck: signal %d; the deck is in fuzz_deck.failed\n", sig);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void insist(int truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "fuzz_deck: %s\n", what);
	raise(SIGABRT);
}

/* One deck: accepted or refused with one line. */
static int try(const char *bytes, size_t length)
{
	struct err err = {0};
	struct deck *deck = NULL;
	struct grid *grid = NULL;
	struct params p;

	trying = bytes;
	trying_length = length;
	alarm(20);
	int code = deck_parse(&deck, "d", bytes, length, NULL, 0, USED_BY_SOLVE, &err);
	insist((code == 0) == (deck != NULL), "a deck and an error, or neither");
	/* larger grids are refused or only take long */
	size_t points = 1;
	for (int a = 0; deck && a < deck->axes && points <= 1000000; a++)
		points *= deck->value[deck->axis[a]].range.count < 1000000
		                  ? deck->value[deck->axis[a]].range.count
		                  : 1000000;
	if (deck && points <= 1000000) {
		code = grid_alloc(&grid, deck, &err);
		insist((code == 0) == (grid != NULL), "a grid and an error, or neither");
	}
	if (grid) {
		grid_params(&p, grid, 0);
		grid_params(&p, grid, grid->points - 1);
		insist(p.T >= 0 && p.rho >= 0 && p.gamma >= 0, "parameters that are no point");
	}
	insist(code == err.code && (code == 0 || code == EXIT_USAGE), "a code that is none of a deck");
	insist(code == 0 || strncmp(err.text, "d:", 2) == 0, "a message without place");
	for (const char *c = err.text; *c; c++)
		insist(!iscntrl((unsigned char)*c), "a message of more than one line");
	grid_free(grid);
	deck_free(deck);
	alarm(0);
	return code;
}

static void read_text(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *bytes = malloc(MAX_TEXT);
	if (!f || !bytes || texts == MAX_TEXTS) {
		perror(path);
		exit(1);
	}
	size_t length = fread(bytes, 1, MAX_TEXT, f);
	fclose(f);
	corpus[texts++] = (struct text){bytes, length};
}

static void read_folder(const char *folder, const char *suffix)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096];

	while (dir && (entry = readdir(dir))) {
		size_t n = strlen(entry->d_name), s = strlen(suffix);
		if (entry->d_name[0] == '.' || n < s || strcmp(entry->d_name + n - s, suffix) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		read_text(path);
	}
	if (dir)
		closedir(dir);
}

/* The order of files in the folder must not matter. */
static int by_bytes(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	size_t n = x->length < y->length ? x->length : y->length;
	int c = memcmp(x->bytes, y->bytes, n);
	return c ? c : (x->length > y->length) - (x->length < y->length);
}

static size_t splice(char *out, size_t length, size_t at, size_t cut, const char *in, size_t n)
{
	if (at > length)
		at = length;
	if (cut > length - at)
		cut = length - at;
	if (length - cut + n > MAX_TEXT)
		return length;
	memmove(out + at + n, out + at + cut, length - at - cut);
	memcpy(out + at, in, n);
	return length - cut + n;
}

static const char *const words[] = {
	"model", "sweep", "solve", "run", "title", ":", ": ", "\n", "\n  ", "\t", "- ", "[", "]", "{", "}",
	",", "&a ", "*a", "!!int ", "!x", "---\n", "...\n", "%YAML 1.1\n", "? ", "|", ">", "\"", "'", "#",
	"\\", "\r", "\xff", "\xc3", "\xe2\x80\xa8", "\xef\xbb\xbf", "\xfe\xff", "P", "T", "N", "K", "M",
	"r", "rho", "gamma", "network", "dense", "learning", "supervised", "tolerance", "0:1:0.1",
	"lin:0:1:5", "log:1:9:3", "1e999", "-0", "nan", "1e-320", "99999999999999999999", "0x1p3", ".", "e",
	"<<: ", "~", "model.P"};

/* Makes one random change. */
static size_t change(char *out, size_t length)
{
	char byte = (char)draw(256);
	size_t at = draw(length + 1), n = 1 + draw(draw(8) ? 8 : 200);
	const struct text *other = &corpus[draw(texts)];
	const char *word = words[draw(sizeof words / sizeof words[0])];

	switch (draw(7)) {
	case 0:
		return splice(out, length, at, 0, &byte, 1);
	case 1:
		return splice(out, length, at, 1, &byte, 1);
	case 2:
		return splice(out, length, at, n, "", 0);
	case 3:
	case 4:
		return splice(out, length, at, draw(2) ? 0 : n, word, strlen(word));
	case 5: { /* a piece of another deck */
		size_t from = draw(other->length + 1);
		n = n < other->length - from ? n : other->length - from;
		return splice(out, length, at, 0, other->bytes + from, n);
	}
	default: /* many of the same */
		for (size_t i = draw(300); i > 0; i--)
			length = splice(out, length, at, 0, word, strlen(word));
		return length;
	}
}

static void fuzz(double seconds)
{
	static char out[MAX_TEXT + 1];
	time_t begin = time(NULL);
	clock_t start = clock();
	size_t tried = 0, good = 0;

	printf("fuzz_deck: %zu texts, seed %llu\n", texts, (unsigned long long)state);
	fflush(stdout);
	while ((double)(clock() - start) < seconds * CLOCKS_PER_SEC &&
	       difftime(time(NULL), begin) < 3 * seconds + 10) {
		const struct text *text = &corpus[draw(texts)];
		size_t length = text->length;
		memcpy(out, text->bytes, length);
		for (size_t i = 1 + draw(4); i > 0; i--)
			length = change(out, length);
		tried++;
		good += try(out, length) == 0;
	}
	printf("fuzz_deck: %zu decks tried, %zu accepted\n", tried, good);
	insist(good > 0 && good < tried, "the changes are too mild or too wild to test anything");
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *longer = getenv("LONG");
	char folder[4096], *end = NULL;

	signal(SIGSEGV, leave_failed);
	signal(SIGABRT, leave_failed);
	signal(SIGALRM, leave_failed);
	signal(SIGBUS, leave_failed);
	signal(SIGFPE, leave_failed);
	longer = longer && *longer ? longer : NULL;
	state = longer ? (uint64_t)time(NULL) : 1;
	if (argc > 1) {
		state = strtoull(argv[1], &end, 10);
		if (*end) {
			for (int i = 1; i < argc; i++) {
				read_text(argv[i]);
				printf("%s: code %d\n", argv[i],
				       try(corpus[texts - 1].bytes, corpus[texts - 1].length));
			}
			return 0;
		}
	}
	snprintf(folder, sizeof folder, "%s/tests/corpus", srcdir ? srcdir : ".");
	read_folder(folder, "");
	snprintf(folder, sizeof folder, "%s/data", srcdir ? srcdir : ".");
	read_folder(folder, ".yaml");
	if (texts < 20) {
		fprintf(stderr, "fuzz_deck: no corpus in %s\n", folder);
		return 1;
	}
	qsort(corpus, texts, sizeof corpus[0], by_bytes);
	for (size_t i = 0; i < texts; i++)
		try(corpus[i].bytes, corpus[i].length);
	fuzz(longer ? 180 : 1);
	for (size_t i = 0; i < texts; i++)
		free(corpus[i].bytes);
	return 0;
}
