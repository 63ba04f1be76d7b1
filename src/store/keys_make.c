/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of runs that have none: of an older dwell, or whose file was lost, damaged or
 * another run's. Looked for once after a memory was opened; every run written since
 * brings its own.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sql.h"
#include "store/keys.h"
#include "store/memory.h"
#include "sys/file.h"
#include "sys/path.h"

#define MAKE_AT_ONCE 64 /* runs of one transaction */
#define KEYS_MONTHS  "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,\"dec\""

struct make {
	struct store *store;
	struct journal_plan plan;
	size_t made;
};

/* Whether the run needs keys. 1 or 0; negative with *e set when it is damaged. */
static int needs(struct store *s, const char *run, struct error *e)
{
	struct keys k;
	struct error why = {0};
	char path[PATH_MAX];
	bool run_bad;
	if (path_make(path, e, "%s/%s", s->path, run) < 0)
		return -1;
	int there = keys_open(&k, path, &run_bad, &why);
	keys_close(&k);
	if (run_bad) {
		*e = why;
		return -1;
	}
	return there <= 0;
}

/* The columns that read_keys takes, of a run, in its order; of one whose keys are not
 * listed the ends. */
static int put_columns(struct sql *sql, const struct store *s, enum run_set set,
    const char *run, struct error *e)
{
	char path[PATH_MAX];
	bool by_dst = run_set_info(set)->order == RUN_ORDER_DST;
	const char *it = by_dst ? "dst_ip" : "src_ip";
	if (path_make(path, e, "%s/%s", s->path, run) < 0)
		return -1;
	if (set == RUNS_SEEN)
		sql_put(sql,
		    "SELECT sort,host,0,via,NULL,ts,first_seen,last_seen,\"count\",0,"
		    "src_bytes,dst_bytes,0," KEYS_MONTHS ",kind FROM read_parquet(");
	else if (keys_are_listed(set))
		sql_format(sql,
		    "SELECT %s,%s,dst_port,proto,server_name,ts,first_seen,last_seen,"
		    "connections,unanswered,src_bytes,dst_bytes,missed_bytes," KEYS_MONTHS
		    " FROM read_parquet(",
		    it, by_dst ? "src_ip" : "dst_ip");
	else
		sql_format(sql,
		    "SELECT unnest([min(%s),max(%s)]) AS it FROM read_parquet(", it, it);
	sql_quote(sql, path);
	sql_put(sql, ", hive_partitioning=false)");
	return 0;
}

enum {
	MAKE_KEY,
	MAKE_PEER,
	MAKE_PORT,
	MAKE_WORD,
	MAKE_NAME,
	MAKE_TS,
	MAKE_FIRST,
	MAKE_LAST,
	MAKE_CONNECTIONS,
	MAKE_UNANSWERED,
	MAKE_SRC_BYTES,
	MAKE_DST_BYTES,
	MAKE_MISSED,
	MAKE_MONTHS,
	MAKE_KIND = MAKE_MONTHS + 12
};

/* A row that lacks a time, which none of ours does, is of a year that has no form. */
static void read_row(const struct store_rows *rows, struct keys_row *r)
{
	unsigned month, day;
	struct moment ts = store_time(rows, MAKE_TS);
	struct moment first = store_time(rows, MAKE_FIRST);
	struct moment last = store_time(rows, MAKE_LAST);
	*r = (struct keys_row){
	    .text = store_text(rows, MAKE_PEER),
	    .word = store_text(rows, MAKE_WORD),
	    .port = (uint16_t)store_uint(rows, MAKE_PORT),
	    .name = store_text(rows, MAKE_NAME),
	    .first = first.ns / NS_PER_US,
	    .last = last.ns / NS_PER_US,
	    .connections = store_uint(rows, MAKE_CONNECTIONS),
	    .unanswered = store_uint(rows, MAKE_UNANSWERED),
	    .src_bytes = store_uint(rows, MAKE_SRC_BYTES),
	    .dst_bytes = store_uint(rows, MAKE_DST_BYTES),
	    .missed = store_uint(rows, MAKE_MISSED),
	};
	civil_from_days(moment_day(ts), &r->year, &month, &day);
	if (ts.ns == MOMENT_NONE.ns || first.ns == MOMENT_NONE.ns ||
	    last.ns == MOMENT_NONE.ns)
		r->year = INT_MAX;
	for (size_t i = 0; i < 12; i++)
		r->days[i] = (uint32_t)store_uint(rows, MAKE_MONTHS + i) & KEYS_DAYS;
}

