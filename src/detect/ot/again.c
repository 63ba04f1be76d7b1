/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R8, replay. Who replays does not make values up, he has recorded them: a sequence of
 * writes that comes again, or readings that come again while the plant does something
 * else. echo.h says how odd such a run is; a plant that repeats itself anyhow is its own
 * counter-evidence, so neither schedules nor cycles nor what stands still are told.
 *
 *     readings: digests in order of time, per device, reader, function, object, address
 *     writes:   function, object, address and digest, per device; by whom
 *     GOOSE:    numbers of states and frames, which only grow but for a restart
 */
#include "detect/ot/again.h"

#include <math.h>
#include <stdlib.h>

#define READ_ORDER      3 /* elements of a context (echo.h) */
#define WRITE_ORDER     2
#define READ_STEPS      20  /* changes of readings that come again, at least … */
#define READ_DISTINCT   8   /* … with so many different values … */
#define READ_BEFORE     100 /* … after so many changes that did not */
#define WRITE_STEPS     8   /* the same of writes by one master … */
#define WRITE_DISTINCT  5
#define WRITE_BEFORE    50
#define OTHERS_STEPS    3 /* … and of writes that another had made: five of them */
#define OTHERS_DISTINCT 3
#define BEFORE_LOOPS    3   /* the past is as many times as long as what comes again */
#define LONGER          3   /* what comes again, than whatever came again before */
#define USUAL_SHARE     0.2 /* of changes that are foretold: above, it is a cycle */
#define AGAIN_DECADES   6.0 /* false alarms in a memory: 10^-6 */

/* Of years of polling only so much is looked at each time. */
#define LAST_DAYS 92
#define LAST_ROWS " AND ts >= (SELECT max(ts) - INTERVAL 92 DAY FROM ot)"

#define WRITES_MIN   10    /* in a memory: fewer are no sequence and its copy */
#define READINGS_MIN "150" /* of one series: fewer can not show a run and a past */

struct again {
	struct ot_work *w;
	struct echo *echo;
	struct ot_again *v; /* owned; OT_AGAIN_MAX */
	size_t n;
	uint64_t dropped; /* because of OT_AGAIN_MAX */
	double rows;      /* that were looked at: chances for a false alarm */

	struct ot_again now; /* the pair in work, and its oddest run so far */
	struct str who[ECHO_WHO_MAX];
	struct ot_pair pairs[ECHO_WHO_MAX]; /* of writes: what each of them did */
	size_t who_count;
	uint64_t series; /* of readings: in work, and whether its values are states */
	bool states;
};

/* ---- what is told ---- */

static void put(struct again *a, const struct ot_again *one)
{
	if (one->run.n == 0)
		return;
	if (a->n == OT_AGAIN_MAX)
		a->dropped++;
	else
		a->v[a->n++] = *one;
}

static void told(struct ot_work *w, const struct ot_again *one, double rows)
{
	const struct echo_run *r = &one->run;
	double sure = r->decades - log10(rows + 1);
	bool others = one->original.n > 0, odd = sure >= AGAIN_DECADES;
	if (!odd && !others)
		return;
	struct ot_change *c = ot_changed(w, &one->pair, one->rule, r->first);
	if (c == NULL)
		return;
	struct finding *f = &c->v.finding;
	if ((odd && !one->states) || one->stranger)
		c->grave |= 1u << one->rule;
	if (others)
		finding_add_text_fact(f, FACT_KEY_WRITES_OF, one->original);
	bool read = one->rule == OT_READ_AGAIN;
	finding_add_fact(f, read ? FACT_KEY_READINGS_AGAIN : FACT_KEY_WRITES_AGAIN,
	    (double)(r->n + (read ? READ_ORDER : WRITE_ORDER)), (double)r->source,
	    (double)(r->last - r->first) / 1e6);
	if (odd)
		finding_add_fact(
		    f, FACT_KEY_AGAIN_ODDS, (double)r->before, pow(10, -sure), 0);
	if (r->usual > 0)
		finding_add_fact(f, FACT_KEY_AGAIN_USUAL,
		    (double)r->usual / (double)r->before, (double)r->before, 0);
	if (one->states)
		finding_add_fact(f, FACT_KEY_AGAIN_STATES, 0, 0, 0);
}

