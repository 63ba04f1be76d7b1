/* SPDX-License-Identifier: Apache-2.0 */
/* The flow table: 16 bytes make a packet;
 * few addresses, so that packets meet in flows. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "flow/flow.h"

static uint8_t touched;

static void on_data(void *ctx, struct flow *f, const struct flow_data *d)
{
	(void)ctx, (void)f;
	for (size_t i = 0; i < d->n; i++)
		touched ^= d->p[i];
}

static void on_close(void *ctx, struct flow *f, enum flow_close why)
{
	(void)ctx, (void)why;
	touched ^= (uint8_t)(strlen(flow_state(f)) + strlen(flow_history(f)));
}

static struct packet make(const uint8_t *b, const uint8_t *payload, int64_t *clock)
{
	static const uint8_t protos[] = {6, 6, 6, 6, 17, 1, 58, 132};
	struct packet p = {.proto = protos[b[0] & 7], .vlan = -1, .vlan_inner = -1};
	*clock += (int64_t)b[1] * b[1] * (NS_PER_MS << (b[0] >> 6)) -
		  (b[1] == 255) * NS_PER_DAY;
	p.ts.ns = *clock;
	p.src = addr_from_v4((const uint8_t[]){10, 0, 0, b[2] & 3});
	p.dst = addr_from_v4((const uint8_t[]){10, 0, 0, b[2] >> 2 & 3});
	p.src_port = b[2] & 16 ? 80 : 1000;
	p.dst_port = b[2] & 32 ? 53 : 1001;
	p.tcp_flags = b[3];
	p.marks = (b[4] & 7) == 7   ? PACKET_FRAGMENT
		  : (b[4] & 7) == 6 ? PACKET_NO_PORTS
				    : 0;
	p.seq = load_be16(b + 5) + (b[4] & 8 ? 0xffff8000U : 0);
	p.ack = load_be16(b + 7) + (b[4] & 16 ? 0xffff8000U : 0);
	p.window = b[9];
	p.fragment_offset = (uint16_t)(b[10] * 8);
	p.more_fragments = b[4] & 32;
	p.payload = payload;
	p.captured = b[11] & 15;
	p.length = p.captured + (b[12] & 1 ? b[13] * 100U : 0);
	p.ip_bytes = p.length + 20;
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct flow_sink sink = {.data = on_data, .close = on_close};
	const struct flow_limits limits = {.flows = 16,
	    .reassembly_bytes = 2000,
	    .reassembly_flow = 600,
	    .fragment_bytes = 20000};
	struct flow_table *t = flow_table_new(&limits, &sink);
	int64_t clock = 1000 * NS_PER_S;
	struct packet v[64];
	size_t n = 0;
	while (t != NULL &&
	       size >= 16 + 15) { /* the next packet's bytes are this one's payload */
		v[n++] = make(data, data + 16, &clock);
		data += 16;
		size -= 16;
		if (n == 64 || size < 16 + 15) {
			flow_table_packets(t, v, n);
			n = 0;
		}
	}
	if (t != NULL && (touched & 1))
		flow_table_finish(t);
	flow_table_free(t);
	return 0;
}
