/* The two clocks, in seconds.  Not collective.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_BASE_CLOCK_H
#define MATTIS_BASE_CLOCK_H

/* Returns the time since a fixed moment.  Unlike the time of day it is never set. */
double clock_monotonic(void);

/* Returns the processor time that this process has used. */
double clock_cpu(void);

#endif