/* Whether the past before the original is long enough to judge by, and in it next to
 * nothing came again, and never nearly so long: what comes in bursts is not exchangeable
 * step by step. */
static bool has_past(const struct echo_run *r, uint64_t least)
{
	uint64_t length = r->loop > 0 && r->loop < r->n ? r->loop : r->n;
	return r->before >= least && r->before >= BEFORE_LOOPS * length &&
	       (double)r->usual <= USUAL_SHARE * (double)r->before &&
	       r->n >= LONGER * r->longest;
}

/* ---- readings ---- */

// clang-format off
/* Series by a hash of all that makes them; most have few rows or values, and are left out
 * before anything of them is put in order. */
#define READINGS_SQL(rows)                                                               \
	"WITH r AS (SELECT *, hash(src_ip, dst_ip, src_mac, dst_mac, from_src, protocol, " \
	"operation, unit, function, object, address, count, CASE WHEN protocol IN "       \
	"('s7comm', 'cip', 'opcua', 'bacnet', 'mms') THEN detail END) AS series "         \
	"FROM ot WHERE digest IS NOT NULL AND operation IN ('read', 'report')" rows       \
	"), k AS (SELECT series FROM r GROUP BY series "                                  \
	"HAVING count(*) >= " READINGS_MIN " AND approx_count_distinct(digest) >= 8) "    \
	"SELECT CASE WHEN operation = 'report' THEN " OT_ASKER " ELSE " OT_DEVICE         \
	" END AS device, CASE WHEN operation = 'report' THEN " OT_DEVICE " ELSE " OT_ASKER \
	" END AS master, protocol, series, ts, digest, proto, dst_port, "                 \
	"coalesce(contains(object, 'coil') OR contains(object, 'discrete') OR "           \
	"contains(object, 'binary') OR contains(object, 'double_bit') OR "                \
	"starts_with(function, 'm_sp') OR starts_with(function, 'm_dp') OR "              \
	"protocol = 'goose', FALSE) AS states FROM r JOIN k USING (series) "              \
	"WHERE device IS NOT NULL AND master IS NOT NULL "                                \
	"ORDER BY device, master, protocol, series, ts, source_offset, digest"
// clang-format on

/* Of several runs the oddest is told, from when the first one began. */
static void on_reading_run(void *ctx, unsigned who, const struct echo_run *r)
{
	struct again *a = ctx;
	struct echo_run *best = &a->now.run;
	(void)who;
	if (r->n < READ_STEPS || r->distinct < READ_DISTINCT || !has_past(r, READ_BEFORE))
		return;
	bool later = best->n > 0 && best->first < r->first;
	int64_t first = later ? best->first : r->first;
	int64_t source = later ? best->source : r->source;
	if (best->n == 0 || r->decades > best->decades) {
		*best = *r;
		a->now.states = a->states;
	}
	best->first = first;
	best->source = source;
}

static void take_end(struct ot_pair *p, const struct store_rows *r, size_t ts)
{
	p->last = moment_us(store_time(r, ts));
	p->n++;
}

static int read_reading(struct again *a, const struct store_rows *r, struct error *e)
{
	struct ot_pair *p = &a->now.pair;
	uint64_t series = store_uint(r, 3);
	bool same = a->rows > 0 && str_equal(p->device, store_text(r, 0)) &&
		    str_equal(p->asker, store_text(r, 1)) &&
		    str_equal(p->protocol, store_text(r, 2));
	if (!same || series != a->series)
		echo_end(a->echo);
	if (!same) {
		struct arena *texts = &a->w->texts;
		put(a, &a->now);
		a->now = (struct ot_again){.rule = OT_READ_AGAIN,
		    .pair = {.device = str_copy(texts, store_text(r, 0)),
			.asker = str_copy(texts, store_text(r, 1)),
			.protocol = str_copy(texts, store_text(r, 2)),
			.proto = str_copy(texts, store_text(r, 6)),
			.port = (uint16_t)store_uint(r, 7),
			.first = moment_us(store_time(r, 4))}};
	}
	a->series = series;
	a->rows++;
	take_end(p, r, 4);
	uint64_t digest = store_uint(r, 5);
	if (!echo_step(a->echo, 0, digest, p->last))
		return error_set(e, ERR_SYSTEM, "no memory left");
	a->states = store_bool(r, 8);
	return 0;
}

