/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of segments that are not rolled up yet, in the shape of the roll-ups. What these
 * statements say, pairs.c, seen.c and hours.c do; tests hold the two together.
 */
#include <string.h>

#include "store/named.h"
#include "store/views.h"

/* Moments end here; pairs.c stops there, too. */
#define LAST_MOMENT "TIMESTAMP '2262-04-11 23:47:16.854775'"

void views_tail_of(enum rollup_type type, bool tail[static RECORD_TYPES])
{
	tail[RECORD_WATCH] |= type == ROLLUP_WATCH_HOUR;
	tail[RECORD_CONN] |= type != ROLLUP_WATCH_HOUR;
	for (int t = 0; t < RECORD_TYPES && type == ROLLUP_SEEN; t++)
		tail[t] |= t != RECORD_WATCH && unrolled_counts((enum record_type)t);
}

void views_tail(size_t list, bool tail[static RECORD_TYPES])
{
	if (list >= RECORD_TYPES)
		views_tail_of(
		    run_set_info((enum run_set)(list - RECORD_TYPES))->type, tail);
}

static int put_rows(struct sql *sql, const struct catalog *c, enum record_type type,
    const char *folder, struct error *e)
{
	const struct path_list *l = &c->unrolled.of[type];
	return views_put_rows(sql, type, l->paths, l->n, folder, e);
}

/* ---- pairs ---- */

/* A connection on the day on which it began, d. */
static const char first_days[] =
    "SELECT src_ip,dst_ip,CASE WHEN proto IN ('icmp','icmp6','ipv6-icmp') THEN 0 ELSE "
    "dst_port END AS dst_port,proto,server_name,date_trunc('day',ts)::TIMESTAMP AS d,"
    "ts AS first_seen,ended AS last_seen,1::BIGINT AS connections,"
    "(dst_packets=0)::BIGINT AS unanswered,src_bytes,dst_bytes,missed_bytes,"
    "(2::BIGINT<<(CASE WHEN ended::DATE=ts::DATE THEN hour(ended) ELSE 23 END))"
    "-(1::BIGINT<<hour(ts)) AS hours FROM c";

/* The same on each later day on which it was still open; pairs.h has the limit. */
static const char later_days[] =
    "SELECT src_ip,dst_ip,CASE WHEN proto IN ('icmp','icmp6','ipv6-icmp') THEN 0 ELSE "
    "dst_port END,proto,server_name,d,d,ended,0,0,0,0,0,"
    "CASE WHEN d::DATE=ended::DATE THEN (2::BIGINT<<hour(ended))-1 ELSE 16777215 END "
    "FROM (SELECT *,unnest(generate_series(date_trunc('day',ts)::TIMESTAMP+INTERVAL 1 "
    "DAY,least(ended,date_trunc('day',ts)::TIMESTAMP+INTERVAL 366 DAY),INTERVAL 1 DAY))"
    " AS d FROM c WHERE ended::DATE>ts::DATE)";

/* Days of pairs, as (WITH ... SELECT ...). */
static int put_days(
    struct sql *sql, const struct catalog *c, const char *folder, struct error *e)
{
	sql_put(sql, "(WITH c AS NOT MATERIALIZED (SELECT "
		     "src_ip,dst_ip,dst_port,proto,server_name,"
		     "ts,src_bytes,dst_bytes,missed_bytes,dst_packets,least(ts+to_"
		     "microseconds((greatest(coalesce(duration,0)::DECIMAL(38,6)"
		     ",0)*1000000)::BIGINT)," LAST_MOMENT ") AS ended FROM (");
	if (put_rows(sql, c, RECORD_CONN, folder, e) < 0)
		return -1;
	sql_format(
	    sql, ") WHERE ts IS NOT NULL) %s UNION ALL %s)", first_days, later_days);
	return 0;
}

