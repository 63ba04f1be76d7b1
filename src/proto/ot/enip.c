/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EtherNet/IP (ODVA, volume 2): CIP over TCP and UDP.
 *
 *     command 2 | length 2 | session 4 | status 4 | context 8 | options 4 = 0 | data
 *
 *     send RR data, send unit data: interface 4, timeout 2, items:
 *     count 2 | { type 2 | length 2 | data } ...    00a1 connection, 00b1, 00b2 messages
 *
 * All numbers are little-endian. A row is of protocol cip where a message of CIP is
 * inside, else enip.
 */
#include "base/size.h"
#include "proto/ot/cip.h"
#include "proto/ot/ot.h"
#include "proto/ot/ot_stream.h"

#define ENIP_PORT      44818
#define ENIP_HEADER    24
#define ENIP_MAX       (65511 + ENIP_HEADER) /* bytes of the longest message */
#define ENIP_ITEMS_MAX 8                     /* items of one message that are read */

enum enip_command {
	NOP = 0x00,
	LIST_SERVICES = 0x04,
	LIST_IDENTITY = 0x63,
	LIST_INTERFACES = 0x64,
	REGISTER = 0x65,
	UNREGISTER = 0x66,
	SEND_RR_DATA = 0x6f,
	SEND_UNIT_DATA = 0x70,
};

enum enip_item {
	ITEM_IDENTITY = 0x0c,
	ITEM_CONNECTION = 0xa1,
	ITEM_CONNECTED = 0xb1,
	ITEM_UNCONNECTED = 0xb2,
};

#define CONNECTED_KEY (UINT64_C(1) << 63) /* keys of messages with a sequence number */

static const struct ot_name commands[] = {
    {"nop", 0x00, OT_DIAGNOSTIC},
    {"list_targets", 0x01, OT_DISCOVERY},
    {"list_services", 0x04, OT_DISCOVERY},
    {"list_identity", 0x63, OT_DISCOVERY},
    {"list_interfaces", 0x64, OT_DISCOVERY},
    {"register_session", 0x65, OT_SESSION},
    {"unregister_session", 0x66, OT_SESSION},
    {"send_rr_data", 0x6f, OT_OTHER},
    {"send_unit_data", 0x70, OT_OTHER},
    {"indicate_status", 0x72, OT_DIAGNOSTIC},
    {"cancel", 0x73, OT_DIAGNOSTIC},
};

static const struct ot_name statuses[] = {
    {"ok", 0x00, 0},
    {"invalid_command", 0x01, 0},
    {"insufficient_memory", 0x02, 0},
    {"incorrect_data", 0x03, 0},
    {"invalid_session", 0x64, 0},
    {"invalid_length", 0x65, 0},
    {"unsupported_protocol_version", 0x69, 0},
    {"encapsulated_service_not_allowed", 0x6a, 0},
};

/* What the items of a message say. */
struct enip_items {
	struct bytes cip, identity;
	int64_t connection;
	int64_t sequence; /* of a connected message */
};

static ssize_t enip_length(struct bytes b)
{
	if (b.left >= 2 && OT_FIND(commands, load_le16(b.pos)) == NULL)
		return -1;
	if (b.left < ENIP_HEADER)
		return 0;
	unsigned command = load_le16(b.pos), n = load_le16(b.pos + 2);
	if (n > ENIP_MAX - ENIP_HEADER || load_le32(b.pos + 20) != 0 ||
	    OT_FIND(statuses, load_le32(b.pos + 8)) == NULL)
		return -1;
	bool fits = command == REGISTER     ? n == 4 || n == 0
		    : command == UNREGISTER ? n == 0
					    : true;
	return fits ? (ssize_t)n + ENIP_HEADER : -1;
}

static struct enip_items items_read(struct bytes b)
{
	struct enip_items out = {.connection = -1, .sequence = -1};
	out.cip.bad = out.identity.bad = true;
	unsigned n = bytes_le16(&b);
	for (unsigned i = 0; i < n && i < ENIP_ITEMS_MAX && !b.bad; i++) {
		unsigned type = bytes_le16(&b);
		size_t length = bytes_le16(&b);
		struct bytes item = bytes_sub(&b, length);
		if (item.bad)
			break;
		if (type == ITEM_CONNECTION && item.left >= 4) {
			out.connection = bytes_le32(&item);
		} else if (type == ITEM_CONNECTED && item.left >= 2) {
			out.sequence = bytes_le16(&item);
			out.cip = item;
		} else if (type == ITEM_UNCONNECTED) {
			out.cip = item;
		} else if (type == ITEM_IDENTITY) {
			out.identity = item;
		}
	}
	return out;
}

