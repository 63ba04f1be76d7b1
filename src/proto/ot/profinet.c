/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PROFINET's context management (IEC 61158-6-10): DCE/RPC without connection, over UDP.
 *
 *     04 | kind 1 | flags 2 | representation 3 | serial 1 | object 16 | interface 16 |
 *     activity 16 | boot 4 | version 4 | sequence 4 | operation 2 | hints 4 | length 2 |
 *     fragment 2 | 0 1 | serial 1 |
 *     (answers: status 4) | lengths and counts 16 | blocks: type 2 | length 2 | version 2
 * ...
 *
 * Representation says the byte order of the header, blocks are big-endian. Only the
 * interfaces of PROFINET (dea00001 to dea00005-6c97-11d1-8271-...) are read.
 */
#include "base/size.h"
#include "proto/ot/ot.h"

#define PROFINET_PORT  34964
#define RPC_HEADER     80
#define NDR_HEADER     20 /* bytes before the blocks: status or most, length, counts */
#define NAME_MAX_SHOWN 64

enum rpc_kind {
	RPC_REQUEST = 0,
	RPC_RESPONSE = 2,
	RPC_FAULT = 3,
	RPC_REJECT = 6,
	RPC_KINDS = 11
};

enum pn_operation {
	PN_CONNECT,
	PN_RELEASE,
	PN_READ,
	PN_WRITE,
	PN_CONTROL,
	PN_READ_IMPLICIT
};

enum pn_block { BLOCK_WRITE = 0x0008, BLOCK_READ = 0x0009, BLOCK_AR = 0x0101 };

static const struct ot_name operations[] = {
    {"connect", PN_CONNECT, OT_SESSION},
    {"release", PN_RELEASE, OT_SESSION},
    {"read", PN_READ, OT_READ},
    {"write", PN_WRITE, OT_WRITE},
    {"control", PN_CONTROL, OT_SESSION},
    {"read_implicit", PN_READ_IMPLICIT, OT_READ},
};

static const struct ot_name controls[] = {
    {"parameter_end", 0x01, 0},
    {"application_ready", 0x02, 0},
    {"release", 0x04, 0},
    {"done", 0x08, 0},
    {"ready_for_companion", 0x10, 0},
    {"ready_for_rt_class_3", 0x20, 0},
    {"parameter_begin", 0x40, 0},
};

struct rpc {
	unsigned kind, flags;
	bool little;
	uint64_t call; /* activity and sequence */
	unsigned operation, fragment;
};

static bool is_interface(const uint8_t *p, bool little)
{
	static const uint8_t tail[8] = {0x82, 0x71, 0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d};
	uint32_t first = little ? load_le32(p) : load_be32(p);
	uint16_t second = little ? load_le16(p + 4) : load_be16(p + 4);
	uint16_t third = little ? load_le16(p + 6) : load_be16(p + 6);
	return first >= 0xdea00001 && first <= 0xdea00005 && second == 0x6c97 &&
	       third == 0x11d1 && memcmp(p + 8, tail, sizeof(tail)) == 0;
}

/* Read the header; false: it is no call of PROFINET. */
static bool rpc_read(struct bytes *b, struct rpc *r)
{
	const uint8_t *p = bytes_take(b, RPC_HEADER);
	if (p == NULL || p[0] != 4 || p[1] >= RPC_KINDS)
		return false;
	r->kind = p[1];
	r->flags = p[2];
	r->little = (p[4] & 0xf0) == 0x10;
	r->operation = r->little ? load_le16(p + 68) : load_be16(p + 68);
	r->fragment = r->little ? load_le16(p + 76) : load_be16(p + 76);
	r->call = load_be64(p + 40) ^ load_be64(p + 48) ^ load_be32(p + 64);
	return is_interface(p + 24, r->little) && r->operation <= PN_READ_IMPLICIT;
}

/* The record that is read or written. */
static void record_read(struct ot_message *m, struct bytes b)
{
	bytes_skip(&b, 2 + 16 + 4); /* sequence, relation, API */
	unsigned slot = bytes_be16(&b), subslot = bytes_be16(&b);
	bytes_skip(&b, 2);
	unsigned index = bytes_be16(&b);
	uint32_t length = bytes_be32(&b);
	if (b.bad)
		return;
	m->object = "record";
	m->address = index;
	m->count = length;
	ot_detail(m, "slot=%u subslot=%u", slot, subslot);
}

static void request_read(struct ot_message *m, unsigned operation, struct bytes b)
{
	bytes_skip(&b, NDR_HEADER);
	unsigned type = bytes_be16(&b);
	bytes_skip(&b, 4); /* length and version */
	if (b.bad)
		return;
	if (type == BLOCK_AR) {
		bytes_skip(&b, 50);
		size_t n = bytes_be16(&b);
		struct bytes name = bytes_sub(&b, n);
		ot_detail_bytes(m, name.pos, size_min(name.left, NAME_MAX_SHOWN));
	} else if (type == BLOCK_READ || type == BLOCK_WRITE) {
		record_read(m, b);
	} else if (operation == PN_CONTROL || operation == PN_RELEASE) {
		bytes_skip(
		    &b, 2 + 16 + 2 + 2); /* reserved, relation, session, reserved */
		const char *name = OT_WORD(controls, bytes_be16(&b), NULL);
		if (name != NULL)
			ot_detail(m, "%s", name);
	}
}

static enum probe profinet_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	struct rpc r;
	return rpc_read(&first, &r) ? PROBE_YES : PROBE_NO;
}

static enum parse_result profinet_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct ot *ot = state;
	struct rpc r;
	struct bytes b = bytes_over(d->p, d->n);
	if (!rpc_read(&b, &r)) {
		x->counters->malformed++;
		return PARSE_OK;
	}
	struct ot_message m = ot_message("profinet");
	m.bytes = d->wire;
	x->counters->understood++;
	x->counters->truncated += d->wire > d->n;
	parse_confirm(x);
	OT_FUNCTION(&m, operations, r.operation);
	if (r.fragment > 0)
		return PARSE_OK;
	if (r.kind == RPC_REQUEST) {
		request_read(&m, r.operation, b);
		ot_ask(x, ot, d->side, r.call, &m);
	} else if (r.kind == RPC_RESPONSE) {
		uint32_t status = r.little ? bytes_le32(&b) : bytes_be32(&b);
		m.status = status == 0 ? "ok" : "error";
		if (status != 0)
			ot_detail(&m, "error=0x%08x", status);
		ot_answer(x, ot, d->side, r.call, &m);
	} else if (r.kind == RPC_FAULT || r.kind == RPC_REJECT) {
		m.status = r.kind == RPC_FAULT ? "fault" : "reject";
		ot_answer(x, ot, d->side, r.call, &m);
	}
	return PARSE_OK;
}

static void profinet_close(struct parse *x, void *state)
{
	ot_end(x, state);
}

static size_t profinet_held(const void *state)
{
	return ot_held(state);
}

const struct proto_parser profinet_parser = {
    .name = "profinet",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(0x04, 0x04),
    PARSER_PORTS(PROFINET_PORT),
    .probe = profinet_probe,
    .state_size = sizeof(struct ot),
    .data = profinet_data,
    .close = profinet_close,
    .held = profinet_held,
};
