/* SPDX-License-Identifier: Apache-2.0 */
#include "store/retain.h"

#include <fts.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/copy.h"
#include "engine/sql.h"
#include "store/memory.h"
#include "store/unrolled.h"
#include "sys/file.h"
#include "sys/path.h"

#define STATE_PATH "journal/retained" /* "SUBJECT CUT SEQ" a line: see struct cut */
#define STATE_MAX  65536
#define WHY_TEXT   (POLICY_RULE_TEXT + 16)

/*
 * Up to where a rule reaches now, and up to where it was applied before: rows older than
 * done are gone from all segments up to number seq.
 */
struct cut {
	const struct policy_rule *rule;
	int64_t day; /* rows of earlier days go */
	int64_t done;
	uint32_t seq;
};

struct retain {
	struct store *store;
	struct moment now;
	int64_t today; /* the day from which age counts */
	struct cut cuts[POLICY_RULES_MAX];
	size_t n;
	/* What this transaction took away, by table and rule. */
	struct decay_record gone[RECORD_TYPES][POLICY_RULES_MAX];
	char whys[POLICY_RULES_MAX][WHY_TEXT];
};

bool retain_is_detail(enum record_type type)
{
	return catalog_by_day(type) && type != RECORD_WATCH && type != RECORD_DECAY;
}

/* ---- spans ---- */

static bool parse_date(const char *text, int parts, int date[static 3])
{
	int n = 0;
	if (parts == 3)
		return sscanf(text, "%d-%2d-%2d%n", &date[0], &date[1], &date[2], &n) ==
			   3 &&
		       text[n] == '/';
	if (parts == 2)
		return sscanf(text, "%d-%2d%n", &date[0], &date[1], &n) == 2 &&
		       text[n] == '/';
	return sscanf(text, "%d%n", &date[0], &n) == 1 && text[n] == '/';
}

bool retain_span(const char *path, int64_t *from, int64_t *end)
{
	static const struct {
		const char *name;
		int parts; /* of a date */
	} folders[] = {{"/year=", 1}, {"/month=", 2}, {"/day=", 3}};
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int date[3] = {1970, 1, 1};
		const char *at = strstr(path, folders[i].name);
		if (at == NULL ||
		    !parse_date(at + strlen(folders[i].name), folders[i].parts, date) ||
		    date[1] < 1 || date[1] > 12)
			continue;
		*from = days_from_civil(date[0], (unsigned)date[1], (unsigned)date[2]);
		bool december = date[1] == 12;
		*end = folders[i].parts == 3   ? *from + 1
		       : folders[i].parts == 1 ? days_from_civil(date[0] + 1, 1, 1)
		       : december              ? days_from_civil(date[0] + 1, 1, 1)
				  : days_from_civil(date[0], (unsigned)date[1] + 1, 1);
		return true;
	}
	return false;
}

/* ---- what was done before ---- */

static void read_state(struct retain *r, char *text)
{
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		char subject[POLICY_RULE_TEXT], known[POLICY_RULE_TEXT];
		int64_t day;
		uint32_t seq;
		if (sscanf(line, "%127s %" SCNd64 " %" SCNu32, known, &day, &seq) != 3)
			continue;
		for (size_t i = 0; i < r->n; i++) {
			policy_subject_text(r->cuts[i].rule, subject);
			if (strcmp(subject, known) == 0) {
				r->cuts[i].done = day;
				r->cuts[i].seq = seq;
			}
		}
	}
}

