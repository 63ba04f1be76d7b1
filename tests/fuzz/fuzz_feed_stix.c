/* SPDX-License-Identifier: Apache-2.0 */
/* STIX documents: objects cut out of the JSON, patterns in them. */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return feed_play(&format_stix, data, size);
}
