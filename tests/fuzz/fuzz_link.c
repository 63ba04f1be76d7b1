/* SPDX-License-Identifier: Apache-2.0 */
/* A frame without IP: GOOSE, PROFINET DCP. The first byte is how much of it was cut off.
 */
#include "decode/decode.h"
#include "fuzz_play.h"
#include "input/linktype.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_sink sink = {play_put, NULL};
	struct proto_options options = {.sensor = "fuzz"};
	if (size == 0)
		return 0;
	struct frame f = {.data = data + 1,
	    .captured = (uint32_t)size - 1,
	    .wire = (uint32_t)size - 1 + data[0],
	    .link = LINKTYPE_ETHERNET};
	struct link l;
	struct proto *p = proto_new(&options, &sink);
	if (p != NULL && link_read(&f, &l))
		proto_link(p, &l);
	proto_free(p);
	return 0;
}