static void put_masks(struct sql *sql, const char *day)
{
	const struct rollup_info *info = rollup_info(ROLLUP_PAIR_YEAR);
	for (int m = 0; m < 12; m++)
		sql_format(sql,
		    ",CASE WHEN month(%s)=%d THEN 1::BIGINT<<(day(%s)-1) ELSE 0 END AS "
		    "\"%s\"",
		    day, m + 1, day, info->fields[COLUMN_pair_year_jan + m].name);
}

static int put_pairs(struct sql *sql, const struct catalog *c, enum rollup_type type,
    const char *folder, struct error *e)
{
	const char *span = type == ROLLUP_PAIR_DAY     ? "day"
			   : type == ROLLUP_PAIR_MONTH ? "month"
						       : "year";
	sql_format(sql,
	    "SELECT src_ip,dst_ip,dst_port,proto,server_name,"
	    "date_trunc('%s',d)::TIMESTAMP AS ts,first_seen,last_seen,connections,"
	    "unanswered,src_bytes,dst_bytes,missed_bytes",
	    span);
	if (type == ROLLUP_PAIR_DAY)
		sql_put(sql, ",hours");
	else if (type == ROLLUP_PAIR_MONTH)
		sql_put(sql, ",1::BIGINT<<(day(d)-1) AS days");
	else
		put_masks(sql, "d");
	sql_put(sql, " FROM ");
	return put_days(sql, c, folder, e);
}

/* ---- seen ---- */

/* Columns of what follows: kind, value, via, host, d, first, last, n, out, back. */
#define SHOWN_OF(kind, value, via, host)                                                 \
	"SELECT '" kind "' AS k," value " AS v,'" via "' AS via," host                   \
	" AS host,ts AS d,ts AS a,ts AS b,1::BIGINT AS n,0::BIGINT AS x,0::BIGINT AS y " \
	"FROM "
#define SHOWN(kind, value, via) SHOWN_OF(kind, value, via, "src_ip")

/* What each type of record shows: the condition is SQL, "" for none. */
static const struct {
	enum record_type type;
	const char *select, *where;
} shown[] = {{RECORD_DNS, SHOWN("name", "query", "dns_query"), ""},
    {RECORD_DNS, SHOWN("answer", "unnest(answers)", "dns_answer"), ""},
    {RECORD_TLS, SHOWN("name", "sni", "sni"), ""},
    {RECORD_TLS, SHOWN("ja3", "ja3", "tls"), ""},
    {RECORD_TLS, SHOWN("ja3s", "ja3s", "tls"), ""},
    {RECORD_TLS, SHOWN("ja4", "ja4", "tls"), ""},
    {RECORD_TLS, SHOWN("cert_sha256", "cert_sha256", "tls"), ""},
    {RECORD_TLS, SHOWN("name", "unnest(san)", "cert"), " AND cert_sha256 IS NULL"},
    {RECORD_CERT, SHOWN("cert_sha256", "sha256", "cert"), ""},
    {RECORD_CERT, SHOWN("name", "unnest(san_dns)", "cert"), ""},
    {RECORD_CERT, SHOWN("name", "unnest(san_ip)", "cert"), ""},
    {RECORD_HTTP, SHOWN("name", "host", "http_host"), ""},
    {RECORD_HTTP, SHOWN("user_agent", "user_agent", "http"), ""},
    {RECORD_FILE, SHOWN("file_sha256", "sha256", "file"), ""},
    {RECORD_FILE, SHOWN("file_name", "regexp_extract(filename,'[^/\\\\]*$')", "file"),
	""},
    {RECORD_SSH, SHOWN("hassh", "hassh", "ssh"), ""},
    {RECORD_SSH, SHOWN("hassh_server", "hassh_server", "ssh"), ""},
#define W(TYPE, kind, value, via, host, condition)                                       \
	{RECORD_##TYPE, SHOWN_OF(kind, value, via, host), " AND " condition},
    NAMED_SHOWN(W)
#undef W
};

static int put_shown(
    struct sql *sql, const struct catalog *c, const char *folder, struct error *e)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (c->unrolled.of[shown[i].type].n == 0)
			continue;
		sql_format(sql, " UNION ALL %s(", shown[i].select);
		if (put_rows(sql, c, shown[i].type, folder, e) < 0)
			return -1;
		sql_format(sql, ") WHERE ts IS NOT NULL%s", shown[i].where);
	}
	return 0;
}

