/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/db/db_stream.h"

#include "base/size.h"

static void lose(struct parse *x, struct db_stream_side *s, const struct db_framing *f,
    void *state, int side)
{
	buffer_free(&s->in);
	s->skip = 0;
	if (s->lost)
		return;
	s->lost = true;
	x->counters->truncated++;
	if (f->lost != NULL)
		f->lost(x, state, side);
}

/* Pass over what is still to be passed over. */
static void pass(struct db_stream_side *s)
{
	size_t n = s->skip < s->in.view_n ? (size_t)s->skip : s->in.view_n;
	buffer_drop(&s->in, n);
	s->skip -= n;
}

enum taken { TAKEN, NEED_MORE, NO_MESSAGE };

/* Take one message out of a side. */
static enum taken take(struct parse *x, struct db_stream_side *s,
    const struct db_framing *f, void *state, const struct flow_data *d,
    enum db_next *next)
{
	struct bytes in = buffer_bytes(&s->in);
	if (in.left == 0)
		return NEED_MORE;
	int64_t n = f->length(state, d->side, in);
	if (n < 0)
		return NO_MESSAGE;
	if (n == 0)
		return NEED_MORE;
	size_t wanted = (uint64_t)n < f->keep ? (size_t)n : f->keep;
	if (in.left < wanted)
		return NEED_MORE;
	*next = f->message(x, state, d->side, bytes_sub(&in, wanted), (uint64_t)n);
	buffer_drop(&s->in, wanted);
	s->skip = (uint64_t)n - wanted;
	pass(s);
	return TAKEN;
}

enum parse_result db_stream_data(struct parse *x, struct db_stream *s,
    const struct db_framing *f, void *state, const struct flow_data *d)
{
	struct db_stream_side *side = &s->side[d->side];
	enum db_next next = DB_GO_ON;
	enum taken taken = TAKEN;
	struct bytes in = bytes_over(d->p, d->n);
	if (side->lost && !f->begins(state, d->side, in))
		return PARSE_OK;
	side->lost = false;
	if (!buffer_put(&side->in, d->p, d->n, f->keep + d->n))
		return PARSE_FAILED;
	pass(side);
	while (taken == TAKEN && next == DB_GO_ON)
		taken = take(x, side, f, state, d, &next);
	if (next == DB_TLS)
		parse_hand_over(x, "ssl", side->in.view_n);
	if (next != DB_GO_ON)
		return PARSE_DONE;
	if (taken == NO_MESSAGE) {
		x->counters->malformed++;
		if (++s->strange > DB_STRANGE_MAX)
			return PARSE_FAILED;
		lose(x, side, f, state, d->side);
		return PARSE_OK;
	}
	s->strange = 0;
	uint64_t missing = d->wire - d->n;
	if (missing > 0 && side->skip >= missing)
		side->skip -= missing;
	else if (missing > 0)
		lose(x, side, f, state, d->side);
	return side->lost || buffer_keep(&side->in) ? PARSE_OK : PARSE_FAILED;
}

void db_stream_gap(struct parse *x, struct db_stream *s, const struct db_framing *f,
    void *state, int side, uint64_t n)
{
	struct db_stream_side *o = &s->side[side];
	if (n > 0 && o->skip >= n)
		o->skip -= n;
	else
		lose(x, o, f, state, side);
}

void db_stream_end(struct db_stream *s)
{
	buffer_free(&s->side[0].in);
	buffer_free(&s->side[1].in);
}

size_t db_stream_held(const struct db_stream *s)
{
	return s->side[0].in.own_room + s->side[1].in.own_room;
}
