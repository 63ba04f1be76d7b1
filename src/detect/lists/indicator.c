/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicators that standing hunts look for (store/hunt.h): one finding for each of our
 * hosts and each indicator that it met. What was met is asked of the roll-ups here, over
 * all years, so the finding is the same in whatever order the segments came.
 *
 * A match is as good as the list that it is on. The list's own words are handed on as
 * such; dwell claims no more than that the two met, when, how, and how much.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/hunt.h"
#include "base/hash.h"
#include "detect/detector.h"
#include "feed/pattern.h"

#define TEXT_BYTES   (1u << 20) /* texts of one finding */
#define SLOTS_FIRST  1024
#define COMMON_SHARE 0.05 /* as in weigh.h */
#define NAME_SHARE   0.9  /* of the connections go by one name: the peer is called so */
#define SHOWN_ALONE                                                                      \
	(~((1u << ASK_TO) | (1u << ASK_FROM) | (1u << ASK_SERVER_NAME) |                 \
	    (1u << ASK_SNI) | (1u << ASK_HTTP_HOST) | (1u << ASK_URL)))

/* Ids that were given out already: two hunts may look for the same. */
struct ids {
	uint64_t *v; /* owned; 0: free */
	size_t n, size;
};

struct work {
	const struct detection *d;
	const struct hunt *hunt;
	const struct indicators *set;
	struct ids ids;
	struct arena arena;
	bool no_memory;
};

/* One indicator or pattern, and what was found of it. */
struct met {
	const struct ask_answer *answer;
	struct str kind, value, note, id, place;
	struct indicator in; /* of a pattern: unset */
	bool is_pattern;
};

/* ---- ids ---- */

static bool ids_grow(struct ids *ids)
{
	size_t size = ids->size > 0 ? 2 * ids->size : SLOTS_FIRST;
	uint64_t *v = calloc(size, sizeof(*v));
	if (v == NULL)
		return false;
	for (size_t i = 0; i < ids->size; i++) {
		size_t k = ids->v[i] & (size - 1);
		while (ids->v[i] != 0 && v[k] != 0)
			k = (k + 1) & (size - 1);
		if (ids->v[i] != 0)
			v[k] = ids->v[i];
	}
	free(ids->v);
	ids->v = v;
	ids->size = size;
	return true;
}

/* Whether the id is new; it is known then. */
static bool ids_add(struct work *w, const char *id)
{
	struct ids *ids = &w->ids;
	uint64_t x = hash_bytes(&hash_key_public, id, strlen(id)) | 1;
	if (ids->n * 2 >= ids->size && !ids_grow(ids)) {
		w->no_memory = true;
		return false;
	}
	size_t k = x & (ids->size - 1);
	while (ids->v[k] != 0 && ids->v[k] != x)
		k = (k + 1) & (ids->size - 1);
	bool fresh = ids->v[k] == 0;
	ids->n += fresh;
	ids->v[k] = x;
	return fresh;
}

/* ---- what it is ---- */

static bool is_endpoint(const struct met *m)
{
	return !m->is_pattern &&
	       (m->in.kind == INDICATOR_ADDRESS || m->in.kind == INDICATOR_NETWORK ||
		   m->in.kind == INDICATOR_NAME || m->in.kind == INDICATOR_URL);
}

/* What the peer is called: as other detectors call it, where that can be known. */
static struct str peer_name(struct work *w, const struct met *m)
{
	const struct ask_answer *a = m->answer;
	struct url url;
	if (m->is_pattern)
		return m->id.n > 0 ? m->id : m->value;
	if (m->in.kind == INDICATOR_URL && url_split(m->in.value, &url))
		return url.host;
	if (m->in.kind == INDICATOR_ADDRESS && a->names.n > 0 &&
	    (double)a->names.v[0].connections >= NAME_SHARE * (double)a->t.connections)
		return a->names.v[0].text;
	if (is_endpoint(m))
		return m->value;
	return str_format(&w->arena, "%.*s:%.*s", STR_ARG(m->kind), STR_ARG(m->value));
}

