/* SPDX-License-Identifier: Apache-2.0 */
/* OpenIOC: XML by expat, trees of items. */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return feed_play(&format_openioc, data, size);
}
