/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data that leaves in the names of DNS, whatever the tool: the ledger of what names asked
 * for the first time could carry, by client, domain and day. The bound holds for any
 * encoding (Paxson et al. 2013): what passes a few kilobytes a day is looked at, and what
 * is known around it says how sure that is.
 *
 *     dns -> tally (rough, all pairs) -> ledger (exact, few) -> around (fewer) -> finding
 */
#include <math.h>
#include <stdlib.h>

#include "detect/detector.h"
#include "detect/dns/around.h"
#include "detect/suspects.h"
#include "detect/weigh.h"

#define DAY_BYTES   4096.0  /* B3 (a): a day, whoever else asks */
#define RARE_BYTES  1024.0  /* B3 (a): a day, of a domain that one host asks for … */
#define RARE_DAYS   90      /* … and that was first asked for so many days before */
#define TOTAL_BYTES 65536.0 /* B3 (a): in all; what comes back: likewise */
#define ANSWERS_MIN 20      /* B3 (e): addresses, none of which is ever contacted */
#define FRESH_SHARE 0.8     /* of the questions ask for a name never asked for before */
#define DATA_SHARE  0.5     /* of the questions are of types that carry data */
#define MOST        0.9
#define US_PER_DAY  INT64_C(86400000000)

struct work {
	const struct detection *d;
	struct tallies tallies;
	struct around around;
	struct suspects suspects;
};

