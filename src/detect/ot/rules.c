/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that see who asks whom for what: new masters, functions and writes; devices
 * that refuse nearly everything; devices that ask others. */
#include "detect/ot/changes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/quote.h"

#define POLLED       10  /* requests: it polls */
#define STORM_ERRORS 100 /* refused requests: no master that works makes so many … */
#define STORM_SHARE  0.5 /* … of all */
#define US_PER_HOUR  3600000000LL
#define HOURS_A_WEEK 168LL
#define WINDOW_WEEKS 3    /* of engineering: fewer make no habit */
#define HOURS_MAX    4096 /* of engineering by one pair; later ones are left out */

/* The first time that anybody asked the device. */
static int64_t device_first(const struct ot_work *w, const struct ot_pair *p)
{
	size_t first, n = ot_device(&w->uses, p->device, &first);
	int64_t least = p->first;
	for (size_t i = first; i < first + n; i++) {
		if (w->uses.pairs[i].first < least)
			least = w->uses.pairs[i].first;
	}
	return least;
}

/* Others that ask the device, not counting this one. */
static double other_masters(const struct ot_work *w, const struct ot_pair *p)
{
	size_t first, n = ot_device(&w->uses, p->device, &first), others = 0;
	for (size_t i = first; i < first + n; i++) {
		const struct ot_pair *q = &w->uses.pairs[i];
		bool again = i > first && str_equal(q[-1].asker, q->asker);
		others += !again && !str_equal(q->asker, p->asker);
	}
	return (double)others;
}

/* Each BACnet device asks others (ASHRAE 135: peers), and who they are. */
static bool is_peers(const struct ot_pair *p)
{
	return str_equal(p->protocol, STR("bacnet"));
}

/* Without a past: it came after one who polls the device, and is the only one of the two
 * that writes to it, programs it or asks what it is. */
static bool acts_late(const struct ot_work *w, const struct ot_pair *p)
{
	size_t first, n = ot_device(&w->uses, p->device, &first);
	bool acts = false, polled = false;
	for (size_t i = p->from; i < p->to; i++)
		acts = acts || w->uses.v[i].weight == OT_WRITE ||
		       w->uses.v[i].weight == OT_HEAVY ||
		       (w->uses.v[i].weight == OT_LOOKED && !is_peers(p));
	for (size_t i = first; i < first + n && acts; i++) {
		const struct ot_pair *q = &w->uses.pairs[i];
		if (str_equal(q->asker, p->asker) || q->first >= p->first ||
		    q->n < POLLED)
			continue;
		polled = true;
		for (size_t k = q->from; k < q->to; k++)
			polled = polled && w->uses.v[k].weight == OT_PLAIN;
	}
	return acts && polled;
}

static void new_master(struct ot_work *w, const struct ot_pair *p)
{
	int64_t known = device_first(w, p);
	double others = other_masters(w, p);
	bool past = ot_has_past(known, p->first);
	if (others < 1 || (!past && !acts_late(w, p)))
		return;
	struct ot_change *c = ot_changed(w, p, OT_NEW_MASTER, p->first);
	if (c == NULL)
		return;
	c->grave |= past ? 1u << OT_NEW_MASTER : 0;
	finding_add_fact(&c->v.finding, FACT_KEY_NEW_MASTER,
	    (double)(p->first - known) / 1e6, others, 0);
}

/* Functions that the pair had never used, by name. */
static void new_functions(struct ot_work *w, const struct ot_pair *p)
{
	struct str names = {NULL, 0};
	int64_t since = INT64_MAX;
	for (size_t i = p->from; i < p->to; i++) {
		const struct ot_use *u = &w->uses.v[i];
		if (!ot_has_past(p->first, u->first) ||
		    str_equal(u->operation, STR("session")))
			continue;
		names = names.n == 0 ? u->function
				     : str_format(&w->texts, "%.*s, %.*s", STR_ARG(names),
					   STR_ARG(u->function));
		since = u->first < since ? u->first : since;
	}
	if (names.n == 0)
		return;
	struct ot_change *c = ot_changed(w, p, OT_NEW_FUNCTION, since);
	if (c == NULL)
		return;
	c->grave |= 1u << OT_NEW_FUNCTION;
	finding_add_text_fact(&c->v.finding, FACT_KEY_NEW_FUNCTION, names);
}

static void first_write(struct ot_work *w, const struct ot_pair *p)
{
	int64_t first = INT64_MAX;
	double n = 0;
	for (size_t i = p->from; i < p->to; i++) {
		const struct ot_use *u = &w->uses.v[i];
		if (u->weight != OT_WRITE)
			continue;
		first = u->first < first ? u->first : first;
		n += (double)u->n;
	}
	if (first == INT64_MAX || !ot_has_past(p->first, first))
		return;
	struct ot_change *c = ot_changed(w, p, OT_FIRST_WRITE, first);
	if (c == NULL)
		return;
	c->grave |= 1u << OT_FIRST_WRITE;
	finding_add_fact(
	    &c->v.finding, FACT_KEY_FIRST_WRITE, (double)(first - p->first) / 1e6, n, 0);
}

