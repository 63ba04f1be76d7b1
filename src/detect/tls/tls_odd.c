/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS that does not look like the site's own: a certificate that names nobody or that
 * only itself vouches for, no server name asked for or another one than the
 * certificate's, a port of its own, a client fingerprint that is new to a host whose
 * programs are few, an issuer that changed after months. Each of these is ordinary
 * somewhere; what counts is how many of the site's servers are as odd in as many ways
 * (odds.h), who else goes there, and since when. And heartbeats that read a machine's
 * memory (heart.h), which are ordinary nowhere.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "detect/measure.h"
#include "detect/suspects.h"
#include "detect/tls/cert.h"
#include "detect/tls/heart.h"
#include "detect/tls/pairs.h"
#include "detect/weigh.h"

#define SHOWN_P         0.15 /* odder than most servers, or not told */
#define SHOWN_EXPECTED  1.0  /* servers as odd, expected on the site by chance */
#define MEDIUM_EXPECTED 0.1
#define HIGH_EXPECTED   0.01
#define MEDIUM_FAMILIES 2 /* that agree */
#define HIGH_FAMILIES   3
#define MANY_SERVERS    20 /* seen: the shares rest on the site more than on the prior */
#define HIGH_MARKS      2  /* in what the two do, the certificate aside (weigh.h) */
#define HABIT_SERVERS   3  /* as odd: a habit of the site, told against it … */
#define HABIT_SHARE     0.05 /* … when they are so many of all */

struct work {
	const struct detection *d;
	struct tls_pairs pairs;
	struct suspects suspects;
	struct suspects hearts; /* told before, and instead */
};

static unsigned families(const struct tls_pair *p)
{
	unsigned n = 0;
	for (size_t f = 0; f < ODDS_FAMILIES; f++)
		n += p->level[f] > 0;
	return n;
}

static unsigned top_level(const struct tls_pair *p)
{
	unsigned top = 0;
	for (size_t f = 0; f < ODDS_FAMILIES; f++)
		top = p->level[f] > top ? p->level[f] : top;
	return top;
}

static double expected(const struct odds *o, double p)
{
	return p * (double)(o->servers > 0 ? o->servers : 1);
}

/* One weak mark alone is everywhere. */
static bool worth_a_look(const struct odds *o, const struct tls_pair *p, double chance)
{
	if (p->level[ODDS_CLIENT] > 1 || p->level[ODDS_CHANGE] > 1)
		return true; /* against its own history */
	return chance <= SHOWN_P && expected(o, chance) <= SHOWN_EXPECTED &&
	       (families(p) > 1 || top_level(p) > 1);
}

static int make_suspects(struct work *w, struct error *e)
{
	for (size_t i = 0; i < w->pairs.n; i++) {
		const struct tls_pair *p = &w->pairs.v[i];
		struct odds *o = &w->pairs.odds[p->inside];
		double chance = odds_p(o, p->level);
		char peer[ADDR_TEXT_MAX];
		if (!worth_a_look(o, p, chance))
			continue;
		const struct series_key key = {.projection = SERIES_ADDRESS,
		    .direction = p->inside ? DIRECTION_INTERNAL : DIRECTION_OUTBOUND,
		    .host = p->host,
		    .peer = {peer, addr_text(&p->server, peer)},
		    .port = p->port,
		    .proto = p->udp ? STR("udp") : STR("tcp")};
		struct suspect *v =
		    suspects_add(&w->suspects, &key, -log10(expected(o, chance)));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory left");
		v->tag = (uint32_t)i;
		v->finding.rank_p = chance;
	}
	return 0;
}

/* A handshake without a connection: of a log that tells of TLS alone. */
static void stand_in(struct suspect *v, const struct tls_pair *p)
{
	if (v->stats.events > 0)
		return;
	v->stats.events = p->sessions > 0 ? p->sessions : 1;
	v->stats.first = v->stats.last =
	    p->cert_first != INT64_MIN ? p->cert_first : v->host_first;
	v->stats.host = v->finding.host;
	v->stats.hosts = 1;
}

/* ---- facts ---- */

/* A text, and the numbers behind it. */
static void text_and_numbers(
    struct finding *f, enum fact_key key, struct str text, double v2, double v3)
{
	if (f->fact_count == FACTS_MAX)
		return;
	f->facts[f->fact_count++] =
	    (struct fact){.key = key, .value = {0, v2, v3}, .text = text};
}

