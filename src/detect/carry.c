/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/carry.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE_PERIODS 5 /* as weigh.c: silence counts as an end */
#define SILENCE_S       86400

/* What hunts find rests on roll-ups and on hunts that may be removed: never carried. */
static const char findings_sql[] =
    "SELECT id, detector, direction, host, peer, peer_port, proto, first_seen, "
    "last_seen, since, since_kind, confidence, score, rank_p, events, bytes_out, "
    "bytes_in, facts, array_to_string(attack, ' ') FROM finding "
    "WHERE detector <> 'indicator' AND least(first_seen, since) < make_timestamp(%" PRId64
    ") ORDER BY id";

/* ---- reading ---- */

static const char *text_z(struct carry *c, struct str s)
{
	char *p = arena_alloc(&c->texts, s.n + 1);
	if (p == NULL)
		return NULL;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

static bool read_attack(struct carry *c, struct finding *f, struct str list)
{
	const char *p = text_z(c, list);
	char *text = (char *)(uintptr_t)p, *word;
	for (size_t n = 0; n < ATTACK_MAX && (word = strsep(&text, " ")) != NULL;) {
		if (*word != '\0')
			f->attack[n++] = word;
	}
	return p != NULL;
}

static bool read_finding(struct carry *c, const struct store_rows *r, struct finding *f)
{
	*f = (struct finding){.events = store_uint(r, 14)};
	snprintf(f->id, sizeof(f->id), "%.*s", STR_ARG(store_text(r, 0)));
	f->detector = text_z(c, store_text(r, 1));
	bool sound = direction_from_name(store_text(r, 2), &f->direction) &&
		     str_addr(store_text(r, 3), &f->host) &&
		     since_kind_from_name(store_text(r, 10), &f->since_kind) &&
		     confidence_from_name(store_text(r, 11), &f->confidence);
	f->peer = str_copy(&c->texts, store_text(r, 4));
	f->peer_port = (uint16_t)store_uint(r, 5);
	f->proto = str_copy(&c->texts, store_text(r, 6));
	f->first_seen = store_time(r, 7);
	f->last_seen = store_time(r, 8);
	f->since = store_time(r, 9);
	f->score = store_real(r, 12);
	f->rank_p = store_real(r, 13);
	f->bytes_out = store_uint(r, 15);
	f->bytes_in = store_uint(r, 16);
	f->fact_count = facts_from_json(store_text(r, 17), f->facts, &c->texts);
	return read_attack(c, f, store_text(r, 18)) && f->detector != NULL && sound;
}

static int add(struct carry *c, const struct store_rows *r, struct error *e)
{
	if (c->n == CARRY_MAX) {
		c->over_limit++;
		return 0;
	}
	if (c->n == c->room) {
		size_t room = c->room == 0 ? 64 : 2 * c->room;
		struct carried *v = realloc(c->v, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory left");
		c->v = v;
		c->room = room;
	}
	struct carried *v = &c->v[c->n];
	*v = (struct carried){.last = INT64_MIN};
	c->n += read_finding(c, r, &v->finding);
	return 0;
}

int carry_open(struct carry *c, const struct past *past, struct store *s,
    const struct finding_sink *sink, struct error *e)
{
	*c = (struct carry){.horizon = past->horizon, .sink = sink};
	arena_init(&c->texts, CARRY_TEXTS_MAX);
	if (!past->decayed)
		return 0;
	struct store_rows *r = past_query(s, e, findings_sql, past->horizon);
	int result = r == NULL ? -1 : 0;
	while (result == 0 && store_next(r))
		result = add(c, r, e);
	if (r != NULL && result == 0 && store_rows_failed(r, e))
		result = -1;
	store_rows_free(r);
	return result < 0 ? error_add(e, "reading the last judgement") : 0;
}

void carry_fini(struct carry *c)
{
	free(c->v);
	arena_fini(&c->texts);
	*c = (struct carry){.v = NULL};
}

/* ---- facts ---- */

static void drop_fact(struct finding *f, enum fact_key key)
{
	size_t n = 0;
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key != key)
			f->facts[n++] = f->facts[i];
	}
	f->fact_count = n;
}

/* Put the fact of that kind that the other finding has, or none. */
static void take_fact(struct finding *f, const struct finding *from, enum fact_key key)
{
	const struct fact *fact = finding_fact(from, key);
	drop_fact(f, key);
	if (fact != NULL && f->fact_count < FACTS_MAX)
		f->facts[f->fact_count++] = *fact;
}

static void say_decayed(struct finding *f, int64_t horizon)
{
	drop_fact(f, FACT_KEY_DECAYED);
	if (f->fact_count == FACTS_MAX)
		f->fact_count--;
	finding_add_fact(f, FACT_KEY_DECAYED, (double)horizon, 0, 0);
}

