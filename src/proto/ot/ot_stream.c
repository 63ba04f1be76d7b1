/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/ot_stream.h"

/* Hand on all whole messages at the begin of *in; false: what follows is none. */
static bool take_messages(
    struct parse *x, const struct ot_framing *f, void *state, int side, struct bytes *in)
{
	while (in->left > 0) {
		ssize_t n = f->length(*in);
		if (n < 0)
			return false;
		if (n == 0 || (size_t)n > in->left)
			break;
		f->message(x, state, side, bytes_sub(in, (size_t)n));
	}
	return true;
}

static enum parse_result missed(struct parse *x, struct ot_stream *s, int side)
{
	if (!s->lost[side]) {
		x->counters->malformed++;
		parse_error(x, side, "no message begins here");
	}
	ot_stream_gap(s, side);
	return ++s->misses > OT_LOST_MAX ? PARSE_FAILED : PARSE_OK;
}

static enum parse_result datagram(struct parse *x, struct ot_stream *s,
    const struct ot_framing *f, void *state, const struct flow_data *d)
{
	struct bytes in = bytes_over(d->p, d->n);
	if (!take_messages(x, f, state, d->side, &in)) {
		x->counters->malformed++;
		return ++s->misses > OT_LOST_MAX ? PARSE_FAILED : PARSE_OK;
	}
	s->misses = 0;
	if (in.left > 0)
		x->counters->truncated++;
	return PARSE_OK;
}

enum parse_result ot_stream_data(struct parse *x, struct ot_stream *s,
    const struct ot_framing *f, void *state, const struct flow_data *d)
{
	if (x->flow->proto != IP_PROTO_TCP)
		return datagram(x, s, f, state, d);
	struct buffer *b = &s->in[d->side];
	if (!buffer_put(b, d->p, d->n, f->max + d->n)) {
		x->counters->over_limit++;
		ot_stream_gap(s, d->side);
		return PARSE_OK;
	}
	struct bytes in = buffer_bytes(b);
	size_t before = in.left;
	if (!take_messages(x, f, state, d->side, &in))
		return missed(x, s, d->side);
	if (d->n > 0) {
		s->lost[d->side] = false;
		s->misses = 0;
	}
	if (d->wire > d->n) {
		x->counters->truncated += in.left > 0;
		ot_stream_gap(s, d->side);
		return PARSE_OK;
	}
	buffer_drop(b, before - in.left);
	return buffer_keep(b) ? PARSE_OK : PARSE_FAILED;
}

void ot_stream_gap(struct ot_stream *s, int side)
{
	buffer_free(&s->in[side]);
	s->lost[side] = true;
}

void ot_stream_end(struct ot_stream *s)
{
	buffer_free_both(s->in);
}

size_t ot_stream_held(const struct ot_stream *s)
{
	return buffer_room_both(s->in);
}

enum parse_result ot_state_gap(struct parse *x, void *state, int side, uint64_t n)
{
	(void)x, (void)n;
	struct ot_state *st = state;
	ot_stream_gap(&st->stream, side);
	return PARSE_OK;
}

void ot_state_close(struct parse *x, void *state)
{
	struct ot_state *st = state;
	ot_end(x, &st->ot);
	ot_stream_end(&st->stream);
}

size_t ot_state_held(const void *state)
{
	const struct ot_state *st = state;
	return ot_held(&st->ot) + ot_stream_held(&st->stream);
}
