/* SPDX-License-Identifier: Apache-2.0 */
/* MISP events: attributes at any depth of the JSON. */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return feed_play(&format_misp, data, size);
}
