/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SNMP 1, 2c and 3 (RFC 1157, 3416, 3412): who asks a device with which community or
 * user, and for what. A row for each community of a flow, as Zeek writes it: an agent
 * that is polled for days makes one, a guesser of communities makes many.
 *
 *     SEQUENCE { version, community, PDU }
 *     SEQUENCE { 3, SEQUENCE { id, size, flags, model }, OCTET STRING { SEQUENCE {
 *         engine, boots, time, user, … } }, SEQUENCE { engine, context, PDU } | encrypted
 * } PDU: [n] { id, error status, error index, SEQUENCE OF SEQUENCE { name, value } }
 */
#include <stdio.h>
#include <string.h>

#include "proto/shared/datagram.h"
#include "proto/shared/der.h"

#define PORT_SNMP         161
#define PORT_TRAP         162
#define SNMP_BINDINGS_MAX 256 /* read of one message */
#define SNMP_NAME_MAX     32  /* components of a name that are written out */
#define FLAG_AUTH         1
#define FLAG_PRIVATE      2
#define NAME_BYTES        400

enum pdu {
	PDU_GET,
	PDU_GET_NEXT,
	PDU_RESPONSE,
	PDU_SET,
	PDU_TRAP_1,
	PDU_GET_BULK,
	PDU_INFORM,
	PDU_TRAP_2,
	PDU_REPORT,
	PDUS
};

/* What is known of one community. */
struct snmp {
	bool begun;
	struct moment first, last;
	uint32_t source;
	uint64_t offset;
	uint8_t version, flags;
	struct kept community, engine, display, first_oid, set_oid;
	uint64_t bindings[PDUS];
	struct moment up_since;
	int64_t error;
};

struct head {
	uint8_t version, flags;
	struct bytes community, engine;
	struct bytes pdu; /* the element, whole; empty: encrypted */
};

static uint64_t number(struct bytes b)
{
	uint64_t v = 0;
	if (b.left > 8)
		return UINT64_MAX;
	while (b.left > 0)
		v = v << 8 | bytes_u8(&b);
	return v;
}

static bool integer(struct bytes *b, uint64_t *v)
{
	struct der e;
	if (!der_expect(b, DER_INTEGER, &e) || e.content.left == 0)
		return false;
	*v = number(e.content);
	return true;
}

/* Version 3: what stands between version and PDU. */
static bool read_v3(struct bytes *b, struct head *h)
{
	struct der global, security, inside, e;
	uint64_t v;
	if (!der_expect(b, DER_SEQUENCE, &global) ||
	    !der_expect(b, DER_OCTET_STRING, &security) ||
	    !integer(&global.content, &v) || !integer(&global.content, &v) ||
	    !der_expect(&global.content, DER_OCTET_STRING, &e) || e.content.left != 1)
		return false;
	h->flags = e.content.pos[0];
	struct bytes s = security.content;
	if (der_expect(&s, DER_SEQUENCE, &inside)) {
		if (der_expect(&inside.content, DER_OCTET_STRING, &e))
			h->engine = e.content;
		integer(&inside.content, &v);
		integer(&inside.content, &v);
		if (der_expect(&inside.content, DER_OCTET_STRING, &e))
			h->community = e.content;
	}
	if (!der_expect(b, DER_SEQUENCE, &inside))
		return der_expect(b, DER_OCTET_STRING, &e);
	for (int i = 0; i < 2; i++) { /* engine id and context name */
		if (!der_expect(&inside.content, DER_OCTET_STRING, &e))
			return false;
	}
	h->pdu = inside.content;
	return true;
}

static bool read_head(struct bytes b, struct head *h)
{
	struct der all, e;
	uint64_t version;
	*h = (struct head){0};
	if (!der_expect(&b, DER_SEQUENCE, &all) || !integer(&all.content, &version) ||
	    (version > 1 && version != 3))
		return false;
	h->version = (uint8_t)version;
	if (version == 3)
		return read_v3(&all.content, h);
	if (!der_expect(&all.content, DER_OCTET_STRING, &e))
		return false;
	h->community = e.content;
	h->pdu = all.content;
	return h->pdu.left > 0 && h->pdu.pos[0] >= DER_CONSTRUCTED &&
	       h->pdu.pos[0] < DER_CONSTRUCTED + PDUS;
}

/* An object identifier, dotted (X.690, 8.19). */
static struct bytes name_text(struct parse *x, struct bytes b)
{
	char *text = arena_alloc(x->scratch, NAME_BYTES);
	size_t at = 0;
	for (int i = 0; text != NULL && b.left > 0 && i < SNMP_NAME_MAX; i++) {
		uint32_t v = 0;
		uint8_t byte;
		do {
			byte = bytes_u8(&b);
			v = v << 7 | (byte & 0x7f);
		} while ((byte & 0x80) != 0 && b.left > 0);
		uint32_t top = v < 80 ? v / 40 : 2;
		int n = i == 0 ? snprintf(text, NAME_BYTES, "%u.%u", top, v - 40 * top)
			       : snprintf(text + at, NAME_BYTES - at, ".%u", v);
		at += (size_t)n;
	}
	return bytes_over(text, at);
}

/* Of the group system of MIB-II (RFC 3418): 1 sysDescr, 3 sysUpTime. */
static bool is_system(struct bytes b, uint8_t last)
{
	static const uint8_t prefix[] = {0x2b, 6, 1, 2, 1, 1};
	return b.left == 8 && memcmp(b.pos, prefix, 6) == 0 && b.pos[6] == last &&
	       b.pos[7] == 0;
}