static void facts_of_certificate(struct finding *f, const struct tls_pair *p)
{
	double valid = ((double)p->not_after - (double)p->not_before) / 1e6;
	double used = (double)p->cert_first;
	if ((p->marks & CERT_NAMELESS) != 0)
		finding_add_text_fact(f, FACT_KEY_CERT_NAMELESS, p->subject);
	if ((p->marks & CERT_DEFAULTS) != 0)
		finding_add_text_fact(f, FACT_KEY_CERT_DEFAULTS, p->subject);
	if ((p->marks & CERT_ADDRESS) != 0)
		finding_add_text_fact(f, FACT_KEY_CERT_ADDRESS, p->subject);
	if ((p->marks & CERT_LONG) != 0)
		finding_add_fact(f, FACT_KEY_CERT_LONG, valid, 0, 0);
	if ((p->marks & CERT_SHORT) != 0)
		finding_add_fact(f, FACT_KEY_CERT_SHORT, fmax(0, valid), 0, 0);
	if ((p->marks & CERT_EXPIRED) != 0)
		finding_add_fact(
		    f, FACT_KEY_CERT_EXPIRED, (used - (double)p->not_after) / 1e6, 0, 0);
	if ((p->marks & CERT_EARLY) != 0)
		finding_add_fact(
		    f, FACT_KEY_CERT_EARLY, ((double)p->not_before - used) / 1e6, 0, 0);
	if ((p->marks & CERT_FRESH) != 0)
		finding_add_fact(
		    f, FACT_KEY_CERT_FRESH, (used - (double)p->not_before) / 1e6, 0, 0);
	if ((p->marks & CERT_SOLE_ISSUER) != 0 && (p->marks & CERT_SELF_SIGNED) == 0)
		finding_add_text_fact(f, FACT_KEY_SOLE_ISSUER, p->issuer);
}

/* led: names of clients that lead where DNS says. */
static void facts_of_name(
    struct finding *f, const struct tls_pair *p, struct str server, uint64_t led)
{
	unsigned name = p->level[ODDS_NAME];
	if (p->nameless > 0)
		finding_add_fact(
		    f, FACT_KEY_NO_SNI, (double)p->nameless, (double)p->sessions, 0);
	if (name > 0 && (p->marks & CERT_OTHER_NAME) != 0 && p->name.n > 0)
		finding_add_text_fact(f, FACT_KEY_OTHER_NAME, p->name);
	if (p->elsewhere.n > 0) {
		text_and_numbers(f, FACT_KEY_LED_ELSEWHERE, p->elsewhere,
		    (double)p->addresses, (double)led);
		finding_add_text_fact(f, FACT_KEY_LED_HERE, server);
	}
}

static void facts_of_session(struct finding *f, const struct tls_pair *p, struct str port)
{
	if (p->level[ODDS_PORT] > 0)
		finding_add_text_fact(f,
		    p->level[ODDS_PORT] > 1 ? FACT_KEY_OTHERS_PORT : FACT_KEY_OWN_PORT,
		    port);
	if (p->level[ODDS_CLIENT] > 0)
		text_and_numbers(f,
		    p->level[ODDS_CLIENT] > 1 ? FACT_KEY_NEW_PROGRAM
					      : FACT_KEY_NEW_CLIENT,
		    p->client, p->client_after, (double)p->client_hosts);
	if (p->level[ODDS_CHANGE] > 0) {
		text_and_numbers(f, FACT_KEY_OLD_ISSUER, p->old_issuer, p->old_span, 0);
		finding_add_text_fact(f,
		    p->level[ODDS_CHANGE] > 1 ? FACT_KEY_NEW_SOLE_ISSUER
					      : FACT_KEY_NEW_ISSUER,
		    p->issuer);
	}
}

/* A mark that many servers of the site carry is its habit. */
static void facts_of_site(
    const struct odds *o, struct finding *f, const struct tls_pair *p)
{
	static const enum fact_key keys[ODDS_FAMILIES] = {FACT_KEY_HABIT_CERT,
	    FACT_KEY_HABIT_NAME, FACT_KEY_HABIT_PORT, FACT_KEY_HABIT_CLIENT,
	    FACT_KEY_HABIT_CHANGE};
	for (size_t i = 0; i < ODDS_FAMILIES; i++) {
		uint64_t n = odds_as_odd(o, (enum odds_family)i, p->level[i]);
		if (n >= HABIT_SERVERS && (double)n >= HABIT_SHARE * (double)o->servers)
			finding_add_fact(
			    f, keys[i], (double)(n - 1), (double)o->servers, 0);
	}
}

/* ---- the finding ---- */

/* n: servers as odd that are expected by chance. */
static enum confidence confidence(
    const struct work *w, const struct suspect *v, const struct tls_pair *p, double n)
{
	const struct context *c = w->d->context;
	uint64_t servers = w->pairs.odds[p->inside].servers;
	bool turned = p->level[ODDS_CHANGE] > 1, program = p->level[ODDS_CLIENT] > 1;
	if (weigh_common(c, v) || v->stats.failed == v->stats.events ||
	    addr_equal(&p->host, &p->server))
		return CONFIDENCE_LOW;
	bool rare = weigh_rare(c, v) || v->peer_hosts <= 1;
	if (!p->inside && rare && families(p) >= HIGH_FAMILIES && n <= HIGH_EXPECTED &&
	    servers >= MANY_SERVERS &&
	    weigh_marks(c, v) - (v->self_signed ? 1 : 0) >= HIGH_MARKS)
		return CONFIDENCE_HIGH;
	/* Two weak marks are only rare where enough was seen to say so. */
	bool joint = families(p) >= MEDIUM_FAMILIES && n <= MEDIUM_EXPECTED &&
		     (top_level(p) > 1 || servers >= MANY_SERVERS);
	if (rare && (turned || (!p->inside && (joint || program))))
		return CONFIDENCE_MEDIUM;
	return CONFIDENCE_LOW;
}

