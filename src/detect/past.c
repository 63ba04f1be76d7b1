/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/past.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_ONE  (-62135596800000000)        /* µs: before any connection */
#define WINDOW_US (30 * INT64_C(86400000000)) /* of days that are read at a time */

/* Columns of connections, and of days in their place. */
#define CONN_COLUMNS                                                                     \
	"c.src_ip, c.dst_ip, c.dst_port, c.proto, c.ts, c.duration, c.src_bytes, "       \
	"c.dst_bytes, c.missed_bytes, c.state, c.server_name, c.service, "               \
	"NULL::BIGINT AS day_connections, NULL::BIGINT AS day_unanswered, "              \
	"NULL::BIGINT AS day_hours, NULL::TIMESTAMP AS day_last"
#define DAY_COLUMNS                                                                      \
	"p.src_ip, p.dst_ip, p.dst_port, p.proto, p.first_seen, "                        \
	"3600.0::DOUBLE * bit_count(p.hours), p.src_bytes, p.dst_bytes, "                \
	"p.missed_bytes, NULL, p.server_name, NULL, p.connections, p.unanswered, "       \
	"p.hours, p.last_seen"

/* Days of ports that are folded into one (record/tables.h) belong to no series. */
#define DAY_SOUND "(p.dst_port <> 0 OR p.proto NOT IN ('tcp', 'udp', 'sctp'))"

/* The port of a connection as its roll-up has it. */
#define ROLLED_PORT                                                                      \
	"CASE WHEN c.proto IN ('icmp', 'icmp6', 'ipv6-icmp') THEN 0 ELSE c.dst_port END"

static struct store_rows *query(
    struct store *s, bool stream, const char *form, va_list args, struct error *e)
{
	char *sql = NULL;
	if (vasprintf(&sql, form, args) < 0) {
		error_set(e, ERR_SYSTEM, "no memory left");
		return NULL;
	}
	struct store_rows *r = stream ? store_query(s, sql, e) : store_sum(s, sql, e);
	free(sql);
	return r;
}

struct store_rows *past_query(struct store *s, struct error *e, const char *form, ...)
{
	va_list args;
	va_start(args, form);
	struct store_rows *r = query(s, false, form, args, e);
	va_end(args);
	return r;
}

/* The same for rows as they are, of which there may be many. */
__attribute__((format(printf, 3, 4))) static struct store_rows *stream(
    struct store *s, struct error *e, const char *form, ...)
{
	va_list args;
	va_start(args, form);
	struct store_rows *r = query(s, true, form, args, e);
	va_end(args);
	return r;
}

/* The one number, or moment in µs, that a statement gives; *there: it gave one. */
static int ask(struct store *s, const char *sql, bool *there, int64_t *v, struct error *e)
{
	struct store_rows *r = store_sum(s, sql, e);
	if (r == NULL)
		return -1;
	*there = store_next(r) && !store_is_null(r, 0);
	if (*there)
		*v = store_int(r, 0);
	return store_rows_end(r, e);
}

#define CONNS_LEFT                                                                       \
	"SELECT " CONN_COLUMNS " FROM conn AS c WHERE c.ts >= make_timestamp(%" PRId64   \
	") OR c.ts IS NULL"

/* Where no connection from before the horizon is left: days up to it, then connections.
 */
static int plain_rows(struct past *p)
{
	return asprintf(&p->rows,
	    "(" CONNS_LEFT " UNION ALL SELECT " DAY_COLUMNS
	    " FROM pair_day AS p WHERE p.ts < make_timestamp(%" PRId64 ") AND " DAY_SOUND
	    ") AS whole",
	    p->horizon, p->horizon);
}

/*
 * Where some are left, as rules for a network or a protocol leave them, or late data
 * bring: of each pair and day from one moment to another either all its connections, or
 * its roll-up. The statement, owned by the caller; NULL without memory.
 */
static char *mixed_days(int64_t from, int64_t end)
{
	char *sql = NULL;
	int n = asprintf(&sql,
	    "(WITH old AS (SELECT * FROM conn WHERE ts >= make_timestamp(%" PRId64
	    ") AND ts < make_timestamp(%" PRId64 ")), kept AS (SELECT c.src_ip, "
	    "c.dst_ip, " ROLLED_PORT " AS dst_port, c.proto, c.server_name, "
	    "epoch_us(c.ts) // 86400000000 AS day, count(*) AS n FROM old AS c GROUP BY "
	    "ALL), gone AS (SELECT p.*, epoch_us(p.ts) // 86400000000 AS day "
	    "FROM pair_day AS p LEFT JOIN kept AS k ON k.src_ip = p.src_ip AND k.dst_ip "
	    "= p.dst_ip AND k.dst_port = p.dst_port AND k.proto = p.proto AND "
	    "k.server_name IS NOT DISTINCT FROM p.server_name AND k.day = "
	    "epoch_us(p.ts) // 86400000000 WHERE p.ts >= make_timestamp(%" PRId64
	    ") AND p.ts < make_timestamp(%" PRId64 ") AND " DAY_SOUND
	    " AND (k.n IS NULL OR k.n < p.connections)) "
	    "SELECT " CONN_COLUMNS " FROM old AS c ANTI JOIN (SELECT * FROM gone WHERE "
	    "connections > 0) AS k ON k.src_ip = c.src_ip AND k.dst_ip = c.dst_ip AND "
	    "k.dst_port = " ROLLED_PORT
	    " AND k.proto = c.proto AND k.server_name IS NOT DISTINCT FROM c.server_name "
	    "AND k.day = epoch_us(c.ts) // 86400000000 UNION ALL SELECT " DAY_COLUMNS
	    " FROM gone AS p)",
	    from, end, from, end);
	return n >= 0 ? sql : NULL;
}

