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

enum { MAX_OWN = 8 };

struct params {
	enum learning learning;
	int P;               /* interaction order, >= 2; 0: the network has a fixed one */
	double T;            /* temperature, >= 0 */
	double gamma;        /* load P! K/(2 N^(P-1)); 0 where K patterns are few */
	double r;            /* example quality, 0 < r <= 1; 1 in storage and where only rho is given */
	double M;            /* examples per pattern, an integer >= 1; 0: the large-M limit at fixed rho */
	double rho;          /* (1 - r^2)/(M r^2), always set; 0: no noise, the storage model */
	int K;               /* patterns; 0: given by the load */
	double N;            /* spins; 0: the thermodynamic limit */
	double own[MAX_OWN]; /* the network's own parameters (network.h); 0 where the network has none */
};

/* Returns x (P-1)!/N^(P-1), computed factor by factor so that nothing overflows. */
double params_per_tuple(double x, int P, double N);

/* Returns the load P! K/(2 N^(P-1)) of K patterns.  p->P = 0 stands for P = 2. */
double params_load(const struct params *p, double K);

/* A word of a deck and its value; lists end with word = NULL. */
struct word {
	const char *word;
	int value;
};

/* A fault in a set of parameters: the key as in the deck, without its section ("P"), and the reason. */
struct fault {
	const char *key;
	char why[160];
};

/* Fills in the fault.  Returns -1, so that a check can return the call. */
int fault_set(struct fault *, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A callback for long loops, called about every millisecond of work; nonzero requests a stop.  A null
 * pointer is allowed and does nothing. */
struct tick {
	int (*poll)(void *ctx);
	void *ctx;
};

static inline int tick_poll(const struct tick *tick)
{
	return tick && tick->poll ? tick->poll(tick->ctx) : 0;
}

#endif
