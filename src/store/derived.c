/* SPDX-License-Identifier: Apache-2.0 */
#include "store/derived.h"

#include "engine/sql.h"
#include "store/memory.h"
#include "store/mute.h"

/* Days of a year in which something happened: a mask of days for each month. */
// clang-format off
#define DAYS_OF(month) "bit_count(bit_or(" month "))::INTEGER"
#define DAYS_ACTIVE \
	DAYS_OF("jan") "+" DAYS_OF("feb") "+" DAYS_OF("mar") "+" DAYS_OF("apr") "+" \
	DAYS_OF("may") "+" DAYS_OF("jun") "+" DAYS_OF("jul") "+" DAYS_OF("aug") "+" \
	DAYS_OF("sep") "+" DAYS_OF("oct") "+" DAYS_OF("nov") "+" DAYS_OF("dec") " AS days"
// clang-format on
#define MONTHS "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec"

/* An inside machine is one that opened connections, or that answered one. */
static const char hosts_sql[] =
    "CREATE OR REPLACE VIEW hosts AS WITH e AS (SELECT ts, src_ip AS host, dst_ip AS "
    "peer, first_seen, last_seen, connections, src_bytes AS bytes_out, dst_bytes AS "
    "bytes_in," MONTHS " FROM pair_year WHERE is_home(src_ip) UNION ALL SELECT ts, "
    "dst_ip, src_ip, first_seen, last_seen, connections, dst_bytes, src_bytes," MONTHS
    " FROM pair_year WHERE is_home(dst_ip) AND connections > unanswered), y AS (SELECT "
    "host, ts, min(first_seen) AS first_seen, max(last_seen) AS last_seen, "
    "sum(connections) AS connections, sum(bytes_out) AS bytes_out, sum(bytes_in) AS "
    "bytes_in, list(DISTINCT peer) AS peers, " DAYS_ACTIVE " FROM e GROUP BY host, ts) "
    "SELECT host, min(first_seen) AS first_seen, max(last_seen) AS last_seen, "
    "sum(days)::BIGINT AS days_active, len(list_distinct(flatten(list(peers)))) AS "
    "peers, sum(connections)::BIGINT AS connections, sum(bytes_out)::BIGINT AS "
    "bytes_out, sum(bytes_in)::BIGINT AS bytes_in FROM y GROUP BY host";

static const char peers_sql[] =
    "CREATE OR REPLACE VIEW peers AS WITH e AS (SELECT ts, dst_ip AS peer, src_ip AS "
    "host, server_name, first_seen, last_seen, connections, src_bytes AS bytes_out, "
    "dst_bytes AS bytes_in," MONTHS " FROM pair_year WHERE is_home(src_ip) AND NOT "
    "is_home(dst_ip) UNION ALL SELECT ts, src_ip, dst_ip, NULL, first_seen, last_seen, "
    "connections, dst_bytes, src_bytes," MONTHS " FROM pair_year WHERE is_home(dst_ip) "
    "AND NOT is_home(src_ip)), y AS (SELECT peer, ts, min(first_seen) AS first_seen, "
    "max(last_seen) AS last_seen, sum(connections) AS connections, sum(bytes_out) AS "
    "bytes_out, sum(bytes_in) AS bytes_in, list(DISTINCT host) AS hosts, list(DISTINCT "
    "server_name) FILTER (server_name IS NOT NULL) AS names, " DAYS_ACTIVE
    " FROM e GROUP BY peer, ts) SELECT peer, min(first_seen) AS first_seen, "
    "max(last_seen) AS last_seen, sum(days)::BIGINT AS days_active, "
    "len(list_distinct(flatten(list(hosts)))) AS hosts, sum(connections)::BIGINT AS "
    "connections, sum(bytes_out)::BIGINT AS bytes_out, sum(bytes_in)::BIGINT AS "
    "bytes_in, list_slice(list_sort(list_distinct(flatten(list(names) FILTER (names IS "
    "NOT NULL)))), 1, 10) AS names FROM y GROUP BY peer";

