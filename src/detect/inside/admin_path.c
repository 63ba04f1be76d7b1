/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways from machine to machine: what was done on another one by remote administration,
 * logons that were guessed, and ways that are new by the site's own history. An intruder
 * has to go from where he is to where he wants to be, with the means of administrators.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/inside/edges.h"
#include "detect/inside/paths.h"
#include "detect/suspects.h"
#include "detect/weigh.h"

#define SOON_US        (600 * INT64_C(1000000)) /* from a push to a run, a service's life */
#define NETLOGON_LEAST 10 /* attempts in five minutes; a member needs one or two */
#define USUAL_DAYS     3  /* days with acts, from which on they are usual */
#define USUAL_HOSTS    10 /* machines likewise */
#define MANY_NAMES                                                                       \
	10 /* among refused logons: more than the users of one machine mistype */
#define FEW_CLIENTS 3   /* other hosts with an SMB client that is none of theirs: below */
#define TOLD_MAX    256 /* paths that are told; the strongest */
#define SERVERS_MAX                                                                      \
	64 /* sources of which is asked whether they are domain controllers              \
	    */

struct work {
	const struct detection *d;
	struct paths paths;
	struct suspects suspects;
	bool no_memory;
};

/* ---- what a path says ---- */

static bool soon(int64_t span)
{
	return span >= 0 && span <= SOON_US;
}

static bool pushed_and_ran(const struct path *p)
{
	return p->act[ACT_PROGRAM_PUSHED] > 0 && soon(p->push_run);
}

static bool passing_service(const struct path *p)
{
	return soon(p->service_life) && p->act[ACT_SERVICE_STARTED] > 0;
}

static bool netlogon(const struct path *p)
{
	return p->netlogon_tries >= NETLOGON_LEAST;
}

static bool usual(const struct path *p)
{
	return p->act_days >= USUAL_DAYS || p->act_hosts >= USUAL_HOSTS;
}

/* Acts that run something, or nearly. */
static bool runs(const struct path *p)
{
	return p->act[ACT_SERVICE_MADE] + p->act[ACT_SERVICE_STARTED] > 0 ||
	       p->act[ACT_TASK_MADE] + p->act[ACT_TASK_RUN] > 0 ||
	       p->act[ACT_WMI_RUN] + p->act[ACT_WMI_PUT] > 0 ||
	       p->act[ACT_OBJECT_CALLED] > 0;
}

static bool pushes(const struct path *p)
{
	return p->act[ACT_FILE_PUSHED] + p->act[ACT_PROGRAM_PUSHED] > 0;
}

/* A member of a domain sets its own password now and then: not told by itself. */
static bool acted(const struct path *p)
{
	return runs(p) || pushes(p) || netlogon(p) || p->act[ACT_COERCED] > 0 ||
	       p->act[ACT_REPLICATED] > 0 || p->act[ACT_REGISTRY_WRITTEN] > 0 ||
	       p->act[ACT_SERVICE_ASKED] > 0 || p->act[ACT_SHELL] > 0 ||
	       p->act[ACT_SERVICE_DELETED] > 0;
}

static bool told(const struct path *p)
{
	return acted(p) || p->failures > 0 || p->weak_services > 0 || p->rc4_asked > 0 ||
	       p->stranger.sessions > 0 || p->novelty.is_new;
}

