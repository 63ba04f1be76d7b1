/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask_sql.h"

#include "store/named.h"

const char *ask_kind_name(enum ask_kind kind)
{
	static const char *const names[] = {
#define K(ENUMERATOR, kind) [ASK_KIND_##ENUMERATOR] = kind,
	    ASK_KINDS(K)
#undef K
	};
	return names[kind];
}

/*
 * The plain rows in the shape of the roll-ups, for memories that have none yet and for
 * the test that holds the one to the other. A connection counts on the day on which it
 * began; on later days that it reached, it is a row of no connection.
 */
static const char raw_days[] =
    "(SELECT src_ip,dst_ip,"
    "CASE WHEN proto IN ('icmp','icmp6','ipv6-icmp') THEN 0 ELSE dst_port END AS "
    "dst_port,"
    "proto,server_name,d::TIMESTAMP AS ts,CASE WHEN own THEN began ELSE d END AS "
    "first_seen,"
    "ended AS last_seen,own::BIGINT AS connections,"
    "CASE WHEN own AND dst_packets=0 THEN 1 ELSE 0 END::BIGINT AS unanswered,"
    "CASE WHEN own THEN src_bytes ELSE 0 END AS src_bytes,"
    "CASE WHEN own THEN dst_bytes ELSE 0 END AS dst_bytes,"
    "CASE WHEN own THEN missed_bytes ELSE 0 END AS missed_bytes FROM "
    "(SELECT *,d=date_trunc('day',began) AS own FROM (SELECT *,ts AS began,"
    "ts+to_microseconds(round(greatest(coalesce(duration,0),0)*1000000)::BIGINT) AS "
    "ended,"
    "unnest(generate_series(date_trunc('day',ts)::TIMESTAMP,date_trunc('day',ended)::"
    "TIMESTAMP,"
    "INTERVAL 1 DAY)) AS d FROM conn WHERE ts IS NOT NULL)))";

static void put_masks(struct sql *sql, const char *day)
{
	static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
	    "jul", "aug", "sep", "oct", "nov", "\"dec\""};
	for (int i = 0; i < 12; i++)
		sql_format(sql,
		    ",CASE WHEN month(%s)=%d THEN 1::BIGINT<<(day(%s)-1) ELSE 0 END AS "
		    "%s",
		    day, i + 1, day, months[i]);
}

/* What each table shows: W(kind, value, via, table, condition). Names that are addresses
 * become such below. */
#define RAW_SHOWN(W)                                                                     \
	W("name", "query", "dns_query", "dns", "query<>''")                              \
	W("name", "sni", "sni", "tls", "sni<>''")                                        \
	W("name", "unnest(san)", "cert", "tls", "true")                                  \
	W("name", "unnest(san_dns)", "cert", "cert",                                     \
	    "NOT(position=0 AND from_client IS NOT TRUE)")                               \
	W("name", "unnest(san_ip)", "cert", "cert",                                      \
	    "NOT(position=0 AND from_client IS NOT TRUE)")                               \
	W("name", "host", "http_host", "http", "host<>''")                               \
	W("ja3", "ja3", "tls", "tls", "ja3<>''")                                         \
	W("ja3s", "ja3s", "tls", "tls", "ja3s<>''")                                      \
	W("ja4", "ja4", "tls", "tls", "ja4<>''")                                         \
	W("hassh", "hassh", "ssh", "ssh", "hassh<>''")                                   \
	W("hassh_server", "hassh_server", "ssh", "ssh", "hassh_server<>''")              \
	W("cert_sha256", "sha256", "cert", "cert", "sha256<>''")                         \
	W("cert_sha256", "cert_sha256", "tls", "tls", "cert_sha256<>''")                 \
	W("file_sha256", "sha256", "file", "file", "sha256<>''")                         \
	W("file_name", "regexp_extract(filename,'[^/\\\\]*$')", "file", "file",          \
	    "filename<>''")                                                              \
	W("user_agent", "user_agent", "http", "http", "user_agent<>''")