/* ---- writes ---- */

// clang-format off
#define WRITES_SQL(rows)                                                                 \
	"SELECT " OT_DEVICE " AS device, " OT_ASKER " AS asker, protocol, ts, "           \
	"hash(unit, function, object, address, count, digest), proto, dst_port "          \
	"FROM ot WHERE digest IS NOT NULL AND operation IN ('write', 'control') AND "     \
	"device IS NOT NULL AND asker IS NOT NULL" rows                                   \
	" ORDER BY device, protocol, ts, asker, source_offset"
// clang-format on

/* The device in work ends. */
static void end_writes(struct again *a)
{
	echo_end(a->echo);
	a->who_count = 0;
}

static void on_writes_run(void *ctx, unsigned who, const struct echo_run *r)
{
	struct again *a = ctx;
	bool others = r->source_who != who, habit = 2 * r->usual > r->before;
	if (others ? r->n < OTHERS_STEPS || r->distinct < OTHERS_DISTINCT
		   : r->n < WRITE_STEPS || r->distinct < WRITE_DISTINCT ||
			 !has_past(r, WRITE_BEFORE))
		return;
	struct ot_again one = {.pair = a->pairs[who], .rule = OT_WRITES_AGAIN, .run = *r};
	if (others) {
		one.original = a->who[r->source_who];
		one.stranger =
		    ot_has_past(a->pairs[r->source_who].first, a->pairs[who].first);
	}
	if (others && habit && !one.stranger)
		return; /* both do so time and again: they share a schedule */
	/* One of each pair of ends: the longer, or the earlier. */
	for (size_t i = a->n;
	     i-- > 0 && str_equal(a->v[i].pair.device, one.pair.device);) {
		if (!str_equal(a->v[i].pair.asker, one.pair.asker) ||
		    a->v[i].rule != one.rule)
			continue;
		if (r->n > a->v[i].run.n)
			a->v[i] = one;
		return;
	}
	put(a, &one);
}

static int read_write(struct again *a, const struct store_rows *r, struct error *e)
{
	struct arena *texts = &a->w->texts;
	bool same = a->who_count > 0 && str_equal(a->pairs[0].device, store_text(r, 0)) &&
		    str_equal(a->pairs[0].protocol, store_text(r, 2));
	if (!same)
		end_writes(a);
	unsigned who = 0;
	while (who < a->who_count && !str_equal(a->who[who], store_text(r, 1)))
		who++;
	if (who == ECHO_WHO_MAX)
		return 0;
	if (who == a->who_count) {
		a->who[who] = str_copy(texts, store_text(r, 1));
		a->pairs[who] =
		    (struct ot_pair){.device = str_copy(texts, store_text(r, 0)),
			.asker = a->who[who],
			.protocol = str_copy(texts, store_text(r, 2)),
			.proto = str_copy(texts, store_text(r, 5)),
			.port = (uint16_t)store_uint(r, 6),
			.first = moment_us(store_time(r, 3))};
		a->who_count++;
	}
	a->rows++;
	take_end(&a->pairs[who], r, 3);
	uint64_t element = store_uint(r, 4);
	if (!echo_step(a->echo, who, element, a->pairs[who].last))
		return error_set(e, ERR_SYSTEM, "no memory left");
	return 0;
}

/* ---- GOOSE ---- */

/* A frame whose state number, or its sequence number within the state, is lower than that
 * before it; 0 and 1 are how a device begins. */
static const char counters_sql[] =
    "SELECT src_mac, dst_mac, min(ts) FILTER (back), max(ts), count(*), "
    "count(*) FILTER (back) FROM (SELECT src_mac, dst_mac, ts, "
    "(state < lag(state) OVER w AND state > 1) OR "
    "(state = lag(state) OVER w AND id < lag(id) OVER w AND id > 1) AS back FROM ("
    "SELECT src_mac, dst_mac, unit, ts, id, source_offset, "
    "regexp_extract(detail, '^[^ ]*') AS block, "
    "TRY_CAST(regexp_extract(detail, ' state=([0-9]+)', 1) AS BIGINT) AS state "
    "FROM ot WHERE protocol = 'goose' AND ts IS NOT NULL) "
    "WINDOW w AS (PARTITION BY src_mac, dst_mac, unit, block ORDER BY ts, "
    "source_offset)) "
    "GROUP BY src_mac, dst_mac HAVING count(*) FILTER (back) > 0 "
    "ORDER BY src_mac, dst_mac LIMIT 1024";

