/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of any version from two sources: each byte string is preceded by its length
 * (two bytes, the lowest bit says which source), and copied to where it fits exactly. */
#include <stdlib.h>

#include "base/size.h"
#include "input/netflow.h"
#include "input/netflow_join.h"

static void put_row(void *ctx, const struct netflow_row *row)
{
	netflow_join_put(ctx, row);
}
static void put_lost(void *ctx, uint8_t v, struct moment t, uint64_t n)
{
	(void)ctx, (void)v, (void)t, (void)n;
}
static void put_conn(void *ctx, const struct netflow_conn *c)
{
	struct conn_record r;
	netflow_conn_record(c, ctx, &r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena scratch;
	arena_init(&scratch, 65536);
	struct netflow_join *j = netflow_join_new(8, put_conn, &scratch);
	struct netflow_sink sink = {put_row, put_lost, j};
	struct netflow *n = netflow_new(&sink);
	struct bytes b = bytes_over(data, size);
	for (uint32_t i = 0; b.left > 2; i++) {
		uint16_t head = bytes_be16(&b);
		struct bytes one = bytes_sub(&b, size_min(head >> 1, b.left));
		struct netflow_origin o = {
		    .name = (head & 1) != 0 ? "one1" : "two22", .source = i};
		uint8_t *copy =
		    memcpy(malloc(one.left > 0 ? one.left : 1), one.pos, one.left);
		netflow_datagram(n, &o, bytes_over(copy, one.left));
		free(copy);
	}
	netflow_finish(n, NULL, NULL);
	netflow_join_finish(j);
	netflow_free(n);
	netflow_join_free(j);
	arena_fini(&scratch);
	return 0;
}