static bool told_of_heart(const struct work *w, const struct suspect *v)
{
	for (size_t i = 0; i < w->hearts.n; i++) {
		if (memcmp(w->hearts.v[i].finding.id, v->finding.id,
			sizeof(v->finding.id)) == 0)
			return true;
	}
	return false;
}

static void emit(const struct work *w, struct suspect *v)
{
	struct finding *f = &v->finding;
	const struct context *c = w->d->context;
	const struct tls_pair *p = &w->pairs.v[v->tag];
	const struct odds *o = &w->pairs.odds[p->inside];
	double n = expected(o, f->rank_p);
	char port[8], server[ADDR_TEXT_MAX];
	f->detector = "tls_odd";
	f->attack[0] = "T1573"; /* encrypted channel */
	f->attack[1] = p->level[ODDS_CERT] > 0 ? "T1587.003" : "T1071.001";
	if (p->level[ODDS_PORT] > 0)
		f->attack[2] = "T1571"; /* non-standard port */
	else if (p->elsewhere.n > 0)
		f->attack[2] = "T1090.004"; /* domain fronting */
	stand_in(v, p);
	struct str name = stats_name(&v->stats);
	if (name.n > 0)
		f->peer = name; /* as clockwork calls the same peer */
	if (p->level[ODDS_CHANGE] > 0)
		v->onset = p->changed / 1000000;
	context_date(c, v);
	facts_of_certificate(f, p);
	int digits = snprintf(port, sizeof(port), "%u", p->port);
	facts_of_name(
	    f, p, (struct str){server, addr_text(&p->server, server)}, w->pairs.led);
	facts_of_session(f, p, (struct str){port, (size_t)digits});
	finding_add_fact(
	    f, FACT_KEY_TLS_CHANCE, -log10(f->rank_p), n, (double)o->servers);
	weigh_facts(c, v);
	facts_of_site(o, f, p);
	f->confidence = confidence(w, v, p, n);
	finding_identify(f);
	if (!told_of_heart(w, v))
		w->d->sink->put(w->d->sink->ctx, f);
}

/* ---- heartbeats ---- */

/* Both kinds at once: what is known around them takes a look at all connections. */
static int fill(struct work *w, struct error *e)
{
	size_t n = w->suspects.n, hearts = w->hearts.n;
	if (n + hearts == 0)
		return 0;
	struct suspect *v = malloc((n + hearts) * sizeof(*v));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < n + hearts; i++)
		v[i] = i < n ? w->suspects.v[i] : w->hearts.v[i - n];
	int result = context_fill(w->d->source, v, n + hearts, e);
	for (size_t i = 0; result == 0 && i < n + hearts; i++)
		*(i < n ? &w->suspects.v[i] : &w->hearts.v[i - n]) = v[i];
	free(v);
	return result;
}

static void tell_hearts(struct work *w)
{
	const struct detection *d = w->d;
	suspects_sort(&w->hearts);
	for (size_t i = 0; i < w->hearts.n; i++) {
		struct suspect *v = &w->hearts.v[i];
		v->finding.detector = "tls_odd";
		context_date(d->context, v);
		weigh_time(d->context, v);
		finding_identify(&v->finding);
		d->sink->put(d->sink->ctx, &v->finding);
	}
}

static int run(const struct detection *d, struct error *e)
{
	struct work w = {.d = d};
	suspects_init(&w.suspects);
	suspects_init(&w.hearts);
	int result = tls_pairs_read(&w.pairs, d->source, d->context, e);
	if (result == 0)
		result = heart_read(&w.hearts, d->source, e);
	if (result == 0)
		result = make_suspects(&w, e);
	if (result == 0)
		result = suspects_measure(&w.suspects, d->source, e);
	if (result == 0)
		result = fill(&w, e);
	if (result == 0) {
		tell_hearts(&w);
		suspects_sort(&w.suspects);
		for (size_t i = 0; i < w.suspects.n; i++)
			emit(&w, &w.suspects.v[i]);
	}
	suspects_fini(&w.suspects);
	suspects_fini(&w.hearts);
	tls_pairs_fini(&w.pairs);
	return result;
}

static const struct detector_state state[] = {
    {"hosts and servers", sizeof(struct tls_pair), PAIRS_MAX},
    {"bytes of texts", 1, PAIRS_TEXTS_MAX},
    {"suspects", sizeof(struct suspect), SUSPECTS_MAX},
    {"pairs with odd heartbeats", sizeof(struct suspect), HEARTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_tls_odd = {"tls_odd",
    "certificates, names, ports and fingerprints of TLS that are odd for this site; "
    "heartbeats that read memory",
    run, state};
