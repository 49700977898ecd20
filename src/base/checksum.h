/* A 64-bit digest of a stream of bytes, to find damage (not forgery), at the speed of memory.  Any change within
 * one aligned 8-byte word changes it for certain, any other change but for one chance in 2^64.  The same on every
 * machine and for any division of the stream into pieces.
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

/* The digest of all bytes so far; more may follow. */
uint64_t checksum_value(const struct checksum *);

#endif
