/* SPDX-License-Identifier: Apache-2.0 */
/* STIX patterns by themselves. */
#include "feed/stix.h"
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed_reader r = {.set = indicators_new(), .file = STR("f"), .at = 1};
	struct indicator like = {.id = STR("indicator--1")};
	const char *why = NULL;
	arena_init(&r.arena, FEED_SCRATCH_BYTES);
	r.report.unit = "object";
	set_file_add(r.set, "f", "object");
	if (!stix_pattern(&r, (struct str){(const char *)data, size}, &like, &why) &&
	    why == NULL)
		abort();
	feed_check(r.set);
	arena_fini(&r.arena);
	indicators_free(r.set);
	return 0;
}
