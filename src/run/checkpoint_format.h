/* What writing and reading a checkpoint share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_CHECKPOINT_FORMAT_H
#define MATTIS_RUN_CHECKPOINT_FORMAT_H

#include <stddef.h>

enum {
	CHECKPOINT_HEAD = 512,
	CHECKPOINT_SIGNED = 480 /* bytes under the digest of the head */,
	CHECKPOINT_ALIGN = 64
};

/* The number grows when the format or what the states mean changes. */
#define checkpoint_magic "mattis checkpoint 1 of mattis"

static inline size_t round_up(size_t n)
{
	return (n + CHECKPOINT_ALIGN - 1) / CHECKPOINT_ALIGN * CHECKPOINT_ALIGN;
}

/* OUTPUT + end, allocated. */
char *checkpoint_name(const char *output, const char *end);

#endif
