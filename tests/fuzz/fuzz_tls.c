/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP connection to port 443 in pieces (fuzz_play.h,
 * without the bytes before the pieces). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t head[PLAY_HEAD] = {0, 443 >> 8, 443 & 0xff};
	struct record_sink sink = {play_put, NULL};
	struct proto_options options = {.sensor = "fuzz"};
	struct proto *p = proto_new(&options, &sink);
	uint8_t *whole = malloc(size + sizeof(head));
	if (p != NULL && whole != NULL) {
		memcpy(whole, head, sizeof(head));
		if (size > 0)
			memcpy(whole + sizeof(head), data, size);
		play(p, whole, size + sizeof(head));
	}
	free(whole);
	proto_free(p);
	return 0;
}
