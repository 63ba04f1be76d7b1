/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cyclic data of CIP connections over UDP (ODVA, volume 2, 3-3), many messages a
 * second:
 *
 *     02 00 | 02 80 | 08 00 | connection 4 | sequence 4 | b1 00 | length 2 | data
 *
 * A row an hour and side, with the number of messages.
 */
#include "proto/ot/ot_cycle.h"

#define CIP_IO_PORT   2222
#define CIP_IO_HEADER 18 /* bytes before the data */

struct cip_io_state {
	struct ot_cycle side[2];
};

static bool is_io(struct bytes b)
{
	return b.left >= CIP_IO_HEADER && load_le16(b.pos) == 2 &&
	       load_le16(b.pos + 2) == 0x8002 && load_le16(b.pos + 4) == 8 &&
	       load_le16(b.pos + 14) == 0xb1 &&
	       load_le16(b.pos + 16) == b.left - CIP_IO_HEADER;
}

static enum probe cip_io_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	return is_io(first) ? PROBE_YES : PROBE_NO;
}

static struct ot_message io_message(struct bytes b)
{
	struct ot_message m = ot_message("cip");
	m.function = "io_data";
	m.operation = OT_REPORT;
	m.object = "connection";
	m.bytes = b.left;
	if (b.left >= CIP_IO_HEADER)
		m.unit = load_le32(b.pos + 6);
	return m;
}

static enum parse_result cip_io_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct cip_io_state *st = state;
	struct bytes b = bytes_over(d->p, d->n);
	if (!is_io(b)) {
		x->counters->malformed++;
		return PARSE_OK;
	}
	struct ot_message m = io_message(b);
	/* Several connections share a flow: the row has the first one's number. */
	if (st->side[d->side].messages > 0)
		m.unit = st->side[d->side].unit;
	x->counters->understood++;
	parse_confirm(x);
	ot_cycle_add(x, &st->side[d->side], d->side, &m);
	return PARSE_OK;
}

static void cip_io_close(struct parse *x, void *state)
{
	struct cip_io_state *st = state;
	struct ot_message m = io_message((struct bytes){0});
	for (int side = 0; side < 2; side++)
		ot_cycle_end(x, &st->side[side], side, &m);
}

const struct proto_parser cip_io_parser = {
    .name = "cip_io",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(0x02, 0x02),
    PARSER_PORTS(CIP_IO_PORT),
    .probe = cip_io_probe,
    .state_size = sizeof(struct cip_io_state),
    .data = cip_io_data,
    .close = cip_io_close,
};
