/* SPDX-License-Identifier: Apache-2.0 */
/* The whole dispatch: a flow whose data come in pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_sink sink = {play_put, NULL};
	struct proto_options options = {.sensor = "fuzz"};
	struct proto *p = proto_new(&options, &sink);
	if (p != NULL && size > PLAY_HEAD)
		play(p, data, size);
	proto_free(p);
	return 0;
}
