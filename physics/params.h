/* The control parameters of one point: plain data, no pointers, the same for theory and simulation.
 *
 * T is the temperature as the user knows it.  Dense network: T = 1/beta' of THEORY.md (P = 2: the usual
 * Hopfield temperature).  Multitasking network: T = 1/beta, the ergodic line is T = 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_PARAMS_H
#define MATTIS_PARAMS_H

#include <stddef.h>

enum learning { STORAGE, SUPERVISED, UNSUPERVISED };

struct params {
	enum learning learning;
	int P;        /* interaction degree, >= 2 (multitasking: 2) */
	double T;     /* temperature, >= 0 */
	double gamma; /* load: dense P! K/(2 N^(P-1)), multitasking K/N at extensive load; 0 at finite K */
	double r;     /* example quality, 0 < r <= 1; 1 in storage and where only rho is given */
	double M;     /* examples per pattern, a whole number >= 1; 0: the large-M limit at fixed rho */
	double rho;   /* (1 - r^2)/(M r^2), always set; 0: no noise, the storage model */
	double d;     /* multitasking: dilution P(xi = 0), in [0, 1) */
	int K;        /* patterns; dense theory: not used */
	int L;        /* multitasking at extensive load: condensed patterns */
	double N;     /* spins; 0: the thermodynamic limit */
	double w;     /* dense, P = 4: noise of amplitude w sqrt(N) on each pair of sites of a pattern's tensor chi_i chi_j */
	double omega; /* dense: noise on the synapses, J_I + N^(1-P) omega g_I for each P-tuple I, g_I a unit Gaussian; needs N */
};

/* What is wrong with a set of parameters: the key as the deck spells it without its section ("P"), and why. */
struct fault {
	const char *key;
	char why[160];
};

/* A call-back for long loops, made about every millisecond of work; a result other than 0 asks to stop.
 * A null pointer is a tick that never does anything. */
struct tick {
	int (*poll)(void *ctx);
	void *ctx;
};

static inline int tick_poll(const struct tick *tick)
{
	return tick && tick->poll ? tick->poll(tick->ctx) : 0;
}

#endif