static void put_shown(struct sql *sql)
{
	sql_format(sql,
	    "SELECT 'name' AS kind,server_name AS value,'server_name' AS via,src_ip AS "
	    "host,"
	    "ts AS began,first_seen,last_seen,connections AS "
	    "\"count\",src_bytes,dst_bytes "
	    "FROM %s WHERE server_name<>''",
	    raw_days);
	/* The data of an answer is a name or address, by its form. */
	sql_put(sql, " UNION ALL SELECT 'name',value,'dns_answer',host,ts,ts,ts,1,0,0 "
		     "FROM (SELECT "
		     "unnest(answers) AS value,src_ip AS host,ts FROM dns WHERE ts IS "
		     "NOT NULL) WHERE "
		     "regexp_full_match(value,'[^\\x00-\\x20\"\\\\=;,()<>/@]+') AND "
		     "regexp_matches(value,'[.:]') AND strlen(value)<=253");
#define W(kind, value, via, table, condition)                                            \
	sql_put(sql, " UNION ALL SELECT '" kind "'," value ",'" via                      \
		     "',src_ip,ts,ts,ts,1,0,0 FROM " table                               \
		     " WHERE ts IS NOT NULL AND " condition);
	RAW_SHOWN(W)
#undef W
#define W(TYPE, kind, value, via, host, condition)                                       \
	sql_format(sql,                                                                  \
	    " UNION ALL SELECT '%s',%s,'%s',%s,ts,ts,ts,1,0,0 FROM %s WHERE ts IS NOT "  \
	    "NULL AND %s",                                                               \
	    kind, value, via, host, record_info(RECORD_##TYPE)->table, condition);
	NAMED_SHOWN(W)
#undef W
}

static void put_raw_seen(struct sql *sql)
{
	sql_put(sql, "(SELECT * EXCLUDE (kind,is_address,began),"
		     "CASE WHEN is_address THEN 'address' ELSE kind END AS kind,"
		     "CASE WHEN kind='name' AND NOT is_address THEN "
		     "array_to_string(list_reverse(string_split(value,'.')),'.') ELSE "
		     "value END AS "
		     "sort,date_trunc('year',began)::TIMESTAMP AS ts");
	put_masks(sql, "began");
	sql_put(sql,
	    " FROM (SELECT *,kind='name' AND regexp_full_match(value,"
	    "'[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*') AS is_address FROM (");
	put_shown(sql);
	sql_put(sql, ")) WHERE value<>'')");
}

const char *ask_sql_tables(enum ask_source source, bool raw)
{
	if (!raw)
		return "";
	return source == ASK_SOURCE_SEEN
		   ? "conn dns tls cert http file ssh dhcp ntlm kerberos smb "
		     "radius rdp rpc ot"
		   : "conn";
}

void ask_sql_raw(struct sql *sql, enum ask_source source)
{
	if (source == ASK_SOURCE_SEEN) {
		put_raw_seen(sql);
	} else if (source == ASK_SOURCE_DAY || source == ASK_SOURCE_DAY_BY_DST) {
		sql_put(sql, raw_days);
	} else {
		bool year = source == ASK_SOURCE_YEAR || source == ASK_SOURCE_YEAR_BY_DST;
		sql_format(sql,
		    "(SELECT * EXCLUDE (ts),date_trunc('%s',ts)::TIMESTAMP AS ts,"
		    "1::BIGINT<<(day(ts)-1) AS days",
		    year ? "year" : "month");
		put_masks(sql, "ts");
		sql_format(sql, " FROM %s)", raw_days);
	}
}

static void compare(
    struct sql *sql, const char *column, const char *with, struct str text)
{
	sql_format(sql, " AND %s%s", column, with);
	sql_quote_str(sql, text);
}

/* The ends of the list say which files need not be opened, the list which row groups. */
static void put_list(
    struct sql *sql, const char *column, const struct str *list, size_t n)
{
	if (n == 1) {
		compare(sql, column, "=", list[0]);
		return;
	}
	compare(sql, column, ">=", list[0]);
	compare(sql, column, "<=", list[n - 1]);
	sql_format(sql, " AND %s IN (", column);
	for (size_t i = 0; i < n; i++) {
		sql_put(sql, i > 0 ? "," : "");
		sql_quote_str(sql, list[i]);
	}
	sql_put(sql, ")");
}

void ask_sql_pick(struct sql *sql, const char *column, const struct ask_pick *pick,
    size_t from, size_t end)
{
	switch (pick->by) {
	case PICK_LIST:
		put_list(sql, column, pick->list + from, end - from);
		break;
	case PICK_RANGE:
		if (pick->from.n > 0)
			compare(sql, column, ">=", pick->from);
		if (pick->to.n > 0)
			compare(sql, column, "<", pick->to);
		break;
	case PICK_LIKE:
		compare(sql, column, " LIKE ", pick->from);
		break;
	case PICK_REGEX:
		sql_format(sql, " AND regexp_matches(%s,", column);
		sql_quote_str(sql, pick->from);
		sql_put(sql, ")");
		break;
	case PICK_NONE:
	case PICK_ALL:
		break;
	}
}

void ask_sql_time(struct sql *sql, const char *before, struct moment m)
{
	char text[MOMENT_TEXT_MAX];
	size_t n = moment_text(m, text);
	text[n - 1] = '\0'; /* without Z */
	sql_format(sql, "%sTIMESTAMP '%s'", before, text);
}

void ask_sql_years(struct sql *sql, const struct ask_question *q)
{
	if (q->since.ns != MOMENT_NONE.ns) {
		int year;
		unsigned month, day;
		civil_from_days(moment_day(q->since), &year, &month, &day);
		ask_sql_time(sql,
		    " AND ts>=", moment_from(days_from_civil(year, 1, 1) * 86400, 0));
	}
	if (q->until.ns != MOMENT_NONE.ns)
		ask_sql_time(sql, " AND ts<", q->until);
}