static int load_state(struct retain *r, struct error *e)
{
	char path[PATH_MAX];
	size_t n;
	if (path_make(path, e, "%s/" STATE_PATH, r->store->path) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	char *text = file_read(path, STATE_MAX, &n, e);
	if (text == NULL)
		return -1;
	read_state(r, text);
	free(text);
	return 0;
}

/* Plan the state after this transaction: all that is there now was looked at. */
static int plan_state(struct retain *r, struct error *e)
{
	char path[PATH_MAX], *text = NULL;
	size_t n = 0;
	struct transaction *t = &r->store->transaction;
	FILE *out = open_memstream(&text, &n);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory");
	for (size_t i = 0; i < r->n; i++) {
		char subject[POLICY_RULE_TEXT];
		const struct cut *c = &r->cuts[i];
		policy_subject_text(c->rule, subject);
		fprintf(out, "%s %" PRId64 " %" PRIu32 "\n", subject,
		    c->day > c->done ? c->day : c->done, t->seq);
	}
	int status = fclose(out) == 0 ? 0 : error_set(e, ERR_SYSTEM, "no memory");
	if (status == 0)
		status = path_make(
		    path, e, "%s/journal/tx-%08u/retained", r->store->path, t->plan.seq);
	if (status == 0)
		status = file_replace(path, text, n, e);
	free(text);
	return status < 0 ? -1 : journal_move(&t->plan, "retained", STATE_PATH, e);
}

/* ---- one segment ---- */

/* What a rule says of rows of a table, as SQL that is true or false. */
static void put_match(struct sql *sql, const struct cut *c, enum record_type type)
{
	const struct policy_rule *rule = c->rule;
	const struct record_info *info = record_info(type);
	char subject[POLICY_RULE_TEXT];
	sql_format(sql, "(epoch_us(ts)<%" PRId64, c->day * 86400000000);
	if (!rule->everyone) {
		struct policy_rule net = *rule;
		net.proto[0] = '\0';
		policy_subject_text(&net, subject);
		sql_format(sql,
		    " AND (coalesce(in_net(src_ip,'%s'),false)"
		    " OR coalesce(in_net(dst_ip,'%s'),false))",
		    subject, subject);
	}
	if (rule->proto[0] != '\0' && strcmp(rule->proto, info->table) != 0) {
		sql_put(sql, " AND (false");
		for (size_t i = 0; i < info->field_count; i++) {
			if (strcmp(info->fields[i].name, "proto") == 0)
				sql_format(
				    sql, " OR coalesce(proto='%s',false)", rule->proto);
			if (strcmp(info->fields[i].name, "service") == 0)
				sql_format(sql,
				    " OR "
				    "coalesce(list_contains(string_split(service,','),"
				    "'%s'),false)",
				    rule->proto);
		}
		sql_put(sql, ")");
	}
	sql_put(sql, ")");
}

static int ask_number(
    struct retain *r, const char *tables, struct sql *sql, uint64_t *n, struct error *e)
{
	const char *text = sql_text(sql, e);
	struct store_rows *rows =
	    text != NULL ? memory_query(r->store, tables, text, e) : NULL;
	bool one = rows != NULL && store_next(rows);
	*n = one ? store_uint(rows, 0) : 0;
	int status = one ? 0 : -1;
	if (!one && rows != NULL && !store_rows_failed(rows, e))
		status = error_set(e, ERR_ENGINE, "no answer to a count");
	store_rows_free(rows);
	sql_free(sql);
	return status;
}

/* A segment that is looked at. */
struct segment {
	enum record_type type;
	const char *name; /* relative to the memory */
	int64_t from, end;
};

static void note_gone(
    struct retain *r, const struct segment *s, size_t why, uint64_t rows, uint64_t bytes)
{
	struct decay_record *row = &r->gone[s->type][why];
	int64_t end = r->cuts[why].day < s->end ? r->cuts[why].day : s->end;
	struct moment from = moment_from(s->from * 86400, 0);
	struct moment until = moment_from(end * 86400, 0);
	if (row->row_count == 0 && row->bytes == 0) {
		record_clear(RECORD_DECAY, row);
		row->ts = r->now;
		row->table_name = str_of(record_info(s->type)->table);
		row->why = str_of(r->whys[why]);
		row->span_start = from;
		row->span_end = until;
	}
	row->span_start = from.ns < row->span_start.ns ? from : row->span_start;
	row->span_end = until.ns > row->span_end.ns ? until : row->span_end;
	row->row_count += rows;
	row->bytes += bytes;
}

static void put_source(struct sql *sql, const struct retain *r, const struct segment *s)
{
	char path[PATH_MAX] = "";
	(void)path_make(path, NULL, "%s/%s", r->store->path, s->name);
	sql_put(sql, " FROM read_parquet(");
	sql_quote(sql, path);
	sql_put(sql, ",hive_partitioning=false)");
}

static int remove_segment(
    struct retain *r, const struct segment *s, size_t why, struct error *e)
{
	uint64_t rows;
	struct sql sql = sql_start();
	sql_put(&sql, "SELECT count(*)");
	put_source(&sql, r, s);
	if (ask_number(r, "", &sql, &rows, e) < 0 ||
	    journal_remove(&r->store->transaction.plan, s->name, e) < 0)
		return -1;
	note_gone(r, s, why, rows, path_bytes(r->store->path, s->name));
	return 0;
}

/* The condition under which a row goes: one of the rules of which some bits are set. */
static void put_any(
    struct sql *sql, const struct retain *r, const bool *due, enum record_type type)
{
	const char *between = "";
	for (size_t i = 0; i < r->n; i++) {
		if (!due[i])
			continue;
		sql_put(sql, between);
		put_match(sql, &r->cuts[i], type);
		between = " OR ";
	}
}

/* Write the segment anew without the rows that go, under a number of its own. */
static int rewrite_segment(struct retain *r, const struct segment *s, const bool *due,
    uint64_t *bytes, struct error *e)
{
	char name[32], from[PATH_MAX], to[PATH_MAX];
	struct transaction *t = &r->store->transaction;
	const char *file = strrchr(s->name, '/') + 1;
	size_t stem = strlen(file) - strlen(SEGMENT_SUFFIX) - 8;
	if (t->seq == SEGMENT_SEQ_MAX)
		return error_set(e, ERR_LIMIT, "more than %u segments", SEGMENT_SEQ_MAX);
	snprintf(name, sizeof(name), "%06zu" SEGMENT_SUFFIX, t->plan.moves);
	if (path_make(from, e, "%s/journal/tx-%08u/%s", r->store->path, t->plan.seq,
		name) < 0 ||
	    path_make(to, e, "%.*s%.*s%08u" SEGMENT_SUFFIX, (int)(file - s->name),
		s->name, (int)stem, file, t->seq) < 0)
		return -1;
	struct sql sql = sql_start();
	sql_put(&sql, "COPY (SELECT *");
	put_source(&sql, r, s);
	sql_put(&sql, " WHERE NOT (");
	put_any(&sql, r, due, s->type);
	sql_put(&sql, ")) TO ");
	sql_quote(&sql, from);
	sql_put(&sql, COPY_OPTIONS);
	const char *text = sql_text(&sql, e);
	int status = text != NULL ? engine_run(&r->store->engine, text, e) : -1;
	sql_free(&sql);
	if (status < 0 || journal_replace(&t->plan, name, to, s->name, e) < 0)
		return -1;
	t->seq++;
	struct stat st;
	*bytes = stat(from, &st) == 0 ? (uint64_t)st.st_size : 0;
	return 0;
}

/* How many rows of the segment each due rule takes, counted for the first that does. */
static int count_rows(struct retain *r, const struct segment *s, const bool *due,
    uint64_t rows[static POLICY_RULES_MAX], uint64_t *all, struct error *e)
{
	bool before[POLICY_RULES_MAX] = {false};
	uint64_t counted = 0;
	for (size_t i = 0; i < r->n; i++) {
		rows[i] = 0;
		if (!due[i])
			continue;
		before[i] = true;
		struct sql sql = sql_start();
		sql_put(&sql, "SELECT count(*)");
		put_source(&sql, r, s);
		sql_put(&sql, " WHERE ");
		put_any(&sql, r, before, s->type);
		uint64_t n;
		if (ask_number(r, "", &sql, &n, e) < 0)
			return -1;
		rows[i] = n - counted;
		counted = n;
	}
	*all = counted;
	return 0;
}

/* Whether a rule takes every row of a table that is old enough. */
static bool takes_all(const struct policy_rule *rule, enum record_type type)
{
	return rule->everyone && (rule->proto[0] == '\0' ||
				     strcmp(rule->proto, record_info(type)->table) == 0);
}

/* Take from a segment the rows that the due rules name. */
static int thin_segment(
    struct retain *r, const struct segment *s, const bool *due, struct error *e)
{
	uint64_t rows[POLICY_RULES_MAX] = {0}, all, bytes;
	if (count_rows(r, s, due, rows, &all, e) < 0)
		return -1;
	if (all == 0)
		return 0;
	if (rewrite_segment(r, s, due, &bytes, e) < 0)
		return -1;
	uint64_t before = path_bytes(r->store->path, s->name);
	uint64_t freed = before > bytes ? before - bytes : 0;
	for (size_t i = 0; i < r->n; i++) {
		if (due[i] && rows[i] > 0)
			note_gone(r, s, i, rows[i],
			    (uint64_t)((double)freed * (double)rows[i] / (double)all));
	}
	return 0;
}

/* Which rules take rows of the segment; false: none does. */
static bool rules_due(const struct retain *r, const struct segment *s, bool *due)
{
	bool any = false;
	uint32_t seq = path_seq(s->name, SEGMENT_SUFFIX);
	for (size_t i = 0; i < r->n; i++) {
		const struct cut *c = &r->cuts[i];
		due[i] = s->from < c->day && (s->end > c->done || seq >= c->seq);
		any = any || due[i];
	}
	return any;
}

static int look_at(struct retain *r, const struct segment *s, struct error *e)
{
	bool due[POLICY_RULES_MAX] = {false};
	if (!rules_due(r, s, due))
		return 0;
	for (size_t i = 0; i < r->n; i++) {
		if (due[i] && s->end <= r->cuts[i].day &&
		    takes_all(r->cuts[i].rule, s->type))
			return remove_segment(r, s, i, e);
	}
	return thin_segment(r, s, due, e);
}

/* ---- passes ---- */

static int segment_of(
    const struct retain *r, enum record_type type, size_t i, struct segment *s)
{
	s->type = type;
	s->name = r->store->catalog.tables[type].paths[i];
	return retain_span(s->name, &s->from, &s->end) ? 0 : -1;
}

static int list_detail(struct store *s, struct error *e)
{
	for (int t = 0; t < RECORD_TYPES; t++) {
		if (catalog_list(&s->catalog, (size_t)t, s->path, e) < 0)
			return -1;
	}
	return 0;
}

static bool is_unrolled(const struct unrolled *u, const struct segment *s)
{
	const struct path_list *l = &u->of[s->type];
	if (unrolled_counts(s->type) && !u->knows[s->type])
		return true;
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->paths[i], s->name) == 0)
			return true;
	}
	return false;
}

