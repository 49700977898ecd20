/* The table of all networks.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/network.h"

#include <string.h>

extern const struct network dense_network, multitasking_network;

const struct network *const networks[] = {&dense_network, &multitasking_network, NULL};

const struct network *network_find(const char *name)
{
	for (int i = 0; networks[i]; i++)
		if (strcmp(networks[i]->name, name) == 0)
			return networks[i];
	return NULL;
}

int networks_validate(char *why, size_t size)
{
	for (int i = 0; networks[i]; i++) {
		if (network_validate(networks[i], why, size))
			return -1;
		for (int k = 0; k < i; k++)
			if (network_validate_pair(networks[i], networks[k], why, size))
				return -1;
	}
	return 0;
}
