/* Replacing files; the contract is in atomic_file.h.
 *
 * On a full disk every step can fail: write if the blocks are allocated at once, fsync or close if the file
 * system allocates them later, rename if the directory must grow.  A file size limit (ulimit -f) sends
 * SIGXFSZ; it is ignored here, so that write fails with EFBIG.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20 }; /* bytes that are summed and written at once, while they are in the cache */

char *atomic_file_beside(const char *path, const char *ending)
{
	size_t size = strlen(path) + strlen(ending) + 1;
	char *name = malloc(size);
	if (name)
		snprintf(name, size, "%s%s", path, ending);
	return name;
}

void atomic_file_abort(struct atomic_file *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	if (r->temporary) {
		unlink(r->temporary);
		free(r->temporary);
	}
	r->temporary = NULL;
}

static int fail(struct atomic_file *r, const char *what, struct err *err)
{
	int reason = errno;
	atomic_file_abort(r);
	return err_set(err, EXIT_FAILED, "%s: cannot %s: %s", r->path, what, strerror(reason));
}

int atomic_file_begin(struct atomic_file *r, const char *path, struct err *err)
{
	*r = (struct atomic_file){.fd = -1, .path = path};
	checksum_init(&r->checksum);
	char *temporary = atomic_file_beside(path, ".tmp");
	if (!temporary)
		return fail(r, "write the file", err);
	unlink(temporary); /* left by a killed job */
	r->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (r->fd >= 0) {
		r->temporary = temporary;
		return 0;
	}
	int reason = errno;
	err_set(err, EXIT_FAILED, "%s: cannot be created: %s", temporary, strerror(reason));
	free(temporary); /* not unlinked: it is not ours */
	return EXIT_FAILED;
}

/* Writes everything; returns 0, or -1 with errno. */
static int write_all(int fd, const char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t n = write(fd, bytes, count);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		count -= (size_t)n;
	}
	return 0;
}

int atomic_file_append(struct atomic_file *r, const void *bytes, size_t count, struct err *err)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	sigaction(SIGXFSZ, &ignore, &before);
	int status = 0;
	for (const char *p = bytes; count > 0 && status == 0;) {
		size_t n = count < PIECE ? count : PIECE;
		checksum_add(&r->checksum, p, n);
		status = write_all(r->fd, p, n);
		p += n;
		count -= n;
	}
	int reason = errno;
	sigaction(SIGXFSZ, &before, NULL);
	errno = reason;
	return status ? fail(r, "write the file", err) : 0;
}

static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int status = fd < 0 ? -1 : fsync(fd);
	int reason = errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	errno = reason;
	/* some file systems cannot sync directories, and some directories may be written but not read */
	return status && (reason == EINVAL || reason == EACCES) ? 0 : status;
}

/* Gives the old file a second name, so that there is a file at every moment; renames it where there are no
 * links. */
static int keep_old(const char *path, const char *keep)
{
	char *temporary = atomic_file_beside(keep, ".tmp");
	if (!temporary)
		return -1;
	unlink(temporary);
	int status = link(path, temporary) ? rename(path, keep) : rename(temporary, keep);
	bool lost = status && errno != ENOENT;
	free(temporary);
	return lost ? -1 : 0;
}

int atomic_file_commit(struct atomic_file *r, struct err *err)
{
	if (fsync(r->fd))
		return fail(r, "write the file to the disk", err);
	int status = close(r->fd);
	r->fd = -1;
	if (status)
		return fail(r, "write the file to the disk", err);
	if (r->keep && keep_old(r->path, r->keep))
		return fail(r, "keep the old file", err);
	if (rename(r->temporary, r->path))
		return fail(r, "put the new file in its place", err);
	free(r->temporary);
	r->temporary = NULL;
	return sync_directory(r->path) ? fail(r, "sync its directory", err) : 0;
}