static enum confidence lower(enum confidence c)
{
	return c == CONFIDENCE_HIGH ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static enum confidence of_guesses(const struct path *p, enum direction direction)
{
	if (p->failures == 0)
		return CONFIDENCE_LOW;
	if (p->guessed && (direction == DIRECTION_INBOUND || p->users >= MANY_NAMES))
		return CONFIDENCE_HIGH;
	return p->guessed || direction == DIRECTION_INTERNAL ? CONFIDENCE_MEDIUM
							     : CONFIDENCE_LOW;
}

static enum confidence of_acts(const struct path *p)
{
	enum confidence c = CONFIDENCE_LOW;
	if (runs(p) || pushes(p) || netlogon(p) || p->called_back >= 0)
		c = CONFIDENCE_MEDIUM;
	if (pushed_and_ran(p) || passing_service(p) ||
	    (netlogon(p) && p->act[ACT_NETLOGON_PASSWORD] > 0))
		c = CONFIDENCE_HIGH;
	return usual(p) ? lower(c) : c;
}

static enum confidence confidence(const struct path *p, enum direction direction)
{
	enum confidence guesses = of_guesses(p, direction), acts = of_acts(p);
	enum confidence c = guesses > acts ? guesses : acts;
	bool stranger = p->stranger.sessions > 0 && p->stranger.others < FEW_CLIENTS;
	bool telling = p->aes_before || p->novelty.fan_out > 0 || p->novelty.hops > 0 ||
		       p->weak_services > 0 || stranger;
	return c == CONFIDENCE_LOW && telling ? CONFIDENCE_MEDIUM : c;
}

/* Kinds of acts, and the decades of what is new; what runs something counts more. */
static double score(const struct path *p)
{
	double kinds = 0;
	for (int i = 0; i < ACTS; i++)
		kinds += p->act[i] > 0;
	if (!acted(p))
		kinds = 0;
	if (pushed_and_ran(p) || passing_service(p) || netlogon(p))
		kinds += 3;
	if (p->novelty.is_new)
		kinds += p->novelty.decades + p->novelty.fan_decades + p->novelty.hops;
	return kinds + log2(1 + (double)p->failures) + 2 * p->guessed +
	       log2(1 + (double)p->weak_services) + (p->rc4_asked > 0) + p->aes_before +
	       (p->stranger.sessions > 0 ? log10(1 + (double)p->stranger.before) : 0);
}

/* ---- facts ---- */

static void add3(struct finding *f, enum fact_key key, uint64_t a, uint64_t b, uint64_t c)
{
	if (a + b + c > 0)
		finding_add_fact(f, key, (double)a, (double)b, (double)c);
}

static void facts_of_acts(struct finding *f, const struct path *p)
{
	const uint64_t *n = p->act;
	uint64_t files = n[ACT_FILE_PUSHED] + n[ACT_PROGRAM_PUSHED];
	if (soon(p->push_run))
		finding_add_fact(f, FACT_KEY_PUSH_RUN, (double)p->push_run / 1e6, 0, 0);
	if (files > 0) {
		add3(f, FACT_KEY_FILE_PUSH, files, p->pushed, n[ACT_PROGRAM_PUSHED]);
		finding_add_text_fact(f, FACT_KEY_PUSHED_FILE, p->file);
	}
	if (passing_service(p))
		finding_add_fact(
		    f, FACT_KEY_SERVICE_LIFE, (double)p->service_life / 1e6, 0, 0);
	add3(f, FACT_KEY_SERVICE_RUN, n[ACT_SERVICE_MADE], n[ACT_SERVICE_STARTED],
	    n[ACT_SERVICE_DELETED]);
	add3(f, FACT_KEY_TASK_RUN, n[ACT_TASK_MADE], n[ACT_TASK_RUN], 0);
	add3(f, FACT_KEY_WMI_RUN, n[ACT_WMI_RUN], n[ACT_WMI_PUT], 0);
	add3(f, FACT_KEY_OBJECT_CALLED, n[ACT_OBJECT_CALLED], 0, 0);
	if (netlogon(p))
		finding_add_fact(f, FACT_KEY_NETLOGON_TRIES, (double)p->netlogon_tries,
		    (double)p->netlogon_span / 1e6, (double)n[ACT_NETLOGON_PASSWORD]);
	if (p->called_back >= 0)
		finding_add_fact(
		    f, FACT_KEY_CAME_BACK, (double)p->called_back / 1e6, 0, 0);
	add3(f, FACT_KEY_COERCED, n[ACT_COERCED], 0, 0);
	add3(f, FACT_KEY_SHELL, n[ACT_SHELL], 0, 0);
	add3(f, FACT_KEY_REPLICATED, n[ACT_REPLICATED], 0, 0);
	add3(f, FACT_KEY_SERVICE_ASKED, n[ACT_SERVICE_ASKED], 0, 0);
	add3(f, FACT_KEY_REGISTRY_WRITTEN, n[ACT_REGISTRY_WRITTEN], 0, 0);
	if (acted(p) && usual(p))
		add3(f, FACT_KEY_USUAL_ADMIN, p->act_days, p->act_hosts, 0);
}

static void facts_of_logons(struct finding *f, const struct path *p)
{
	if (p->guessed)
		finding_add_text_fact(f, FACT_KEY_GUESSED, p->guess_service);
	add3(f, FACT_KEY_GUESSING, p->failures, p->users, 0);
	add3(f, FACT_KEY_WEAK_TICKETS, p->weak_tickets, p->weak_services, 0);
	add3(f, FACT_KEY_RC4_ASKED, p->rc4_asked, p->rc4_names, 0);
	if (p->aes_before)
		finding_add_fact(f, FACT_KEY_AES_BEFORE, 0, 0, 0);
}

static void facts_of_stranger(struct finding *f, const struct path *p)
{
	const struct stranger *x = &p->stranger;
	if (x->sessions == 0 || f->fact_count == FACTS_MAX)
		return;
	f->facts[f->fact_count++] = (struct fact){.key = FACT_KEY_OTHER_CLIENT,
	    .value = {0, (double)x->sessions, 0},
	    .text = x->dialect};
	if (f->fact_count < FACTS_MAX)
		f->facts[f->fact_count++] = (struct fact){.key = FACT_KEY_OWN_CLIENT,
		    .value = {0, (double)x->before, (double)x->days},
		    .text = x->usual};
	if (x->others > 0)
		finding_add_fact(f, FACT_KEY_CLIENT_ELSEWHERE, (double)x->others, 0, 0);
}

static void facts_of_novelty(struct finding *f, const struct path *p)
{
	const struct novelty *x = &p->novelty;
	if (!x->is_new)
		return;
	if (p->chain.n > 0)
		finding_add_text_fact(f, FACT_KEY_CHAIN, p->chain);
	if (x->fan_out > 0)
		finding_add_fact(
		    f, FACT_KEY_FAN_OUT, (double)x->fan_out, x->fan_decades, 0);
	if (x->flip)
		finding_add_text_fact(f, FACT_KEY_NEW_ROLE, p->service);
	finding_add_fact(f, FACT_KEY_NEW_PATH, x->history, (double)x->used, x->decades);
	if (x->not_server)
		finding_add_fact(f, FACT_KEY_NOT_SERVER, (double)x->clients, 0, 0);
}

static void techniques(struct finding *f, const struct path *p)
{
	const struct {
		bool holds;
		const char *id;
	} all[] = {
	    {pushes(p) || p->stranger.sessions > 0, "T1021.002"},
	    {p->act[ACT_SERVICE_MADE] + p->act[ACT_SERVICE_STARTED] > 0, "T1569.002"},
	    {p->act[ACT_TASK_MADE] + p->act[ACT_TASK_RUN] > 0, "T1053.005"},
	    {p->act[ACT_WMI_RUN] + p->act[ACT_WMI_PUT] > 0, "T1047"},
	    {p->act[ACT_OBJECT_CALLED] > 0, "T1021.003"},
	    {netlogon(p), "T1210"},
	    {p->act[ACT_COERCED] > 0, "T1187"},
	    {p->act[ACT_REPLICATED] > 0, "T1003.006"},
	    {p->failures > 0, "T1110"},
	    {p->weak_services > 0, "T1558.003"},
	    {p->rc4_asked > 0, "T1550.002"},
	    {p->act[ACT_SHELL] > 0, "T1021.006"},
	    {p->act[ACT_REGISTRY_WRITTEN] > 0, "T1112"},
	    {pushes(p), "T1570"},
	    {p->novelty.is_new || p->act[ACT_SERVICE_ASKED] > 0, "T1021"},
	};
	size_t n = 0;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all) && n < ATTACK_MAX; i++) {
		if (all[i].holds)
			f->attack[n++] = all[i].id;
	}
}

