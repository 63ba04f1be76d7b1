/* SPDX-License-Identifier: Apache-2.0 */
/* Which staged rows the memory has already, from another source. */
#include "store/same.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sql.h"
#include "store/retain.h"
#include "store/same_match.h"
#include "sys/path.h"

#define DAY_US      INT64_C(86400000000)
#define LONGEST_US  (366 * DAY_US) /* a longer connection is taken for one so long */
#define SCRATCH_MAX (256U << 20)

#define AT(type, field) offsetof(struct type##_record, field)
#define PLACES(type)                                                                     \
	AT(type, src_ip), AT(type, src_port), AT(type, dst_ip), AT(type, dst_port),      \
	    AT(type, source_kind), AT(type, sensor), AT(type, source)

static const struct same_table tables[] = {
    {RECORD_CONN, true, PLACES(conn), {AT(conn, proto)}, 1, "proto", " server_name "},
    {RECORD_DNS, false, PLACES(dns), {AT(dns, proto), AT(dns, query), AT(dns, qtype)}, 3,
	"proto,query,qtype", ""},
    {RECORD_TLS, false, PLACES(tls), {AT(tls, sni)}, 1, "sni",
	" ja3 ja3s ja4 cert_sha256 "},
    {RECORD_HTTP, false, PLACES(http), {AT(http, host), AT(http, uri), AT(http, method)},
	3, "host,uri,method", " user_agent "},
};

const struct same_table *same_table(enum record_type type)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].type == type)
			return &tables[i];
	}
	return NULL;
}

bool same_settles(enum record_type type)
{
	return same_table(type) != NULL;
}

const struct str *same_kind(enum record_type type, const void *record)
{
	const struct same_table *t = same_table(type);
	return t != NULL ? (const void *)((const char *)record + t->source_kind) : NULL;
}

unsigned same_rank(struct str kind)
{
	static const struct {
		struct str kind;
		unsigned rank;
	} ranks[] = {{STR("packets"), 0}, {STR("zeek"), 1}, {STR("eve"), 2},
	    {STR("csv"), 3}, {STR("ipfix"), 4}, {STR("netflow"), 4}, {STR("nfdump"), 4}};
	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		if (str_equal(kind, ranks[i].kind))
			return ranks[i].rank;
	}
	return kind.n == 0 ? 0 : 5;
}

struct str same_first_kind(struct str kinds)
{
	if (kinds.n == 0)
		return SAME_PACKETS;
	const char *comma = memchr(kinds.p, ',', kinds.n);
	return comma == NULL ? kinds : (struct str){kinds.p, (size_t)(comma - kinds.p)};
}

struct str same_staged(const struct same *m, uint32_t row, size_t offset)
{
	return stage_field((const char *)stage_row(m->stage, row) + offset);
}

/* ---- the staged rows ---- */

/* Both ends of a connection, the lesser first. */
struct ends {
	struct addr a, b;
	uint16_t a_port, b_port;
};

_Static_assert(sizeof(struct ends) == 36, "no padding: it is hashed");

static uint64_t hash_ends(const struct same *m, const struct addr *src, uint16_t src_port,
    const struct addr *dst, uint16_t dst_port, bool *swapped)
{
	int order = addr_cmp(src, dst);
	*swapped = order > 0 || (order == 0 && src_port > dst_port);
	struct ends k = *swapped ? (struct ends){*dst, *src, dst_port, src_port}
				 : (struct ends){*src, *dst, src_port, dst_port};
	return hash_bytes(&m->key, &k, sizeof(k));
}

static int64_t span_us(double seconds)
{
	double us = seconds * 1e6;
	return !(us > 0) ? 0 : us > (double)LONGEST_US ? LONGEST_US : llround(us);
}

