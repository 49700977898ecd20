/* A 64-bit checksum of a stream of bytes, at memory speed.  Detects damage, not forgery: always a change
 * within one aligned 8-byte word, any other change with probability 1 - 2^-64.  Independent of the machine
 * and of the division of the stream into pieces.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_BASE_CHECKSUM_H
#define MATTIS_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

struct checksum {
	uint64_t lane[4];
	uint64_t length;         /* bytes so far */
	unsigned char block[32]; /* the last length % 32 of them */
};

void checksum_init(struct checksum *);
void checksum_add(struct checksum *, const void *bytes, size_t count);

/* Returns the checksum of all bytes so far; more may follow. */
uint64_t checksum_value(const struct checksum *);

#endif