/* Whether a segment that rules take rows of is in no roll-up yet. */
static bool takes_unrolled(const struct retain *r, const struct unrolled *u)
{
	bool due[POLICY_RULES_MAX];
	struct segment s;
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < r->store->catalog.tables[t].n; i++) {
			if (retain_is_detail((enum record_type)t) &&
			    segment_of(r, (enum record_type)t, i, &s) == 0 &&
			    is_unrolled(u, &s) && rules_due(r, &s, due))
				return true;
		}
	}
	return false;
}

/* What goes must be in the roll-ups before. */
static int roll_first(struct retain *r, struct error *e)
{
	struct unrolled u = {0};
	int more = unrolled_load(&u, r->store->path, e);
	if (more == 0 && takes_unrolled(r, &u)) {
		while ((more = memory_roll(r->store, true, e)) > 0)
			continue;
		if (more == 0)
			more = list_detail(r->store, e);
	}
	unrolled_free(&u);
	return more;
}

static int apply_rules(struct retain *r, struct error *e)
{
	struct segment s;
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < r->store->catalog.tables[t].n; i++) {
			if (retain_is_detail((enum record_type)t) &&
			    segment_of(r, (enum record_type)t, i, &s) == 0 &&
			    look_at(r, &s, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- the budget of the disk ---- */

/* Spread the bytes of each segment of detail evenly over the days of its span, up to
 * today: v[i] is day first + i. */
static void bytes_by_day(const struct retain *r, int64_t first, double *v)
{
	struct segment s;
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < r->store->catalog.tables[t].n; i++) {
			if (!retain_is_detail((enum record_type)t) ||
			    segment_of(r, (enum record_type)t, i, &s) < 0 ||
			    s.from > r->today)
				continue;
			int64_t end = s.end <= r->today ? s.end : r->today + 1;
			double part = (double)path_bytes(r->store->path, s.name) /
				      (double)(end - s.from);
			for (int64_t day = s.from; day < end; day++)
				v[day - first] += part;
		}
	}
}

static int64_t first_day(const struct retain *r)
{
	struct segment s;
	int64_t first = r->today;
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < r->store->catalog.tables[t].n; i++) {
			if (retain_is_detail((enum record_type)t) &&
			    segment_of(r, (enum record_type)t, i, &s) == 0 &&
			    s.from < first)
				first = s.from;
		}
	}
	return first;
}

