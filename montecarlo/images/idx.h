/* Reads the IDX files in which MNIST and its relatives come: two zero bytes, the type (0x08: unsigned
 * bytes), the number of dimensions, each dimension as 4 bytes, high byte first, then the values.  Plain or
 * compressed by gzip.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_IMAGES_IDX_H
#define MATTIS_IMAGES_IDX_H

#include <stdint.h>

#include "physics/params.h"

struct idx {
	int dims; /* 1: labels, 3: images (number, height, width) */
	long shape[3];
	uint8_t *value; /* C order */
};

/* Reads an array of unsigned bytes with 1 or 3 dimensions; if there is no file `path`, from `path`.gz.
 * Returns 0, or -1 with the fault (key "set") filled in: not readable, not an IDX file, another type or
 * number of dimensions, length other than in its header, damaged compression, no memory.  Allocates at most
 * twice the size of the data.  Freed by idx_free. */
int idx_read(struct idx *, const char *path, int dims, struct fault *);
void idx_free(struct idx *);

#endif
