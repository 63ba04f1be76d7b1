/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_minutes.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_NS (60 * NS_PER_S)
#define USED_MAX  (LOG_MINUTES_MAX / 4 * 3)

bool log_minutes_init(struct log_minutes *m)
{
	*m = (struct log_minutes){.newest = MOMENT_NONE};
	m->v = calloc(LOG_MINUTES_MAX, sizeof(*m->v));
	return m->v != NULL;
}

static int64_t minute_of(struct moment ts)
{
	return ts.ns / MINUTE_NS - (ts.ns % MINUTE_NS < 0);
}

/* Whoever writes a log chooses its minutes: without a key the worst is a scan of the
 * table for each entry, so that the multiplier is only to spread what is neighbours. */
static uint32_t slot_of(int64_t minute)
{
	return (uint32_t)((uint64_t)minute * 0x9e3779b97f4a7c15ULL >> 50);
}

_Static_assert(LOG_MINUTES_MAX == 1 << 14, "slot_of gives 14 bits");

struct log_minute *log_minutes_at(
    struct log_minutes *m, const char *kind, struct moment ts)
{
	int64_t minute = minute_of(ts);
	if (m->last != NULL && m->last->minute == minute && m->last->kind == kind)
		return m->last;
	uint32_t i = slot_of(minute);
	while (m->v[i].kind != NULL && (m->v[i].minute != minute || m->v[i].kind != kind))
		i = (i + 1) % LOG_MINUTES_MAX;
	if (m->v[i].kind == NULL) {
		if (m->used >= USED_MAX) {
			m->full++;
			return NULL;
		}
		m->used++;
		m->v[i].minute = minute;
		m->v[i].kind = kind;
	}
	return m->last = &m->v[i];
}

static int by_minute(const void *left, const void *right)
{
	const struct log_minute *a = left, *b = right;
	if (a->minute != b->minute)
		return a->minute < b->minute ? -1 : 1;
	return strcmp(a->kind, b->kind);
}

void log_minutes_flush(
    struct log_minutes *m, struct str sensor, const struct record_sink *sink)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < LOG_MINUTES_MAX && n < m->used; i++) {
		if (m->v[i].kind != NULL)
			m->v[n++] = m->v[i];
	}
	if (n > 0)
		qsort(m->v, n, sizeof(*m->v), by_minute);
	for (uint32_t i = 0; i < n; i++) {
		const struct log_minute *v = &m->v[i];
		struct watch_record row;
		record_clear(RECORD_WATCH, &row);
		row.ts = moment_from(v->minute * 60, 0);
		row.sensor = sensor;
		row.kind = str_of(v->kind);
		row.packets = v->packets;
		row.bytes = v->bytes;
		row.drops = v->drops;
		row.connections = v->connections;
		row.one_way = v->one_way;
		row.clock_steps = v->clock_steps;
		record_put(sink, RECORD_WATCH, &row);
	}
	memset(m->v, 0, LOG_MINUTES_MAX * sizeof(*m->v));
	m->used = 0;
	m->last = NULL;
}

void log_minutes_fini(struct log_minutes *m)
{
	free(m->v);
	m->v = NULL;
}