/* The day before which detail must go to set that many bytes free, as far as the spans of
 * segments tell; never later than the newest day. */
static int disk_cut(const struct retain *r, double bytes, int64_t *cut, struct error *e)
{
	int64_t first = first_day(r);
	double *v = calloc((size_t)(r->today - first) + 1, sizeof(*v));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the sizes of days");
	bytes_by_day(r, first, v);
	for (*cut = first; *cut < r->today && bytes > 0; (*cut)++)
		bytes -= v[*cut - first];
	free(v);
	return 0;
}

uint64_t retain_folder_bytes(const char *path)
{
	char copy[PATH_MAX];
	uint64_t bytes = 0;
	if (path_make(copy, NULL, "%s", path) < 0)
		return 0;
	FTS *tree =
	    fts_open((char *const[]){copy, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	while (tree != NULL && (entry = fts_read(tree)) != NULL) {
		if (entry->fts_info == FTS_F)
			bytes += (uint64_t)entry->fts_statp->st_size;
	}
	if (tree != NULL)
		fts_close(tree);
	return bytes;
}

/* ---- transactions ---- */

static int put_decay(struct retain *r, struct error *e)
{
	struct record_sink sink = store_sink(r->store);
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < r->n; i++) {
			if (r->gone[t][i].row_count > 0)
				record_put(&sink, RECORD_DECAY, &r->gone[t][i]);
		}
	}
	return store_failed(r->store, e) ? -1 : 0;
}

