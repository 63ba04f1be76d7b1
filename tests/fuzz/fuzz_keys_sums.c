/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of a key come to, as it lies beside the keys of a run. */
#include <stdlib.h>

#include "base/hash.h"
#include "store/keys_sums.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keys_sum sum;
	uint8_t *copy = malloc(size + 4);
	uint32_t digest = (uint32_t)hash_bytes(&hash_key_public, data, size);
	for (int i = 0; i < 4; i++)
		copy[i] = (uint8_t)(digest >> 8 * i);
	memcpy(copy + 4, data, size);
	if (keys_sum_read(copy, size + 4, &sum) &&
	    (sum.year_count > KEYS_SUM_YEARS || sum.peer_count > KEYS_SUM_PEERS))
		abort();
	free(copy);
	return 0;
}
