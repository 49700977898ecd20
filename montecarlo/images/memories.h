/* What a network learns from image classes: its rows, and the archetypes with which retrieved states are
 * compared, THEORY.md "Real images".
 *
 * The rows are integers: the sum of the M examples of a class (supervised; one row per class) or the
 * examples themselves (unsupervised; M rows per class).  The energy contains chi_mu = sum_nu mix_mu,nu
 * row_nu, or scale_mu row_mu where nothing is mixed, with mean square 1 over the sites; so overlaps with
 * spins are exact integers, normalised afterwards.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_IMAGES_MEMORIES_H
#define MATTIS_IMAGES_MEMORIES_H

#include <stddef.h>

#include "montecarlo/images/images.h"
#include "physics/params.h"

enum decorrelate {
	DECORRELATE_NONE,
	DECORRELATE_CENTRE, /* chi of a class minus the mean over the classes, normalised again */
	DECORRELATE_PSEUDO  /* C^(-1/2) chi, C the overlaps of the chi: the pseudo-inverse rule at P = 2 */
};

struct memories {
	int N, classes;
	long M, rows;
	int unsupervised;
	size_t stride; /* of an array over sites: N up to a multiple of 16, the rest 0 */
	size_t lanes;  /* of an array over rows: rows up to a multiple of 8, the rest 0 */
	float *row;    /* [rows][stride] */
	double *scale; /* [rows] */
	double *mix;   /* [classes][classes], or NULL */
	double *site;  /* [N][lanes] chi by site, or NULL if not asked for */
	double R;      /* mean over the classes of the mean square of (mean of the examples) */

	/* [classes][stride] each: the archetype, mean of the examples over its rms, nothing decorrelated;
	 * its sign (+1 where > 0, else -1); and the archetypes of the baseline: the means of the examples
	 * minus their mean over the classes, over the rms. */
	double *archetype, *sign, *nearest;
};

/* Computes them from the first M <= images->most examples of each class.  Returns 0, or -1 with the fault
 * filled in: "M" (sums beyond 2^24, where float is no longer exact), "decorrelate" (unsupervised, or an
 * archetype that is 0), "set" (no memory).  Freed by memories_free. */
int memories_alloc(struct memories **, const struct images *, long M, int unsupervised, enum decorrelate,
                   int by_site, struct fault *);
void memories_free(struct memories *);

/* Returns w in H = -(N/2) w sum over rows of (chi . s/N)^P, in units of the deck's T: 1, unsupervised
 * R^(-P/2)/M. */
double memories_weight(const struct memories *, int P);

#endif
