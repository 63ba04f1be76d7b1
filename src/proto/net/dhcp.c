/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DHCP (RFC 2131, 2132) and BOOTP (RFC 951): who asks for an address, and who gets which.
 *
 *     op htype hlen hops | xid 4 | secs 2 flags 2 | ciaddr yiaddr siaddr giaddr 4 each |
 *     chaddr 16 | sname 64 | file 128 | 63 82 53 63 | options: code length data … 255
 *
 * Each message is a row of its own: request and answer have other endpoints, since the
 * client has no address yet; the transaction id ties them.
 */
#include "proto/net/dhcp.h"

#include <string.h>

#include "base/size.h"

#define PORT_SERVER  67
#define PORT_CLIENT  68
#define PORT_PXE     4011
#define FIXED_BYTES  236
#define MAGIC        0x63825363u
#define HARDWARE_MAX 16
#define NAME_BYTES   255

enum option {
	OPTION_PAD = 0,
	OPTION_HOST_NAME = 12,
	OPTION_DOMAIN = 15,
	OPTION_REQUESTED = 50,
	OPTION_LEASE = 51,
	OPTION_OVERLOAD = 52,
	OPTION_MESSAGE = 53,
	OPTION_SERVER = 54,
	OPTION_PARAMETERS = 55,
	OPTION_VENDOR = 60,
	OPTION_CLIENT_ID = 61,
	OPTION_FQDN = 81,
	OPTION_END = 255,
};

struct str dhcp_mac(struct parse *x, struct bytes b)
{
	char text[3 * HARDWARE_MAX + 1];
	static const char digits[] = "0123456789abcdef";
	size_t n = size_min(b.left, HARDWARE_MAX);
	if (n == 0)
		return (struct str){0};
	for (size_t i = 0; i < n; i++) {
		text[3 * i] = digits[b.pos[i] >> 4];
		text[3 * i + 1] = digits[b.pos[i] & 15];
		text[3 * i + 2] = ':';
	}
	return str_copy(x->scratch, (struct str){text, 3 * n - 1});
}

struct str dhcp_text(struct parse *x, struct bytes b)
{
	while (b.left > 0 && b.pos[b.left - 1] == 0)
		b.left--;
	return b.left > 0 ? str_clean(x->scratch, b.pos, b.left) : (struct str){NULL, 0};
}

struct str dhcp_domain(struct parse *x, struct bytes b)
{
	char *name = arena_alloc(x->scratch, NAME_BYTES);
	size_t n = 0;
	while (name != NULL && b.left > 0) {
		struct bytes label = bytes_sub(&b, bytes_u8(&b));
		if (label.left == 0 || b.bad || label.left >= NAME_BYTES - n)
			break;
		if (n > 0)
			name[n++] = '.';
		memcpy(name + n, label.pos, label.left);
		n += label.left;
	}
	return n > 0 ? str_clean_lower(x->scratch, name, n) : (struct str){NULL, 0};
}

static struct str message_text(struct parse *x, unsigned type)
{
	static const char *const names[] = {NULL, "DISCOVER", "OFFER", "REQUEST",
	    "DECLINE", "ACK", "NAK", "RELEASE", "INFORM", "FORCERENEW", "LEASEQUERY",
	    "LEASEUNASSIGNED", "LEASEUNKNOWN", "LEASEACTIVE", "BULKLEASEQUERY",
	    "LEASEQUERYDONE", "ACTIVELEASEQUERY", "LEASEQUERYSTATUS", "TLS"};
	if (type > 0 && type < sizeof(names) / sizeof(names[0]))
		return str_of(names[type]);
	return str_format(x->scratch, "TYPE%u", type);
}

/* The client's full name: flags, two obsolete bytes, and a name in either form
 * (RFC 4702, 2). */
static struct str fqdn(struct parse *x, struct bytes b)
{
	bool wire = (bytes_u8(&b) & 4) != 0;
	bytes_skip(&b, 2);
	if (b.bad)
		return (struct str){0};
	return wire ? dhcp_domain(x, b) : dhcp_text(x, b);
}

static struct addr address(struct bytes b)
{
	static const uint8_t none[4];
	const uint8_t *p = bytes_take(&b, 4);
	if (p == NULL || memcmp(p, none, 4) == 0)
		return (struct addr){0};
	return addr_from_v4(p);
}

