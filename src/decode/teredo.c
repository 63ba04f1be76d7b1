/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Teredo (RFC 4380, with the trailers of RFC 6081): IPv6 over UDP through address
 * translators. Its addresses are unique in the world, and a connection changes from the
 * server's path to a relay's, so it is not told apart by the outer addresses.
 *
 *     [ 0001 | length of the client id 1 | of the value 1 | both | nonce 8 | 1 ]
 *     [ 0000 | port 2 | address 4 ]
 *     IPv6 packet | [ trailers: type 1, length 1, data ]
 *
 * Peers talk on any port. There the packet must fill the datagram exactly, and one of its
 * addresses must be a Teredo one (2001::/32).
 */
#include "decode/carry.h"

enum {
	TEREDO_AUTHENTICATION = 0x0001,
	TEREDO_ORIGIN = 0x0000,
	AUTHENTICATION_BYTES = 4, /* and what it counts */
	AUTHENTICATION_TAIL = 9,
	ORIGIN_BYTES = 8,
	IPV6_BYTES = 40,
	TEREDO_PREFIX = 0x20010000,
};

/* An IPv6 header whose length the datagram can hold; 0: none. Else the packet's bytes. */
static uint32_t packet_bytes(const struct unwrap *u)
{
	if (IPV6_BYTES > u->left || u->pos[0] >> 4 != 6)
		return 0;
	uint32_t n = IPV6_BYTES + (uint32_t)load_be16(u->pos + 4);
	return n <= u->wire ? n : 0;
}

enum decode_outcome teredo_decode(struct unwrap *u, struct tunnel_header *h)
{
	if (2 <= u->left && load_be16(u->pos) == TEREDO_AUTHENTICATION) {
		const uint8_t *a = unwrap_take(u, AUTHENTICATION_BYTES);
		if (a == NULL ||
		    unwrap_take(u, (uint32_t)a[2] + a[3] + AUTHENTICATION_TAIL) == NULL)
			return DECODE_MALFORMED;
	}
	if (2 <= u->left && load_be16(u->pos) == TEREDO_ORIGIN &&
	    unwrap_take(u, ORIGIN_BYTES) == NULL)
		return DECODE_MALFORMED;
	uint32_t n = packet_bytes(u);
	if (n == 0)
		return DECODE_MALFORMED;
	tunnel_is(h, TUNNEL_TEREDO, 0, -1);
	unwrap_limit(u, n);
	return ipv6_decode(u);
}

enum decode_outcome teredo_peer_decode(struct unwrap *u, struct tunnel_header *h)
{
	uint32_t n = packet_bytes(u);
	if (n == 0 || n != u->wire ||
	    (load_be32(u->pos + 8) != TEREDO_PREFIX &&
		load_be32(u->pos + 24) != TEREDO_PREFIX))
		return DECODE_MALFORMED;
	tunnel_is(h, TUNNEL_TEREDO, 0, -1);
	return ipv6_decode(u);
}
