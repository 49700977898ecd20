/* Four independent lanes, each h -> rotate((h ^ word) * odd).  The step is one-to-one in the word and in h,
 * so that a change in one word cannot be lost later.  The lanes are then combined by the same step.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/base/checksum.h"

#include <endian.h>
#include <string.h>

/* The fractional bits of the golden ratio and of sqrt(3), odd. */
static const uint64_t GOLDEN = 0x9e3779b97f4a7c15u, SQRT3 = 0xbb67ae8584caa73bu;

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * GOLDEN;
	return h << 31 | h >> 33;
}

static void absorb(uint64_t lane[4], const unsigned char *block)
{
	for (int i = 0; i < 4; i++) {
		uint64_t word;
		memcpy(&word, block + 8 * i, 8);
		lane[i] = mix(lane[i], le64toh(word));
	}
}

void checksum_init(struct checksum *d)
{
	memset(d, 0, sizeof *d);
	for (int i = 0; i < 4; i++)
		d->lane[i] = SQRT3 * (uint64_t)(2 * i + 1);
}

void checksum_add(struct checksum *d, const void *bytes, size_t count)
{
	const unsigned char *p = bytes;
	size_t held = d->length % sizeof d->block;
	d->length += count;
	if (held > 0) {
		size_t n = sizeof d->block - held < count ? sizeof d->block - held : count;
		memcpy(d->block + held, p, n);
		p += n;
		count -= n;
		if (held + n < sizeof d->block)
			return;
		absorb(d->lane, d->block);
	}
	uint64_t lane[4]; /* a copy, which stays in registers */
	memcpy(lane, d->lane, sizeof lane);
	for (; count >= sizeof d->block; p += sizeof d->block, count -= sizeof d->block)
		absorb(lane, p);
	memcpy(d->lane, lane, sizeof lane);
	if (count > 0)
		memcpy(d->block, p, count);
}

uint64_t checksum_value(const struct checksum *d)
{
	uint64_t lane[4], value = mix(SQRT3, d->length);
	size_t held = d->length % sizeof d->block;
	memcpy(lane, d->lane, sizeof lane);
	if (held > 0) {
		unsigned char block[sizeof d->block] = {0};
		memcpy(block, d->block, held);
		absorb(lane, block);
	}
	for (int i = 0; i < 4; i++)
		value = mix(value, lane[i]);
	return value ^ value >> 29;
}