/* Port and protocol, where there was but one of both. */
static void set_service(struct finding *f, const struct ask_answer *a)
{
	f->proto = STR("");
	if (a->services.n != 1 || a->services.more > 0)
		return;
	struct str s = a->services.v[0].text;
	const char *slash = memchr(s.p, '/', s.n);
	f->proto = (struct str){s.p, slash != NULL ? (size_t)(slash - s.p) : s.n};
	size_t at = slash != NULL ? (size_t)(slash - s.p) + 1 : s.n;
	for (; at < s.n; at++)
		f->peer_port = (uint16_t)(10 * f->peer_port + (s.p[at] - '0'));
}

static enum direction direction_of(
    const struct work *w, const struct met *m, unsigned how)
{
	bool home = !m->is_pattern && m->in.kind == INDICATOR_ADDRESS &&
		    series_home(w->d->source->options, &m->in.net.addr);
	bool from = (how & 1u << ASK_FROM) != 0 && (how & 1u << ASK_TO) == 0;
	return home ? DIRECTION_INTERNAL : from ? DIRECTION_INBOUND : DIRECTION_OUTBOUND;
}

/* ---- what it says ---- */

static bool is_common(const struct work *w, const struct met *m)
{
	double hosts = (double)m->answer->host_count;
	return hosts > 2 && hosts > COMMON_SHARE * (double)w->d->context->hosts;
}

static bool is_loose(const struct met *m)
{
	return m->answer->why == ASK_WHY_SAME_HOST || m->answer->why == ASK_WHY_TIMES;
}

static enum confidence confidence_of(
    const struct work *w, const struct met *m, const struct ask_tally *t)
{
	if (m->in.broad)
		return CONFIDENCE_LOW;
	bool met = (t->how & ~SHOWN_ALONE) == 0
		       ? !is_endpoint(m)
		       : t->connections > t->unanswered || (t->how & 1u << ASK_URL) != 0;
	return met && !is_loose(m) && !is_common(w, m) ? CONFIDENCE_HIGH
						       : CONFIDENCE_MEDIUM;
}

static struct str how_names(struct arena *a, unsigned how)
{
	struct str all = STR("");
	for (int i = 0; i < ASK_HOW_COUNT; i++) {
		if ((how >> i & 1) != 0)
			all = str_format(a, "%.*s%s%s", STR_ARG(all),
			    all.n > 0 ? "," : "", ask_how_name((enum ask_how)i));
	}
	return all;
}

static void facts_of_hunt(
    struct work *w, const struct met *m, struct finding *f, const struct ask_tally *t)
{
	struct arena *a = &w->arena;
	const struct hunt *h = w->hunt;
	finding_add_text_fact(f, FACT_KEY_HUNTED,
	    h->note.n > 0 ? str_format(a, "%s (%.*s)", h->id, STR_ARG(h->note))
			  : str_of(h->id));
	finding_add_text_fact(f, FACT_KEY_INDICATOR,
	    str_format(a, "%.*s %.*s", STR_ARG(m->kind), STR_ARG(m->value)));
	finding_add_text_fact(f, FACT_KEY_SEEN_AS, how_names(a, t->how));
	if (m->note.n > 0)
		finding_add_text_fact(f, FACT_KEY_FEED_LABEL, m->note);
	finding_add_text_fact(f, FACT_KEY_FEED_PLACE, m->place);
}

static void facts_of_peer(const struct work *w, const struct met *m, struct finding *f,
    const struct ask_tally *t)
{
	double hosts = (double)m->answer->host_count, all = (double)w->d->context->hosts;
	double days = floor((double)moment_diff(t->first, t->last) / 86400e9) + 1;
	if (m->in.broad)
		finding_add_fact(f, FACT_KEY_BROAD, 0, 0, 0);
	if (is_loose(m))
		finding_add_fact(f, FACT_KEY_LOOSE, 0, 0, 0);
	if (is_endpoint(m) && (t->how & ~SHOWN_ALONE) == 0)
		finding_add_fact(f, FACT_KEY_ONLY_NAMED, 0, 0, 0);
	else if (t->connections > 0 && t->connections == t->unanswered)
		finding_add_fact(f, FACT_KEY_NO_ANSWER, (double)t->connections, 0, 0);
	if (is_endpoint(m) && all >= hosts)
		finding_add_fact(f,
		    is_common(w, m) ? FACT_KEY_COMMON_PEER : FACT_KEY_RARE_PEER, hosts,
		    all, 0);
	finding_add_fact(f, FACT_KEY_LASTING, fmin((double)t->days, days), days, 0);
}