static void add_fresh(struct same *m, uint32_t row)
{
	const struct same_table *t = m->table;
	const char *at = stage_row(m->stage, row);
	struct moment ts = *(const struct moment *)(const void *)at;
	if (ts.ns == MOMENT_NONE.ns)
		return;
	struct same_fresh *f = &m->fresh[m->n];
	*f = (struct same_fresh){.row = row, .first = moment_us(ts)};
	f->last = f->first;
	if (t->spans)
		f->last +=
		    span_us(((const struct conn_record *)(const void *)at)->duration);
	f->hash = hash_ends(m, (const void *)(at + t->src_ip),
	    *(const uint16_t *)(const void *)(at + t->src_port),
	    (const void *)(at + t->dst_ip),
	    *(const uint16_t *)(const void *)(at + t->dst_port), &f->swapped);
	struct str kind = same_first_kind(same_staged(m, row, t->source_kind));
	f->rank = (uint8_t)same_rank(kind);
	uint64_t who = same_who(m, kind, same_staged(m, row, t->sensor));
	m->who = m->n == 0 || who == m->who ? who : 0;
	m->firsts[m->n++] = f->first;
	m->from = f->first < m->from ? f->first : m->from;
	m->until = f->last > m->until ? f->last : m->until;
	int64_t span = f->last - f->first;
	m->longest = span > m->longest ? span : m->longest;
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static int by_ends(const void *a, const void *b)
{
	const struct same_fresh *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static int index_stage(struct same *m, struct error *e)
{
	size_t n = m->stage->n;
	m->fresh = malloc((n + 1) * sizeof(*m->fresh));
	m->firsts = malloc((n + 1) * sizeof(*m->firsts));
	if (m->fresh == NULL || m->firsts == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to compare rows");
	m->n = 0;
	m->from = INT64_MAX;
	m->until = INT64_MIN;
	m->longest = 0;
	for (size_t i = 0; i < n; i++)
		add_fresh(m, (uint32_t)i);
	qsort(m->firsts, m->n, sizeof(*m->firsts), by_number);
	qsort(m->fresh, m->n, sizeof(*m->fresh), by_ends);
	return 0;
}

/* ---- the segments of that time ---- */

static bool lists(char *const *paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(paths[i], path) == 0)
			return true;
	}
	return false;
}

/* Whether a staged row may be the same as one of a segment of those days. */
static bool any_in(const struct same *m, int64_t first_day, int64_t end_day)
{
	int64_t reach = m->table->spans ? SAME_REACH_DAYS * DAY_US : 0;
	int64_t from = first_day * DAY_US - m->longest - SAME_SLACK_US;
	int64_t end = end_day * DAY_US + reach + SAME_SLACK_US;
	size_t low = 0, high = m->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (m->firsts[middle] < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->n && m->firsts[low] <= end;
}

static int add_place(struct same *m, const char *path, const char *file, size_t move,
    bool rolled, struct error *e)
{
	int64_t first, end;
	if (!retain_span(path, &first, &end) || !any_in(m, first, end))
		return 0;
	if (m->place_count == m->place_room) {
		size_t room = m->place_room == 0 ? 64 : m->place_room * 2;
		struct same_place *places = realloc(m->places, room * sizeof(*places));
		if (places == NULL)
			return error_set(e, ERR_SYSTEM, "no memory to compare rows");
		m->places = places;
		m->place_room = room;
	}
	struct same_place p = {strdup(path), strdup(file), move, rolled};
	if (p.path == NULL || p.file == NULL) {
		free(p.path);
		free(p.file);
		return error_set(e, ERR_SYSTEM, "no memory to compare rows");
	}
	m->places[m->place_count++] = p;
	return 0;
}

static bool is_of(const char *path, enum record_type type)
{
	const char *table = record_info(type)->table;
	size_t n = strlen(table);
	return strncmp(path, table, n) == 0 && path[n] == '/';
}

/* What this transaction has written of other kinds, or written anew. */
static int add_moves(struct same *m, const struct transaction *t, struct error *e)
{
	char file[PATH_MAX];
	const struct journal_plan *p = &t->plan;
	enum record_type type = m->table->type;
	const struct path_list *u = &m->store->catalog.unrolled.of[type];
	for (size_t i = 0; i < p->moves; i++) {
		const char *old = p->replaces[i];
		if (!is_of(p->to[i], type) || (old == NULL && i >= t->others))
			continue;
		bool rolled = old != NULL && !lists(u->paths, u->n, old);
		if (path_make(file, e, "%s/journal/tx-%08u/%s", t->root, p->seq,
			p->from[i]) < 0 ||
		    add_place(m, p->to[i], file, i, rolled, e) < 0)
			return -1;
	}
	return 0;
}

static int find_places(struct same *m, const struct transaction *t, struct error *e)
{
	char file[PATH_MAX];
	const struct catalog *c = &m->store->catalog;
	const struct catalog_table *all = &c->tables[m->table->type];
	const struct path_list *u = &c->unrolled.of[m->table->type];
	for (size_t i = 0; i < all->n; i++) {
		const char *path = all->paths[i];
		if (lists(t->plan.removes, t->plan.removed, path))
			continue;
		if (path_make(file, e, "%s/%s", t->root, path) < 0 ||
		    add_place(m, path, file, SIZE_MAX, !lists(u->paths, u->n, path), e) <
			0)
			return -1;
	}
	return add_moves(m, t, e);
}

bool same_alone(const struct same *m, const struct transaction *t, enum record_type type)
{
	return same_table(type) == NULL ||
	       (m->store->catalog.tables[type].n == 0 && t->others == 0);
}

/* ---- comparing ---- */

/* A row of the memory. */
struct seen_row {
	uint32_t place;
	int64_t row, first, last;
	uint64_t hash;
	bool swapped;
	struct str kind, sensor;
	struct str keys[SAME_KEYS_MAX];
};

static bool is_same(const struct same *m, const struct seen_row *r, uint32_t row)
{
	const struct same_table *t = m->table;
	struct str kind = same_first_kind(same_staged(m, row, t->source_kind));
	if (str_equal(kind, r->kind) &&
	    str_equal(same_staged(m, row, t->sensor), r->sensor))
		return false;
	for (size_t i = 0; i < t->key_count; i++) {
		if (!str_equal(same_staged(m, row, t->keys[i]), r->keys[i]))
			return false;
	}
	return true;
}

static int add_match(
    struct same *m, const struct seen_row *r, size_t fresh, struct error *e)
{
	if (m->match_count == SAME_MATCHES_MAX) {
		m->counts.over_limit++;
		return 0;
	}
	if (m->match_count == m->match_room) {
		size_t room = m->match_room == 0 ? 256 : m->match_room * 2;
		struct same_match *v = realloc(m->matches, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory to compare rows");
		m->matches = v;
		m->match_room = room;
	}
	m->fresh[fresh].claimed = true;
	m->matches[m->match_count++] = (struct same_match){.row = r->row,
	    .first = r->first,
	    .last = r->last,
	    .place = r->place,
	    .fresh = (uint32_t)fresh,
	    .rank = (uint8_t)same_rank(r->kind),
	    .swapped = r->swapped};
	return 0;
}

/* The place of the first staged row behind those with that hash that begin by then. */
static size_t upper_bound(const struct same *m, uint64_t hash, int64_t until)
{
	size_t low = 0, high = m->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct same_fresh *f = &m->fresh[middle];
		if (f->hash < hash || (f->hash == hash && f->first <= until))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of what happens at a moment a row is the same as one other: the nearest that is free.
 */
static int match_row(struct same *m, const struct seen_row *r, struct error *e)
{
	size_t end = upper_bound(m, r->hash, r->last + SAME_SLACK_US), nearest = end;
	int64_t least = INT64_MAX;
	for (size_t i = end; i-- > 0 && end - i <= SAME_STEPS_MAX;) {
		const struct same_fresh *f = &m->fresh[i];
		if (f->hash != r->hash)
			break;
		if (f->last < r->first - SAME_SLACK_US || !is_same(m, r, f->row))
			continue;
		int64_t away = llabs(f->first - r->first);
		if (m->table->spans) {
			if (add_match(m, r, i, e) < 0)
				return -1;
		} else if (!f->claimed && away < least) {
			least = away;
			nearest = i;
		}
	}
	return nearest < end ? add_match(m, r, nearest, e) : 0;
}

/* ---- reading ---- */

int same_put_rows(struct sql *sql, const struct same *m, size_t place, size_t n)
{
	const struct record_info *info = record_info(m->table->type);
	sql_put(sql, " FROM (SELECT NULL::VARCHAR AS filename,NULL::BIGINT AS "
		     "file_row_number");
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		sql_format(
		    sql, ",NULL::%s AS \"%s\"", segment_sql_type(f->kind), f->name);
	}
	sql_put(sql, " WHERE false UNION ALL BY NAME SELECT * FROM read_parquet([");
	for (size_t i = 0; i < n; i++) {
		sql_put(sql, i > 0 ? "," : "");
		sql_quote(sql, m->places[place + i].file);
	}
	sql_put(sql, "],union_by_name=true,hive_partitioning=false,filename=true,"
		     "file_row_number=true))");
	return 0;
}

static struct store_rows *ask(
    const struct same *m, size_t place, size_t n, struct error *e)
{
	struct sql sql = sql_start();
	sql_format(&sql,
	    "SELECT filename,file_row_number,ts,%s,src_ip,src_port,dst_ip,dst_port,"
	    "source_kind,sensor,%s",
	    m->table->spans ? "duration" : "NULL::DECIMAL(18,6)", m->table->key_names);
	same_put_rows(&sql, m, place, n);
	sql_format(&sql, " WHERE epoch_us(ts)<=%" PRId64, m->until + SAME_SLACK_US);
	if (m->table->spans)
		sql_format(&sql,
		    " AND epoch_us(ts)+least(coalesce(duration,0)::DOUBLE*1e6,%" PRId64
		    ")>=%" PRId64,
		    LONGEST_US, m->from - SAME_SLACK_US);
	else
		sql_format(&sql, " AND epoch_us(ts)>=%" PRId64, m->from - SAME_SLACK_US);
	const char *text = sql_text(&sql, e);
	struct store_rows *rows =
	    text != NULL ? memory_query(m->store, "", text, e) : NULL;
	sql_free(&sql);
	return rows;
}

enum {
	COLUMN_FILE,
	COLUMN_ROW,
	COLUMN_TS,
	COLUMN_DURATION,
	COLUMN_SRC,
	COLUMN_SRC_PORT,
	COLUMN_DST,
	COLUMN_DST_PORT,
	COLUMN_KIND,
	COLUMN_SENSOR,
	COLUMN_KEYS,
};

/* The place of a file; the rows of each come together, in the order of the places. */
static uint32_t place_of(const struct same *m, uint32_t before, struct str file)
{
	for (uint32_t i = 0; i < m->place_count; i++) {
		uint32_t k = (uint32_t)((before + i) % m->place_count);
		if (str_equal(file, str_of(m->places[k].file)))
			return k;
	}
	return before;
}

static int compare(struct same *m, size_t place, size_t n, struct error *e)
{
	struct store_rows *rows = ask(m, place, n, e);
	struct seen_row r = {.place = (uint32_t)place};
	if (rows == NULL)
		return -1;
	int status = 0;
	while (status == 0 && store_next(rows)) {
		struct addr src, dst;
		(void)str_addr(store_text(rows, COLUMN_SRC), &src);
		(void)str_addr(store_text(rows, COLUMN_DST), &dst);
		r.hash = hash_ends(m, &src, (uint16_t)store_uint(rows, COLUMN_SRC_PORT),
		    &dst, (uint16_t)store_uint(rows, COLUMN_DST_PORT), &r.swapped);
		r.first = moment_us(store_time(rows, COLUMN_TS));
		r.last = r.first + span_us(store_real(rows, COLUMN_DURATION));
		size_t end = upper_bound(m, r.hash, r.last + SAME_SLACK_US);
		if (end == 0 || m->fresh[end - 1].hash != r.hash)
			continue;
		r.place = place_of(m, r.place, store_text(rows, COLUMN_FILE));
		r.row = store_int(rows, COLUMN_ROW);
		r.kind = same_first_kind(store_text(rows, COLUMN_KIND));
		r.sensor = store_text(rows, COLUMN_SENSOR);
		for (size_t i = 0; i < m->table->key_count; i++)
			r.keys[i] = store_text(rows, COLUMN_KEYS + i);
		status = match_row(m, &r, e);
	}
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	return status;
}

/* ---- deciding ---- */

/*
 * Which of the two stays: the one whose numbers are better, that of the memory where they
 * are as good, or where roll-ups count its connection already. But a row goes only where
 * those that stay saw all of its time: nothing that was seen is lost.
 *
 * What is no connection and is counted already stays beside a better one: roll-ups must
 * see what that one has more.
 */
static void decide(struct same *m)
{
	for (size_t i = 0; i < m->n; i++) {
		m->fresh[i].from = INT64_MAX;
		m->fresh[i].until = INT64_MIN;
	}
	for (size_t i = 0; i < m->match_count; i++) {
		const struct same_match *match = &m->matches[i];
		struct same_fresh *f = &m->fresh[match->fresh];
		bool rolled = m->places[match->place].rolled && m->table->spans;
		m->places[match->place].found = true;
		if (match->rank > f->rank && !rolled)
			continue;
		f->from = match->first < f->from ? match->first : f->from;
		f->until = match->last > f->until ? match->last : f->until;
	}
	for (size_t i = 0; i < m->n; i++) {
		struct same_fresh *f = &m->fresh[i];
		f->dropped = same_covers(f->from, f->until, f->first, f->last);
	}
}

/* Take the dropped rows out of the stage. */
static void compact(struct same *m)
{
	struct stage *s = m->stage;
	bool *dropped = calloc(s->n + 1, sizeof(*dropped));
	if (dropped == NULL)
		return;
	for (size_t i = 0; i < m->n; i++)
		dropped[m->fresh[i].row] = m->fresh[i].dropped;
	size_t to = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (dropped[i])
			continue;
		if (to != i)
			memcpy(stage_row(s, to), stage_row(s, i), s->info->size);
		to++;
	}
	m->counts.dropped += s->n - to;
	s->bytes -= (s->n - to) * s->info->size;
	s->n = to;
	free(dropped);
}

static int by_place(const void *a, const void *b)
{
	const struct same_match *x = a, *y = b;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static int settle(struct same *m, struct transaction *t, struct error *e)
{
	if (index_stage(m, e) < 0 || find_places(m, t, e) < 0 || same_facts(m, e) < 0)
		return -1;
	for (size_t i = 0; i < m->place_count; i += SAME_FILES_AT_ONCE) {
		size_t left = m->place_count - i;
		if (compare(m, i, left < SAME_FILES_AT_ONCE ? left : SAME_FILES_AT_ONCE,
			e) < 0)
			return -1;
	}
	if (m->match_count == 0)
		return 0;
	qsort(m->matches, m->match_count, sizeof(*m->matches), by_place);
	decide(m);
	for (size_t i = 0; i < m->place_count; i++) {
		if (m->places[i].found && same_write(m, t, &m->places[i], e) < 0)
			return -1;
	}
	compact(m);
	return 0;
}

static void forget(struct same *m)
{
	for (size_t i = 0; i < m->place_count; i++) {
		free(m->places[i].path);
		free(m->places[i].file);
	}
	free(m->fresh);
	free(m->firsts);
	free(m->matches);
	m->fresh = NULL;
	m->firsts = NULL;
	m->matches = NULL;
	m->n = m->place_count = m->match_count = m->match_room = m->patch_count = 0;
}

int same_settle(
    struct same *m, struct transaction *t, enum record_type type, struct error *e)
{
	m->table = same_table(type);
	m->stage = &t->stages[type];
	if (m->stage->n == 0 || same_alone(m, t, type))
		return 0;
	int status = settle(m, t, e);
	forget(m);
	return status < 0 ? error_add(e, "comparing %s with the memory's",
				record_info(type)->table)
			  : 0;
}

struct same *same_new(struct store *s, struct error *e)
{
	struct same *m = calloc(1, sizeof(*m));
	if (m == NULL) {
		error_set(e, ERR_SYSTEM, "no memory");
		return NULL;
	}
	m->store = s;
	m->key = hash_key_random();
	arena_init(&m->scratch, SCRATCH_MAX);
	same_facts_init(m);
	if (same_register(m, e) == 0)
		return m;
	same_free(m);
	return NULL;
}

void same_free(struct same *m)
{
	if (m == NULL)
		return;
	forget(m);
	free(m->places);
	free(m->patches);
	arena_fini(&m->scratch);
	keyed_reset(&m->facts);
	free(m);
}

const struct same_counts *same_counted(const struct same *m)
{
	return &m->counts;
}