/* A device that refuses most of what it is asked is being tried, not polled. */
static void storm(struct ot_work *w, const struct ot_pair *p)
{
	double share = p->n > 0 ? (double)p->errors / (double)p->n : 0;
	if (p->errors < STORM_ERRORS || share < STORM_SHARE)
		return;
	struct ot_change *c = ot_changed(w, p, OT_REFUSAL, p->first);
	if (c != NULL)
		finding_add_fact(&c->v.finding, FACT_KEY_REFUSED, share, (double)p->n, 0);
}

/* Who asks is a device that others ask in the same protocol: a device turned master, or
 * one that concentrates others. */
static void role(struct ot_work *w, const struct ot_pair *p)
{
	if (is_peers(p))
		return;
	size_t first, n = ot_device(&w->uses, p->asker, &first), masters = 0;
	for (size_t i = first; i < first + n; i++) {
		const struct ot_pair *q = &w->uses.pairs[i];
		bool answers = q->n > q->errors || q->in > 0;
		masters += answers && str_equal(q->protocol, p->protocol) &&
			   !str_equal(q->asker, p->device);
	}
	if (masters == 0)
		return;
	struct ot_change *c = ot_changed(w, p, OT_ROLE, p->first);
	if (c == NULL)
		return;
	if (ot_has_past(device_first(w, &w->uses.pairs[first]), p->first))
		c->grave |= 1u << OT_ROLE;
	finding_add_fact(&c->v.finding, FACT_KEY_ROLE_FLIP, (double)masters, 0, 0);
}

/* Industrial protocols do not belong on the way out of a plant. */
static void border(struct ot_work *w, const struct ot_pair *p)
{
	const struct detect_options *o = w->d->source->options;
	struct addr asker, device;
	if (o->home_count == 0 || p->in == 0 || !ot_addr(p->asker, &asker) ||
	    !ot_addr(p->device, &device))
		return;
	if (series_home(o, &asker) != series_home(o, &device))
		ot_changed(w, p, OT_BORDER, p->first);
}

void ot_rules_of_pairs(struct ot_work *w)
{
	for (size_t i = 0; i < w->uses.pair_count; i++) {
		const struct ot_pair *p = &w->uses.pairs[i];
		if (ot_is_group(p->device))
			continue;
		new_master(w, p);
		new_functions(w, p);
		first_write(w, p);
		storm(w, p);
		role(w, p);
		border(w, p);
	}
}

/* ---- R4: program, mode and firmware ---- */

/* The hours in which a pair did so. */
struct hours {
	int64_t *v; /* hours since 1970; owned; HOURS_MAX */
	size_t n;
	uint64_t dropped;
};

/* Whether the same hour of the week was used a week or more before hour i. */
static bool usual(const struct hours *h, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		int64_t ago = h->v[i] - h->v[k];
		if (ago >= HOURS_A_WEEK && ago % HOURS_A_WEEK == 0)
			return true;
	}
	return false;
}

static void told_hours(struct ot_change *c, const struct hours *h)
{
	struct finding *f = &c->v.finding;
	double weeks = 0, odd = 0;
	int64_t last_week = INT64_MIN, last_odd = 0;
	for (size_t i = 0; i < h->n; i++) {
		int64_t week = h->v[i] / HOURS_A_WEEK;
		weeks += week != last_week;
		last_week = week;
		if (h->v[i] - h->v[0] < WINDOW_WEEKS * HOURS_A_WEEK || usual(h, i))
			continue;
		odd++;
		last_odd = h->v[i];
	}
	if (weeks < WINDOW_WEEKS)
		return;
	c->in_window = odd < 1;
	if (c->in_window)
		finding_add_fact(f, FACT_KEY_IN_WINDOW, weeks, 0, 0);
	else
		finding_add_fact(
		    f, FACT_KEY_OFF_WINDOW, odd, (double)(last_odd * US_PER_HOUR), weeks);
}

/* The pair's heavy functions by name, and how often. */
static void told_functions(
    struct ot_work *w, const struct ot_pair *p, struct ot_change *c)
{
	struct str names = {NULL, 0};
	double n = 0, errors = 0;
	for (size_t i = p->from; i < p->to; i++) {
		const struct ot_use *u = &w->uses.v[i];
		if (u->weight != OT_HEAVY)
			continue;
		names = names.n == 0 ? u->function
				     : str_format(&w->texts, "%.*s, %.*s", STR_ARG(names),
					   STR_ARG(u->function));
		n += (double)u->n;
		errors += (double)u->errors;
	}
	finding_add_text_fact(&c->v.finding, FACT_KEY_ENGINEERING, names);
	finding_add_fact(&c->v.finding, FACT_KEY_ENGINEERED, n, errors, 0);
}