static const char names_sql[] =
    "CREATE OR REPLACE VIEW names AS WITH y AS (SELECT value, ts, min(first_seen) AS "
    "first_seen, max(last_seen) AS last_seen, sum(count) AS times, sum(src_bytes) AS "
    "bytes_out, sum(dst_bytes) AS bytes_in, list(DISTINCT host) FILTER (host IS NOT "
    "NULL) AS hosts, list(DISTINCT via) AS via, " DAYS_ACTIVE
    " FROM seen WHERE kind = 'name' GROUP BY value, ts) SELECT value AS name, "
    "registered_domain(value) AS domain, min(first_seen) AS first_seen, max(last_seen) "
    "AS last_seen, sum(days)::BIGINT AS days_active, coalesce(len(list_distinct(flatten("
    "list(hosts) FILTER (hosts IS NOT NULL)))), 0) AS hosts, sum(times)::BIGINT AS "
    "times, sum(bytes_out)::BIGINT AS bytes_out, sum(bytes_in)::BIGINT AS bytes_in, "
    "list_sort(list_distinct(flatten(list(via)))) AS via FROM y GROUP BY value";

static const struct {
	const char *name, *needs, *sql;
} views[] = {
    {"hosts", "pair_year", hosts_sql},
    {"peers", "pair_year", peers_sql},
    {"names", "seen", names_sql},
};

#define DERIVED (sizeof(views) / sizeof(views[0]))

void derived_wanted(const char *sql, bool wanted[static VIEWS])
{
	for (size_t i = 0; i < DERIVED; i++) {
		bool more[VIEWS];
		if (!views_named(sql, views[i].name))
			continue;
		views_wanted(views[i].needs, more);
		for (size_t k = 0; k < VIEWS; k++)
			wanted[k] |= more[k];
	}
}

/* ---- mutes ---- */

static void put_text(struct sql *sql, struct str s)
{
	if (s.p != NULL)
		sql_quote_str(sql, s);
	else
		sql_put(sql, "NULL");
	sql_put(sql, ",");
}

static void put_time(struct sql *sql, struct moment at)
{
	if (at.ns == MOMENT_NONE.ns)
		sql_put(sql, "NULL,");
	else
		sql_format(sql, "make_timestamp(%lld),", (long long)moment_us(at));
}

static void put_mute(struct sql *sql, const struct mute *m)
{
	const struct str texts[] = {m->author, m->reason, m->scope.id, m->scope.host,
	    m->scope.peer, m->scope.detector};
	sql_format(sql, ",(%u,", (unsigned)m->n);
	put_time(sql, m->at);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put_text(sql, texts[i]);
	if (m->until == MUTE_FOREVER)
		sql_put(sql, "NULL,");
	else
		sql_format(sql, "DATE '1970-01-01' + %lld,", (long long)m->until);
	put_time(sql, m->removed_at);
	put_text(sql, m->removed_by);
	sql_format(sql, "%s)", m->removed ? "true" : "false");
}

/* Written out each time, since the file may have grown. The first row gives the types. */
static int make_mute(struct store *s, struct error *e)
{
	struct mutes all;
	struct sql sql = sql_start();
	int status = mutes_load(&all, s, e);
	sql_put(&sql,
	    "CREATE OR REPLACE VIEW mute AS SELECT * EXCLUDE removed, NOT removed AND "
	    "(until IS NULL OR until >= today()) AS "
	    "in_force "
	    "FROM (VALUES (NULL::INTEGER,NULL::TIMESTAMP,NULL::VARCHAR,NULL::VARCHAR,"
	    "NULL::VARCHAR,NULL::VARCHAR,NULL::VARCHAR,NULL::VARCHAR,NULL::DATE,"
	    "NULL::TIMESTAMP,NULL::VARCHAR,NULL::BOOLEAN)");
	for (size_t i = 0; status == 0 && i < all.n; i++)
		put_mute(&sql, &all.v[i]);
	sql_put(&sql,
	    ") AS t(n,muted_at,author,reason,id,host,peer,detector,until,removed_at,"
	    "removed_by,removed) WHERE n IS NOT NULL");
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? engine_run(&s->engine, text, e) : -1;
	sql_free(&sql);
	mutes_free(&all);
	return status;
}

int derived_make(struct store *s, const char *sql, struct error *e)
{
	for (size_t i = 0; i < DERIVED; i++) {
		if (views_named(sql, views[i].name) &&
		    engine_run(&s->engine, views[i].sql, e) < 0)
			return -1;
	}
	return views_named(sql, "mute") ? make_mute(s, e) : 0;
}
