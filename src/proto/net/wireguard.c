/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WireGuard (Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel", NDSS 2017):
 * four messages, told by type, zeros and length.
 *
 *     1 initiation: 1 0 0 0 | sender 4 | … 148 bytes    2 response: … sender 4 | receiver
 * 4 3 cookie: 64 bytes                                 | … 92 bytes 4 data: 4 0 0 0 |
 * receiver 4 | counter 8 | sealed, in blocks of 16
 */
#include "proto/net/vpn.h"

#define PORT_WIREGUARD 51820

enum { INITIATION = 1, RESPONSE, COOKIE, DATA };

/* The type of a message; 0: it is none. */
static uint8_t type_of(struct bytes b)
{
	if (b.left < 32 || b.pos[1] != 0 || b.pos[2] != 0 || b.pos[3] != 0)
		return 0;
	switch (b.pos[0]) {
	case INITIATION:
		return b.left == 148 ? INITIATION : 0;
	case RESPONSE:
		return b.left == 92 ? RESPONSE : 0;
	case COOKIE:
		return b.left == 64 ? COOKIE : 0;
	case DATA:
		return b.left % 16 == 0 ? DATA : 0;
	default:
		return 0;
	}
}

static enum parse_result wireguard_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct vpn *v = state;
	uint8_t type = type_of(bytes_over(d->p, d->n));
	datagram_count(x, d, type != 0);
	if (type == 0)
		return PARSE_OK;
	if (!v->begun) {
		vpn_begin(x, v, "wireguard", NULL);
		v->exchange = type;
	}
	v->messages++;
	if (type == INITIATION)
		vpn_id(&v->client, bytes_over(d->p + 4, 4));
	if (type == RESPONSE)
		vpn_id(&v->server, bytes_over(d->p + 4, 4));
	parse_confirm(x);
	return PARSE_OK;
}

static void wireguard_close(struct parse *x, void *state)
{
	static const char *const names[] = {
	    NULL, "initiation", "response", "cookie", "data"};
	struct vpn *v = state;
	vpn_emit(x, v, str_of(names[v->exchange]));
}

/* Data alone is too little to be told by but on the usual port. */
static enum probe wireguard_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	uint8_t type = type_of(first);
	if (type == INITIATION || type == RESPONSE)
		return PROBE_YES;
	return type != 0 && datagram_has_port(f, PORT_WIREGUARD) ? PROBE_YES : PROBE_NO;
}

const struct proto_parser wireguard_parser = {
    .name = "wireguard",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(INITIATION, DATA),
    PARSER_PORTS(PORT_WIREGUARD),
    .probe = wireguard_probe,
    .state_size = sizeof(struct vpn),
    .data = wireguard_data,
    .close = wireguard_close,
};
