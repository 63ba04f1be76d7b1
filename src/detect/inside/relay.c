/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines in the middle: what comes to one goes out from it again, at the same time and
 * in the same amount, one to one (join.h) or several inside one that is encrypted
 * (tunnels.h). Relays and pivots take an intruder where the first machine can not
 * reach, and hide from the last one where he comes from.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/inside/join.h"
#include "detect/inside/poisson.h"
#include "detect/inside/proxies.h"
#include "detect/inside/tunnels.h"
#include "detect/suspects.h"
#include "detect/weigh.h"

#define LEAST_DECADES 3.0
#define CLOSE         1e-3 /* sizes that differ by less are as good as equal */
#define MANY_FITS     3
#define STRONG        6.0 /* decades */
#define USERS_MANY    2   /* machines that a relay serves; from more on it is a service */
#define NEW_US        (7 * INT64_C(86400000000))
#define TOLD_MAX      256 /* the strongest */

struct work {
	const struct detection *d;
	struct join *join;       /* owned */
	struct tunnels *tunnels; /* owned */
	struct suspects suspects;
	uint64_t tests; /* pairs that were looked at */
	double least;
	bool no_memory;
};

static bool home(const struct work *w, const struct addr *a)
{
	return series_home(w->d->source->options, a);
}

/* ---- joined legs ---- */

/*
 * Decades of what fits, above what would by chance; and of sizes that are closer than was
 * asked for. Sizes of connections are spread over many magnitudes: of two that lie within
 * 10 % one in a hundred lies within 0.1 %.
 */
static double score_of(const struct joined *p)
{
	return poisson_decades(p->by_chance, p->n) -
	       log10(fmax(CLOSE, fmin(0.1, p->closest)) / 0.1);
}

static struct str text_of(struct work *w, const struct addr *a, uint16_t port)
{
	char text[ADDR_TEXT_MAX];
	size_t n = addr_text(a, text);
	return port > 0 ? str_format(&w->suspects.texts, "%.*s:%u", (int)n, text, port)
			: str_format(&w->suspects.texts, "%.*s", (int)n, text);
}

static enum confidence of_join(const struct joined *p, double score, uint64_t users)
{
	if (users > USERS_MANY || score < STRONG || p->n < MANY_FITS)
		return CONFIDENCE_LOW;
	return CONFIDENCE_MEDIUM;
}

/* How many peers the machine relays for to this one, or from this one: a service. */
static uint64_t users_of(const struct join *j, const struct joined *p)
{
	uint64_t from = 0, to = 0;
	for (size_t i = 0; i < j->n; i++) {
		from += addr_equal(&j->v[i].to, &p->to);
		to += addr_equal(&j->v[i].from, &p->from);
	}
	return from > to ? from : to;
}

/* The end that is outside is the peer; of two inside, where it goes. */
static struct series_key key_of(
    struct work *w, const struct addr *host, const struct joined *p)
{
	bool from_home = home(w, &p->from), to_home = home(w, &p->to);
	bool inbound = !from_home && to_home;
	return (struct series_key){
	    .projection = inbound ? SERIES_INBOUND : SERIES_ADDRESS,
	    .direction = inbound                ? DIRECTION_INBOUND
			 : from_home && to_home ? DIRECTION_INTERNAL
						: DIRECTION_OUTBOUND,
	    .host = *host,
	    .peer = text_of(w, inbound ? &p->from : &p->to, 0),
	    .port = inbound ? p->in_port : p->out_port,
	    .proto = p->udp ? STR("udp") : STR("tcp")};
}

static void tell_join(struct work *w, const struct addr *host, const struct joined *p)
{
	double score = score_of(p);
	if (score < LEAST_DECADES)
		return;
	uint64_t users = users_of(w->join, p);
	const struct series_key key = key_of(w, host, p);
	struct suspect *v = suspects_add(&w->suspects, &key, score);
	if (v == NULL) {
		w->no_memory = true;
		return;
	}
	bool inbound = key.direction == DIRECTION_INBOUND;
	v->stats = (struct series_stats){.events = p->n,
	    .first = p->first,
	    .last = p->last,
	    .out = inbound ? p->back : p->forth,
	    .in = inbound ? p->forth : p->back};
	struct finding *f = &v->finding;
	f->confidence = of_join(p, score, users);
	f->attack[0] = key.direction == DIRECTION_INTERNAL ? "T1090.001" : "T1090";
	f->attack[1] = "T1572";
	finding_add_fact(f, FACT_KEY_RELAYED, (double)p->n, p->by_chance,
	    (double)(p->forth + p->back));
	finding_add_text_fact(f, FACT_KEY_RELAY_FROM, text_of(w, &p->from, 0));
	finding_add_text_fact(f, FACT_KEY_RELAY_TO, text_of(w, &p->to, p->out_port));
	finding_add_fact(f, FACT_KEY_RELAY_FIT, p->closest, p->delay, 0);
	if (users > USERS_MANY)
		finding_add_fact(f, FACT_KEY_RELAY_USERS, (double)users, 0, 0);
}