static void parameters(struct parse *x, struct dhcp_record *r, struct bytes b)
{
	size_t n = size_min(b.left, DHCP_PARAMETERS_MAX);
	int64_t *v = arena_alloc(x->scratch, n * sizeof(*v));
	if (v == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		v[i] = b.pos[i];
	r->parameters = (struct int_list){v, n};
}

static void option(struct parse *x, struct dhcp_record *r, uint8_t code, struct bytes b)
{
	switch (code) {
	case OPTION_HOST_NAME:
		r->host_name = dhcp_text(x, b);
		break;
	case OPTION_DOMAIN:
		r->domain = dhcp_text(x, b);
		break;
	case OPTION_REQUESTED:
		r->requested_addr = address(b);
		break;
	case OPTION_LEASE:
		r->lease_time = b.left == 4 ? (int64_t)bytes_be32(&b) : -1;
		break;
	case OPTION_MESSAGE:
		r->message = b.left == 1 ? message_text(x, b.pos[0]) : r->message;
		break;
	case OPTION_SERVER:
		r->server_addr = address(b);
		break;
	case OPTION_PARAMETERS:
		parameters(x, r, b);
		break;
	case OPTION_VENDOR:
		r->vendor_class = dhcp_text(x, b);
		break;
	case OPTION_CLIENT_ID:
		r->client_id = str_hex(x->scratch, b.pos, b.left);
		break;
	case OPTION_FQDN:
		r->client_fqdn = fqdn(x, b);
		break;
	default:
		break;
	}
}

/* False when an option goes on behind the message; *overload: option 52. */
static bool options(
    struct parse *x, struct dhcp_record *r, struct bytes b, uint8_t *overload)
{
	while (b.left > 0) {
		uint8_t code = bytes_u8(&b);
		if (code == OPTION_PAD)
			continue;
		if (code == OPTION_END)
			break;
		struct bytes data = bytes_sub(&b, bytes_u8(&b));
		if (b.bad)
			return false;
		if (code == OPTION_OVERLOAD && data.left == 1)
			*overload = data.pos[0];
		option(x, r, code, data);
	}
	return true;
}

/* Whether the fixed part is one of DHCP: whole, or of BOOTP on its own ports. */
static bool plausible(const struct flow *f, struct bytes b)
{
	if (b.left < FIXED_BYTES + 4 || b.pos[0] < 1 || b.pos[0] > 2 ||
	    b.pos[2] > HARDWARE_MAX)
		return false;
	bool own = f->port[0] == PORT_SERVER || f->port[1] == PORT_SERVER;
	return own || load_be32(b.pos + FIXED_BYTES) == MAGIC;
}

static bool message(struct parse *x, struct dhcp_record *r, struct bytes b)
{
	struct bytes rest = b;
	const uint8_t *p = bytes_take(&rest, FIXED_BYTES);
	uint8_t overload = 0;
	r->message = p[0] == 1 ? STR("BOOTREQUEST") : STR("BOOTREPLY");
	r->mac = dhcp_mac(x, bytes_over(p + 28, p[2]));
	r->id = load_be32(p + 4);
	r->client_addr = address(bytes_over(p + 12, 4));
	r->assigned_addr = address(bytes_over(p + 16, 4));
	r->relay_addr = address(bytes_over(p + 24, 4));
	if (bytes_be32(&rest) != MAGIC)
		return true;
	bool good = options(x, r, rest, &overload);
	if ((overload & 1) != 0) /* file and sname hold options, too (RFC 2132, 9.3) */
		good &= options(x, r, bytes_over(p + 108, 128), &overload);
	if ((overload & 2) != 0)
		good &= options(x, r, bytes_over(p + 44, 64), &overload);
	return good;
}

void dhcp_begin(struct parse *x, struct dhcp_record *r, struct str kind)
{
	record_clear(RECORD_DHCP, r);
	r->ts = x->ts;
	r->kind = kind;
	parse_endpoints(x, r);
	parse_source(x, r);
}

void dhcp_end(
    struct parse *x, const struct flow_data *d, const struct dhcp_record *r, bool good)
{
	datagram_count(x, d, good);
	parse_confirm(x);
	parse_emit(x, RECORD_DHCP, r);
}

static enum parse_result dhcp_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	(void)state;
	struct bytes b = bytes_over(d->p, d->n);
	struct dhcp_record r;
	if (!plausible(x->flow, b)) {
		datagram_count(x, d, false);
		return PARSE_OK;
	}
	dhcp_begin(x, &r, STR("dhcp"));
	bool good = message(x, &r, b);
	dhcp_end(x, d, &r, good);
	return PARSE_OK;
}

static enum probe dhcp_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	return plausible(f, first) ? PROBE_YES : PROBE_NO;
}

const struct proto_parser dhcp_parser = {
    .name = "dhcp",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(1, 2),
    PARSER_PORTS(PORT_SERVER, PORT_CLIENT, PORT_PXE),
    .probe = dhcp_probe,
    .data = dhcp_data,
    .close = datagram_close,
};