/* The product's name behind version, address, vendor, kind, code, revision, status and
 * serial number of an identity. */
static void identity(struct ot_message *m, struct bytes b)
{
	if (!bytes_skip(&b, 32))
		return;
	size_t n = bytes_u8(&b);
	struct bytes name = bytes_sub(&b, n);
	if (!name.bad)
		ot_detail_bytes(m, name.pos, name.left);
}

/* A message of CIP: which request an answer belongs to is told by the sequence number of
 * the connection, else by the context. */
static void on_cip(struct parse *x, struct ot_state *st, int side, uint64_t key,
    struct ot_message *m, const struct enip_items *items)
{
	bool answers = (items->cip.pos[0] & CIP_ANSWER) != 0;
	m->protocol = "cip";
	m->unit = items->connection;
	m->id = items->sequence;
	if (!cip_read(m, items->cip)) {
		x->counters->malformed++;
		return;
	}
	parse_service(x, "cip");
	if (items->sequence >= 0)
		key = CONNECTED_KEY | (uint64_t)m->code << 16 | (uint64_t)items->sequence;
	if (answers)
		ot_answer(x, &st->ot, side, key, m);
	else
		ot_ask(x, &st->ot, side, key, m);
}

/* Whether a message without CIP is an answer: the lists have data then, and a session
 * is given a number. */
static bool is_answer(const struct ot_state *st, const struct flow *f, int side,
    unsigned command, uint64_t key)
{
	if (ot_waits(&st->ot, side, key))
		return true;
	if (command == UNREGISTER || command == NOP)
		return false;
	return f->port[side] == ENIP_PORT && f->port[!side] != ENIP_PORT;
}

static void enip_message(struct parse *x, void *state, int side, struct bytes b)
{
	struct ot_state *st = state;
	struct ot_message m = ot_message("enip");
	m.bytes = b.left;
	unsigned command = bytes_le16(&b);
	bytes_skip(&b, 2);
	uint32_t session = bytes_le32(&b), status = bytes_le32(&b);
	uint64_t context = bytes_le64(&b);
	bytes_skip(&b, 4);
	x->counters->understood++;
	parse_confirm(x);
	OT_FUNCTION(&m, commands, command);
	uint64_t key = (context ^ (uint64_t)command << 48 ^ session) & ~CONNECTED_KEY;
	if (command == REGISTER)
		key = command;
	if ((command == SEND_RR_DATA || command == SEND_UNIT_DATA) && b.left > 6) {
		bytes_skip(&b, 6);
		struct enip_items items = items_read(b);
		if (!items.cip.bad && items.cip.left > 0) {
			on_cip(x, st, side, key, &m, &items);
			return;
		}
	}
	if (command == LIST_IDENTITY && b.left > 0)
		identity(&m, items_read(b).identity);
	if (command == NOP || command == UNREGISTER) {
		ot_tell(x, side, &m);
	} else if (is_answer(st, x->flow, side, command, key)) {
		m.status = OT_WORD(statuses, status, "unknown_error");
		ot_answer(x, &st->ot, side, key, &m);
	} else {
		ot_ask(x, &st->ot, side, key, &m);
	}
}

static const struct ot_framing framing = {
    .max = ENIP_MAX,
    .length = enip_length,
    .message = enip_message,
};

static enum probe enip_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	ssize_t n = enip_length(first);
	if (n <= 0)
		return n == 0 ? PROBE_MORE : PROBE_NO;
	unsigned command = load_le16(first.pos);
	/* Zeros alone would do for a command that does nothing. */
	if (command < LIST_IDENTITY && !ot_port(f, ENIP_PORT))
		return PROBE_NO;
	if ((size_t)n > first.left)
		return command >= SEND_RR_DATA ? PROBE_YES : PROBE_MORE;
	bytes_skip(&first, (size_t)n);
	return enip_length(first) < 0 ? PROBE_NO : PROBE_YES;
}

static enum parse_result enip_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct ot_state *st = state;
	return ot_stream_data(x, &st->stream, &framing, st, d);
}

const struct proto_parser enip_parser = {
    .name = "enip",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(0x00, 0x04, 0x63, 0x66, 0x6f, 0x73),
    PARSER_PORTS(ENIP_PORT),
    .probe = enip_probe,
    .state_size = sizeof(struct ot_state),
    .data = enip_data,
    .gap = ot_state_gap,
    .close = ot_state_close,
    .held = ot_state_held,
};