/* ---- connections inside others ---- */

/* Far ends that the machine does the same for: a reverse proxy has many. */
static uint64_t far_ends(const struct tunnels *t, const struct tunnel *p)
{
	uint64_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += t->v[i].in == p->in;
	return n;
}

static void tell_tunnel(struct work *w, const struct addr *host, const struct tunnel *p)
{
	double score = poisson_decades(p->by_chance, p->n) + p->decades;
	if (score < LEAST_DECADES)
		return;
	bool inside = home(w, &p->far), inbound = p->in && !inside;
	uint64_t users = far_ends(w->tunnels, p);
	const struct series_key key = {
	    .projection = p->in ? SERIES_INBOUND : SERIES_ADDRESS,
	    .direction = inside    ? DIRECTION_INTERNAL
			 : inbound ? DIRECTION_INBOUND
				   : DIRECTION_OUTBOUND,
	    .host = *host,
	    .peer = text_of(w, &p->far, 0),
	    .port = p->port,
	    .proto = STR("tcp")};
	struct suspect *v = suspects_add(&w->suspects, &key, score);
	if (v == NULL) {
		w->no_memory = true;
		return;
	}
	v->stats = (struct series_stats){.events = p->n,
	    .first = p->first,
	    .last = p->last,
	    .out = p->left,
	    .in = p->received};
	struct finding *f = &v->finding;
	f->confidence =
	    users > USERS_MANY || p->n < 2 ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
	f->attack[0] = "T1572";
	f->attack[1] = inside ? "T1090.001" : "T1090";
	finding_add_fact(f, FACT_KEY_TUNNELLED, (double)p->carried, (double)p->brought,
	    (double)p->left);
	finding_add_fact(f, FACT_KEY_TUNNELS, (double)p->n, p->by_chance, 0);
	f->facts[f->fact_count++] = (struct fact){.key = FACT_KEY_TUNNEL_PEERS,
	    .value = {0, (double)p->machines, 0},
	    .text = text_of(w, &p->inside, 0)};
	if (users > USERS_MANY)
		finding_add_fact(f, FACT_KEY_RELAY_USERS, (double)users, 0, 0);
}

/* Whether it is ours: at home, or none that it talks to is. */
static bool is_ours(
    const struct work *w, const struct addr *host, const struct leg *v, size_t n)
{
	if (home(w, host))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (home(w, &v[i].peer))
			return false;
	}
	return true;
}

static void machine(void *ctx, const struct addr *host, const struct leg *v, size_t n)
{
	struct work *w = ctx;
	bool sides[2] = {false, false};
	for (size_t i = 0; i < n; i++)
		sides[v[i].in] = true;
	if (addr_is_multicast(host) || !is_ours(w, host, v, n))
		return;
	if ((sides[0] && sides[1] && !join_legs(w->join, v, n)) ||
	    !tunnels_find(w->tunnels, w->d->source->options, v, n)) {
		w->no_memory = true;
		return;
	}
	for (size_t i = 0; sides[0] && sides[1] && i < w->join->n; i++)
		tell_join(w, host, &w->join->v[i]);
	if (sides[0] && sides[1])
		w->tests += w->join->n + w->join->dropped;
	for (size_t i = 0; i < w->tunnels->n; i++)
		tell_tunnel(w, host, &w->tunnels->v[i]);
	w->tests += w->tunnels->tests;
}

/* ---- proxies ---- */

static void tell_proxy(struct work *w, const struct proxied *p)
{
	bool user_home = home(w, &p->user), proxy_home = home(w, &p->proxy);
	bool served = proxy_home; /* ours serves: it is the machine in the middle */
	const struct series_key key = {
	    .projection = served ? SERIES_INBOUND : SERIES_ADDRESS,
	    .direction = served && user_home ? DIRECTION_INTERNAL
			 : served            ? DIRECTION_INBOUND
					     : DIRECTION_OUTBOUND,
	    .host = served ? p->proxy : p->user,
	    .peer = text_of(w, served ? &p->user : &p->proxy, 0),
	    .port = p->port,
	    .proto = STR("tcp")};
	struct suspect *v =
	    suspects_add(&w->suspects, &key, log10(1 + (double)p->requests));
	if (v == NULL) {
		w->no_memory = true;
		return;
	}
	v->stats = (struct series_stats){
	    .events = p->requests, .first = p->first, .last = p->last};
	struct finding *f = &v->finding;
	bool service = p->users > USERS_MANY;
	f->confidence = key.direction == DIRECTION_INBOUND && !service ? CONFIDENCE_MEDIUM
								       : CONFIDENCE_LOW;
	f->attack[0] = served && user_home ? "T1090.001" : "T1090";
	finding_add_fact(
	    f, FACT_KEY_PROXY_ASKED, (double)p->requests, (double)p->targets, 0);
	finding_add_text_fact(
	    f, FACT_KEY_PROXY_KIND, p->socks ? STR("SOCKS") : STR("HTTP CONNECT"));
	finding_add_text_fact(
	    f, FACT_KEY_PROXY_TARGET, str_copy(&w->suspects.texts, p->target));
	if (service)
		finding_add_fact(f, FACT_KEY_RELAY_USERS, (double)p->users, 0, 0);
}

