/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with a request line; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\0\x50\0\0\x10GET / HTTP/1.1\r\n";
	struct record_sink sink = {play_put, NULL};
	struct proto_options options = {.sensor = "fuzz"};
	struct proto *p = proto_new(&options, &sink);
	uint8_t *all = malloc(sizeof(begin) - 1 + size);
	if (p != NULL && all != NULL) {
		memcpy(all, begin, sizeof(begin) - 1);
		if (size > 0)
			memcpy(all + sizeof(begin) - 1, data, size);
		play(p, all, sizeof(begin) - 1 + size);
	}
	free(all);
	proto_free(p);
	return 0;
}
