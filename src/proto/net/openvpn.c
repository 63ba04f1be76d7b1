/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenVPN over UDP and TCP: the reset with which each side begins, as its protocol's
 * description and published measurements say (Xue et al., "OpenVPN is Open to VPN
 * Fingerprinting", USENIX Security 2022).
 *
 *     TCP: length 2 | opcode(5) key(3) | session 8 | tls-auth: hmac 16, 20, 32 or 64,
 *     packet id 4, time 4 | acknowledged 1, each 4, and the peer's session 8 | message 4
 *     tls-crypt: session 8 | packet id 4, time 4 | hmac 32 | encrypted 5
 *
 * A client's reset acknowledges nothing, the server's one message.
 */
#include "proto/net/vpn.h"

#define PORT_OPENVPN 1194
#define MESSAGE_MAX  2000 /* bytes of a first message over TCP */

enum opcode { RESET_CLIENT = 7, RESET_SERVER = 8, RESET_CLIENT_3 = 10 };

/* Whether n bytes are a reset: nothing acknowledged, or one message of a peer. */
static bool reset_length(size_t n, bool server)
{
	static const size_t hmac[] = {0, 16, 20, 32, 64};
	size_t plain = server ? 26 : 14;
	for (size_t i = 0; i < sizeof(hmac) / sizeof(hmac[0]); i++) {
		if (n == plain + (hmac[i] > 0 ? hmac[i] + 8 : 0))
			return true;
	}
	return n == (server ? 66u : 54u); /* tls-crypt */
}

/* Whether a message that starts a session stands there; b without length. */
static bool is_reset(struct bytes b, uint8_t *opcode)
{
	if (b.left < 14)
		return false;
	*opcode = b.pos[0] >> 3;
	bool server = *opcode == RESET_SERVER;
	if ((b.pos[0] & 7) != 0)
		return false;
	if (*opcode == RESET_CLIENT_3) /* a wrapped key follows it */
		return b.left > 200 && b.left < MESSAGE_MAX;
	if ((!server && *opcode != RESET_CLIENT) || !reset_length(b.left, server))
		return false;
	static const uint8_t nothing[5];
	if (b.left == 14)
		return memcmp(b.pos + 9, nothing, 5) == 0;
	return b.left != 26 || b.pos[9] == 1;
}

/* Over TCP the message must fill the segment, as the first one does. */
static bool take_length(const struct flow *f, struct bytes *b)
{
	if (f->proto != IP_PROTO_TCP)
		return true;
	return bytes_be16(b) == b->left && !b->bad;
}

static enum parse_result openvpn_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct vpn *v = state;
	struct bytes b = bytes_over(d->p, d->n);
	uint8_t opcode = 0;
	if (!take_length(x->flow, &b) || !is_reset(b, &opcode)) {
		v->messages++; /* what follows is encrypted, or cut at will by TCP */
		return v->client.n > 0 && v->server.n > 0 ? PARSE_DONE : PARSE_OK;
	}
	datagram_count(x, d, true);
	if (!v->begun)
		vpn_begin(x, v, "openvpn", opcode == RESET_CLIENT_3 ? "3" : "2");
	v->messages++;
	vpn_id(
	    opcode == RESET_SERVER ? &v->server : &v->client, bytes_over(b.pos + 1, 8));
	bool plain = b.left == 14 || b.left == 26;
	if (plain || (v->client.n > 0 && v->server.n > 0)) {
		v->exchange = 1; /* certain */
		parse_confirm(x);
	}
	return PARSE_OK;
}

static void openvpn_close(struct parse *x, void *state)
{
	struct vpn *v = state;
	bool both = v->client.n > 0 && v->server.n > 0;
	v->begun &= v->exchange == 1;
	vpn_emit(x, v, both ? STR("reset,answered") : STR("reset"));
}

static enum probe openvpn_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	uint8_t opcode;
	return take_length(f, &first) && is_reset(first, &opcode) ? PROBE_YES : PROBE_NO;
}

const struct proto_parser openvpn_parser = {
    .name = "openvpn",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(0, MESSAGE_MAX >> 8, RESET_CLIENT << 3, RESET_CLIENT << 3,
	RESET_SERVER << 3, RESET_SERVER << 3, RESET_CLIENT_3 << 3, RESET_CLIENT_3 << 3),
    PARSER_PORTS(PORT_OPENVPN),
    .probe = openvpn_probe,
    .state_size = sizeof(struct vpn),
    .data = openvpn_data,
    .close = openvpn_close,
};
