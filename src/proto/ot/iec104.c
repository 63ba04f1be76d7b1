/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IEC 60870-5-104: telecontrol over TCP.
 *
 *     68 | length 1 | control 4 | ASDU
 *                     '- I: numbers, bits 0 of bytes 1 and 3 are 0; S: 01 00 number;
 *                        U: one of six codes, then zeros
 *     ASDU: type 1 | SQ and count 1 | T P/N cause 1 | originator 1 | common address 2 |
 *           { object address 3 | object } ...       (SQ: one address for all of them)
 *
 * A command (cause: activation) is answered by the same type with the cause confirmation;
 * what a station tells by itself is a row of its own.
 */
#include "base/size.h"
#include "proto/ot/iec104_table.h"
#include "proto/ot/ot.h"
#include "proto/ot/ot_stream.h"

#define IEC104_PORT 2404
#define IEC104_MAX  255 /* bytes of the longest message */

enum iec104_layout {
	IEC104_START = 0x68,
	IEC104_CONTROL = 4, /* bytes of the control field: the shortest length */
	ASDU_HEADER = 6,
	ASDU_ADDRESS = 3,
	COUNT_SEQUENCE = 0x80,
	CAUSE_NEGATIVE = 0x40,
	CAUSE_MASK = 0x3f,
	TYPE_VARIABLE = 125, /* segment: as long as it says */
};

enum iec104_cause {
	CAUSE_ACTIVATION = 6,
	CAUSE_CONFIRMATION = 7,
	CAUSE_DEACTIVATION = 8,
	CAUSE_DEACTIVATED = 9,
	CAUSE_UNKNOWN_TYPE = 44,
	CAUSE_UNKNOWN_OBJECT = 47,
};

static const struct ot_name types[] = {
#define I(number, name, operation, bytes) {name, number, OT_##operation},
    IEC104_TYPES(I)
#undef I
};

static const struct ot_name sizes[] = {
#define I(number, name, operation, bytes) {"", number, (enum ot_operation)bytes},
    IEC104_TYPES(I)
#undef I
};

static const struct ot_name causes[] = {
    {"periodic", 1, 0},
    {"background_scan", 2, 0},
    {"spontaneous", 3, 0},
    {"initialized", 4, 0},
    {"request", 5, 0},
    {"activation", 6, 0},
    {"activation_confirmation", 7, 0},
    {"deactivation", 8, 0},
    {"deactivation_confirmation", 9, 0},
    {"activation_termination", 10, 0},
    {"return_remote_command", 11, 0},
    {"return_local_command", 12, 0},
    {"file_transfer", 13, 0},
    {"authentication", 14, 0},
    {"maintenance_of_authentication", 15, 0},
    {"maintenance_of_user_role", 16, 0},
    {"interrogated_by_station", 20, 0},
    {"requested_by_counter_request", 37, 0},
    {"unknown_type", 44, 0},
    {"unknown_cause", 45, 0},
    {"unknown_common_address", 46, 0},
    {"unknown_object_address", 47, 0},
};

/* Control functions, by the first byte of U; the confirmation is twice its request. */
static const struct ot_name controls[] = {
    {"startdt", 0x07, OT_SESSION},
    {"stopdt", 0x13, OT_SESSION},
    {"testfr", 0x43, OT_SESSION},
};

static bool control_right(const uint8_t *c, size_t length)
{
	if ((c[0] & 1) == 0)
		return (c[2] & 1) == 0 && length >= IEC104_CONTROL + ASDU_HEADER;
	if (length != IEC104_CONTROL)
		return false;
	if (c[0] == 0x01)
		return c[1] == 0 && (c[2] & 1) == 0;
	unsigned request = c[0] == 0x0b   ? 0x07
			   : c[0] == 0x23 ? 0x13
			   : c[0] == 0x83 ? 0x43
					  : c[0];
	return OT_FIND(controls, request) != NULL && (c[1] | c[2] | c[3]) == 0;
}

static ssize_t iec104_length(struct bytes b)
{
	if (b.left > 0 && b.pos[0] != IEC104_START)
		return -1;
	if (b.left > 1 && b.pos[1] < IEC104_CONTROL)
		return -1;
	if (b.left < 2 + IEC104_CONTROL)
		return 0;
	return control_right(b.pos + 2, b.pos[1]) ? b.pos[1] + 2 : -1;
}

