/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP reassembly against an oracle: byte i of the stream has a
 * value that follows from i, so whatever order the segments come
 * in, every byte that is delivered must be the one of its place.
 */
#include <stdlib.h>

#include "flow/flow.h"

#define STREAM 4096
#define FIRST  0xfffff800U /* the numbers wrap in the middle */

static uint8_t stream[STREAM + 256];

static void on_data(void *ctx, struct flow *f, const struct flow_data *d)
{
	uint64_t *at = ctx;
	(void)f;
	for (size_t i = 0; i < d->n; i++)
		if (d->p[i] != stream[*at + i])
			abort();
	*at += d->wire;
}

static void on_gap(void *ctx, struct flow *f, int side, uint64_t n)
{
	(void)f, (void)side;
	*(uint64_t *)ctx += n;
}

static struct packet segment(int side, uint8_t flags, uint32_t seq, uint32_t ack)
{
	const uint8_t a[4] = {10, 0, 0, (uint8_t)side}, b[4] = {10, 0, 0, (uint8_t)!side};
	return (struct packet){.proto = IP_PROTO_TCP,
	    .ts = {NS_PER_S},
	    .src = addr_from_v4(a),
	    .dst = addr_from_v4(b),
	    .src_port = (uint16_t)(1 + side),
	    .dst_port = (uint16_t)(2 - side),
	    .tcp_flags = flags,
	    .seq = seq,
	    .ack = ack,
	    .window = 1};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t at = 0;
	const struct flow_sink sink = {.data = on_data, .gap = on_gap, .ctx = &at};
	const struct flow_limits limits = {.flows = 16,
	    .reassembly_bytes = 3000,
	    .reassembly_flow = 3000,
	    .fragment_bytes = 20000};
	for (size_t i = 0; i < sizeof(stream); i++)
		stream[i] = (uint8_t)(i * 31 + (i >> 8) * 7);
	struct flow_table *t = flow_table_new(&limits, &sink);
	struct packet p = segment(0, TCP_SYN, FIRST - 1, 0);
	flow_table_packets(t, &p, 1);
	p = segment(1, TCP_SYN | TCP_ACK, 499, FIRST);
	flow_table_packets(t, &p, 1);
	for (; size >= 4; data += 4, size -= 4) {
		uint32_t from = (data[0] | (data[1] & 15U) << 8);
		p = segment(0, TCP_ACK, FIRST + from, 500);
		p.payload = stream + from;
		p.length = data[2];
		p.captured = data[1] & 128 ? p.length / 2 : p.length;
		if (data[1] & 64) /* or an acknowledgement, of anything */
			p = segment(1, TCP_ACK, 500, FIRST + from);
		flow_table_packets(t, &p, 1);
	}
	flow_table_finish(t);
	flow_table_free(t);
	return 0;
}
