/* The table of all networks.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/network.h"

#include <string.h>

extern const struct network dense_network, multitask_network;

const struct network *const networks[] = {&dense_network, &multitask_network, NULL};

const struct network *network_find(const char *name)
{
	for (int i = 0; networks[i]; i++)
		if (strcmp(networks[i]->name, name) == 0)
			return networks[i];
	return NULL;
}

size_t quantity_size(const struct quantity *q)
{
	return q->type == REAL ? sizeof(double) : q->type == COUNT ? sizeof(int32_t) : sizeof(int8_t);
}

size_t quantity_count(const struct quantity *q, const struct row *shape)
{
	size_t n = (size_t)shape->points;
	if (q->per / PER_GROUP * PER_GROUP & ~shape->groups)
		return 0;
	if (q->per & PER_BRANCH)
		n *= (size_t)shape->branches;
	if (q->per & PER_PATTERN)
		n *= (size_t)shape->patterns;
	return n;
}
