/* SPDX-License-Identifier: Apache-2.0 */
/* Every format of lines, and JSON of no standard; which one the first byte says. */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct feed_format *const formats[] = {
	    &format_csv, &format_plain, &format_zeek, &format_dataset, &format_objects};
	if (size == 0)
		return 0;
	return feed_play(formats[data[0] % 5], data + 1, size - 1);
}
