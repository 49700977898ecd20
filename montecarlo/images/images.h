/* Images as spins: an image set prepared for a network, THEORY.md "Real images".
 *
 * A set is a folder of the four IDX files train-images-idx3-ubyte, train-labels-idx1-ubyte,
 * t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (plain or .gz), or the user's own patterns or examples
 * from a .npy file.  A pixel is +1 if its value is above its threshold, else -1; pixels whose spin does not
 * vary over the training images are dropped. Thresholds and variances are those of the training images of
 * the chosen classes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_IMAGES_IMAGES_H
#define MATTIS_IMAGES_IMAGES_H

#include <stdint.h>

#include "montecarlo/disorder/npy.h"
#include "physics/params.h"

enum threshold {
	/* each pixel's median over the training images (of an even number: the mean of the middle two) */
	THRESHOLD_PIXEL,
	THRESHOLD_GLOBAL, /* the median of all pixels of all training images */
	THRESHOLD_FIXED   /* the level */
};

enum { MAX_CLASSES = 256 };

struct preparation {
	enum threshold threshold;
	double level;           /* fixed threshold */
	double variance;        /* keeps pixels with 1 - <s>^2 > variance */
	int classes;            /* 0: all labels in the files */
	int label[MAX_CLASSES]; /* the chosen ones, increasing */
	int random;             /* examples in random order instead of that of the file */
	uint64_t seed;          /* of the random order: the first M examples do not depend on M */
	long most;              /* examples kept per class; a class with fewer is a fault */
	long tests;             /* test images kept, the first ones of the chosen classes; 0: all */
};

struct images {
	int height, width; /* of an image; own data: 1 x their length */
	int N;             /* kept pixels */
	int *pixel;        /* [N] position in the image, row by row, increasing */
	double *threshold; /* [height*width]; own data: NULL */
	int classes;
	int label[MAX_CLASSES];
	long most;
	int8_t *example;     /* [classes][most][N] +-1 */
	long *example_index; /* [classes][most] number in the file (own data: in the class), from 0 */
	long tests;          /* may be 0 with own data */
	int8_t *test;        /* [tests][N] +-1 */
	int *test_class;     /* [tests] index into label */
	long *test_index;    /* [tests] number in the file (own data: class * examples + example) */
};

/* Reads and prepares a folder.  Returns 0, or -1 with the fault filled in (key "set": files that are
 * missing, damaged or inconsistent; "classes", "M", "variance", "tests").  Freed by images_free, also after
 * a fault. */
int images_read(struct images *, const char *folder, const struct preparation *, struct fault *);

/* The same from (K, N) patterns or (K, M, N) examples of -1 and 1: class k is pattern k, all sites are
 * kept, the first p->most examples are learned and the others are the test images.  Fault keys "data",
 * "M". */
int images_take(struct images *, const struct npy *, const struct preparation *, struct fault *);
void images_free(struct images *);

#endif