static void binding(
    struct parse *x, struct snmp *s, enum pdu kind, struct bytes name, struct der value)
{
	if (s->first_oid.n == 0)
		kept_set(x, &s->first_oid, name_text(x, name));
	if (kind == PDU_SET && s->set_oid.n == 0)
		kept_set(x, &s->set_oid, name_text(x, name));
	if (kind != PDU_RESPONSE)
		return;
	if (is_system(name, 1) && value.tag == DER_OCTET_STRING)
		kept_set(x, &s->display, value.content);
	if (is_system(name, 3) && value.content.left <= 5)
		s->up_since =
		    moment_add(x->ts, -(int64_t)number(value.content) * (NS_PER_S / 100));
}

/* False when the PDU is damaged. */
static bool pdu(struct parse *x, struct snmp *s, struct bytes b)
{
	struct der all, list, one, name, value;
	uint64_t v = 0, error = 0;
	if (!der_next(&b, &all))
		return false;
	enum pdu kind = (enum pdu)(all.tag - DER_CONSTRUCTED);
	if ((unsigned)kind >= PDUS)
		return false;
	if (kind == PDU_TRAP_1) {
		s->bindings[kind]++;
		return true;
	}
	if (!integer(&all.content, &v) || !integer(&all.content, &error) ||
	    !integer(&all.content, &v) || !der_expect(&all.content, DER_SEQUENCE, &list))
		return false;
	if (kind == PDU_RESPONSE && error > 0 && error < 32 && s->error < 0)
		s->error = (int64_t)error;
	for (int i = 0; list.content.left > 0; i++) {
		if (i == SNMP_BINDINGS_MAX) {
			x->counters->over_limit++;
			break;
		}
		if (!der_expect(&list.content, DER_SEQUENCE, &one) ||
		    !der_expect(&one.content, DER_OID, &name) ||
		    !der_next(&one.content, &value))
			return false;
		s->bindings[kind]++;
		binding(x, s, kind, name.content, value);
	}
	return true;
}

static struct str security(const struct snmp *s)
{
	if (s->version != 3)
		return (struct str){0};
	if ((s->flags & FLAG_PRIVATE) != 0)
		return STR("authPriv");
	return (s->flags & FLAG_AUTH) != 0 ? STR("authNoPriv") : STR("noAuthNoPriv");
}

static void emit(struct parse *x, const struct snmp *s)
{
	if (!s->begun)
		return;
	struct snmp_record r;
	record_clear(RECORD_SNMP, &r);
	r.ts = s->first;
	parse_endpoints(x, &r);
	int64_t ns = moment_diff(s->first, s->last);
	r.duration = ns > 0 ? (double)ns / 1e9 : 0; /* the capture's clock went back */
	r.version = s->version == 3 ? STR("3") : s->version == 1 ? STR("2c") : STR("1");
	r.community = kept_text(&s->community);
	if (r.community.p == NULL && s->version != 3)
		r.community = STR("");
	r.security = security(s);
	r.engine_id = kept_text(&s->engine);
	r.get_requests = s->bindings[PDU_GET] + s->bindings[PDU_GET_NEXT];
	r.get_bulk_requests = s->bindings[PDU_GET_BULK];
	r.get_responses = s->bindings[PDU_RESPONSE];
	r.set_requests = s->bindings[PDU_SET];
	r.traps =
	    s->bindings[PDU_TRAP_1] + s->bindings[PDU_TRAP_2] + s->bindings[PDU_INFORM];
	r.first_oid = kept_text(&s->first_oid);
	r.set_oid = kept_text(&s->set_oid);
	r.error = s->error;
	r.display_string = kept_text(&s->display);
	r.up_since = s->up_since;
	parse_source_of(x, &r, s);
	parse_emit(x, RECORD_SNMP, &r);
}

/* Another community, version or user than before: another row. */
static void turn_to(struct parse *x, struct snmp *s, const struct head *h)
{
	struct kept now = {0};
	kept_set(x, &now, h->community);
	/* Until an agent has said who it is, a client asks without a user. */
	bool same = s->begun && s->version == h->version &&
		    (str_equal(kept_text(&now), kept_text(&s->community)) || now.n == 0 ||
			(h->version == 3 && s->community.n == 0));
	if (!same) {
		emit(x, s);
		*s = (struct snmp){.begun = true,
		    .first = x->ts,
		    .source = x->source,
		    .offset = x->offset,
		    .version = h->version,
		    .up_since = MOMENT_NONE,
		    .error = -1};
	}
	s->last = x->ts;
	s->flags |= h->flags;
	if (s->community.n == 0)
		s->community = now;
	struct str engine = str_hex(x->scratch, h->engine.pos, h->engine.left);
	kept_set(x, &s->engine, bytes_over(engine.p, engine.n));
}

static enum parse_result snmp_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct snmp *s = state;
	struct head h;
	bool good = read_head(bytes_over(d->p, d->n), &h);
	if (good) {
		turn_to(x, s, &h);
		good = h.pdu.left == 0 || pdu(x, s, h.pdu);
		parse_confirm(x);
	}
	datagram_count(x, d, good);
	return PARSE_OK;
}

static void snmp_close(struct parse *x, void *state)
{
	emit(x, state);
}

static enum probe snmp_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	struct head h;
	return read_head(first, &h) ? PROBE_YES : PROBE_NO;
}

const struct proto_parser snmp_parser = {
    .name = "snmp",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(DER_SEQUENCE, DER_SEQUENCE),
    PARSER_PORTS(PORT_SNMP, PORT_TRAP),
    .probe = snmp_probe,
    .state_size = sizeof(struct snmp),
    .data = snmp_data,
    .close = snmp_close,
};