/* ---- a finding that is made again ---- */

/* Whether something explains it away that did not before. That it rests on few moments is
 * no such thing: that is what decay does. */
static bool new_doubt(const struct finding *f, const struct finding *before)
{
	static const enum fact_key doubts[] = {FACT_KEY_COMMON_PEER,
	    FACT_KEY_FLEET_RHYTHM, FACT_KEY_USUAL_SERVICE, FACT_KEY_OPEN_SERVICE};
	for (size_t i = 0; i < sizeof(doubts) / sizeof(*doubts); i++) {
		if (finding_fact(f, doubts[i]) != NULL &&
		    finding_fact(before, doubts[i]) == NULL)
			return true;
	}
	return false;
}

/* It falls only where there is a new doubt, not because evidence has decayed; and rises
 * only where no old one has decayed, as the name of a service does. */
static enum confidence confidence(const struct finding *f, const struct finding *before)
{
	bool forgot = finding_fact(f, FACT_KEY_USUAL_SERVICE) == NULL &&
		      finding_fact(before, FACT_KEY_USUAL_SERVICE) != NULL;
	if (forgot || (before->confidence > f->confidence && !new_doubt(f, before)))
		return before->confidence;
	return f->confidence;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void keep_date(struct finding *f, const struct finding *before)
{
	static const enum fact_key dates[] = {
	    FACT_KEY_OLDER, FACT_KEY_FIRST_PACKET, FACT_KEY_ONSET};
	if (before->first_seen.ns < f->first_seen.ns)
		f->first_seen = before->first_seen;
	if (before->since.ns >= f->since.ns)
		return;
	f->since = before->since;
	f->since_kind = before->since_kind;
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++)
		take_fact(f, before, dates[i]);
}

#define SAME_PERIOD 0.1 /* of the longer one: the same rhythm, measured anew */

/* Check-ins that were counted stay counted. */
static void keep_check_ins(struct finding *f, const struct finding *before)
{
	const struct fact *old = finding_fact(before, FACT_KEY_RHYTHM);
	for (size_t i = 0; i < f->fact_count && old != NULL; i++) {
		double *v = f->facts[i].value;
		if (f->facts[i].key == FACT_KEY_RHYTHM &&
		    fabs(v[0] - old->value[0]) <= SAME_PERIOD * fmax(v[0], old->value[0]))
			v[2] = fmax(v[2], old->value[2]);
	}
}

/* What only connections tell, and records that decay with them. */
static void keep_facts(struct finding *f, const struct finding *before)
{
	static const enum fact_key keys[] = {
	    FACT_KEY_SELF_SIGNED, FACT_KEY_LONG_CHANNEL, FACT_KEY_USUAL_SERVICE};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (finding_fact(f, keys[i]) == NULL)
			take_fact(f, before, keys[i]);
	}
}

static int by_id(const void *x, const void *y)
{
	return strcmp(((const struct carried *)x)->finding.id,
	    ((const struct carried *)y)->finding.id);
}

static struct carried *find(const struct carry *c, const struct finding *f)
{
	struct carried key = {.finding = *f};
	return c->n > 0 ? bsearch(&key, c->v, c->n, sizeof(*c->v), by_id) : NULL;
}

void carry_drop(struct carry *c, const struct finding *f)
{
	struct carried *v = find(c, f);
	if (v != NULL)
		v->again = true;
}

void carry_put(void *ctx, const struct finding *f)
{
	struct carry *c = ctx;
	struct finding copy = *f;
	struct carried *v = find(c, f);
	if (v != NULL) {
		const struct finding *before = &v->finding;
		v->again = true;
		copy.confidence = confidence(f, before);
		keep_date(&copy, before);
		keep_facts(&copy, before);
		keep_check_ins(&copy, before);
		copy.events = most(f->events, before->events);
		copy.bytes_out = most(f->bytes_out, before->bytes_out);
		copy.bytes_in = most(f->bytes_in, before->bytes_in);
	}
	if (moment_us(copy.first_seen) < c->horizon)
		say_decayed(&copy, c->horizon);
	c->sink->put(c->sink->ctx, &copy);
}

/* ---- findings that are not made again ---- */

/* What the roll-ups say of a pair in all years. */
struct total {
	struct addr src, dst;
	struct str name, proto;
	uint16_t port;
	int64_t last;
	uint64_t missed;
};

static bool is_of(const struct finding *f, const struct total *t)
{
	bool inbound = f->direction == DIRECTION_INBOUND;
	char peer[ADDR_TEXT_MAX];
	if (!addr_equal(&f->host, inbound ? &t->dst : &t->src) ||
	    f->peer_port != t->port || !str_equal(f->proto, t->proto))
		return false;
	addr_text(inbound ? &t->src : &t->dst, peer);
	return str_equal(f->peer, str_of(peer)) ||
	       (t->name.n > 0 && str_equal(f->peer, t->name));
}

