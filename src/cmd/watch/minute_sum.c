/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/minute_sum.h"

#define MINUTE_NS (60 * NS_PER_S)

#define BLIND_S 59 /* seconds of a minute, as its ends are not seen exactly */

void minute_sum_init(struct minute_sum *s, const char *sensor, size_t interfaces,
    const struct record_sink *to)
{
	*s = (struct minute_sum){.sensor = str_of(sensor),
	    .first = MOMENT_NONE,
	    .blind = BLIND_S * interfaces,
	    .to = to};
}

static size_t oldest(const struct minute_sum *s)
{
	size_t at = 0;
	for (size_t i = 1; i < s->n; i++) {
		if (s->rows[i].ts.ns < s->rows[at].ts.ns)
			at = i;
	}
	return at;
}

static void emit(struct minute_sum *s, size_t at)
{
	struct watch_record *row = &s->rows[at];
	bool seen = row->packets > 0 || row->drops > 0 || row->fell > 0;
	/* Of the minute before the first one a reader may tell its last moments. */
	if (row->down == 0 && moment_diff(row->ts, s->first) == MINUTE_NS) {
		row->down = s->blind;
		if (seen)
			row->down += s->blind / BLIND_S;
	}
	if (seen || row->down < s->blind || s->blind == 0)
		record_put(s->to, RECORD_WATCH, row);
	s->rows[at] = s->rows[--s->n];
}

/* The row of the minute that begins at ts. */
static struct watch_record *row_of(struct minute_sum *s, struct moment ts)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].ts.ns == ts.ns)
			return &s->rows[i];
	}
	if (s->n == MINUTE_SUM_OPEN)
		emit(s, oldest(s));
	struct watch_record *row = &s->rows[s->n++];
	record_clear(RECORD_WATCH, row);
	row->ts = ts;
	row->sensor = s->sensor;
	row->kind = STR("packets");
	return row;
}

struct moment minute_of(struct moment ts)
{
	int64_t into = ts.ns % MINUTE_NS;
	return moment_add(ts, into < 0 ? -into - MINUTE_NS : -into);
}

static struct watch_record *row_at(struct minute_sum *s, struct moment now)
{
	return row_of(s, minute_of(now));
}

void minute_sum_put(struct minute_sum *s, const struct watch_record *row)
{
	struct watch_record *to = row_of(s, row->ts);
	to->packets += row->packets;
	to->bytes += row->bytes;
	to->drops += row->drops;
	to->truncated += row->truncated;
	to->malformed += row->malformed;
	to->unsupported += row->unsupported;
	to->bad_checksum += row->bad_checksum;
	to->connections += row->connections;
	to->one_way += row->one_way;
	to->clock_steps += row->clock_steps;
	to->shed += row->shed;
	to->down += row->down;
	to->fell += row->fell;
	to->evicted += row->evicted;
}

void minute_sum_down(struct minute_sum *s, struct moment now)
{
	row_at(s, now)->down++;
}

void minute_sum_fell(struct minute_sum *s, struct moment now)
{
	row_at(s, now)->fell++;
}

static void add_down(struct minute_sum *s, struct moment from, struct moment until)
{
	int64_t ns = moment_diff(from, until);
	uint64_t interfaces = s->blind / BLIND_S;
	if (ns > 0 && interfaces > 0)
		row_at(s, from)->down +=
		    interfaces * (uint64_t)((ns + NS_PER_S - 1) / NS_PER_S);
}

void minute_sum_unwatched(struct minute_sum *s, struct moment since, struct moment now)
{
	struct moment begin = s->first = minute_of(now);
	struct moment end = moment_add(minute_of(since), MINUTE_NS);
	if (since.ns >= begin.ns) {
		add_down(s, since, now);
		return;
	}
	add_down(s, since, end);
	add_down(s, begin, now);
}

void minute_sum_step(struct minute_sum *s, struct moment now)
{
	row_at(s, now)->clock_steps++;
}

void minute_sum_flush(struct minute_sum *s, struct moment before)
{
	while (s->n > 0) {
		size_t at = oldest(s);
		if (moment_add(s->rows[at].ts, MINUTE_NS).ns > before.ns)
			return;
		emit(s, at);
	}
}
