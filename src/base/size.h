/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checked arithmetic on sizes. Every length that is computed from bytes of outside goes
 * through these, so no sum or product can wrap. (gcc 12 has no <stdckdint.h>.)
 */
#ifndef DWELL_BASE_SIZE_H
#define DWELL_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* Set *sum to a + b; false, and *sum = 0, when that does not fit. */
static inline bool size_add(size_t a, size_t b, size_t *sum)
{
	if (!__builtin_add_overflow(a, b, sum))
		return true;
	*sum = 0;
	return false;
}

/* Set *product to a * b; false, and *product = 0, when that does not fit. */
static inline bool size_mul(size_t a, size_t b, size_t *product)
{
	if (!__builtin_mul_overflow(a, b, product))
		return true;
	*product = 0;
	return false;
}

/* The smaller of the two. */
static inline size_t size_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The larger of the two. */
static inline size_t size_max(size_t a, size_t b)
{
	return a > b ? a : b;
}

#endif
