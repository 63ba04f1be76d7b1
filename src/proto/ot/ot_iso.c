/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/ot_iso.h"

#define TSAP_SHOWN 16 /* bytes of a transport selector that the detail shows */

/* Key of a connection request; the protocols' own keys are below 2^32. */
#define ISO_CONNECT_KEY (UINT64_C(1) << 40)

static void tsap_detail(struct ot_message *m, const struct tpdu *t)
{
	static const struct {
		uint8_t type;
		const char *name;
	} ends[] = {{COTP_SRC_TSAP, "src_tsap="}, {COTP_DST_TSAP, " dst_tsap="}};
	for (int i = 0; i < 2; i++) {
		struct bytes value = tpdu_parameter(t, ends[i].type);
		if (value.bad)
			continue;
		ot_detail(m, "%s", ends[i].name);
		ot_detail_hex(
		    m, value.pos, value.left < TSAP_SHOWN ? value.left : TSAP_SHOWN);
	}
}

static void on_connect(struct parse *x, struct iso_state *st, const char *protocol,
    int side, const struct tpdu *t)
{
	struct ot_message m = ot_message(protocol);
	m.function = "cotp_connect";
	m.operation = OT_SESSION;
	m.bytes = t->parameters.left;
	if (t->code == COTP_CR) {
		tsap_detail(&m, t);
		m.id = t->src_ref;
		ot_ask(x, &st->base.ot, side, ISO_CONNECT_KEY, &m);
	} else if (t->code == COTP_CC) {
		m.id = t->dst_ref;
		m.status = "ok";
		ot_answer(x, &st->base.ot, side, ISO_CONNECT_KEY, &m);
	} else if (ot_waits(&st->base.ot, side, ISO_CONNECT_KEY)) {
		m.status = "refused";
		ot_answer(x, &st->base.ot, side, ISO_CONNECT_KEY, &m);
	}
}

/* A part of a message: whether it is whole now, and all of it in *whole. */
static bool join(struct parse *x, struct iso_state *st, int side, const struct tpdu *t,
    struct bytes *whole)
{
	struct buffer *part = &st->part[side];
	if (st->skip[side]) {
		st->skip[side] = !t->eot;
		return false;
	}
	*whole = t->data;
	if (t->eot && part->own_n == 0)
		return true;
	if (!buffer_put(part, t->data.pos, t->data.left, ISO_MESSAGE_MAX) ||
	    !buffer_keep(part)) {
		x->counters->over_limit++;
		st->skip[side] = !t->eot;
		return false;
	}
	*whole = buffer_bytes(part);
	return t->eot;
}

void iso_packet(struct parse *x, struct iso_state *st, const struct iso_calls *calls,
    int side, struct bytes packet)
{
	struct tpdu t;
	struct bytes whole;
	if (!tpkt_read(packet, &t)) {
		x->counters->unsupported++;
		return;
	}
	if (t.code != COTP_DT) {
		on_connect(x, st, calls->protocol, side, &t);
		return;
	}
	if (!join(x, st, side, &t, &whole))
		return;
	if (whole.left > 0)
		calls->message(x, st, side, whole);
	buffer_free(&st->part[side]);
}

enum parse_result iso_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct iso_state *st = state;
	buffer_free(&st->part[side]);
	st->skip[side] = false;
	return ot_state_gap(x, &st->base, side, n);
}

void iso_close(struct parse *x, void *state)
{
	struct iso_state *st = state;
	buffer_free(&st->part[0]);
	buffer_free(&st->part[1]);
	ot_state_close(x, &st->base);
}

size_t iso_held(const void *state)
{
	const struct iso_state *st = state;
	return ot_state_held(&st->base) + st->part[0].own_room + st->part[1].own_room;
}
