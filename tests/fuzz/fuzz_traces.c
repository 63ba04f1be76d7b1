/* SPDX-License-Identifier: Apache-2.0 */
/* A view (where 1 | sequence number 4 | payload, its length 1), then a file of traces. */
#include <stdlib.h>

#include "fuzz_play.h"
#include "proto/traces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = bytes_over(data, size);
	struct flow f = {.port = {4000, 80}};
	struct trace_view v = {.where = bytes_u8(&b) % TRACE_WHERES, .flow = &f};
	const struct packet k = {.seq = bytes_be32(&b), .src_port = 8};
	v.packet = v.where == TRACE_TCP ? NULL : &k;
	v.data = bytes_sub(&b, size_min(bytes_u8(&b), b.left));
	v.wire = v.data.left;
	struct traces *t = traces_new();
	struct arena a;
	struct error e;
	arena_init(&a, 1 << 16);
	if (traces_add(t, "file", (const char *)b.pos, b.left, &e) == 0) {
		size_t next = 0;
		for (int i; (i = traces_match(t, &v, &next)) >= 0;)
			traces_detail(t, i, &v, &a);
	}
	arena_fini(&a);
	traces_free(t);
	return 0;
}