/* Whether an ASDU is of a known type and exactly as long as its objects ask for. */
static bool asdu_right(struct bytes b)
{
	unsigned type = bytes_u8(&b), count = bytes_u8(&b);
	unsigned cause = bytes_u8(&b) & CAUSE_MASK;
	const struct ot_name *size = OT_FIND(sizes, type);
	if (size == NULL || OT_FIND(causes, cause) == NULL)
		return cause > 20 && cause < 37; /* groups of an interrogation */
	if (type == TYPE_VARIABLE)
		return true;
	bool sequence = (count & COUNT_SEQUENCE) != 0;
	size_t n = count & 0x7f, each = (size_t)size->operation;
	size_t wanted = sequence ? ASDU_ADDRESS + n * each : n * (ASDU_ADDRESS + each);
	bytes_skip(&b, ASDU_HEADER - 3);
	return !b.bad && b.left == wanted;
}

static void on_control(struct parse *x, struct ot_state *st, int side, unsigned code)
{
	struct ot_message m = ot_message("iec104");
	m.bytes = 2 + IEC104_CONTROL;
	bool answers = OT_FIND(controls, code) == NULL;
	/* startdt 07 0b, stopdt 13 23, testfr 43 83: the second bit moves up by one. */
	unsigned request = !answers       ? code
			   : code == 0x0b ? 0x07
			   : code == 0x23 ? 0x13
					  : 0x43;
	const struct ot_name *name = OT_FIND(controls, request);
	m.function = name != NULL ? name->name : NULL;
	m.operation = OT_SESSION;
	if (answers) {
		m.status = "ok";
		ot_answer(x, &st->ot, side, request, &m);
	} else {
		ot_ask(x, &st->ot, side, request, &m);
	}
}

/* Bytes of the time behind a value: CP24Time2a, CP56Time2a, or none. */
static size_t time_bytes(unsigned type)
{
	if ((type >= 30 && type <= 37) || (type >= 58 && type <= 64))
		return 7;
	return type <= 16 && type % 2 == 0 ? 3 : 0;
}

/* Bytes of the value and its quality; 0: none that is read. */
static size_t element_bytes(unsigned type)
{
	bool event = (type >= 17 && type <= 19) || (type >= 38 && type <= 40);
	const struct ot_name *size = OT_FIND(sizes, type);
	if (size == NULL || event || (type > 64 && type < 110) || type > 113)
		return 0;
	return (size_t)size->operation - time_bytes(type);
}

static const char *const doubles[] = {"invalid", "off", "on", "invalid"};

/* What a command is to bring about. */
static void command_detail(struct ot_message *m, unsigned type, struct bytes b)
{
	static const char *const steps[] = {"invalid", "lower", "higher", "invalid"};
	bytes_skip(&b, ASDU_ADDRESS);
	struct bytes value = b;
	ot_digest(m, bytes_sub(&value, size_min(value.left, element_bytes(type))));
	if (type == 45 || type == 58) {
		unsigned v = bytes_u8(&b);
		ot_value(m, "%s", (v & 1) != 0 ? "on" : "off");
		ot_detail(m, "%s", (v & 0x80) != 0 ? " select" : "");
	} else if (type == 46 || type == 59 || type == 47 || type == 60) {
		unsigned v = bytes_u8(&b);
		ot_value(m, "%s", (type == 46 || type == 59 ? doubles : steps)[v & 3]);
		ot_detail(m, "%s", (v & 0x80) != 0 ? " select" : "");
	} else if (type == 48 || type == 49 || type == 61 || type == 62) {
		ot_value(m, "%d", (int16_t)bytes_le16(&b));
	} else if (type == 50 || type == 63) {
		ot_value_float(m, bytes_le32(&b));
	} else if (type == 51 || type == 64) {
		ot_value(m, "0x%08x", bytes_le32(&b));
	} else if (type == 105) {
		ot_detail(m, " qualifier=%u", bytes_u8(&b));
	}
}

/* The one value of a monitored object. */
static void monitored_value(struct ot_message *m, unsigned type, struct bytes b)
{
	/* Types with a time are the same as those without, which are the lower ones. */
	static const struct {
		uint8_t timed, plain;
	} same[] = {{2, 1}, {4, 3}, {6, 5}, {8, 7}, {10, 9}, {12, 11}, {14, 13}, {16, 15},
	    {30, 1}, {31, 3}, {32, 5}, {33, 7}, {34, 9}, {35, 11}, {36, 13}, {37, 15},
	    {21, 9}};
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		type = same[i].timed == type ? same[i].plain : type;
	if (type == 1)
		ot_value(m, "%s", (bytes_u8(&b) & 1) != 0 ? "on" : "off");
	else if (type == 3)
		ot_value(m, "%s", doubles[bytes_u8(&b) & 3]);
	else if (type == 5)
		ot_value(m, "%d", ((int)bytes_u8(&b) & 0x7f) - ((b.pos[-1] & 0x40) << 1));
	else if (type == 7)
		ot_value(m, "0x%08x", bytes_le32(&b));
	else if (type == 9 || type == 11)
		ot_value(m, "%d", (int16_t)bytes_le16(&b));
	else if (type == 13)
		ot_value_float(m, bytes_le32(&b));
	else if (type == 15)
		ot_value(m, "%d", (int32_t)bytes_le32(&b));
}