/* The day from which age counts: that of the newest record, or today where that is
 * earlier. */
static int find_today(struct retain *r, struct error *e)
{
	uint64_t us[2] = {0};
	static const char *const tables[] = {"watch_hour", "conn"};
	for (size_t i = 0; i < 2 && us[0] == 0; i++) {
		struct sql sql = sql_start();
		sql_format(&sql, "SELECT epoch_us(max(ts)) FROM %s", tables[i]);
		if (ask_number(r, tables[i], &sql, &us[0], e) < 0)
			return -1;
	}
	struct moment newest = moment_from_us((int64_t)us[0]);
	r->today = moment_day(newest.ns < r->now.ns ? newest : r->now);
	return 0;
}

static void plan_cuts(struct retain *r)
{
	const struct policy *p = &r->store->config.policy;
	r->n = p->n;
	for (size_t i = 0; i < p->n; i++) {
		char text[POLICY_RULE_TEXT];
		const struct policy_rule *rule = &p->rules[i];
		bool all = rule->everyone && rule->proto[0] == '\0';
		r->cuts[i] = (struct cut){rule, r->today - rule->days + 1, INT64_MIN, 0};
		policy_rule_text(rule, text);
		snprintf(r->whys[i], WHY_TEXT, all ? "--keep-conn %s" : "--keep %s",
		    all ? strchr(text, '=') + 1 : text);
	}
}