/* Those that are carried over, by host. */
struct waiting {
	struct carried **v; /* owned */
	size_t n;
};

static int by_host(const void *x, const void *y)
{
	const struct carried *const *a = x, *const *b = y;
	return addr_cmp(&(*a)->finding.host, &(*b)->finding.host);
}

static int list_waiting(struct carry *c, struct waiting *w, struct error *e)
{
	w->v = calloc(c->n + 1, sizeof(struct carried *));
	if (w->v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < c->n; i++) {
		if (!c->v[i].again)
			w->v[w->n++] = &c->v[i];
	}
	if (w->n > 0)
		qsort(w->v, w->n, sizeof(struct carried *), by_host);
	return 0;
}

/* Give what is said of a pair to the findings of a host. */
static void take_total(
    const struct waiting *w, const struct addr *host, const struct total *t)
{
	size_t low = 0, high = w->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (addr_cmp(&w->v[middle]->finding.host, host) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < w->n && addr_equal(&w->v[low]->finding.host, host); low++) {
		struct carried *v = w->v[low];
		if (!is_of(&v->finding, t))
			continue;
		v->last = t->last > v->last ? t->last : v->last;
		v->missed += t->missed;
	}
}

/* The statement that sums up the pairs of their hosts. */
static char *totals_sql(const struct waiting *w)
{
	char *sql = NULL, host[ADDR_TEXT_MAX];
	size_t n = 0;
	FILE *out = open_memstream(&sql, &n);
	if (out == NULL)
		return NULL;
	fputs("WITH h AS (SELECT DISTINCT unnest([", out);
	for (size_t i = 0; i < w->n; i++) {
		addr_text(&w->v[i]->finding.host, host);
		fprintf(out, "%s'%s'", i > 0 ? "," : "", host);
	}
	fputs("]) AS ip) SELECT src_ip, dst_ip, dst_port, proto, server_name, "
	      "max(last_seen), least(sum(missed_bytes), 9223372036854775807)::BIGINT "
	      "FROM pair_year WHERE src_ip IN (FROM h) OR dst_ip IN (FROM h) "
	      "GROUP BY ALL",
	    out);
	if (fclose(out) != 0) {
		free(sql);
		return NULL;
	}
	return sql;
}

static int read_totals(const struct waiting *w, struct store *s, struct error *e)
{
	char *sql = totals_sql(w);
	if (sql == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r = store_sum(s, sql, e);
	free(sql);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct total t = {.name = store_text(r, 4),
		    .proto = store_text(r, 3),
		    .port = (uint16_t)store_uint(r, 2),
		    .last = moment_us(store_time(r, 5)),
		    .missed = store_uint(r, 6)};
		if (!str_addr(store_text(r, 0), &t.src) ||
		    !str_addr(store_text(r, 1), &t.dst))
			continue;
		take_total(w, &t.src, &t);
		if (!addr_equal(&t.src, &t.dst))
			take_total(w, &t.dst, &t);
	}
	return store_rows_end(r, e);
}

/* Its last packet is what later roll-ups say, and so is its silence since. */
static void refresh(struct finding *f, int64_t last, const struct context *context)
{
	if (last <= moment_us(f->last_seen))
		last = moment_us(f->last_seen);
	f->last_seen = moment_from_us(last);
	const struct fact *rhythm = finding_fact(f, FACT_KEY_RHYTHM);
	double most_s = rhythm != NULL ? SILENCE_PERIODS * rhythm->value[0] : SILENCE_S;
	double silence = (double)(context->last - last) / 1e6;
	drop_fact(f, FACT_KEY_STOPPED);
	if (silence > most_s)
		finding_add_fact(f, FACT_KEY_STOPPED, (double)last, silence, 0);
}

int carry_over(
    struct carry *c, const struct context *context, struct store *s, struct error *e)
{
	struct waiting w = {.n = 0};
	int result = c->n > 0 ? list_waiting(c, &w, e) : 0;
	if (w.n > 0)
		result = read_totals(&w, s, e);
	free(w.v);
	if (result < 0)
		return error_add(e, "reading the roll-ups of earlier findings");
	for (size_t i = 0; i < c->n; i++) {
		struct carried *v = &c->v[i];
		if (v->again)
			continue;
		v->finding.missed = v->missed;
		refresh(&v->finding, v->last, context);
		say_decayed(&v->finding, c->horizon);
		c->sink->put(c->sink->ctx, &v->finding);
	}
	return 0;
}
