/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the command line: the normal form of an indicator is its own normal form (but
 * where brackets or backslashes are left in it: they may stand for dots again). */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct indicator in, again;
	struct arena a;
	const char *why = NULL;
	struct url url;
	arena_init(&a, FEED_SCRATCH_BYTES);
	if (indicator_parse((struct str){(const char *)data, size}, &a, &in, &why)) {
		size_t plain = 0;
		while (
		    plain < in.value.n && memchr("[({\\", in.value.p[plain], 4) == NULL)
			plain++;
		feed_checked(in.value);
		if (plain == in.value.n &&
		    (!indicator_normalise(in.kind, in.value, &a, &again, &why) ||
			!str_equal(in.value, again.value) ||
			(in.kind == INDICATOR_URL && !url_split(in.value, &url))))
			abort();
	} else if (why == NULL) {
		abort();
	}
	arena_fini(&a);
	return 0;
}
