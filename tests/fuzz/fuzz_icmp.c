/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of ICMP: type 1 | side, and whether it is cut, 1 | id and sequence 4 | length
 * 2 | data. */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_sink sink = {play_put, NULL};
	struct proto_options options = {.sensor = "fuzz"};
	struct proto *p = proto_new(&options, &sink);
	struct flow_sink s = proto_flow_sink(p);
	struct flow f = {.vlan = -1, .proto = IP_PROTO_ICMP};
	s.open(s.ctx, &f);
	for (struct bytes b = bytes_over(data, size); b.left > 0;) {
		struct packet k = {.src_port = bytes_u8(&b), .proto = IP_PROTO_ICMP};
		uint8_t what = bytes_u8(&b);
		k.seq = bytes_be32(&b);
		struct bytes piece = bytes_sub(&b, size_min(bytes_be16(&b), b.left));
		k.captured = (uint32_t)piece.left;
		k.length = k.captured + (what & 2) * 100u;
		uint8_t *exact = malloc(size_max(piece.left, 1));
		memcpy(exact, piece.left > 0 ? piece.pos : data, piece.left);
		struct flow_data d = {exact, piece.left, k.length, what & 1};
		d.packet = &k;
		s.data(s.ctx, &f, &d);
		free(exact);
	}
	s.close(s.ctx, &f, FLOW_CLOSED);
	proto_free(p);
	return 0;
}