/* ---- findings ---- */

static void suspect(struct work *w, const struct path *p)
{
	const struct detect_options *o = w->d->source->options;
	bool src_home = series_home(o, &p->src), dst_home = series_home(o, &p->dst);
	bool inbound = dst_home && !src_home;
	char peer[ADDR_TEXT_MAX];
	size_t n = addr_text(inbound ? &p->src : &p->dst, peer);
	const struct series_key key = {
	    .projection = inbound ? SERIES_INBOUND : SERIES_ADDRESS,
	    .direction = inbound                ? DIRECTION_INBOUND
			 : src_home && dst_home ? DIRECTION_INTERNAL
						: DIRECTION_OUTBOUND,
	    .host = inbound ? p->dst : p->src,
	    .peer = {peer, n},
	    .port = p->port,
	    .proto = STR("tcp")};
	struct suspect *v = suspects_add(&w->suspects, &key, score(p));
	if (v == NULL) {
		w->no_memory = true;
		return;
	}
	v->stats = (struct series_stats){.events = p->connections,
	    .first = p->first,
	    .last = p->last,
	    .out = inbound ? p->in : p->out,
	    .in = inbound ? p->out : p->in};
	struct finding *f = &v->finding;
	f->confidence = confidence(p, key.direction);
	techniques(f, p);
	facts_of_acts(f, p);
	facts_of_logons(f, p);
	facts_of_stranger(f, p);
	facts_of_novelty(f, p);
}