static int begin(struct retain *r, struct error *e)
{
	if (roll_first(r, e) < 0)
		return -1;
	memset(r->gone, 0, sizeof(r->gone));
	return store_begin(r->store, e);
}

/* Commit what a pass has planned, if it takes anything away; then say it. */
static int finish(struct retain *r, const struct decay_sink *sink, struct error *e)
{
	if (put_decay(r, e) < 0 || store_commit(r->store, e) < 0) {
		store_abort(r->store);
		return -1;
	}
	for (int t = 0; sink != NULL && t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < r->n; i++) {
			if (r->gone[t][i].row_count > 0)
				sink->removed(sink->ctx, &r->gone[t][i]);
		}
	}
	return list_detail(r->store, e);
}

/* The rule by which the oldest days go over the budget. */
static void plan_disk(struct retain *r, int64_t cut)
{
	static const struct policy_rule everything = {.everyone = true};
	char size[POLICY_RULE_TEXT];
	policy_size_text(r->store->config.policy.disk, size);
	snprintf(r->whys[0], WHY_TEXT, "--disk %s", size);
	r->cuts[0] = (struct cut){&everything, cut, INT64_MIN, 0};
	r->n = 1;
}

/* Take days away until the budget holds. Spans only tell about how much a day takes, so
 * it may need another turn. */
static int keep_budget(
    struct retain *r, const struct decay_sink *sink, uint64_t *over, struct error *e)
{
	uint64_t budget = r->store->config.policy.disk, used;
	int64_t cut = INT64_MIN, last;
	double target = (double)budget / 100 * RETAIN_DISK_PERCENT;
	do {
		used = retain_folder_bytes(r->store->path);
		last = cut;
		if (used <= budget)
			return 0;
		if (disk_cut(r, (double)used - target, &cut, e) < 0)
			return -1;
		plan_disk(r, cut);
		if (begin(r, e) < 0 || apply_rules(r, e) < 0 || finish(r, sink, e) < 0)
			return -1;
	} while (cut > last);
	used = retain_folder_bytes(r->store->path);
	*over = used > budget ? used - budget : 0;
	return 0;
}

static int apply(
    struct retain *r, const struct decay_sink *sink, uint64_t *over, struct error *e)
{
	uint64_t budget = r->store->config.policy.disk;
	if (list_detail(r->store, e) < 0 || find_today(r, e) < 0)
		return -1;
	plan_cuts(r);
	if (load_state(r, e) < 0)
		return -1;
	if (r->n > 0 && (begin(r, e) < 0 || apply_rules(r, e) < 0 ||
			    plan_state(r, e) < 0 || finish(r, sink, e) < 0))
		return -1;
	return budget > 0 ? keep_budget(r, sink, over, e) : 0;
}

int store_retain(struct store *s, struct moment now, const struct decay_sink *sink,
    uint64_t *over, struct error *e)
{
	*over = 0;
	if (policy_is_empty(&s->config.policy))
		return 0;
	/* No row goes before the roll-ups count it. */
	int done;
	while ((done = memory_roll(s, true, e)) > 0)
		continue;
	if (done < 0)
		return -1;
	struct retain *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to thin out the memory");
	r->store = s;
	r->now = now;
	int status = apply(r, sink, over, e);
	if (status < 0)
		store_abort(s);
	free(r);
	return status;
}