static void facts_of_time(const struct work *w, struct finding *f)
{
	const struct context *c = w->d->context;
	int64_t first = moment_us(f->first_seen), last = moment_us(f->last_seen);
	double silence = (double)(c->last - last) / 1e6, watched[3];
	if (f->since_kind == SINCE_BEFORE_MEMORY)
		finding_add_fact(f, FACT_KEY_OLDER, (double)first, 0, 0);
	if (silence > 86400)
		finding_add_fact(f, FACT_KEY_STOPPED, (double)last, silence, 0);
	context_watched(c, first, last, watched);
	if (c->watch_count > 0)
		finding_add_fact(f, FACT_KEY_WATCHED, watched[0], watched[1], watched[2]);
}

/* The date, and whether the memory is too young to tell an older one. */
static void set_dates(const struct work *w, struct finding *f, const struct ask_tally *t)
{
	struct suspect v = {.stats = {.first = moment_us(t->first),
				.last = moment_us(t->last),
				.events = t->connections > 0 ? t->connections : t->shown,
				.out = t->bytes_out,
				.in = t->bytes_in,
				.missed = t->missed}};
	context_date(w->d->context, &v);
	f->first_seen = v.finding.first_seen;
	f->last_seen = v.finding.last_seen;
	f->since = v.finding.since;
	f->since_kind = v.finding.since_kind;
	f->events = v.finding.events;
	f->bytes_out = v.finding.bytes_out;
	f->bytes_in = v.finding.bytes_in;
	f->missed = v.finding.missed;
}

