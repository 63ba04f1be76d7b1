/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ends of segments say: until when their rows reach, and whether all of them are
 * of one kind and one sensor. It is read once for each segment; where the staged rows are
 * of that kind and sensor, too, no row of it need be looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/sql.h"
#include "store/same_match.h"

#define FACTS_MAX 1000000 /* segments remembered; then all are forgotten */

struct fact {
	uint64_t path; /* its hash: the key */
	int64_t last;  /* microseconds since 1970 */
	uint64_t who;  /* kind and sensor of all rows; 0: they differ */
};

enum {
	COLUMN_FILE,
	COLUMN_TS,
	COLUMN_DURATION,
	COLUMN_SENSOR,
	COLUMN_SENSORS, /* whether they differ */
	COLUMN_KIND,
	COLUMN_KINDS,
};

void same_facts_init(struct same *m)
{
	keyed_init(&m->facts, sizeof(struct fact), sizeof(uint64_t), &m->key);
}

uint64_t same_who(const struct same *m, struct str kind, struct str sensor)
{
	uint64_t both[2] = {
	    hash_bytes(&m->key, kind.n > 0 ? kind.p : "packets", kind.n > 0 ? kind.n : 7),
	    hash_bytes(&m->key, sensor.n > 0 ? sensor.p : "", sensor.n)};
	return hash_bytes(&m->key, both, sizeof(both)) | 1;
}

static uint64_t id_of(const struct same *m, const char *file)
{
	return hash_bytes(&m->key, file, strlen(file));
}

static struct store_rows *ask(const struct same *m, size_t from, struct error *e)
{
	size_t n = 0;
	struct sql sql = sql_start();
	sql_put(&sql,
	    "SELECT file_name,"
	    "max(epoch_us(TRY_CAST(stats_max_value AS TIMESTAMP)))"
	    " FILTER (path_in_schema='ts'),"
	    "coalesce(max(TRY_CAST(stats_max_value AS DOUBLE))"
	    " FILTER (path_in_schema='duration'),0),"
	    "min(stats_min_value) FILTER (path_in_schema='sensor'),"
	    "coalesce(bool_or(stats_null_count<>0 OR stats_min_value IS NULL OR "
	    "stats_max_value IS NULL) FILTER (path_in_schema='sensor'),true) OR "
	    "min(stats_min_value) FILTER (path_in_schema='sensor')<>"
	    "max(stats_max_value) FILTER (path_in_schema='sensor'),"
	    "min(stats_min_value) FILTER (path_in_schema='source_kind'),"
	    "coalesce(bool_or(stats_null_count IS NULL OR (stats_null_count<>num_values "
	    "AND (stats_null_count<>0 OR stats_min_value IS NULL OR "
	    "stats_max_value IS NULL))) FILTER (path_in_schema='source_kind'),false) OR "
	    "coalesce(min(stats_min_value) FILTER (path_in_schema='source_kind')<>"
	    "max(stats_max_value) FILTER (path_in_schema='source_kind'),false) OR "
	    "coalesce(count(DISTINCT stats_null_count=0) FILTER "
	    "(path_in_schema='source_kind')>1,false)"
	    " FROM parquet_metadata([");
	for (size_t i = from; i < m->place_count && n < SAME_FILES_AT_ONCE; i++) {
		if (!m->places[i].asked)
			continue;
		sql_put(&sql, n++ > 0 ? "," : "");
		sql_quote(&sql, m->places[i].file);
	}
	sql_put(&sql, "]) GROUP BY file_name");
	const char *text = sql_text(&sql, e);
	struct store_rows *rows =
	    text != NULL ? memory_query(m->store, "", text, e) : NULL;
	sql_free(&sql);
	return rows;
}

static int note(struct same *m, const struct store_rows *rows, struct error *e)
{
	bool made;
	struct str file = store_text(rows, COLUMN_FILE);
	uint64_t id = hash_bytes(&m->key, file.p, file.n);
	struct fact *f = keyed_put(&m->facts, &id, &made);
	if (f == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to compare rows");
	f->last = INT64_MAX;
	double longest = store_real(rows, COLUMN_DURATION) * 1e6;
	if (!store_is_null(rows, COLUMN_TS) && longest < 1e17)
		f->last =
		    store_int(rows, COLUMN_TS) + (longest > 0 ? (int64_t)longest : 0);
	f->who = store_bool(rows, COLUMN_SENSORS) || store_bool(rows, COLUMN_KINDS)
		     ? 0
		     : same_who(m, same_first_kind(store_text(rows, COLUMN_KIND)),
			   store_text(rows, COLUMN_SENSOR));
	return 0;
}

/* Read the ends of up to SAME_FILES_AT_ONCE segments that are not known. */
static int learn(struct same *m, size_t from, struct error *e)
{
	struct store_rows *rows = ask(m, from, e);
	if (rows == NULL)
		return -1;
	int status = 0;
	while (status == 0 && store_next(rows))
		status = note(m, rows, e);
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	return status;
}

static int learn_all(struct same *m, struct error *e)
{
	if (m->facts.n > FACTS_MAX)
		keyed_reset(&m->facts);
	size_t unknown = 0, from = 0;
	for (size_t i = 0; i < m->place_count; i++) {
		struct same_place *p = &m->places[i];
		uint64_t id = id_of(m, p->file);
		p->asked = p->move == SIZE_MAX && keyed_find(&m->facts, &id) == NULL;
		unknown += p->asked;
		bool last = i + 1 == m->place_count;
		if (unknown == SAME_FILES_AT_ONCE || (last && unknown > 0)) {
			if (learn(m, from, e) < 0)
				return -1;
			unknown = 0;
			from = i + 1;
		}
	}
	return 0;
}

int same_facts(struct same *m, struct error *e)
{
	size_t kept = 0;
	if (learn_all(m, e) < 0)
		return -1;
	for (size_t i = 0; i < m->place_count; i++) {
		struct same_place p = m->places[i];
		uint64_t id = id_of(m, p.file);
		const struct fact *f =
		    p.move == SIZE_MAX ? keyed_find(&m->facts, &id) : NULL;
		bool idle = f != NULL && (f->last < m->from - SAME_SLACK_US ||
					     (f->who != 0 && f->who == m->who));
		if (idle) {
			free(p.path);
			free(p.file);
		} else {
			m->places[kept++] = p;
		}
	}
	m->place_count = kept;
	return 0;
}
