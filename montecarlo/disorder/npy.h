/* Reads the user's own patterns or examples from a .npy file (numpy.save), versions 1 to 3: 2 or 3
 * dimensions, C order, int8 to int64, float32 or float64, little-endian, every value -1, 0 or 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DISORDER_NPY_H
#define MATTIS_DISORDER_NPY_H

#include <stdint.h>

#include "physics/params.h"

struct npy {
	int dims;      /* 2: (K, N), 3: (K, M, N) */
	long shape[3];
	double blank;  /* fraction of zeros */
	int8_t *value; /* C order, -1, 0 or 1 */
};

/* Returns 0, or -1 with the fault (key "data") filled in: not readable, not a .npy file, wrong type, order,
 * dimensions or value, length other than in its header, no memory.  Freed by npy_free. */
int npy_read(struct npy *, const char *path, struct fault *);
void npy_free(struct npy *);

#endif
