/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DHCPv6 (RFC 8415), over its own ports.
 *
 *     type 1 | transaction id 3 | options: code 2 length 2 data …
 *     relayed: type 1 | hops 1 | link address 16 | peer address 16 | options, one of
 *     which (9) holds the message
 */
#include <string.h>

#include "base/size.h"
#include "proto/net/dhcp.h"

#define PORT_CLIENT6 546
#define PORT_SERVER6 547
#define RELAYS_MAX   8 /* messages inside each other */
#define TYPE_LAST    36
#define RELAY_FORW   12
#define RELAY_REPL   13
#define NESTED_MAX   2 /* an address lies in an association */

enum option {
	OPTION_CLIENT_ID = 1,
	OPTION_IA_NA = 3,
	OPTION_IA_TA = 4,
	OPTION_IA_ADDR = 5,
	OPTION_REQUESTED = 6,
	OPTION_RELAYED = 9,
	OPTION_VENDOR_CLASS = 16,
	OPTION_DOMAINS = 24,
	OPTION_IA_PD = 25,
	OPTION_IA_PREFIX = 26,
	OPTION_FQDN = 39,
};

static struct str message_text(struct parse *x, unsigned type)
{
	static const char *const names[] = {NULL, "SOLICIT", "ADVERTISE", "REQUEST",
	    "CONFIRM", "RENEW", "REBIND", "REPLY", "RELEASE", "DECLINE", "RECONFIGURE",
	    "INFORMATION-REQUEST", "RELAY-FORW", "RELAY-REPL", "LEASEQUERY",
	    "LEASEQUERY-REPLY", "LEASEQUERY-DONE", "LEASEQUERY-DATA",
	    "RECONFIGURE-REQUEST", "RECONFIGURE-REPLY"};
	if (type > 0 && type < sizeof(names) / sizeof(names[0]))
		return str_of(names[type]);
	return str_format(x->scratch, "TYPE%u", type);
}

static bool is_answer(const struct dhcp_record *r)
{
	return str_equal(r->message, STR("ADVERTISE")) ||
	       str_equal(r->message, STR("REPLY"));
}

/* A DUID of link layer has the hardware address behind type, kind and time
 * (RFC 8415, 11.2, 11.4). */
static void client_id(struct parse *x, struct dhcp_record *r, struct bytes b)
{
	r->client_id = str_hex(x->scratch, b.pos, b.left);
	uint16_t type = bytes_be16(&b);
	bytes_skip(&b, type == 1 ? 6 : 2);
	if (!b.bad && (type == 1 || type == 3))
		r->mac = dhcp_mac(x, b);
}

static void lend(struct dhcp_record *r, struct addr a, uint32_t seconds)
{
	struct addr *to = is_answer(r) ? &r->assigned_addr : &r->requested_addr;
	if (!addr_is_unset(to))
		return;
	*to = a;
	r->lease_time = is_answer(r) ? (int64_t)seconds : r->lease_time;
}

/* address 16 | preferred 4 | valid 4; a prefix: preferred 4 | valid 4 | length 1 | 16 */
static void ia_addr(struct dhcp_record *r, struct bytes b, bool prefix)
{
	uint32_t valid = 0;
	if (prefix) {
		bytes_skip(&b, 4);
		valid = bytes_be32(&b);
		bytes_skip(&b, 1);
	}
	const uint8_t *p = bytes_take(&b, 16);
	if (!prefix) {
		bytes_skip(&b, 4);
		valid = bytes_be32(&b);
	}
	if (p != NULL && !b.bad)
		lend(r, addr_from_v6(p), valid);
}

