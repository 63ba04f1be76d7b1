/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OPC UA binary over TCP (IEC 62541-6).
 *
 *     kind 3 | last C, F or A 1 | size 4, all of it |
 *     OPN:      channel 4 | policy, certificate, thumbprint: length 4, bytes | sequence
 * 4, request 4 | body MSG, CLO: channel 4 | token 4 | sequence 4 | request 4 | body body:
 * node id of its type | header | parameters
 *
 * The type of an answer is that of its request and 3. Under a security policy other than
 * None the body may be encrypted: then the type is none that is known.
 */
#include "base/size.h"
#include "proto/ot/opcua_table.h"
#include "proto/ot/ot.h"
#include "proto/ot/ot_stream.h"

#define OPCUA_PORT       4840
#define OPCUA_HEADER     8
#define OPCUA_MAX        (256u << 10) /* bytes of the longest chunk */
#define OPCUA_NODE_MAX   64           /* bytes of a node's name that are shown */
#define OPCUA_VALUES_MAX 256          /* of a message or an array: more are not read */
#define OPCUA_HELLO_KEY  (UINT64_C(1) << 32) /* key of HEL, beside request ids */

/* A variant's kind, and built-in types (IEC 62541-6, 5.1). */
enum opcua_variant {
	UA_BOOLEAN = 1,
	UA_SBYTE = 2,
	UA_FLOAT = 10,
	UA_DOUBLE = 11,
	UA_STRING = 12,
	UA_BYTES = 15,
	UA_STATUS = 19,
	UA_DIMENSIONS = 0x40,
	UA_ARRAY = 0x80,
};

struct opcua_state {
	struct ot_state base;
	bool goes_on[2];     /* the next chunk of the side continues a message */
	uint32_t request[2]; /* of that message */
};

static const struct ot_name services[] = {OPCUA_SERVICES};
static const struct ot_name statuses[] = {OPCUA_STATUSES};

static bool kind_is(const uint8_t *p, const char *kind)
{
	return memcmp(p, kind, 3) == 0;
}

static ssize_t opcua_length(struct bytes b)
{
	static const char *const kinds[] = {
	    "HEL", "ACK", "ERR", "RHE", "OPN", "MSG", "CLO"};
	size_t n = size_min(b.left, 3);
	bool known = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		known = known || memcmp(b.pos, kinds[i], n) == 0;
	if (!known ||
	    (b.left > 3 && b.pos[3] != 'F' && b.pos[3] != 'C' && b.pos[3] != 'A'))
		return -1;
	if (b.left < OPCUA_HEADER)
		return 0;
	size_t size = load_le32(b.pos + 4);
	return size < OPCUA_HEADER || size > OPCUA_MAX ? -1 : (ssize_t)size;
}

/* A string or byte string: length 4 (-1: none), bytes. */
static struct bytes string(struct bytes *b)
{
	uint32_t n = bytes_le32(b);
	if (n == UINT32_MAX)
		n = 0;
	return bytes_sub(b, n);
}

/* Take a node id; its number where it has one, else -1. Shown in m unless that is NULL.
 */
static int64_t node_id(struct bytes *b, struct ot_message *m)
{
	unsigned form = bytes_u8(b) & 0x3f, space = 0;
	int64_t number = -1;
	struct bytes name = {0};
	if (form == 0) {
		number = bytes_u8(b);
	} else if (form == 1) {
		space = bytes_u8(b);
		number = bytes_le16(b);
	} else if (form <= 5) {
		space = bytes_le16(b);
		if (form == 2)
			number = bytes_le32(b);
		else
			name = form == 4 ? bytes_sub(b, 16) : string(b);
	} else {
		bytes_fail(b);
	}
	if (m == NULL || b->bad || name.bad)
		return number;
	if (space != 0)
		ot_detail(m, "ns=%u;", space);
	if (number >= 0) {
		ot_detail(m, "i=%u", (unsigned)number);
	} else if (form == 3) {
		ot_detail(m, "s=");
		ot_detail_bytes(m, name.pos, size_min(name.left, OPCUA_NODE_MAX));
	} else {
		ot_detail(m, form == 4 ? "g=" : "b=");
		ot_detail_hex(m, name.pos, size_min(name.left, 16));
	}
	return number;
}

