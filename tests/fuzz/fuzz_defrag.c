/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments: seconds later 1 | length of the
 * frame 2 (big endian) | frame of raw IP, ... */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/size.h"
#include "decode/decode.h"
#include "flow/defrag.h"
#include "input/linktype.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = bytes_over(data, size);
	struct defrag *d = defrag_new(100000);
	struct frame f = {.link = LINKTYPE_RAW};
	for (struct defrag_result r; d != NULL && b.left > 3;) {
		f.ts.ns += bytes_u8(&b) * NS_PER_S;
		f.captured = (uint32_t)size_min(bytes_be16(&b), b.left);
		f.wire = f.captured;
		f.data = bytes_take(&b, f.captured);
		struct packet p;
		if (decode_frame(&f, &p) != DECODE_OK || !(p.marks & PACKET_FRAGMENT))
			continue;
		defrag_add(d, &p, &r);
		if (defrag_held(d) > 100000 || r.events > DEFRAG_EVENTS_MAX)
			abort();
	}
	defrag_free(d);
	return 0;
}