static void requested(struct parse *x, struct dhcp_record *r, struct bytes b)
{
	size_t n = size_min(b.left / 2, DHCP_PARAMETERS_MAX);
	int64_t *v = arena_alloc(x->scratch, n * sizeof(*v));
	if (v == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		v[i] = bytes_be16(&b);
	r->parameters = (struct int_list){v, n};
}

/* enterprise 4 | length 2 data … : the first of them */
static struct str vendor_class(struct parse *x, struct bytes b)
{
	bytes_skip(&b, 4);
	struct bytes first = bytes_sub(&b, bytes_be16(&b));
	return first.bad ? (struct str){NULL, 0} : dhcp_text(x, first);
}

static bool options(struct parse *x, struct dhcp_record *r, struct bytes b, int depth);

static bool association(
    struct parse *x, struct dhcp_record *r, struct bytes b, size_t head, int depth)
{
	bytes_skip(&b, head);
	return !b.bad && options(x, r, b, depth + 1);
}

static bool option(
    struct parse *x, struct dhcp_record *r, uint16_t code, struct bytes b, int depth)
{
	switch (code) {
	case OPTION_CLIENT_ID:
		client_id(x, r, b);
		return true;
	case OPTION_IA_NA:
	case OPTION_IA_PD:
		return association(x, r, b, 12, depth);
	case OPTION_IA_TA:
		return association(x, r, b, 4, depth);
	case OPTION_IA_ADDR:
	case OPTION_IA_PREFIX:
		ia_addr(r, b, code == OPTION_IA_PREFIX);
		return true;
	case OPTION_REQUESTED:
		requested(x, r, b);
		return true;
	case OPTION_VENDOR_CLASS:
		r->vendor_class = vendor_class(x, b);
		return true;
	case OPTION_DOMAINS:
		r->domain = dhcp_domain(x, b);
		return true;
	case OPTION_FQDN:
		bytes_skip(&b, 1);
		r->client_fqdn = dhcp_domain(x, b);
		return true;
	default:
		return true;
	}
}

static bool options(struct parse *x, struct dhcp_record *r, struct bytes b, int depth)
{
	if (depth == NESTED_MAX) {
		x->counters->over_limit++;
		return true;
	}
	while (b.left > 0) {
		uint16_t code = bytes_be16(&b);
		struct bytes data = bytes_sub(&b, bytes_be16(&b));
		if (b.bad || !option(x, r, code, data, depth))
			return false;
	}
	return true;
}

/* The message that a relay carries; false when it has none. */
static bool relayed(struct dhcp_record *r, struct bytes *b)
{
	static const uint8_t none[16];
	bytes_skip(b, 2);
	const uint8_t *link = bytes_take(b, 16);
	bytes_skip(b, 16);
	if (link != NULL && memcmp(link, none, 16) != 0)
		r->relay_addr = addr_from_v6(link);
	while (b->left > 0) {
		uint16_t code = bytes_be16(b);
		struct bytes data = bytes_sub(b, bytes_be16(b));
		if (!b->bad && code == OPTION_RELAYED && data.left > 0) {
			*b = data;
			return true;
		}
	}
	return false;
}

static bool message(struct parse *x, struct dhcp_record *r, struct bytes b)
{
	for (int i = 0; b.left > 0 && (b.pos[0] == RELAY_FORW || b.pos[0] == RELAY_REPL);
	     i++) {
		r->message = message_text(x, b.pos[0]);
		if (i == RELAYS_MAX) {
			x->counters->over_limit++;
			return true;
		}
		if (!relayed(r, &b))
			return false;
	}
	r->message = message_text(x, bytes_u8(&b));
	r->id = bytes_be24(&b);
	return !b.bad && options(x, r, b, 0);
}

static enum parse_result dhcp6_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	(void)state;
	struct dhcp_record r;
	if (d->n < 4 || d->p[0] == 0 || d->p[0] > TYPE_LAST) {
		x->counters->malformed++;
		return PARSE_OK;
	}
	dhcp_begin(x, &r, STR("dhcp6"));
	bool good = message(x, &r, bytes_over(d->p, d->n));
	dhcp_end(x, d, &r, good);
	return PARSE_OK;
}

/* Too little to be told by on another port. */
static enum probe dhcp6_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	bool good = first.left >= 4 && first.pos[0] > 0 && first.pos[0] <= TYPE_LAST;
	return good ? PROBE_YES : PROBE_NO;
}

const struct proto_parser dhcp6_parser = {
    .name = "dhcpv6",
    .transports = TRANSPORT_UDP,
    PARSER_PORTS(PORT_CLIENT6, PORT_SERVER6),
    .ports_only = true,
    .probe = dhcp6_probe,
    .data = dhcp6_data,
    .close = datagram_close,
};
