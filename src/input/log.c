/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input/log_table.h"

#define CLOCK_LEAP (400 * NS_PER_DAY) /* from one entry to the next: a wrong clock */

#define L(format) extern const struct log_format format;
LOG_FORMATS(L)
#undef L

static const struct log_format *const formats[] = {
#define L(format) &format,
    LOG_FORMATS(L)
#undef L
};

const struct log_format *log_recognise(const struct log_head *head, struct log_look *look)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		*look = (struct log_look){.first = MOMENT_NONE};
		if (formats[i]->probe(head, look))
			return formats[i];
	}
	return NULL;
}

bool log_out_init(struct log_out *out, const char *sensor, const struct record_sink *sink)
{
	*out = (struct log_out){.sink = *sink, .sensor = str_of(sensor)};
	return log_minutes_init(&out->minutes);
}

void log_out_flush(struct log_out *out)
{
	log_minutes_flush(&out->minutes, out->sensor, &out->sink);
}

void log_out_fini(struct log_out *out)
{
	log_minutes_fini(&out->minutes);
}

/* The minute of ts, which is now known to have been watched. */
static struct log_minute *minute(struct log_out *out, const char *kind, struct moment ts)
{
	struct log_minute *m = log_minutes_at(&out->minutes, kind, ts);
	if (m == NULL) {
		log_out_flush(out);
		m = log_minutes_at(&out->minutes, kind, ts);
	}
	return m;
}

static void note_clock(struct log_out *out, struct log_minute *m, struct moment ts)
{
	if (out->minutes.newest.ns != MOMENT_NONE.ns) {
		int64_t step = moment_diff(out->minutes.newest, ts);
		m->clock_steps += step > CLOCK_LEAP || step < -CLOCK_LEAP;
	}
	out->minutes.newest = ts;
}

/* A connection counts when it ends, as those from packets do; that it began was seen as
 * well, so the minute of its first packet was watched too. */
static void watch_conn(struct log_out *out, const char *kind, const struct conn_record *r)
{
	struct moment end = r->ts;
	if (r->duration > 0 && r->duration < 9e9)
		end = moment_add(r->ts, (int64_t)(r->duration * 1e9));
	note_clock(out, minute(out, kind, r->ts), r->ts);
	struct log_minute *m = minute(out, kind, end);
	m->connections++;
	m->packets += r->src_packets + r->dst_packets;
	m->bytes += r->src_ip_bytes + r->dst_ip_bytes;
	m->one_way += (r->src_packets == 0) != (r->dst_packets == 0);
}

/* ts opens every table. */
static struct moment time_of(const void *record)
{
	return *(const struct moment *)record;
}

/* source_kind, sensor, source and source_offset close every table that comes from inputs
 * (SOURCE_FIELDS); NULL where a table has them not. */
static const struct field_info *source_fields(enum record_type type)
{
	const struct record_info *info = record_info(type);
	if (info->field_count < 4)
		return NULL;
	const struct field_info *last = &info->fields[info->field_count - 1];
	return strcmp(last->name, "source_offset") == 0 ? last - 3 : NULL;
}

static void set_sensor(
    struct log_out *out, const char *kind, enum record_type type, void *record)
{
	const struct field_info *f = source_fields(type);
	if (f == NULL)
		return;
	struct str *sensor = (struct str *)(void *)((char *)record + f[1].offset);
	*(struct str *)(void *)((char *)record + f[0].offset) = str_of(kind);
	if (sensor->p == NULL)
		*sensor = out->sensor;
}

void log_out_put(
    struct log_out *out, const char *kind, enum record_type type, void *record)
{
	out->records[type]++;
	if (type == RECORD_CONN) {
		struct conn_record *conn = record;
		conn->source_kind = str_of(kind);
		if (conn->sensor.p == NULL)
			conn->sensor = out->sensor;
		watch_conn(out, kind, conn);
	} else {
		set_sensor(out, kind, type, record);
		note_clock(out, minute(out, kind, time_of(record)), time_of(record));
	}
	record_put(&out->sink, type, record);
}

void log_out_drops(struct log_out *out, const char *kind, struct moment ts, uint64_t n)
{
	minute(out, kind, ts)->drops += n;
}

void log_put(struct log_file *f, enum record_type type, void *record, uint64_t offset)
{
	const struct field_info *fields = source_fields(type);
	if (fields != NULL) {
		*(struct str *)(void *)((char *)record + fields[2].offset) = f->source;
		*(uint64_t *)(void *)((char *)record + fields[3].offset) = offset;
	}
	log_out_put(f->out, f->format->kind, type, record);
	f->rows++;
	arena_reset(f->scratch);
}

void log_fault(struct log_file *f, enum input_outcome outcome, uint64_t offset,
    const char *format, ...)
{
	struct log_fault *fault = &f->faults[outcome];
	if (fault->count++ > 0)
		return;
	va_list args;
	va_start(args, format);
	if (vsnprintf(fault->reason, sizeof(fault->reason), format, args) < 0)
		fault->reason[0] = '\0';
	va_end(args);
	fault->offset = offset;
}
