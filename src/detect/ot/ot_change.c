/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes in a plant. Masters poll their devices by the clock for years, so nothing
 * regular is of interest: a new master, a function that was never used, a first write, a
 * device that calls out are. Program, mode and firmware are told from the first packet
 * on, as they are seldom and change what the plant does.
 */
#include "detect/ot/changes.h"

#include <math.h>
#include <stdlib.h>

#include "detect/ot/again.h"
#include "detect/ot/echo.h"
#include "detect/weigh.h"

/* The end that the finding is about: who acts, where that is ours. */
static void take_sides(struct ot_work *w, struct ot_change *c, const struct ot_pair *p,
    const struct addr *asker, const struct addr *device)
{
	const struct detect_options *o = w->d->source->options;
	struct finding *f = &c->v.finding;
	bool asker_home = series_home(o, asker), device_home = series_home(o, device);
	bool inbound = device_home && !asker_home;
	f->direction = inbound                     ? DIRECTION_INBOUND
		       : asker_home && device_home ? DIRECTION_INTERNAL
						   : DIRECTION_OUTBOUND;
	f->host = inbound ? *device : *asker;
	f->peer = inbound ? p->asker : p->device;
	f->peer_port = p->port;
	f->proto = p->proto;
	c->v.projection = inbound ? SERIES_INBOUND : SERIES_ADDRESS;
	c->outside = o->home_count > 0 && asker_home != device_home;
}

static bool same(const struct ot_change *a, const struct ot_change *b)
{
	const struct finding *f = &a->v.finding, *g = &b->v.finding;
	return f->peer_port == g->peer_port && f->direction == g->direction &&
	       addr_equal(&f->host, &g->host) && str_equal(f->peer, g->peer) &&
	       str_equal(f->proto, g->proto);
}

/* The sums of the pair; several rules may tell of it, and of more than one protocol. */
static void add_sums(struct series_stats *s, const struct ot_pair *p)
{
	if (s->events == 0 || p->first < s->first)
		s->first = p->first;
	if (s->events == 0 || p->last > s->last)
		s->last = p->last;
	s->events = p->n > s->events ? p->n : s->events;
	s->starts = s->events;
	s->out = p->out > s->out ? p->out : s->out;
	s->in = p->in > s->in ? p->in : s->in;
}

struct ot_change *ot_changed(
    struct ot_work *w, const struct ot_pair *p, enum ot_rule rule, int64_t since)
{
	struct addr asker, device;
	struct ot_change made = {.since = since, .protocol = p->protocol};
	if (!ot_addr(p->asker, &asker) || !ot_addr(p->device, &device))
		return NULL;
	take_sides(w, &made, p, &asker, &device);
	struct ot_change *c = NULL;
	for (size_t i = w->n; i-- > 0 && c == NULL;)
		c = same(&w->v[i], &made) ? &w->v[i] : NULL;
	if (c == NULL && w->n == OT_CHANGES_MAX) {
		w->dropped++;
		return NULL;
	}
	if (c == NULL) {
		c = &w->v[w->n++];
		*c = made;
	}
	c->rules |= 1u << rule;
	c->since = since < c->since ? since : c->since;
	if (c->protocol.n == 0)
		c->protocol = p->protocol;
	add_sums(&c->v.stats, p);
	return c;
}

/* ---- what it says ---- */

static bool has(unsigned rules, enum ot_rule rule)
{
	return (rules >> rule & 1) != 0;
}

/*
 * High: somebody who was never there before, or who is not ours, writes to a device or
 * changes its program or mode; or that was never done to it in two weeks and more, by who
 * polls it. Medium: any news that rests on a past; engineering, except at its usual
 * hours; a device that asks others and is refused, or calls somebody who is not its
 * master. Everything else needs a past to be news.
 */
static enum confidence confidence(const struct ot_change *c)
{
	bool heavy = has(c->rules, OT_ENGINEERING) && !c->in_window;
	bool acts =
	    heavy || has(c->grave, OT_FIRST_WRITE) || has(c->grave, OT_WRITES_AGAIN);
	bool stranger = has(c->grave, OT_NEW_MASTER) || c->outside;
	if (acts && (stranger || (heavy && has(c->grave, OT_NEW_FUNCTION))))
		return CONFIDENCE_HIGH;
	if (heavy || has(c->grave, OT_NEW_MASTER) || has(c->grave, OT_FIRST_WRITE) ||
	    has(c->grave, OT_CALL) || has(c->grave, OT_SWEEP) || has(c->grave, OT_ROLE))
		return CONFIDENCE_MEDIUM;
	if (has(c->rules, OT_ROLE) && has(c->rules, OT_REFUSAL))
		return CONFIDENCE_MEDIUM;
	if (has(c->grave, OT_WRITES_AGAIN) || has(c->grave, OT_READ_AGAIN) ||
	    has(c->grave, OT_COUNTER) || has(c->rules, OT_BORDER) ||
	    has(c->rules, OT_NOISE))
		return CONFIDENCE_MEDIUM;
	bool two = __builtin_popcount(c->grave) >= 2;
	return two || has(c->grave, OT_REFUSAL) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void techniques(const struct ot_change *c, struct finding *f)
{
	static const struct {
		enum ot_rule rule;
		const char *id;
	} table[] = {
	    {OT_ENGINEERING, "T0889"},  /* modify program */
	    {OT_ENGINEERING, "T0858"},  /* change operating mode */
	    {OT_NEW_MASTER, "T0848"},   /* rogue master */
	    {OT_WRITES_AGAIN, "T0855"}, /* unauthorized command message */
	    {OT_READ_AGAIN, "T0856"},   /* spoof reporting message */
	    {OT_READ_AGAIN, "T0832"},   /* manipulation of view */
	    {OT_COUNTER, "T0856"},
	    {OT_FIRST_WRITE, "T0855"}, /* unauthorized command message */
	    {OT_NEW_FUNCTION, "T0855"}, {OT_SWEEP, "T0846"}, /* remote system discovery */
	    {OT_REFUSAL, "T0861"},                  /* point and tag identification */
	    {OT_RHYTHM, "T0814"},                   /* denial of service */
	    {OT_ROLE, "T0848"}, {OT_CALL, "T0884"}, /* connection proxy */
	    {OT_BORDER, "T0869"}, /* standard application layer protocol */
	    {OT_IT, "T0886"},     /* remote services */
	    {OT_NOISE, "T1001"},  /* data obfuscation */
	};
	size_t n = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table) && n < ATTACK_MAX; i++) {
		bool again = false;
		for (size_t k = 0; k < n; k++)
			again = again || strcmp(f->attack[k], table[i].id) == 0;
		if (has(c->rules, table[i].rule) && !again)
			f->attack[n++] = table[i].id;
	}
}

