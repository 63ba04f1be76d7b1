/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/poisson.h"

#include <math.h>

#define TERMS 1000 /* of the tail: beyond the mean each is a part of the one before */

double poisson_decades(double mean, uint64_t n)
{
	double term = exp(-mean + (double)n * log(mean) - lgamma((double)n + 1));
	double sum = term;
	for (uint64_t i = n + 1; term > 1e-12 * sum && i < n + TERMS; i++) {
		term *= mean / (double)i;
		sum += term;
	}
	/* In logarithms where the first term is below all numbers. */
	if (sum <= 0)
		return (mean - (double)n * log(mean) + lgamma((double)n + 1)) / M_LN10;
	return -log10(fmin(1, sum));
}