static int read_proxies(struct work *w, struct error *e)
{
	struct proxies p;
	int result = proxies_read(&p, w->d->source, e);
	for (size_t i = 0; result == 0 && i < p.n; i++)
		tell_proxy(w, &p.v[i]);
	proxies_fini(&p);
	return result;
}

/* ---- findings ---- */

/* A role that the machine takes up after a week without it is new; more than the share of
 * machines in the middle could be is told by chance alone. */
static void weigh(const struct work *w, struct suspect *v)
{
	struct finding *f = &v->finding;
	double budget =
	    w->d->source->options->false_alarms_per_day * context_days(w->d->context);
	bool tunnel = finding_has(f, FACT_KEY_TUNNELLED);
	if (!tunnel && !finding_has(f, FACT_KEY_RELAYED))
		return;
	finding_add_fact(f, FACT_KEY_RELAY_CHANCE, f->score,
	    (double)w->tests * pow(10, -f->score), (double)w->tests);
	bool young = v->host_first == 0 || v->stats.first - v->host_first < NEW_US;
	if (!young)
		finding_add_fact(f, FACT_KEY_RELAY_NEW,
		    (double)(v->stats.first - v->host_first) / 1e6, 0, 0);
	if (young || v->clients > USERS_MANY ||
	    (double)w->tests * pow(10, -f->score) >= budget)
		return;
	if (f->confidence == CONFIDENCE_MEDIUM &&
	    (!tunnel || v->stats.events >= MANY_FITS))
		f->confidence = CONFIDENCE_HIGH;
	else if (tunnel && !finding_has(f, FACT_KEY_RELAY_USERS))
		f->confidence = CONFIDENCE_MEDIUM;
}

static void emit(const struct work *w, struct suspect *v, size_t rank)
{
	struct finding *f = &v->finding;
	f->detector = "relay";
	f->rank_p =
	    fmin(1, ((double)rank + 0.5) / (fmax(1, (double)w->d->context->hosts) + 1));
	context_date(w->d->context, v);
	weigh(w, v);
	weigh_facts(w->d->context, v);
	finding_identify(f);
	w->d->sink->put(w->d->sink->ctx, f);
}

static bool same_subject(const struct finding *a, const struct finding *b)
{
	return addr_equal(&a->host, &b->host) && str_equal(a->peer, b->peer) &&
	       a->peer_port == b->peer_port && a->direction == b->direction &&
	       str_equal(a->proto, b->proto);
}

/* Of findings that would have one id the strongest is told. */
static bool told_before(const struct suspects *l, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (same_subject(&l->v[k].finding, &l->v[i].finding))
			return true;
	}
	return false;
}

static int tell(struct work *w, struct error *e)
{
	struct suspects *l = &w->suspects;
	if (w->no_memory)
		return error_set(e, ERR_SYSTEM, "no memory left");
	suspects_sort(l);
	l->n = l->n < TOLD_MAX ? l->n : TOLD_MAX;
	if (context_fill(w->d->source, l->v, l->n, e) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		if (!told_before(l, i))
			emit(w, &l->v[i], i);
	}
	return 0;
}

static int run(const struct detection *d, struct error *e)
{
	struct work w = {.d = d,
	    .join = malloc(sizeof(*w.join)),
	    .tunnels = malloc(sizeof(*w.tunnels))};
	const struct legs_visitor visitor = {machine, &w};
	suspects_init(&w.suspects);
	int result = w.join != NULL && w.tunnels != NULL
			 ? 0
			 : error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = legs_read(d->source, &visitor, e);
	if (result == 0)
		result = read_proxies(&w, e);
	if (result == 0)
		result = tell(&w, e);
	suspects_fini(&w.suspects);
	free(w.join);
	free(w.tunnels);
	return result;
}

static const struct detector_state state[] = {
    {"connections of the machine in work", sizeof(struct leg), LEGS_MAX},
    {"far ends of the machine's tunnels", sizeof(struct tunnel), TUNNELS_MAX},
    {"users of proxies", sizeof(struct proxied), PROXIES_MAX},
    {NULL, 0, 0},
};

const struct detector detector_relay = {"relay",
    "machines in the middle: what comes to them goes out again at the same time and in "
    "the same amount; SOCKS and CONNECT",
    run, state};