static double share(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

/* Whether a ledger is worth asking around for. */
static bool stands_out(const struct ledger *l)
{
	return l->day_bytes >= RARE_BYTES || l->all_bytes >= TOTAL_BYTES ||
	       (double)l->down >= TOTAL_BYTES || l->tool != NULL;
}

/* The client is ours: at home, or it opens to somebody who is not at home either. */
static bool ours(const struct work *w, const struct ledger *l)
{
	const struct detect_options *o = w->d->source->options;
	struct addr server;
	if (addr_is_unset(&l->client))
		return false;
	if (o->home_count == 0 || series_home(o, &l->client))
		return true;
	return !l->direct || !str_addr(str_of(l->domain), &server) ||
	       !series_home(o, &server);
}

static bool take_ledger(void *ctx, const struct ledger *l)
{
	struct work *w = ctx;
	if (stands_out(l) && ours(w, l))
		around_add(&w->around, l);
	return true;
}

/* The rule, once it is known who else asks for the domain. */
static bool is_suspect(const struct outstanding *o)
{
	const struct ledger *l = &o->l;
	int64_t age = l->day - o->domain_first / US_PER_DAY;
	bool rare = o->hosts <= 1 && age < RARE_DAYS;
	return l->day_bytes >= DAY_BYTES || l->all_bytes >= TOTAL_BYTES ||
	       (double)l->down >= TOTAL_BYTES || l->tool != NULL ||
	       (rare && l->day_bytes >= RARE_BYTES);
}

static bool never_contacted(const struct outstanding *o)
{
	return o->answers >= ANSWERS_MIN && o->contacted == 0 && o->loopback == 0;
}

static bool blocklist(const struct outstanding *o)
{
	return o->answers > 0 && share(o->loopback, o->answers) >= 0.5;
}

static bool spelled(const struct ledger *l)
{
	return share(l->spelled, l->names) >= MOST;
}

static bool unanswered(const struct ledger *l)
{
	return share(l->failed, l->names) >= MOST;
}

static bool carries_data(const struct ledger *l)
{
	return share(l->data_queries, l->queries) >= DATA_SHARE;
}

static bool fresh(const struct ledger *l)
{
	return share(l->names, l->queries) >= FRESH_SHARE;
}

static enum confidence confidence(
    const struct context *c, const struct suspect *v, const struct outstanding *o)
{
	const struct ledger *l = &o->l;
	const bool mark[] = {l->tool != NULL, carries_data(l), never_contacted(o),
	    (double)l->down >= DAY_BYTES};
	unsigned marks = 0;
	for (size_t i = 0; i < sizeof(mark) / sizeof(mark[0]); i++)
		marks += mark[i];
	bool explained = o->forwards || weigh_common(c, v) || blocklist(o) ||
			 spelled(l) || o->contacted > 0;
	if (explained)
		return CONFIDENCE_LOW;
	bool shaped = fresh(l) && !unanswered(l) && o->hosts <= 2;
	unsigned needed = l->day_bytes >= DAY_BYTES ? 1 : 2;
	return shaped && l->day_bytes >= RARE_BYTES && marks >= needed
		   ? CONFIDENCE_HIGH
		   : CONFIDENCE_MEDIUM;
}

static void facts_for(struct finding *f, const struct outstanding *o)
{
	const struct ledger *l = &o->l;
	finding_add_fact(f, FACT_KEY_DNS_LEDGER, l->day_bytes, (double)l->day_names,
	    (double)(l->day * US_PER_DAY));
	finding_add_fact(
	    f, FACT_KEY_DNS_SENT, l->all_bytes, (double)l->length, (double)l->names);
	if (l->tool != NULL)
		finding_add_text_fact(f, FACT_KEY_DNS_TOOL, str_of(l->tool));
	if (carries_data(l))
		finding_add_fact(f, FACT_KEY_DNS_DATA_TYPES,
		    share(l->data_queries, l->queries), (double)l->queries, 0);
	if (fresh(l))
		finding_add_fact(f, FACT_KEY_DNS_FRESH, share(l->names, l->queries),
		    (double)l->queries, 0);
	if ((double)l->down >= DAY_BYTES)
		finding_add_fact(f, FACT_KEY_DNS_DOWN, (double)l->down, 0, 0);
	if (never_contacted(o))
		finding_add_fact(f, FACT_KEY_DNS_UNCONTACTED, (double)o->answers, 0, 0);
}

static void facts_against(struct finding *f, const struct outstanding *o)
{
	const struct ledger *l = &o->l;
	if (o->forwards)
		finding_add_fact(f, FACT_KEY_DNS_FORWARDED, 0, 0, 0);
	if (o->contacted > 0)
		finding_add_fact(f, FACT_KEY_DNS_CONTACTED, (double)o->contacted,
		    (double)o->answers, 0);
	if (blocklist(o))
		finding_add_fact(f, FACT_KEY_DNS_BLOCKLIST,
		    share(o->loopback, o->answers), (double)o->answers, 0);
	if (spelled(l))
		finding_add_fact(f, FACT_KEY_DNS_SPELLED, share(l->spelled, l->names),
		    (double)l->names, 0);
	if (unanswered(l))
		finding_add_fact(f, FACT_KEY_DNS_NO_SUCH_NAME, share(l->failed, l->names),
		    (double)l->names, 0);
}

/* "10.0.0.1, 10.0.0.2, …" */
static struct str servers_text(const struct ledger *l, struct arena *a)
{
	struct str all = STR("");
	for (size_t i = 0; i < l->server_count; i++)
		all = str_format(
		    a, "%.*s%s%s", STR_ARG(all), i > 0 ? ", " : "", l->server[i]);
	return l->more_servers ? str_format(a, "%.*s, …", STR_ARG(all)) : all;
}

static void facts_beside(struct finding *f, const struct outstanding *o, struct arena *a)
{
	if (o->serves && !o->forwards)
		finding_add_fact(f, FACT_KEY_DNS_SERVES, 0, 0, 0);
	if (o->l.direct)
		finding_add_fact(f, FACT_KEY_DNS_NO_DOMAIN, 0, 0, 0);
	else if (o->l.server_count > 0)
		finding_add_text_fact(f, FACT_KEY_DNS_ASKED, servers_text(&o->l, a));
	finding_add_text_fact(f, FACT_KEY_DNS_SAMPLE, str_of(o->l.sample));
}

static enum direction direction_of(const struct work *w, const struct ledger *l)
{
	struct addr server;
	bool inside = l->direct && str_addr(str_of(l->domain), &server) &&
		      series_home(w->d->source->options, &server);
	return inside ? DIRECTION_INTERNAL : DIRECTION_OUTBOUND;
}

/* A suspect for each that keeps the rule, in the order of around. */
static bool make_suspects(struct work *w)
{
	for (size_t i = 0; i < w->around.n; i++) {
		const struct outstanding *o = &w->around.v[i];
		const struct ledger *l = &o->l;
		const struct series_key key = {.projection = SERIES_NAME,
		    .direction = direction_of(w, l),
		    .host = l->client,
		    .peer = str_of(l->domain),
		    .proto = l->tcp ? STR("tcp") : STR("udp")};
		struct suspect *v = suspects_add(&w->suspects, &key, l->day_bytes);
		if (v == NULL)
			return false;
		v->stats = (struct series_stats){.events = l->queries,
		    .starts = l->queries,
		    .days = l->days,
		    .first = l->first,
		    .last = l->last,
		    .out = (uint64_t)l->all_bytes,
		    .in = l->down};
		memcpy(v->stats.name, l->domain, sizeof(v->stats.name));
	}
	return true;
}

static void emit(struct work *w, struct suspect *v, const struct outstanding *o)
{
	const struct context *c = w->d->context;
	struct finding *f = &v->finding;
	f->detector = "dns_tunnel";
	f->attack[0] = "T1071.004";
	f->attack[1] = "T1048.003";
	f->attack[2] = "T1572";
	f->rank_p = tallies_share(&w->tallies, o->l.written);
	context_date(c, v);
	facts_for(f, o);
	weigh_facts(c, v);
	facts_against(f, o);
	facts_beside(f, o, &w->suspects.texts);
	f->confidence = confidence(c, v, o);
	f->peer_port = 53;
	finding_identify(f);
	w->d->sink->put(w->d->sink->ctx, f);
}

static int tell(struct work *w, struct error *e)
{
	const struct source *s = w->d->source;
	if (around_fill(&w->around, &w->tallies, s, e) < 0)
		return -1;
	size_t n = 0;
	for (size_t i = 0; i < w->around.n; i++) {
		if (is_suspect(&w->around.v[i]))
			w->around.v[n++] = w->around.v[i];
	}
	w->around.n = n;
	if (!make_suspects(w))
		return error_set(e, ERR_SYSTEM, "no memory left");
	if (context_fill(s, w->suspects.v, w->suspects.n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct suspect *v = &w->suspects.v[i];
		v->peer_hosts = w->around.v[i].hosts;
		v->peer_first = w->around.v[i].domain_first;
		emit(w, v, &w->around.v[i]);
	}
	return 0;
}

static int run(const struct detection *d, struct error *e)
{
	struct work w = {.d = d};
	const struct ledger_sink sink = {take_ledger, &w};
	suspects_init(&w.suspects);
	int result = tallies_read(&w.tallies, d->source, e);
	if (result == 0 && w.tallies.length > 0 && !around_init(&w.around))
		result = error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = ledgers_read(
		    d->source, (struct str){w.tallies.keys, w.tallies.length}, &sink, e);
	if (result == 0 && w.around.n > 0)
		result = tell(&w, e);
	suspects_fini(&w.suspects);
	around_fini(&w.around);
	tallies_fini(&w.tallies);
	return result;
}

static const struct detector_state state[] = {
    {"clients and domains", sizeof(struct tally), TALLIES_MAX},
    {"bytes of names of the one in work", 1, LEDGER_TEXT_MAX},
    {"ledgers that stand out", sizeof(struct outstanding), OUTSTANDING_MAX},
    {NULL, 0, 0},
};

const struct detector detector_dns_tunnel = {"dns_tunnel",
    "data that leaves in the names of DNS: what new names of a domain could carry", run,
    state};
