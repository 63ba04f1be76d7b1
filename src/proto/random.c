/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/random.h"

#include <string.h>

#include "base/size.h"

#define PRINTABLE_START_MAX 6
#define PRINTABLE_ROW_MAX   20

static bool printable(uint8_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* Set bits: more than 3.4 and less than 4.6 a byte. */
static bool bits_balanced(const uint8_t *p, size_t n)
{
	size_t bits = 0;
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word = 0;
		memcpy(&word, p + i, size_min(8, n - i));
		bits += (size_t)__builtin_popcountll(word);
	}
	return 10 * bits > 34 * n && 10 * bits < 46 * n;
}

static bool text_like(const uint8_t *p, size_t n)
{
	size_t all = 0, row = 0;
	for (size_t i = 0; i < n; i++) {
		row = printable(p[i]) ? row + 1 : 0;
		all += printable(p[i]);
		if (row > PRINTABLE_ROW_MAX ||
		    (row == i + 1 && row == PRINTABLE_START_MAX))
			return true;
	}
	return 2 * all > n;
}

/* More pairs of equal bytes than random ones have, but for one time in some ten thousand:
 * four standard deviations above the mean, and two pairs. */
static bool repetitive(const uint8_t *p, size_t n)
{
	uint16_t seen[256] = {0};
	size_t pairs = 0;
	for (size_t i = 0; i < n; i++)
		pairs += seen[p[i]]++;
	if (512 * pairs <= n * (n - 1) + 1024)
		return false;
	size_t above = 512 * pairs - n * (n - 1) - 1024;
	return above * above > (size_t)16 * 512 * n * (n - 1);
}

bool random_looking(struct bytes first)
{
	size_t n = size_min(first.left, RANDOM_BYTES_MAX);
	return n >= RANDOM_BYTES_MIN && bits_balanced(first.pos, n) &&
	       !text_like(first.pos, n) && !repetitive(first.pos, n);
}