/* Skip what every request begins with: authentication, time, handle, diagnostics, audit
 * id, time-out, an extension. */
static bool request_header(struct bytes *b)
{
	node_id(b, NULL);
	bytes_skip(b, 8 + 4 + 4);
	string(b);
	bytes_skip(b, 4);
	node_id(b, NULL);
	if ((bytes_u8(b) & 3) != 0)
		string(b);
	return !b->bad;
}

/* Take a value of a built-in type (IEC 62541-6, table 1); of some no value is read. */
static struct bytes scalar(unsigned type, struct bytes *b)
{
	static const uint8_t bytes[] = {[1] = 1,
	    [2] = 1,
	    [3] = 1,
	    [4] = 2,
	    [5] = 2,
	    [6] = 4,
	    [7] = 4,
	    [8] = 8,
	    [9] = 8,
	    [10] = 4,
	    [11] = 8,
	    [13] = 8,
	    [14] = 16,
	    [UA_STATUS] = 4};
	if (type == UA_STRING || type == UA_BYTES)
		return string(b);
	if (type >= sizeof(bytes) || bytes[type] == 0)
		bytes_fail(b);
	return bytes_sub(b, b->bad ? 0 : bytes[type]);
}

/* A number as text. */
static void scalar_value(struct ot_message *m, unsigned type, struct bytes b)
{
	uint64_t v = 0;
	size_t n = b.left;
	for (size_t i = 0; i < n && i < 8; i++)
		v |= (uint64_t)b.pos[i] << (8 * i);
	if (n == 0)
		return;
	unsigned unused = n < 8 ? 64 - 8 * (unsigned)n : 0;
	if (type == UA_BOOLEAN) {
		ot_value(m, "%s", v != 0 ? "on" : "off");
	} else if (type == UA_FLOAT) {
		ot_value_float(m, (uint32_t)v);
	} else if (type == UA_DOUBLE) {
		double real;
		memcpy(&real, &v, sizeof(real));
		ot_value(m, "%.15g", real);
	} else if (type >= UA_SBYTE && type < UA_FLOAT && type % 2 == 0) {
		ot_value(m, "%lld", (long long)((int64_t)(v << unused) >> unused));
	} else if (type >= UA_SBYTE && type < UA_FLOAT) {
		ot_value(m, "%llu", (unsigned long long)v);
	}
}

/* A variant: kind 1, with bits for arrays; then a value, or as many as told. */
static void variant(struct ot_message *m, bool one, struct bytes *b)
{
	struct bytes all = *b;
	unsigned kind = bytes_u8(b), type = kind & 0x3f;
	uint32_t n = (kind & UA_ARRAY) != 0 ? bytes_le32(b) : 1;
	if (n == UINT32_MAX)
		n = 0;
	if (n > OPCUA_VALUES_MAX)
		bytes_fail(b);
	for (uint32_t i = 0; i < n && !b->bad; i++) {
		struct bytes v = scalar(type, b);
		if (one && (kind & UA_ARRAY) == 0 && !b->bad)
			scalar_value(m, type, v);
	}
	if ((kind & UA_DIMENSIONS) != 0) {
		size_t dimensions = bytes_le32(b);
		bytes_skip(b, dimensions > b->left / 4 ? SIZE_MAX : dimensions * 4);
	}
	if (b->bad)
		return;
	all.left = (size_t)(b->pos - all.pos);
	ot_digest(m, all);
}

/* A value with its status and times: which of them, 1. */
static void data_value(struct ot_message *m, bool one, struct bytes *b)
{
	static const uint8_t rest[] = {4, 8, 8, 2, 2}; /* status, times, their parts */
	unsigned mask = bytes_u8(b);
	if ((mask & 1) != 0)
		variant(m, one, b);
	for (unsigned i = 0; i < sizeof(rest); i++)
		bytes_skip(b, (mask >> (i + 1) & 1) != 0 ? rest[i] : 0);
}

