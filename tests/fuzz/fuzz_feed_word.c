/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the command line: the normal form of an indicator is its own normal form. */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct indicator in, again;
	struct arena a;
	const char *why = NULL;
	struct url url;
	arena_init(&a, FEED_SCRATCH_BYTES);
	if (indicator_parse((struct str){(const char *)data, size}, &a, &in, &why)) {
		feed_checked(in.value);
		if (!indicator_normalise(in.kind, in.value, &a, &again, &why) ||
		    !str_equal(in.value, again.value) ||
		    (in.kind == INDICATOR_URL && !url_split(in.value, &url)))
			abort();
	} else if (why == NULL) {
		abort();
	}
	arena_fini(&a);
	return 0;
}