/* A key and the row under it. */
static void put_key(
    struct keys_writer *w, enum run_set set, const struct store_rows *rows)
{
	struct keys_row r;
	bool seen = set == RUNS_SEEN;
	struct str kind = seen ? store_text(rows, MAKE_KIND) : (struct str){0};
	if (store_is_null(rows, MAKE_KEY))
		return;
	keys_put(w, seen ? &kind : NULL, store_text(rows, MAKE_KEY));
	if (!keys_are_listed(set) ||
	    (seen && !keys_has_rows(kind, store_text(rows, MAKE_WORD))))
		return;
	read_row(rows, &r);
	keys_put_row(w, &r);
}

static int read_keys(struct store *s, enum run_set set, const char *run,
    struct keys_writer *w, struct error *e)
{
	struct sql sql = sql_start();
	int status = put_columns(&sql, s, set, run, e);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	struct store_rows *rows = text != NULL ? memory_query(s, "", text, e) : NULL;
	while (rows != NULL && store_next(rows))
		put_key(w, set, rows);
	status = rows == NULL || store_rows_failed(rows, e) ? -1 : 0;
	store_rows_free(rows);
	sql_free(&sql);
	return status;
}

/* Make the keys of a run, aside, to go beside it; what is there is replaced. */
static int make_keys(struct make *m, enum run_set set, const char *run, struct error *e)
{
	char name[32], aside[PATH_MAX], path[PATH_MAX], to[PATH_MAX];
	snprintf(name, sizeof(name), "%06zu" KEYS_SUFFIX, m->plan.moves);
	if (path_make(aside, e, "%s/journal/tx-%08u/%s", m->store->path, m->plan.seq,
		name) < 0 ||
	    path_make(path, e, "%s/%s", m->store->path, run) < 0 ||
	    keys_path(run, to, e) < 0)
		return -1;
	struct keys_writer *w =
	    keys_writer_new(aside, keys_are_listed(set) ? KEYS_ROWS : KEYS_ENDS, e);
	if (w == NULL || read_keys(m->store, set, run, w, e) < 0) {
		keys_drop(w);
		return -1;
	}
	m->made++;
	return keys_finish(w, path, e) < 0 ? -1 : journal_move(&m->plan, name, to, e);
}

/* Go on where the step before ended. */
static int make_some(struct make *m, struct error *e)
{
	struct store *s = m->store;
	for (; s->keys_set < RUN_SETS; s->keys_set++, s->keys_at = 0) {
		enum run_set set = (enum run_set)s->keys_set;
		const struct catalog_table *t = catalog_runs(&s->catalog, set);
		for (; s->keys_at < t->n && set != RUNS_WATCH_HOUR; s->keys_at++) {
			if (m->made == MAKE_AT_ONCE)
				return 0;
			int due = needs(s, t->paths[s->keys_at], e);
			if (due < 0 ||
			    (due > 0 && make_keys(m, set, t->paths[s->keys_at], e) < 0))
				return -1;
		}
	}
	return 0;
}

int memory_keys(struct store *s, struct error *e)
{
	struct make m = {.store = s};
	if (s->keys_set == RUN_SETS)
		return 0;
	int status = journal_begin(&m.plan, s->path, memory_next_seq(s), e);
	if (status == 0)
		status = make_some(&m, e);
	if (status == 0 && m.made > 0)
		status = journal_commit(&m.plan, s->path, e);
	journal_drop(&m.plan, s->path);
	if (status < 0)
		return error_add(e, "listing the keys of runs");
	return m.made == 0 ? 0 : memory_reload(s, e) < 0 ? -1 : 1;
}