/* Our machine, and who it met: a hunt may look for one of our own. */
static void set_ends(
    struct work *w, const struct met *m, const struct ask_host *h, struct finding *f)
{
	const struct detect_options *o = w->d->source->options;
	char text[ADDR_TEXT_MAX];
	f->host = h->host;
	f->peer = peer_name(w, m);
	if (m->is_pattern || m->in.kind != INDICATOR_ADDRESS || h->home ||
	    !series_home(o, &m->in.net.addr))
		return;
	f->host = m->in.net.addr;
	f->peer = str_copy(&w->arena, (struct str){text, addr_text(&h->host, text)});
	f->direction =
	    (h->t.how & 1u << ASK_TO) != 0 ? DIRECTION_INBOUND : DIRECTION_OUTBOUND;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The parts of a pattern may be of the same connections: no host has more than all. */
static struct ask_tally tally_of(const struct met *m, const struct ask_host *h)
{
	struct ask_tally t = h->t;
	const struct ask_tally *all = &m->answer->t;
	if (!m->is_pattern)
		return t;
	t.connections = least(t.connections, all->connections);
	t.unanswered = least(t.unanswered, all->unanswered);
	t.bytes_out = least(t.bytes_out, all->bytes_out);
	t.bytes_in = least(t.bytes_in, all->bytes_in);
	t.missed = least(t.missed, all->missed);
	return t;
}

static void emit(struct work *w, const struct met *m, const struct ask_host *h)
{
	const struct ask_tally t = tally_of(m, h);
	struct finding f = {.detector = "indicator",
	    .direction = direction_of(w, m, h->t.how),
	    .host = h->host,
	    .score = (double)h->t.days};
	arena_reset(&w->arena);
	/* One of a host and an indicator, whatever the peer is called. */
	f.peer = str_format(&w->arena, "%.*s:%.*s:%d:%d:%u", STR_ARG(m->kind),
	    STR_ARG(m->value), (int)m->in.match, (int)m->in.role, m->in.port);
	enum direction direction = f.direction;
	f.direction = DIRECTION_OUTBOUND;
	finding_identify(&f);
	f.direction = direction;
	if (!ids_add(w, f.id))
		return;
	set_ends(w, m, h, &f);
	set_service(&f, m->answer);
	set_dates(w, &f, &t);
	double hosts = (double)m->answer->host_count;
	f.rank_p = hosts / fmax(hosts, (double)w->d->context->hosts + 1);
	f.confidence = confidence_of(w, m, &t);
	facts_of_hunt(w, m, &f, &t);
	facts_of_peer(w, m, &f, &t);
	facts_of_time(w, &f);
	w->d->sink->put(w->d->sink->ctx, &f);
}

/* ---- hunts ---- */

static void emit_hosts(struct work *w, const struct met *m)
{
	if (m->answer->state != ASK_YES)
		return;
	for (size_t i = 0; i < m->answer->host_count; i++)
		emit(w, m, &m->answer->hosts[i]);
}

static void emit_answers(struct work *w, const struct ask *answers)
{
	size_t n = indicators_count(w->set), patterns = indicators_pattern_count(w->set);
	for (size_t i = 0; i < n; i++) {
		char place[INDICATOR_WHERE_MAX];
		struct met m = {.answer = ask_answer(answers, i)};
		indicators_get(w->set, i, &m.in);
		if (m.in.leaf)
			continue;
		m.kind = str_of(indicator_kind_name(m.in.kind));
		m.value = m.in.value;
		m.note = m.in.note;
		m.id = m.in.id;
		m.place = (struct str){place, indicators_where(w->set, i, place)};
		emit_hosts(w, &m);
	}
	for (size_t i = 0; i < patterns; i++) {
		const struct pattern *p = indicators_pattern(w->set, i);
		char place[INDICATOR_WHERE_MAX];
		snprintf(place, sizeof(place), "%.400s:%u", p->file.p, p->at);
		const struct met m = {.answer = ask_pattern_answer(answers, i),
		    .kind = STR("pattern"),
		    .value = p->text.n > 0 ? p->text : p->id,
		    .note = p->note,
		    .id = p->id,
		    .place = str_of(place),
		    .is_pattern = true};
		emit_hosts(w, &m);
	}
}

static int run_hunt(struct work *w, bool raw, struct error *e)
{
	const struct source *source = w->d->source;
	struct indicators *set = hunt_read(source->store, w->hunt, true, e);
	if (set == NULL)
		return -1;
	w->set = set;
	const struct ask_question q = {.set = set,
	    .home = source->options->home,
	    .homes = source->options->home_count,
	    .since = MOMENT_NONE,
	    .until = hunt_end(w->hunt),
	    .raw = raw};
	struct ask *answers = ask_run(source->store, &q, e);
	if (answers != NULL)
		emit_answers(w, answers);
	ask_free(answers);
	indicators_free(set);
	return answers != NULL ? 0 : -1;
}

/* Those that end last come first: of two that look for the same they tell more. */
static int by_end(const void *x, const void *y)
{
	const struct hunt *a = *(const struct hunt *const *)x;
	const struct hunt *b = *(const struct hunt *const *)y;
	if (a->until != b->until)
		return a->until > b->until ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int run_hunts(struct work *w, const struct hunts *hunts, struct error *e)
{
	const struct hunt **order = calloc(hunts->n + 1, sizeof(const struct hunt *));
	size_t n = 0;
	if (order == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < hunts->n; i++) {
		if (hunts->v[i].met > 0)
			order[n++] = &hunts->v[i];
	}
	if (n > 1)
		qsort(order, n, sizeof(const struct hunt *), by_end);
	int raw = n > 0 ? ask_needs_raw(w->d->source->store, e) : 0;
	int result = raw < 0 ? -1 : 0;
	for (size_t i = 0; result == 0 && i < n; i++) {
		w->hunt = order[i];
		result = run_hunt(w, raw > 0, e);
	}
	free(order);
	if (result == 0 && w->no_memory)
		result = error_set(e, ERR_SYSTEM, "no memory left");
	return result;
}

static int run(const struct detection *d, struct error *e)
{
	struct work w = {.d = d};
	struct hunts hunts;
	arena_init(&w.arena, TEXT_BYTES);
	int result = hunts_load(&hunts, d->source->store, e);
	if (result == 0)
		result = run_hunts(&w, &hunts, e);
	hunts_free(&hunts);
	free(w.ids.v);
	arena_fini(&w.arena);
	return result;
}

static const struct detector_state state[] = {
    {"bytes of texts of the finding in work", 1, TEXT_BYTES},
    {NULL, 0, 0},
};

const struct detector detector_indicator = {"indicator",
    "what standing hunts look for: addresses, names, fingerprints of a list", run, state};