/* A text as SQL; those of logs may hold anything. */
static bool is_heavy(const struct ot_use *u)
{
	return u->weight == OT_HEAVY;
}

/* The hours of all pairs in one statement, in the order of pairs. *r stays NULL where
 * there is nothing to ask. Negative with *e set. */
static int ask_hours(struct ot_work *w, struct store_rows **r, struct error *e)
{
	char *text = NULL;
	size_t n = 0;
	bool any = false;
	FILE *out = open_memstream(&text, &n);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	fputs("SELECT DISTINCT " OT_DEVICE " AS device, " OT_ASKER " AS asker, protocol, "
	      "epoch_us(ts) // 3600000000 AS hour, function FROM ot WHERE protocol IS "
	      "NOT NULL AND ts IS NOT NULL AND function IN (",
	    out);
	for (size_t i = 0; i < w->uses.n; i++) {
		const struct ot_use *u = &w->uses.v[i];
		bool again =
		    i > 0 && is_heavy(u - 1) && str_equal(u->function, u[-1].function);
		if (!is_heavy(u) || again)
			continue;
		fputs(any ? ", " : "", out);
		quote_sql(out, u->function);
		any = true;
	}
	fputs(") ORDER BY device, asker, protocol, hour, function", out);
	if (fclose(out) != 0) {
		free(text);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	*r = any ? store_sum(w->d->source->store, text, e) : NULL;
	free(text);
	return any && *r == NULL ? -1 : 0;
}

/* The rows of hours, one ahead. */
struct stream {
	struct store_rows *r; /* NULL: it has ended */
	bool any;             /* a row is waiting */
};

/* How the waiting row's pair stands to p. */
static int row_to_pair(const struct stream *s, const struct ot_pair *p)
{
	int c = str_cmp(store_text(s->r, 0), p->device);
	if (c == 0)
		c = str_cmp(store_text(s->r, 1), p->asker);
	return c != 0 ? c : str_cmp(store_text(s->r, 2), p->protocol);
}

static bool is_heavy_in(const struct ot_work *w, const struct ot_pair *p, struct str name)
{
	for (size_t i = p->from; i < p->to; i++) {
		if (is_heavy(&w->uses.v[i]) && str_equal(w->uses.v[i].function, name))
			return true;
	}
	return false;
}

/* Take the rows up to those of the pair, and keep its hours. */
static void take_hours(
    const struct ot_work *w, struct stream *s, const struct ot_pair *p, struct hours *h)
{
	h->n = 0;
	for (int c; s->any && (c = row_to_pair(s, p)) <= 0; s->any = store_next(s->r)) {
		int64_t hour = store_int(s->r, 3);
		bool again = h->n > 0 && h->v[h->n - 1] == hour;
		if (c < 0 || again || !is_heavy_in(w, p, store_text(s->r, 4)))
			continue;
		if (h->n < HOURS_MAX)
			h->v[h->n++] = hour;
		else
			h->dropped++;
	}
}

static void engineering(
    struct ot_work *w, const struct ot_pair *p, struct hours *h, struct stream *s)
{
	int64_t since = INT64_MAX;
	for (size_t i = p->from; i < p->to; i++) {
		const struct ot_use *u = &w->uses.v[i];
		if (is_heavy(u) && u->first < since)
			since = u->first;
	}
	if (since == INT64_MAX)
		return;
	struct ot_change *c = ot_changed(w, p, OT_ENGINEERING, since);
	if (c == NULL)
		return;
	told_functions(w, p, c);
	if (s->r == NULL)
		return; /* no habit yet */
	take_hours(w, s, p, h);
	told_hours(c, h);
}

int ot_rules_of_hours(struct ot_work *w, struct error *e)
{
	struct hours h = {.v = malloc(HOURS_MAX * sizeof(*h.v))};
	struct stream s = {.r = NULL};
	int result = 0;
	if (h.v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	if (context_days(w->d->context) >= 7 * WINDOW_WEEKS)
		result = ask_hours(w, &s.r, e);
	s.any = s.r != NULL && store_next(s.r);
	for (size_t i = 0; result == 0 && i < w->uses.pair_count; i++)
		engineering(w, &w->uses.pairs[i], &h, &s);
	if (s.r != NULL && store_rows_failed(s.r, e))
		result = -1;
	store_rows_free(s.r);
	free(h.v);
	return result;
}