static void told_counter(struct ot_work *w, const struct store_rows *r)
{
	const struct ot_pair p = {
	    .asker = str_copy(&w->texts, store_text(r, 0)),
	    .device = str_copy(&w->texts, store_text(r, 1)),
	    .protocol = STR("goose"),
	    .first = moment_us(store_time(r, 2)),
	    .last = moment_us(store_time(r, 3)),
	    .n = store_uint(r, 4),
	};
	struct ot_change *c = ot_changed(w, &p, OT_COUNTER, p.first);
	if (c == NULL)
		return;
	c->grave |= 1u << OT_COUNTER;
	finding_add_fact(&c->v.finding, FACT_KEY_COUNTER_BACK, (double)store_uint(r, 5),
	    (double)p.n, (double)p.first);
}

/* ---- all of them ---- */

/* Whether anything was written often enough; uses.h has it already. */
static bool any_writes(const struct ot_uses *u)
{
	uint64_t n = 0;
	for (size_t i = 0; i < u->n; i++)
		n += u->v[i].weight == OT_WRITE ? u->v[i].n : 0;
	return n >= WRITES_MIN;
}

struct kind {
	unsigned order; /* of a context; readings scatter little, writes are few */
	const char *sql, *last_sql; /* of a memory of more than LAST_DAYS */
	int (*row)(struct again *, const struct store_rows *, struct error *);
	void (*run)(void *, unsigned, const struct echo_run *);
};

static int read_all(struct again *a, const struct kind *k, struct error *e)
{
	int result = 0;
	bool years = context_days(a->w->d->context) > LAST_DAYS;
	struct store_rows *r =
	    store_sum(a->w->d->source->store, years ? k->last_sql : k->sql, e);
	if (r == NULL)
		return -1;
	while (result == 0 && store_next(r))
		result = k->row(a, r, e);
	if (result < 0) {
		store_rows_free(r);
		return result;
	}
	return store_rows_end(r, e);
}

/* One kind of sequences: its query, how its rows are read and its runs are judged. */
static int look_at(struct again *a, const struct kind *k, struct error *e)
{
	a->echo = echo_new(k->order, (struct echo_sink){a, k->run});
	if (a->echo == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	int result = read_all(a, k, e);
	if (result == 0)
		echo_end(a->echo);
	echo_free(a->echo);
	put(a, &a->now);
	a->now.run.n = 0;
	return result;
}

static int look_again(struct again *a, struct error *e)
{
	static const struct kind readings = {READ_ORDER, READINGS_SQL(""),
	    READINGS_SQL(LAST_ROWS), read_reading, on_reading_run};
	static const struct kind writes = {WRITE_ORDER, WRITES_SQL(""),
	    WRITES_SQL(LAST_ROWS), read_write, on_writes_run};
	if (look_at(a, &readings, e) < 0)
		return -1;
	if (any_writes(&a->w->uses) && look_at(a, &writes, e) < 0)
		return -1;
	for (size_t i = 0; i < a->n; i++)
		told(a->w, &a->v[i], a->rows);
	return 0;
}

static int look_at_counters(struct ot_work *w, struct error *e)
{
	struct store_rows *any = store_sum(
	    w->d->source->store, "SELECT 1 FROM ot WHERE protocol = 'goose' LIMIT 1", e);
	if (any == NULL)
		return -1;
	bool there = store_next(any);
	int result = store_rows_end(any, e);
	if (result < 0 || !there)
		return result;
	struct store_rows *r = store_sum(w->d->source->store, counters_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		told_counter(w, r);
	return store_rows_end(r, e);
}

int ot_rules_of_again(struct ot_work *w, struct error *e)
{
	if (look_at_counters(w, e) < 0)
		return -1;
	struct again *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	a->w = w;
	a->v = malloc(OT_AGAIN_MAX * sizeof(*a->v));
	int result =
	    a->v != NULL ? look_again(a, e) : error_set(e, ERR_SYSTEM, "no memory left");
	w->dropped += a->dropped;
	free(a->v);
	free(a);
	return result;
}