static void emit(const struct ot_work *w, struct ot_change *c)
{
	struct finding *f = &c->v.finding;
	const struct context *context = w->d->context;
	double days = context_days(context);
	f->detector = "ot_change";
	f->score = __builtin_popcount(c->rules) + 2 * __builtin_popcount(c->grave);
	techniques(c, f);
	c->v.onset = c->since / 1000000;
	context_date(context, &c->v);
	if (c->protocol.n > 0)
		finding_add_text_fact(f, FACT_KEY_OT_PROTOCOL, c->protocol);
	if (c->outside)
		finding_add_fact(f, FACT_KEY_OT_OUTSIDE, 0, 0, 0);
	if (days < OT_BASELINE_DAYS)
		finding_add_fact(f, FACT_KEY_NO_BASELINE,
		    (double)(context->last - context->first) / 1e6, 0, 0);
	weigh_facts(context, &c->v);
	f->confidence = confidence(c);
	finding_identify(f);
	w->d->sink->put(w->d->sink->ctx, f);
}

static int by_id(const void *x, const void *y)
{
	const struct finding *f = &((const struct ot_change *)x)->v.finding,
			     *g = &((const struct ot_change *)y)->v.finding;
	int c = addr_cmp(&f->host, &g->host);
	if (c == 0)
		c = str_cmp(f->peer, g->peer);
	if (c == 0)
		c = f->peer_port - g->peer_port;
	return c != 0 ? c : str_cmp(f->proto, g->proto);
}

static int tell(struct ot_work *w, struct error *e)
{
	struct suspect *v = malloc((w->n + 1) * sizeof(*v));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	if (w->n > 1)
		qsort(w->v, w->n, sizeof(*w->v), by_id);
	for (size_t i = 0; i < w->n; i++)
		v[i] = w->v[i].v;
	int result = context_fill(w->d->source, v, w->n, e);
	if (result == 0)
		weigh_rank(w->d->context, v, w->n);
	for (size_t i = 0; result == 0 && i < w->n; i++) {
		w->v[i].v = v[i];
		emit(w, &w->v[i]);
	}
	free(v);
	return result;
}

static int look(struct ot_work *w, struct error *e)
{
	if (ot_uses_read(&w->uses, w->d->source->store, e) < 0)
		return -1;
	ot_rules_of_pairs(w);
	if (ot_rules_of_hours(w, e) < 0 || ot_rules_of_sweeps(w, e) < 0 ||
	    ot_rules_of_days(w, e) < 0 || ot_rules_of_calls(w, e) < 0 ||
	    ot_rules_of_again(w, e) < 0 || ot_rules_of_noise(w, e) < 0)
		return -1;
	return tell(w, e);
}

static int run(const struct detection *d, struct error *e)
{
	struct ot_work w = {.d = d};
	bool any;
	if (ot_any(d->source->store, &any, e) < 0)
		return -1;
	if (!any)
		return 0;
	arena_init(&w.texts, OT_TOLD_MAX);
	w.v = malloc(OT_CHANGES_MAX * sizeof(*w.v));
	int result =
	    w.v != NULL ? look(&w, e) : error_set(e, ERR_SYSTEM, "no memory left");
	ot_uses_free(&w.uses);
	arena_fini(&w.texts);
	free(w.v);
	return result;
}

static const struct detector_state state[] = {
    {"functions of pairs", sizeof(struct ot_use) + sizeof(struct ot_pair), OT_USES_MAX},
    {"bytes of texts", 1, OT_TEXTS_MAX},
    {"changes", sizeof(struct ot_change), OT_CHANGES_MAX},
    {"sequences that come again", sizeof(struct ot_again), OT_AGAIN_MAX},
    {"contexts of a sequence", ECHO_PLACE_BYTES, 4UL * ECHO_CONTEXTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_ot_change = {"ot_change",
    "industrial: new masters, functions and writes, programs and modes, devices that "
    "call",
    run, state};