static int mixed_rows(struct past *p)
{
	char *days = mixed_days(YEAR_ONE, p->horizon);
	int n = days == NULL ? -1
			     : asprintf(&p->rows,
				   "(" CONNS_LEFT " UNION ALL SELECT * FROM %s AS days) "
				   "AS whole",
				   p->horizon, days);
	free(days);
	return n;
}

static int say_rows(struct past *p, struct store *s, struct error *e)
{
	char sql[128];
	int64_t one;
	if (p->decayed) {
		snprintf(sql, sizeof(sql),
		    "SELECT 1 FROM conn WHERE ts < make_timestamp(%" PRId64 ") LIMIT 1",
		    p->horizon);
		if (ask(s, sql, &p->mixed, &one, e) < 0)
			return -1;
	}
	int n = !p->decayed ? asprintf(&p->rows, "conn")
		: p->mixed  ? mixed_rows(p)
			    : plain_rows(p);
	if (n >= 0)
		return 0;
	p->rows = NULL;
	return error_set(e, ERR_SYSTEM, "no memory left");
}

int past_open(struct past *p, struct store *s, struct error *e)
{
	*p = (struct past){.horizon = INT64_MIN};
	if (ask(s, "SELECT epoch_us(max(span_end)) FROM decay WHERE table_name = 'conn'",
		&p->decayed, &p->horizon, e) < 0 ||
	    ask(s,
		"SELECT epoch_us(min(span_start)) FROM decay WHERE table_name = 'conn'",
		&p->decayed, &p->start, e) < 0 ||
	    say_rows(p, s, e) < 0)
		return error_add(e, "reading what has decayed");
	return 0;
}

void past_fini(struct past *p)
{
	free(p->rows);
	*p = (struct past){.horizon = INT64_MIN};
}

void past_forget(struct past *p)
{
	free(p->rows);
	p->rows = strdup("conn");
	p->decayed = p->mixed = false;
}

unsigned past_parts(const struct past *p)
{
	if (!p->decayed || p->horizon <= p->start)
		return 1;
	return 2 + (unsigned)((p->horizon - p->start - 1) / WINDOW_US);
}

static char *plain_days(int64_t from, int64_t end)
{
	char *sql = NULL;
	int n = asprintf(&sql,
	    "(SELECT " CONN_COLUMNS
	    " FROM conn AS c WHERE false UNION ALL SELECT " DAY_COLUMNS
	    " FROM pair_day AS p WHERE p.ts >= make_timestamp(%" PRId64
	    ") AND p.ts < make_timestamp(%" PRId64 ") AND " DAY_SOUND ")",
	    from, end);
	return n >= 0 ? sql : NULL;
}

struct store_rows *past_read(const struct past *p, struct store *s, const char *columns,
    unsigned part, struct error *e)
{
	if (!p->decayed)
		return stream(s, e, "SELECT %s FROM %s", columns, p->rows);
	if (past_parts(p) == 1)
		return stream(s, e,
		    "SELECT %s" PAST_DAY_COLUMNS " FROM %s ORDER BY " PAST_ORDER, columns,
		    p->rows);
	if (part == 0)
		return stream(s, e,
		    "SELECT %s" PAST_DAY_COLUMNS " FROM (" CONNS_LEFT ") AS left_over",
		    columns, p->horizon);
	int64_t from = p->start + (part - 1) * WINDOW_US;
	int64_t end = from + WINDOW_US < p->horizon ? from + WINDOW_US : p->horizon;
	char *days = p->mixed ? mixed_days(part == 1 ? YEAR_ONE : from, end)
			      : plain_days(from, end);
	if (days == NULL) {
		error_set(e, ERR_SYSTEM, "no memory left");
		return NULL;
	}
	struct store_rows *r = stream(s, e,
	    "SELECT %s" PAST_DAY_COLUMNS " FROM %s AS days ORDER BY " PAST_ORDER, columns,
	    days);
	free(days);
	return r;
}

int past_count(const struct past *p, struct store *s, uint64_t *n, struct error *e)
{
	struct store_rows *r = past_query(s, e, "SELECT count(*) FROM %s", p->rows);
	if (r == NULL)
		return error_add(e, "counting connections");
	*n = store_next(r) ? store_uint(r, 0) : 0;
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? error_add(e, "counting connections") : 0;
}

bool past_read_day(const struct store_rows *r, size_t column, struct past_day *d)
{
	if (store_is_null(r, column))
		return false;
	if (d != NULL)
		*d = (struct past_day){store_uint(r, column), store_uint(r, column + 1),
		    (uint32_t)store_uint(r, column + 2),
		    moment_us(store_time(r, column + 3))};
	return true;
}