/*
 * Everything shown, k still saying "name" for addresses, too; then in the shape of seen:
 * once as it is, once more as registered domains.
 */
static int put_seen(
    struct sql *sql, const struct catalog *c, const char *folder, struct error *e)
{
	sql_put(sql, "(WITH p AS (SELECT * FROM ");
	if (put_days(sql, c, folder, e) < 0)
		return -1;
	sql_put(sql,
	    "), s AS (SELECT 'address' AS k,src_ip AS v,'conn' AS via,NULL::VARCHAR AS "
	    "host,"
	    "d,first_seen AS a,last_seen AS b,connections AS n,0::BIGINT AS x,0::BIGINT "
	    "AS y FROM p"
	    " UNION ALL SELECT 'address',dst_ip,'conn',NULL,d,first_seen,last_seen,"
	    "connections,0,0 FROM p"
	    " UNION ALL SELECT 'name',server_name,'server_name',src_ip,d,first_seen,"
	    "last_seen,connections,src_bytes,dst_bytes FROM p");
	if (put_shown(sql, c, folder, e) < 0)
		return -1;
	sql_put(sql,
	    "), t AS (SELECT * REPLACE (CASE WHEN k IN ('name','answer') AND "
	    "in_net(v,'::/0') IS NOT NULL THEN 'address' WHEN k='answer' THEN 'name' "
	    "ELSE k "
	    "END AS k) FROM s WHERE v<>'' AND (k<>'answer' OR (strlen(v)<=253 AND "
	    "(contains(v,'.') OR contains(v,':')) AND NOT "
	    "regexp_matches(v,'[\\x00-\\x20\"\\\\=;,()<>/@]')))),"
	    " u AS (SELECT *,CASE WHEN k='name' THEN reverse_labels(v) ELSE v END AS "
	    "sort "
	    "FROM t UNION ALL SELECT * REPLACE ('domain' AS k,NULL::VARCHAR AS "
	    "host,registered_domain(v) AS v),"
	    "reverse_labels(registered_domain(v)) FROM t WHERE k='name' AND "
	    "registered_domain(v) IS NOT NULL)"
	    " SELECT k AS kind,sort,via,host,date_trunc('year',d)::TIMESTAMP AS ts,v AS "
	    "value,a AS first_seen,b AS last_seen,n AS \"count\",x AS src_bytes,y AS "
	    "dst_bytes");
	put_masks(sql, "d");
	sql_put(sql, " FROM u)");
	return 0;
}

/* ---- hours of watching ---- */

static int put_hours(
    struct sql *sql, const struct catalog *c, const char *folder, struct error *e)
{
	const struct rollup_info *info = rollup_info(ROLLUP_WATCH_HOUR);
	sql_put(sql, "SELECT sensor,date_trunc('hour',ts)::TIMESTAMP AS ts,"
		     "coalesce(kind,'packets') AS kind,1::BIGINT<<minute(ts) AS minutes");
	for (size_t i = COLUMN_watch_hour_packets; i < info->field_count; i++)
		sql_format(sql, ",\"%s\"", info->fields[i].name);
	sql_put(sql, " FROM (");
	if (put_rows(sql, c, RECORD_WATCH, folder, e) < 0)
		return -1;
	sql_put(sql, ") WHERE ts IS NOT NULL");
	return 0;
}

int views_put_tail(struct sql *sql, const struct catalog *c, enum rollup_type type,
    const char *folder, struct error *e)
{
	if (type == ROLLUP_WATCH_HOUR)
		return put_hours(sql, c, folder, e);
	if (type == ROLLUP_SEEN)
		return put_seen(sql, c, folder, e);
	return put_pairs(sql, c, type, folder, e);
}
