/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heartbeats (RFC 6520). A request says how long its payload is, and the answer repeats
 * that payload; a library that believes the number answers with what lies in its memory
 * behind the request (Heartbleed, CVE-2014-0160):
 *
 *     24 | version | length of the record || 1 | length of the payload | payload |
 * padding
 *                    |<------------------ what it carries
 * ------------------------------>|
 *
 * A record that can not hold its payload and 16 bytes of padding must be dropped without
 * an answer (section 4). Of an encrypted request only the lengths of records show: an
 * answer repeats the payload, so it is as long as the request, give or take its padding.
 */
#include "base/size.h"
#include "proto/tls/tls_state.h"
#include "record/anomaly.h"

enum beat_type {
	BEAT_REQUEST = 1,
	BEAT_RESPONSE = 2,
};

static void asked(struct parse *x, struct tls *t, int side, uint32_t claimed)
{
	struct tls_beats *b = &t->beats;
	const struct tls_side *s = &t->side[side];
	b->asker = (int8_t)(side + 1);
	b->asked = s->length;
	b->suspect = claimed + TLS_BEAT_HEAD + TLS_BEAT_LEAST > s->length;
	if (!b->suspect)
		return;
	if (b->claims == 0)
		b->ts = x->ts;
	b->claims += b->claims < UINT32_MAX;
	b->side = (uint8_t)side;
	if (claimed >= b->claimed) {
		b->claimed = claimed;
		b->carried = s->length;
	}
}

static void answered(struct tls *t, int side)
{
	struct tls_beats *b = &t->beats;
	uint32_t n = t->side[side].length;
	b->answers += b->answers < UINT32_MAX;
	b->answered = n > b->answered ? n : b->answered;
}

void tls_beat_plain(struct parse *x, struct tls *t, int side)
{
	struct tls_side *s = &t->side[side];
	struct tls_beats *b = &t->beats;
	if (s->beat[0] == BEAT_REQUEST)
		asked(x, t, side, load_be16(s->beat + 1));
	else if (s->beat[0] == BEAT_RESPONSE && b->suspect && b->asker == !side + 1)
		answered(t, side);
}

void tls_beat_hidden(struct parse *x, struct tls *t, int side)
{
	struct tls_beats *b = &t->beats;
	uint32_t n = t->side[side].length;
	if (b->asker == !side + 1) {
		if (b->encrypted && n > b->asked) {
			if (b->claims == 0)
				b->ts = x->ts;
			b->claims += b->claims < UINT32_MAX;
			b->side = !side;
			b->carried = n >= b->answered ? b->asked : b->carried;
			answered(t, side);
		} else if (!b->encrypted && b->suspect) {
			answered(t, side);
		}
		b->asker = 0;
		return;
	}
	b->asker = (int8_t)(side + 1);
	b->asked = n;
	b->encrypted = true;
	b->suspect = false;
}

void tls_beats_emit(struct parse *x, const struct tls *t)
{
	const struct tls_beats *b = &t->beats;
	if (b->claims == 0)
		return;
	struct moment last = x->ts;
	x->ts = b->ts;
	parse_anomaly(x, x->ts, ANOMALY_HEARTBEAT,
	    str_format(x->scratch,
		"claims=%u claimed=%u carried=%u answers=%u answered=%u encrypted=%d "
		"side=%d",
		b->claims, b->claimed, b->carried, b->answers, b->answered,
		b->encrypted ? 1 : 0, b->side));
	x->ts = last;
}
