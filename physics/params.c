/* The load of K patterns, and how parameters are refused.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/params.h"

#include <stdarg.h>
#include <stdio.h>

double params_per_tuple(double x, int P, double N)
{
	for (int k = 1; k < P && x > 0; k++)
		x *= k / N;
	return x;
}

double params_load(const struct params *p, double K)
{
	const int P = p->P > 0 ? p->P : 2;
	return params_per_tuple(0.5 * K * P, P, p->N);
}

int fault_set(struct fault *fault, const char *key, const char *format, ...)
{
	va_list list;
	fault->key = key;
	va_start(list, format);
	vsnprintf(fault->why, sizeof fault->why, format, list);
	va_end(list);
	return -1;
}
