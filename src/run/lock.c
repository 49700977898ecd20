/* The lock of an output; the contract is in lock.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/file/atomic_file.h"

/* Returns whether the path still leads to the open file. */
static int same_file(const char *path, int fd)
{
	struct stat a, b;
	return stat(path, &a) == 0 && fstat(fd, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Tries once.  Returns 1 with the lock, 0 if another process has it or the file has just been removed, -1 on
 * errors. */
static int try_lock(struct lock *lock)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
	if (fd < 0)
		return -1;
	int bad = fcntl(fd, F_SETLK, &whole), reason = errno;
	if (!bad && same_file(lock->path, fd)) {
		lock->fd = fd;
		return 1;
	}
	close(fd);
	errno = reason;
	return bad && reason != EACCES && reason != EAGAIN ? -1 : 0;
}

/* Writes both lines.  On a full disk the text is missing, but the lock holds. */
static void write_text(const struct lock *lock, const char *note)
{
	char text[768];
	/* always of the same length, so that no end of an older text remains */
	int n = snprintf(text, sizeof text, "%s\n%-511s\n", lock->holder, note);
	if (pwrite(lock->fd, text, (size_t)n, 0) < 0)
		return;
}

static void name_holder(struct lock *lock)
{
	char host[128] = "unknown";
	const char *job = getenv("SLURM_JOB_ID");
	gethostname(host, sizeof host - 1);
	snprintf(lock->holder, sizeof lock->holder, "host %s, pid %ld%s%.40s", host, (long)getpid(),
	         job ? ", job " : "", job ? job : "");
	if (ftruncate(lock->fd, 0) == 0)
		write_text(lock, "");
}

void lock_note(struct lock *lock, const char *text)
{
	if (lock->fd >= 0)
		write_text(lock, text);
}

/* Reads both lines.  The process must not hold the lock: closing the file would release it. */
static void read_holder(char *holder, size_t size, char *note, size_t note_size, const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file || !fgets(holder, (int)size, file) || holder[0] == '\n')
		snprintf(holder, size, "another process");
	if (!file || !fgets(note, (int)note_size, file))
		note[0] = '\0';
	if (file)
		fclose(file);
	holder[strcspn(holder, "\n")] = '\0';
}

int lock_acquire(struct lock *lock, const char *output, double patience, struct err *err)
{
	const struct timespec moment = {.tv_nsec = 50 * 1000 * 1000};
	double deadline = clock_monotonic() + patience;
	int got;
	*lock = (struct lock){.fd = -1, .path = atomic_file_beside(output, ".lock")};
	if (!lock->path)
		return err_set(err, EXIT_FAILED, "%s: out of memory", output);
	while ((got = try_lock(lock)) == 0 && clock_monotonic() < deadline)
		nanosleep(&moment, NULL);
	if (got == 1) {
		name_holder(lock);
		return 0;
	}
	if (got < 0) {
		err_set(err, EXIT_FAILED, "%s: cannot be locked: %s", lock->path, strerror(errno));
	} else {
		char holder[256], note[8];
		read_holder(holder, sizeof holder, note, sizeof note, lock->path);
		err_set(err, EXIT_FAILED, "%s is being written by another job (%s)", output, holder);
	}
	free(lock->path);
	lock->path = NULL;
	return err->code;
}

void lock_release(struct lock *lock)
{
	if (lock->fd < 0)
		return;
	unlink(lock->path); /* before the lock goes, so that nobody else's file is removed */
	close(lock->fd);
	free(lock->path);
	*lock = (struct lock){.fd = -1};
}

int lock_probe(const char *output, char *holder, size_t size, char *note, size_t note_size)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = atomic_file_beside(output, ".lock");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	int missing = path && fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	int held = missing ? 0 : fd < 0 || fcntl(fd, F_GETLK, &whole) ? -1 : whole.l_type != F_UNLCK;
	int reason = errno;
	if (held == 1)
		read_holder(holder, size, note, note_size, path);
	if (fd >= 0)
		close(fd);
	free(path);
	errno = reason;
	return held;
}
