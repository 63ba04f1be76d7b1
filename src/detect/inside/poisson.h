/* SPDX-License-Identifier: Apache-2.0 */
/* The tail of the Poisson distribution, also where it is far below all numbers. */
#ifndef DWELL_DETECT_INSIDE_POISSON_H
#define DWELL_DETECT_INSIDE_POISSON_H

#include <stdint.h>

/* -log10 of the chance that a Poisson number of that mean (above 0) is n or more. */
double poisson_decades(double mean, uint64_t n);

#endif