/* The share of our machines with a path as odd. */
static void rank(const struct work *w)
{
	double hosts = fmax(1, (double)w->d->context->hosts);
	for (size_t i = 0; i < w->suspects.n; i++)
		w->suspects.v[i].finding.rank_p =
		    fmin(1, ((double)i + 0.5) / (hosts + 1));
}

/* Whether one who copies the directory has clients for it himself. */
static int ask_directory(struct work *w, struct suspect *v, struct error *e)
{
	char host[ADDR_TEXT_MAX];
	const struct str name = {host, addr_text(&v->finding.host, host)};
	struct store_rows *r = store_query_with(w->d->source->store,
	    "SELECT count(*) FROM conn WHERE dst_ip = $1 AND dst_port IN (88, 389) AND "
	    "dst_bytes > 0",
	    &name, 1, e);
	if (r == NULL)
		return -1;
	if (store_next(r) && store_uint(r, 0) > 0) {
		finding_add_fact(&v->finding, FACT_KEY_DIRECTORY_SERVER, 0, 0, 0);
		v->finding.confidence = CONFIDENCE_LOW;
	}
	return store_rows_end(r, e);
}

static void emit(const struct work *w, struct suspect *v)
{
	struct finding *f = &v->finding;
	uint16_t port = f->peer_port;
	f->detector = "admin_path";
	context_date(w->d->context, v);
	weigh_facts(w->d->context, v);
	f->peer_port = 0; /* of two machines one, whatever was asked for first */
	finding_identify(f);
	f->peer_port = port;
	w->d->sink->put(w->d->sink->ctx, f);
}

static int tell(struct work *w, struct error *e)
{
	struct suspects *l = &w->suspects;
	for (size_t i = 0; i < w->paths.n; i++) {
		if (told(&w->paths.v[i]))
			suspect(w, &w->paths.v[i]);
	}
	if (w->no_memory)
		return error_set(e, ERR_SYSTEM, "no memory left");
	suspects_sort(l);
	l->n = l->n < TOLD_MAX ? l->n : TOLD_MAX;
	rank(w);
	for (size_t i = 0, n = 0; i < l->n && n < SERVERS_MAX; i++) {
		if (finding_has(&l->v[i].finding, FACT_KEY_REPLICATED) && ++n > 0 &&
		    ask_directory(w, &l->v[i], e) < 0)
			return -1;
	}
	if (context_fill(w->d->source, l->v, l->n, e) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		emit(w, &l->v[i]);
	return 0;
}

static int run(const struct detection *d, struct error *e)
{
	struct work w = {.d = d};
	suspects_init(&w.suspects);
	int result = paths_init(&w.paths, e);
	if (result == 0)
		result = acts_read(&w.paths, d, e);
	if (result == 0)
		result = guesses_read(&w.paths, d, e);
	if (result == 0)
		result = strangers_read(&w.paths, d, e);
	if (result == 0)
		result = novelty_read(&w.paths, d, e);
	if (result == 0)
		result = amounts_read(&w.paths, d, e);
	if (result == 0)
		result = tell(&w, e);
	suspects_fini(&w.suspects);
	paths_fini(&w.paths);
	return result;
}

static const struct detector_state state[] = {
    {"edges", sizeof(struct edge), EDGES_MAX},
    {"paths", sizeof(struct path), PATHS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_admin_path = {"admin_path",
    "ways from machine to machine: remote administration that runs things, guessed "
    "logons, new ways and chains of them",
    run, state};
