/* SPDX-License-Identifier: Apache-2.0 */
/* A frame: link type 2 (big endian) | bytes of FCS 1 | bytes cut off 1 | the frame. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "decode/tunnel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet p, q;
	if (size < 4 || size > UINT32_MAX / 2)
		return 0;
	uint32_t n = (uint32_t)size - 4;
	struct frame f = {
	    data + 4, n, n + data[3], {0}, 0, 0, load_be16(data), data[2] & 7};
	memset(&p, 0x55, sizeof(p));
	memset(&q, 0xaa, sizeof(q));
	enum decode_outcome a = decode_frame(&f, &p), b = decode_frame(&f, &q);
	if (a != b || p.captured > p.length ||
	    (a == DECODE_OK && memcmp(&p, &q, sizeof(p)) != 0))
		abort(); /* every field of a packet must be set */
	struct tunnel_header h;
	while (a == DECODE_OK && (p.marks & PACKET_TUNNEL)) {
		q = p;
		a = tunnel_decode(&q, &h, &p);
		if (a == DECODE_OK && (p.captured > p.length || h.kind == TUNNEL_NONE))
			abort();
	}
	return 0;
}