/* The values of monitored objects: an address and an element each, or one address and
 * then elements. Their times are left out. */
static void monitored(struct ot_message *m, unsigned type, bool sequence, struct bytes b)
{
	size_t n = element_bytes(type), time = time_bytes(type);
	if (n == 0)
		return;
	for (int64_t i = 0; i < m->count && b.left > 0; i++) {
		if (!sequence || i == 0)
			ot_digest(m, bytes_sub(&b, size_min(ASDU_ADDRESS, b.left)));
		struct bytes element = bytes_sub(&b, n);
		if (element.bad)
			return;
		if (m->count == 1)
			monitored_value(m, type, element);
		ot_digest(m, element);
		bytes_skip(&b, time);
	}
}

static void on_asdu(struct parse *x, struct ot_state *st, int side, struct bytes b)
{
	struct ot_message m = ot_message("iec104");
	m.bytes = b.left + 2 + IEC104_CONTROL;
	unsigned type = bytes_u8(&b);
	unsigned count = bytes_u8(&b), cause = bytes_u8(&b);
	m.origin = bytes_u8(&b);
	m.unit = bytes_le16(&b);
	OT_FUNCTION(&m, types, type);
	m.count = count & 0x7f;
	if (b.left >= ASDU_ADDRESS)
		m.address = load_le16(b.pos) | (int64_t)b.pos[2] << 16;
	m.object = "information_object";
	unsigned why = cause & CAUSE_MASK;
	const char *word = OT_WORD(causes, why, NULL);
	if (word != NULL)
		ot_detail(&m, "%s", word);
	else
		ot_detail(&m,
		    why > 20 && why <= 36   ? "interrogated_by_group_%u"
		    : why > 37 && why <= 41 ? "requested_by_group_%u_counter"
					    : "cause=%u",
		    why > 37 && why <= 41   ? why - 37
		    : why > 20 && why <= 36 ? why - 20
					    : why);
	uint64_t key = (uint64_t)type << 40 | (uint64_t)m.unit << 24 |
		       (uint64_t)(m.address & 0xffffff);
	bool negative = (cause & CAUSE_NEGATIVE) != 0;
	if (why == CAUSE_ACTIVATION || why == CAUSE_DEACTIVATION) {
		command_detail(&m, type, b);
		ot_ask(x, &st->ot, side, key, &m);
	} else if (why == CAUSE_CONFIRMATION || why == CAUSE_DEACTIVATED ||
		   (why >= CAUSE_UNKNOWN_TYPE && why <= CAUSE_UNKNOWN_OBJECT)) {
		m.status = why >= CAUSE_UNKNOWN_TYPE ? word
			   : negative                ? "negative"
						     : "ok";
		ot_answer(x, &st->ot, side, key, &m);
	} else {
		monitored(&m, type, (count & COUNT_SEQUENCE) != 0, b);
		ot_tell(x, side, &m);
	}
}

static void iec104_message(struct parse *x, void *state, int side, struct bytes b)
{
	bytes_skip(&b, 2);
	const uint8_t *control = bytes_take(&b, IEC104_CONTROL);
	if (control == NULL)
		return;
	x->counters->understood++;
	parse_confirm(x);
	if ((control[0] & 1) == 0)
		on_asdu(x, state, side, b);
	else if (control[0] != 0x01)
		on_control(x, state, side, control[0]);
}

static const struct ot_framing framing = {
    .max = IEC104_MAX,
    .length = iec104_length,
    .message = iec104_message,
};

static enum probe iec104_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	bool home = ot_port(f, IEC104_PORT);
	while (first.left > 0) {
		ssize_t n = iec104_length(first);
		if (n < 0)
			return PROBE_NO;
		if (n == 0 || (size_t)n > first.left)
			return PROBE_MORE;
		struct bytes b = bytes_sub(&first, (size_t)n);
		unsigned control = b.pos[2];
		bytes_skip(&b, 2 + IEC104_CONTROL);
		if ((control & 1) == 0)
			return asdu_right(b) ? PROBE_YES : PROBE_NO;
		if (control != 0x01 || home) /* S alone is six bytes, two of them zero */
			return PROBE_YES;
	}
	return PROBE_MORE;
}

static enum parse_result iec104_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct ot_state *st = state;
	return ot_stream_data(x, &st->stream, &framing, st, d);
}

const struct proto_parser iec104_parser = {
    .name = "iec104",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(IEC104_START, IEC104_START),
    PARSER_PORTS(IEC104_PORT),
    .probe = iec104_probe,
    .state_size = sizeof(struct ot_state),
    .data = iec104_data,
    .gap = ot_state_gap,
    .close = ot_state_close,
    .held = ot_state_held,
};
