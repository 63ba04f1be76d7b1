/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/minutes.h"

#define MINUTE_NS  (60 * NS_PER_S)
#define CLOCK_BACK (-NS_PER_S) /* older than the newest by this: the clock went back */
#define CLOCK_LEAP (400 * NS_PER_DAY) /* newer by this: no pause, a wrong clock */

void minutes_init(struct minutes *m, const char *sensor, const struct record_sink *sink)
{
	record_clear(RECORD_WATCH, &m->row);
	m->row.sensor = str_of(sensor);
	m->row.kind = STR("packets");
	m->begin = INT64_MAX;
	m->last = INT64_MIN;
	m->newest = MOMENT_NONE;
	m->sink = sink;
}

static void emit(struct minutes *m)
{
	if (m->row.ts.ns == MOMENT_NONE.ns)
		return;
	struct str sensor = m->row.sensor, kind = m->row.kind;
	record_put(m->sink, RECORD_WATCH, &m->row);
	record_clear(RECORD_WATCH, &m->row);
	m->row.sensor = sensor;
	m->row.kind = kind;
}

/* Move on to the minute that holds ts, if it is another than the current one. */
static void enter(struct minutes *m, struct moment ts)
{
	if (minutes_holds(m, ts))
		return;
	emit(m);
	int64_t into = ts.ns % MINUTE_NS;
	m->row.ts = moment_add(ts, into < 0 ? -into - MINUTE_NS : -into);
	m->begin = m->row.ts.ns;
	m->last = moment_add(m->row.ts, MINUTE_NS - 1).ns;
}

static void note_clock(struct minutes *m, struct moment ts)
{
	/* Nearly always a little later than the one before. */
	if (ts.ns >= m->newest.ns &&
	    (uint64_t)ts.ns - (uint64_t)m->newest.ns <= CLOCK_LEAP) {
		m->newest = ts;
		return;
	}
	if (m->newest.ns != MOMENT_NONE.ns) {
		int64_t step = moment_diff(m->newest, ts);
		if (step < CLOCK_BACK || step > CLOCK_LEAP)
			m->row.clock_steps++;
	}
	if (ts.ns > m->newest.ns)
		m->newest = ts;
}

void minutes_frame(struct minutes *m, const struct frame *f, enum decode_outcome outcome,
    const struct packet *p)
{
	enter(m, f->ts);
	note_clock(m, f->ts);
	m->row.packets++;
	m->row.bytes += f->wire;
	switch (outcome) {
	case DECODE_OK:
		if ((p->marks & (PACKET_TRUNCATED | PACKET_BAD_CHECKSUM |
				    PACKET_BAD_IP_CHECKSUM)) == 0)
			break;
		m->row.truncated += (p->marks & PACKET_TRUNCATED) != 0;
		m->row.bad_checksum +=
		    (p->marks & (PACKET_BAD_CHECKSUM | PACKET_BAD_IP_CHECKSUM)) != 0;
		break;
	case DECODE_TRUNCATED:
		m->row.truncated++;
		break;
	case DECODE_MALFORMED:
	case DECODE_OVER_LIMIT:
		m->row.malformed++;
		break;
	case DECODE_UNSUPPORTED:
		m->row.unsupported++;
		break;
	case DECODE_NOT_IP:
	case DECODE_OUTCOMES:
		break;
	}
}

void minutes_flow(struct minutes *m, const struct flow *f, enum flow_close why)
{
	m->row.connections++;
	m->row.evicted += why == FLOW_EVICTED;
	m->row.one_way += f->side[0].packets == 0 || f->side[1].packets == 0;
}

void minutes_drops(struct minutes *m, uint64_t n)
{
	m->row.drops += n;
}

void minutes_shed(struct minutes *m)
{
	m->row.shed++;
}

void minutes_time(struct minutes *m, struct moment now)
{
	if (now.ns > m->last)
		enter(m, now);
}

void minutes_finish(struct minutes *m)
{
	emit(m);
}
