/* One error: an exit code and one line for the user.  Functions that can fail fill it in and return its code;
 * only main.c prints it, once, from the lowest failing rank.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_BASE_ERR_H
#define MATTIS_BASE_ERR_H

enum exit_code {
	EXIT_DONE = 0,      /* success */
	EXIT_FAILED = 1,    /* I/O, memory, MPI */
	EXIT_USAGE = 2,     /* bad deck or command line */
	EXIT_DISAGREES = 3, /* compare: theory and simulation disagree */
	EXIT_STOPPED = 75   /* stopped cleanly before the end; can be resumed */
};

struct err {
	int code;
	char text[1024];
};

/* Sets *err, unless it holds an earlier error, and returns its code. */
int err_set(struct err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