/* The values of n nodes, those that are written with their names. All or none. */
static void data_values(struct ot_message *m, uint32_t n, bool named, struct bytes b)
{
	if (n > OPCUA_VALUES_MAX)
		return;
	for (uint32_t i = 0; i < n && !b.bad; i++) {
		if (named) {
			node_id(&b, NULL);
			bytes_skip(&b, 4); /* attribute */
			string(&b);        /* range of an array */
		}
		data_value(m, n == 1, &b);
	}
	if (b.bad) {
		m->digest = -1;
		m->value_n = 0;
	}
}

/* What a read was answered: after the header's time, handle, result, no diagnostics, its
 * texts and an extension. */
static void read_values(struct ot_message *m, struct bytes b)
{
	bytes_skip(&b, 8 + 4 + 4);
	if (bytes_u8(&b) != 0)
		return;
	uint32_t texts = bytes_le32(&b);
	if (texts != 0 && texts != UINT32_MAX)
		return;
	node_id(&b, NULL);
	if ((bytes_u8(&b) & 3) != 0)
		string(&b);
	uint32_t n = bytes_le32(&b);
	if (!b.bad && n != UINT32_MAX)
		data_values(m, n, false, b);
}

/* The first of the nodes that a request is about, and how many they are. */
static void nodes(struct ot_message *m, unsigned type, struct bytes b)
{
	if (!request_header(&b))
		return;
	if (type == OPCUA_READ)
		bytes_skip(&b, 8 + 4); /* age, which times */
	if (type == OPCUA_BROWSE) {
		node_id(&b, NULL);
		bytes_skip(
		    &b, 8 + 4 + 4); /* the view's time and version, most references */
	}
	uint32_t n = bytes_le32(&b);
	if (b.bad || n == UINT32_MAX)
		return;
	m->count = n;
	m->object = "node";
	if (type == OPCUA_WRITE)
		data_values(m, n, true, b);
	if (n > 0)
		node_id(&b, m);
	if (type == OPCUA_CALL && n > 0) {
		ot_detail(m, " method ");
		node_id(&b, m);
	} else if (n > 0 && (type == OPCUA_READ || type == OPCUA_WRITE)) {
		unsigned attribute = bytes_le32(&b);
		if (!b.bad && attribute != 13) /* its value */
			ot_detail(m, " attribute=%u", attribute);
	}
}

/* What every answer begins with: time, handle, result. */
static const char *response_status(struct bytes b)
{
	bytes_skip(&b, 8 + 4);
	uint32_t result = bytes_le32(&b);
	if (b.bad)
		return NULL;
	const char *name = OT_WORD(statuses, result >> 16, NULL);
	return name != NULL        ? name
	       : result >> 30 == 0 ? "ok"
	       : result >> 30 == 1 ? "uncertain"
				   : "bad";
}

/* Request or answer, from the type of its body on. */
static void on_body(struct parse *x, struct opcua_state *st, int side, uint64_t key,
    struct ot_message *m, struct bytes b)
{
	int64_t type = node_id(&b, NULL);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	unsigned request = (unsigned)(type & 0xffff);
	/* Types that came later have their answers right behind them. */
	unsigned asked = request - (request > OPCUA_LATER ? 1 : 3);
	if (type >= 0 && OT_FIND(services, request) != NULL) {
		OT_FUNCTION(m, services, request);
		if (request == OPCUA_READ || request == OPCUA_WRITE ||
		    request == OPCUA_CALL || request == OPCUA_BROWSE)
			nodes(m, request, b);
		ot_ask(x, &st->base.ot, side, key, m);
	} else if (type == OPCUA_FAULT ||
		   (type >= 3 && OT_FIND(services, asked) != NULL)) {
		if (type == OPCUA_FAULT) {
			m->function = "service_fault";
			m->code = OPCUA_FAULT;
		} else {
			OT_FUNCTION(m, services, asked);
		}
		m->status = response_status(b);
		if (asked == OPCUA_READ)
			read_values(m, b);
		m->detail_n = 0; /* the request has said it */
		ot_answer(x, &st->base.ot, side, key, m);
	} else {
		m->function = "encrypted";
		m->operation = OT_OTHER;
		if (ot_waits(&st->base.ot, side, key))
			ot_answer(x, &st->base.ot, side, key, m);
		else
			ot_ask(x, &st->base.ot, side, key, m);
	}
}

