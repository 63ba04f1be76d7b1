/* SPDX-License-Identifier: Apache-2.0 */
/* A sketch at rest, then gaps in seconds, 2 bytes each: what may be loaded can be gone on
 * with, and stays a sketch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t saved[CLOCK_BYTES] = {0};
	struct clock c;
	size_t n = size < CLOCK_BYTES ? size : CLOCK_BYTES;
	memcpy(saved, data, n);
	(void)clock_load(&c, saved);
	int64_t ms = (int64_t)c.peak_last_s * 1000;
	for (; n + 2 <= size; n += 2)
		clock_add(&c, ms += (data[n] | data[n + 1] << 8) * 1000LL, NULL, NULL);
	clock_save(&c, saved);
	if (!isfinite(clock_score(&c)) || !clock_load(&c, saved))
		abort();
	return 0;
}
