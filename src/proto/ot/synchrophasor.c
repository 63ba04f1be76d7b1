/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synchrophasors (IEEE C37.118.2), over TCP or UDP.
 *
 *     aa | kind and version 1 | size 2 | idcode 2 | seconds 4 | fraction 4 | data | crc 2
 *
 * Data frames come up to 240 times a second: a row an hour counts them. Commands,
 * headers and configurations are a row each; a command is answered by the frame it asks
 * for.
 */
#include "proto/ot/ot_cycle.h"
#include "proto/ot/ot_stream.h"

#define SYNC_HEADER 14 /* bytes before the data */
#define SYNC_MAX    65535

enum sync_kind {
	SYNC_DATA,
	SYNC_HEADER_FRAME,
	SYNC_CFG1,
	SYNC_CFG2,
	SYNC_COMMAND,
	SYNC_CFG3
};

enum { COMMAND_HEADER = 3, COMMAND_CFG1 = 4, COMMAND_CFG2 = 5, COMMAND_CFG3 = 6 };

struct sync_state {
	struct ot_state base;
	struct ot_cycle cycle[2];
};

static const struct ot_name commands[] = {
    {"turn_off_transmission", 1, OT_CONTROL},
    {"turn_on_transmission", 2, OT_CONTROL},
    {"send_header", 3, OT_DISCOVERY},
    {"send_configuration_1", 4, OT_DISCOVERY},
    {"send_configuration_2", 5, OT_DISCOVERY},
    {"send_configuration_3", 6, OT_DISCOVERY},
    {"extended_frame", 8, OT_OTHER},
};

static const struct ot_name frames[] = {
    {"data", SYNC_DATA, OT_REPORT},
    {"header", SYNC_HEADER_FRAME, OT_REPORT},
    {"configuration_1", SYNC_CFG1, OT_REPORT},
    {"configuration_2", SYNC_CFG2, OT_REPORT},
    {"command", SYNC_COMMAND, OT_OTHER},
    {"configuration_3", SYNC_CFG3, OT_REPORT},
};

/* CRC-CCITT, from ffff, four bits at a time. */
static uint16_t crc(const uint8_t *p, size_t n)
{
	static const uint16_t step[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5,
	    0x60c6, 0x70e7, 0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce,
	    0xf1ef};
	unsigned c = 0xffff;
	for (size_t i = 0; i < n; i++) {
		c = (c << 4 & 0xffff) ^ step[c >> 12 ^ (unsigned)p[i] >> 4];
		c = (c << 4 & 0xffff) ^ step[c >> 12 ^ (p[i] & 15u)];
	}
	return (uint16_t)c;
}

static ssize_t sync_length(struct bytes b)
{
	if (b.left > 0 && b.pos[0] != 0xaa)
		return -1;
	if (b.left > 1 && ((b.pos[1] & 0x80) != 0 || b.pos[1] >> 4 > SYNC_CFG3 ||
			      (b.pos[1] & 15) == 0 || (b.pos[1] & 15) > 3))
		return -1;
	if (b.left < 4)
		return 0;
	size_t n = load_be16(b.pos + 2);
	return n < SYNC_HEADER + 2 ? -1 : (ssize_t)n;
}

/* The frame that a command asks for, as the key of its request; 0: none. */
static uint64_t answer_key(unsigned kind)
{
	return kind == SYNC_HEADER_FRAME ? COMMAND_HEADER
	       : kind == SYNC_CFG1       ? COMMAND_CFG1
	       : kind == SYNC_CFG2       ? COMMAND_CFG2
	       : kind == SYNC_CFG3       ? COMMAND_CFG3
					 : 0;
}

static void on_command(struct parse *x, struct sync_state *st, int side,
    struct ot_message *m, struct bytes b)
{
	unsigned command = bytes_be16(&b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	OT_FUNCTION(m, commands, command);
	if (command >= COMMAND_HEADER && command <= COMMAND_CFG3)
		ot_ask(x, &st->base.ot, side, command, m);
	else
		ot_tell(x, side, m);
}

static void sync_message(struct parse *x, void *state, int side, struct bytes b)
{
	struct sync_state *st = state;
	struct ot_message m = ot_message("synchrophasor");
	size_t n = b.left;
	m.bytes = n;
	if (crc(b.pos, n - 2) != load_be16(b.pos + n - 2)) {
		x->counters->malformed++;
		return;
	}
	x->counters->understood++;
	parse_confirm(x);
	bytes_skip(&b, 1);
	unsigned kind = bytes_u8(&b) >> 4 & 7;
	bytes_skip(&b, 2);
	m.unit = bytes_be16(&b);
	bytes_skip(&b, 8);
	b = bytes_sub(&b, n - SYNC_HEADER - 2);
	OT_FUNCTION(&m, frames, kind);
	if (kind == SYNC_DATA) {
		ot_cycle_add(x, &st->cycle[side], side, &m);
	} else if (kind == SYNC_COMMAND) {
		on_command(x, st, side, &m, b);
	} else if (ot_waits(&st->base.ot, side, answer_key(kind))) {
		m.status = "ok";
		ot_answer(x, &st->base.ot, side, answer_key(kind), &m);
	} else {
		ot_tell(x, side, &m);
	}
}

static const struct ot_framing framing = {
    .max = SYNC_MAX,
    .length = sync_length,
    .message = sync_message,
};

static enum probe sync_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	ssize_t n = sync_length(first);
	if (n <= 0)
		return n == 0 ? PROBE_MORE : PROBE_NO;
	if ((size_t)n > first.left)
		return PROBE_MORE;
	return crc(first.pos, (size_t)n - 2) == load_be16(first.pos + n - 2) ? PROBE_YES
									     : PROBE_NO;
}

static enum parse_result sync_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct sync_state *st = state;
	return ot_stream_data(x, &st->base.stream, &framing, st, d);
}

static void sync_close(struct parse *x, void *state)
{
	struct sync_state *st = state;
	struct ot_message m = ot_message("synchrophasor");
	OT_FUNCTION(&m, frames, SYNC_DATA);
	for (int side = 0; side < 2; side++)
		ot_cycle_end(x, &st->cycle[side], side, &m);
	ot_state_close(x, &st->base);
}

const struct proto_parser synchrophasor_parser = {
    .name = "synchrophasor",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(0xaa, 0xaa),
    PARSER_PORTS(4712, 4713),
    .probe = sync_probe,
    .state_size = sizeof(struct sync_state),
    .data = sync_data,
    .gap = ot_state_gap,
    .close = sync_close,
    .held = ot_state_held,
};
