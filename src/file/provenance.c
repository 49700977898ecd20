/* Where a file comes from; the contract is in provenance.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/provenance.h"

#include <gsl/gsl_version.h>
#include <inttypes.h>
#include <mpi.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>

#include "src/file/store.h"
#include "src/version.h"

static void utc(char text[32])
{
	time_t now = time(NULL);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void provenance_start(struct provenance *p, int argc, char *const *argv)
{
	uint64_t id[2];
	*p = (struct provenance){.argc = argc, .argv = argv};
	utc(p->start);
	if (getrandom(id, sizeof id, 0) != sizeof id) {
		struct timespec now;
		clock_gettime(CLOCK_REALTIME, &now);
		id[0] = (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec;
		id[1] = (uint64_t)getpid();
	}
	snprintf(p->run_id, sizeof p->run_id, "%016" PRIx64 "%016" PRIx64, id[0], id[1]);
}

/* Returns "Open MPI v4.1.4": the text of the library up to the first comma. */
static const char *mpi_version(void)
{
	static char text[MPI_MAX_LIBRARY_VERSION_STRING];
	int length = 0;
	MPI_Get_library_version(text, &length);
	text[strcspn(text, ",\n")] = '\0';
	return text;
}

static const char *gsl_version_text(void)
{
	return gsl_version;
}

/* Random123 consists of headers, which do not contain their version. */
static const struct {
	const char *name, *(*version)(void);
} libraries[] = {{"mpi", mpi_version},
                 {"hdf5", store_library_version},
                 {"gsl", gsl_version_text},
                 {"libyaml", yaml_get_version_string},
                 {"zlib", zlibVersion}};

enum { LIBRARIES = sizeof libraries / sizeof libraries[0] };

/* Returns the length of the UTF-8 character at the beginning of a text, 0 if there is none. */
static size_t character(const unsigned char *s)
{
	size_t n = s[0] < 0x80   ? 1
	           : s[0] < 0xc2 ? 0
	           : s[0] < 0xe0 ? 2
	           : s[0] < 0xf0 ? 3
	           : s[0] < 0xf5 ? 4
	                         : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* Adds a text from outside, which may contain any bytes: those that are not UTF-8 become question marks. */
static void store_text(struct dataset *dataset, const char *name, char *text)
{
	for (char *s = text; *s;) {
		size_t n = character((unsigned char *)s);
		if (n == 0)
			*s = '?';
		s += n ? n : 1;
	}
	dataset_attr_string(dataset, "/provenance", name, text);
}

/* Returns the words of the command line, separated by blanks, to be freed; NULL without memory. */
static char *join(int argc, char *const *argv)
{
	size_t size = 1;
	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	char *line = calloc(1, size), *end = line;
	for (int i = 0; line && i < argc; i++)
		end += sprintf(end, i ? " %s" : "%s", argv[i]);
	return line;
}

void provenance_store(const struct provenance *p, int ranks, struct dataset *dataset)
{
	static const char group[] = "/provenance";
	char host[256] = "", job[64], end[32];
	const char *slurm = getenv("SLURM_JOB_ID");
	char *line = join(p->argc, p->argv);

	dataset_attr_string(dataset, group, "version", MATTIS_VERSION);
	dataset_attr_string(dataset, group, "git_hash", MATTIS_GIT);
	dataset_attr_int(dataset, group, "git_dirty", MATTIS_DIRTY);
	dataset_attr_string(dataset, group, "compiler", MATTIS_COMPILER);
	dataset_attr_string(dataset, group, "flags", MATTIS_FLAGS);
	for (int i = 0; i < LIBRARIES; i++)
		dataset_attr_string(dataset, group, libraries[i].name, libraries[i].version());
	dataset_attr_string(dataset, group, "random123", "headers without a version");
	gethostname(host, sizeof host - 1);
	store_text(dataset, "host", host);
	snprintf(job, sizeof job, "%s", slurm ? slurm : "");
	store_text(dataset, "slurm_job_id", job);
	dataset_attr_int(dataset, group, "ranks", ranks);
	dataset_attr_string(dataset, group, "start", p->start);
	utc(end);
	dataset_attr_string(dataset, group, "end", end);
	if (line)
		store_text(dataset, "argv", line);
	free(line);
	dataset_attr_string(dataset, group, "run_id", p->run_id);
}

void provenance_print(FILE *file)
{
	fprintf(file, "mattis %s (%s%s)\n", MATTIS_VERSION, MATTIS_GIT,
	        MATTIS_DIRTY ? ", changed since" : "");
	fprintf(file, "%-9s %s\n%-9s %s\n", "compiler", MATTIS_COMPILER, "flags", MATTIS_FLAGS);
	for (int i = 0; i < LIBRARIES; i++)
		fprintf(file, "%-9s %s\n", libraries[i].name, libraries[i].version());
}

const char *provenance_version(void)
{
	return MATTIS_VERSION;
}