static void on_hello(struct parse *x, struct opcua_state *st, int side,
    const uint8_t *kind, struct bytes b)
{
	struct ot_message m = ot_message("opcua");
	m.bytes = b.left + OPCUA_HEADER;
	m.function = "hello";
	m.operation = OT_SESSION;
	if (kind_is(kind, "HEL")) {
		bytes_skip(&b, 20); /* version and limits */
		struct bytes url = string(&b);
		ot_detail_bytes(&m, url.pos, size_min(url.left, OT_DETAIL_MAX));
		ot_ask(x, &st->base.ot, side, OPCUA_HELLO_KEY, &m);
	} else if (kind_is(kind, "RHE")) {
		m.function = "reverse_hello";
		ot_tell(x, side, &m);
	} else {
		m.status = kind_is(kind, "ACK")
			       ? "ok"
			       : OT_WORD(statuses, bytes_le32(&b) >> 16, "bad");
		ot_answer(x, &st->base.ot, side, OPCUA_HELLO_KEY, &m);
	}
}

static void opcua_message(struct parse *x, void *state, int side, struct bytes b)
{
	struct opcua_state *st = state;
	struct ot_message m = ot_message("opcua");
	const uint8_t *kind = bytes_take(&b, 4);
	m.bytes = b.left + 4;
	bytes_skip(&b, 4);
	if (kind == NULL)
		return;
	x->counters->understood++;
	parse_confirm(x);
	if (!kind_is(kind, "OPN") && !kind_is(kind, "MSG") && !kind_is(kind, "CLO")) {
		on_hello(x, st, side, kind, b);
		return;
	}
	uint32_t channel = bytes_le32(&b);
	m.unit = channel == 0 ? -1 : (int64_t)channel; /* 0: a channel is asked for */
	if (kind_is(kind, "OPN")) {
		struct bytes policy = string(&b);
		const uint8_t *mark =
		    policy.left > 0 ? memchr(policy.pos, '#', policy.left) : NULL;
		if (mark != NULL)
			ot_detail_bytes(
			    &m, mark + 1, (size_t)(policy.pos + policy.left - mark - 1));
		string(&b);
		string(&b);
	} else {
		bytes_skip(&b, 4);
	}
	bytes_skip(&b, 4);
	uint32_t request = bytes_le32(&b);
	bool continues = st->goes_on[side] && st->request[side] == request;
	st->goes_on[side] = kind[3] == 'C';
	st->request[side] = request;
	if (continues)
		return;
	m.id = request;
	on_body(x, st, side, request, &m, b);
}

static const struct ot_framing framing = {
    .max = OPCUA_MAX,
    .length = opcua_length,
    .message = opcua_message,
};

static enum probe opcua_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	ssize_t n = first.left > 0 ? opcua_length(first) : 0;
	if (n <= 0)
		return n == 0 ? PROBE_MORE : PROBE_NO;
	return PROBE_YES;
}

static enum parse_result opcua_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct opcua_state *st = state;
	return ot_stream_data(x, &st->base.stream, &framing, st, d);
}

static enum parse_result opcua_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct opcua_state *st = state;
	st->goes_on[side] = false;
	return ot_state_gap(x, &st->base, side, n);
}

const struct proto_parser opcua_parser = {
    .name = "opcua",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('A', 'A', 'C', 'C', 'E', 'E', 'H', 'H', 'M', 'M', 'O', 'O', 'R', 'R'),
    PARSER_PORTS(OPCUA_PORT),
    .probe = opcua_probe,
    .state_size = sizeof(struct opcua_state),
    .data = opcua_data,
    .gap = opcua_gap,
    .close = ot_state_close,
    .held = ot_state_held,
};
