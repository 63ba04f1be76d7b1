/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A protocol on a port on which this site speaks another one: a shell on the port of the
 * web, a tunnel on the port of names, bytes without any protocol where TLS belongs. What
 * is usual on a port is what at least 19 of 20 pairs of the site speak there; where it
 * has seen few pairs, what the port is registered for (PRIOR_PAIRS count for it). And
 * plain HTTP on a port of its own to a bare address.
 *
 *     pass 1  who has the majority on each port: one vote a pair (Boyer and Moore 1991)
 *     pass 2  how many pairs speak it
 *     pass 3  the pairs that do not
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/detector.h"
#include "detect/measure.h"
#include "detect/suspects.h"
#include "detect/tls/spoken.h"
#include "detect/weigh.h"

#define HABIT_SHARE  0.95 /* B12 */
#define PRIOR_PAIRS  20   /* that a registered port lends to its protocol */
#define PRIOR_OTHERS 0.02 /* share of them that speak something else */
#define OWN_PAIRS    20   /* of the site: the habit is its own */
#define MEDIUM_MARKS 1    /* of weigh.h, rarity aside */
#define HIGH_MARKS   3
#define HIGH_DAYS    3.0
#define SYSTEM_PORTS 1024 /* below it a port is its protocol's (RFC 6335) */
#define PORTS        ((size_t)65536)
#define CHECKED      256u /* of a suspect's tag: its bytes look random from the begin on */

struct habit {
	uint32_t votes;
	uint32_t pairs, speak; /* in all; those that speak the word */
	uint8_t word;          /* with the most votes; valid with votes or a prior */
};

struct work {
	const struct detection *d;
	struct habit *habits; /* [udp][port]; owned */
	struct suspects suspects;
	bool no_memory;
};

/* What a channel of an intruder speaks, rather than what a server was moved to. */
static const uint64_t channels = SPOKEN_BIT(SSH) | SPOKEN_BIT(TELNET) | SPOKEN_BIT(RDP) |
				 SPOKEN_BIT(VNC) | SPOKEN_BIT(SOCKS) | SPOKEN_BIT(IRC) |
				 SPOKEN_BIT(IKE) | SPOKEN_BIT(OPENVPN) |
				 SPOKEN_BIT(WIREGUARD) | SPOKEN_BIT(ENCRYPTED);

static struct habit *habit_of(const struct work *w, const struct spoken *p)
{
	return &w->habits[(p->udp ? PORTS : 0) + p->port];
}

/* ---- what is usual ---- */

/* The word that a pair votes with: the first that is known. */
static unsigned vote_of(uint64_t words)
{
	return (unsigned)__builtin_ctzll(words);
}

static void vote(void *ctx, const struct spoken *p)
{
	const struct work *w = ctx;
	struct habit *h = habit_of(w, p);
	unsigned word = vote_of(p->words);
	if (h->pairs++ == 0 && h->votes == 0) {
		enum spoken_word registered = spoken_registered(p->port, p->udp);
		if (registered != SPOKEN_WORD_COUNT) {
			h->word = (uint8_t)registered;
			h->votes = PRIOR_PAIRS;
		}
	}
	if (h->votes == 0)
		h->word = (uint8_t)word;
	if ((p->words >> h->word & 1) != 0)
		h->votes++;
	else
		h->votes--;
}

static bool speaks_usual(const struct habit *h, const struct spoken *p)
{
	return (p->words >> h->word & 1) != 0;
}

static void count(void *ctx, const struct spoken *p)
{
	const struct work *w = ctx;
	struct habit *h = habit_of(w, p);
	h->speak += speaks_usual(h, p);
}

/* Pairs that count for the usual word though they were not seen. */
static double prior_pairs(const struct habit *h, uint16_t port, bool udp)
{
	return spoken_registered(port, udp) == (enum spoken_word)h->word ? PRIOR_PAIRS
									 : 0;
}

/* Share of the other pairs on the port that speak the usual word. */
static double usual_share(const struct habit *h, uint16_t port, bool udp)
{
	double prior = prior_pairs(h, port, udp), others = (double)h->pairs - 1;
	bool lent = spoken_registered(port, udp) != SPOKEN_WORD_COUNT;
	/* Against what the port is registered for, more than it was lent. */
	double least = lent && prior < 1 ? 2 * PRIOR_PAIRS : OWN_PAIRS;
	if (others + prior < least || h->word >= SPOKEN_ENCRYPTED)
		return 0;
	return ((double)h->speak + prior * (1 - PRIOR_OTHERS)) / (others + prior);
}

/* ---- what is not ---- */

static void suspect(struct work *w, const struct spoken *p, double p_value, bool inside)
{
	char peer[ADDR_TEXT_MAX];
	const struct series_key key = {.projection = SERIES_ADDRESS,
	    .direction = inside ? DIRECTION_INTERNAL : DIRECTION_OUTBOUND,
	    .host = p->src,
	    .peer = {peer, addr_text(&p->dst, peer)},
	    .port = p->port,
	    .proto = p->udp ? STR("udp") : STR("tcp")};
	struct suspect *v = suspects_add(&w->suspects, &key, -log10(p_value));
	if (v == NULL) {
		w->no_memory = true;
		return;
	}
	uint64_t channel = p->words & channels;
	v->finding.rank_p = p_value;
	v->tag = vote_of(channel != 0 ? channel : p->words);
}

/* TLS on such ports is told by tls_odd; the web on its own ports, in clear or not, and a
 * QUIC of which the capture missed the beginning, are no news. */
static bool is_ordinary(enum spoken_word usual, uint64_t words)
{
	bool web = usual == SPOKEN_HTTP || usual == SPOKEN_SSL || usual == SPOKEN_QUIC;
	if ((words & SPOKEN_BIT(SSL)) != 0)
		return true;
	if (usual == SPOKEN_QUIC && (words & SPOKEN_BIT(ENCRYPTED)) != 0)
		return true;
	return web && (words & (SPOKEN_BIT(HTTP) | SPOKEN_BIT(QUIC))) != 0;
}

static void judge(void *ctx, const struct spoken *p)
{
	struct work *w = ctx;
	const struct detect_options *o = w->d->source->options;
	const struct habit *h = habit_of(w, p);
	bool inside = series_home(o, &p->dst);
	if ((inside && !series_home(o, &p->src)) || addr_is_multicast(&p->dst) ||
	    addr_equal(&p->src, &p->dst) || (p->words & SPOKEN_BIT(OTHER)) == p->words)
		return;
	double share = usual_share(h, p->port, p->udp);
	if (share >= HABIT_SHARE && !speaks_usual(h, p)) {
		if (!is_ordinary((enum spoken_word)h->word, p->words))
			suspect(w, p, fmax(1 - share, 1e-9), inside);
	} else if (!inside && !p->udp && p->words == SPOKEN_BIT(HTTP) &&
		   p->port >= SYSTEM_PORTS && h->pairs < OWN_PAIRS &&
		   spoken_registered(p->port, false) == SPOKEN_WORD_COUNT) {
		suspect(w, p, PRIOR_OTHERS, inside);
	}
}

/*
 * Bytes that look random are only odd when the connection was seen from its begin on, and
 * both sides looked so: in the middle of anything encrypted they are ordinary.
 */
static const char random_sql[] =
    "SELECT DISTINCT src_ip, dst_ip, dst_port, proto FROM conn WHERE service = "
    "'encrypted' AND src_bytes > 0 AND dst_bytes > 0 AND (proto = 'udp' OR history LIKE "
    "'S%')";

static int check_random(struct work *w, struct error *e)
{
	bool any = false;
	for (size_t i = 0; i < w->suspects.n; i++)
		any |= w->suspects.v[i].tag == SPOKEN_ENCRYPTED;
	if (!any)
		return 0;
	struct store_rows *rows = store_sum(w->d->source->store, random_sql, e);
	if (rows == NULL)
		return -1;
	suspects_sort_by_key(&w->suspects);
	while (store_next(rows)) {
		struct series_key key = {.projection = SERIES_ADDRESS,
		    .peer = store_text(rows, 1),
		    .port = (uint16_t)store_uint(rows, 2),
		    .proto = store_text(rows, 3)};
		if (!str_addr(store_text(rows, 0), &key.host))
			continue;
		struct suspect *v = suspects_find(&w->suspects, &key);
		if (v != NULL)
			v->tag |= CHECKED;
	}
	return store_rows_end(rows, e);
}

static bool is_checked(const struct suspect *v, const void *ctx)
{
	(void)ctx;
	return v->tag != SPOKEN_ENCRYPTED;
}

/* ---- the finding ---- */

static enum spoken_word word_of(const struct suspect *v)
{
	return (enum spoken_word)(v->tag & ~CHECKED);
}

static bool is_habit(const struct work *w, const struct suspect *v)
{
	const struct finding *f = &v->finding;
	bool udp = str_equal(f->proto, STR("udp"));
	const struct habit *h = &w->habits[(udp ? PORTS : 0) + f->peer_port];
	return usual_share(h, f->peer_port, udp) >= HABIT_SHARE;
}

/* HTTP with a name is the web, wherever it is. */
static bool worth_telling(const struct suspect *v, const void *ctx)
{
	const struct work *w = ctx;
	struct addr a;
	struct str name = str_of(v->stats.name);
	bool bare = name.n == 0 || str_addr(name, &a);
	return v->stats.events > 0 && v->stats.failed < v->stats.events &&
	       (is_habit(w, v) || bare);
}

static enum confidence confidence(const struct work *w, const struct suspect *v)
{
	const struct context *c = w->d->context;
	const struct finding *f = &v->finding;
	bool udp = str_equal(f->proto, STR("udp"));
	const struct habit *h = &w->habits[(udp ? PORTS : 0) + f->peer_port];
	bool rare = weigh_rare(c, v) || v->peer_hosts <= 1;
	unsigned marks = weigh_marks(c, v);
	double days = (double)(v->stats.last - v->stats.first) / 86400e6;
	if (!rare || f->direction != DIRECTION_OUTBOUND || !is_habit(w, v) ||
	    (channels >> word_of(v) & 1) == 0 || marks < MEDIUM_MARKS)
		return CONFIDENCE_LOW;
	if (word_of(v) == SPOKEN_ENCRYPTED && f->peer_port >= SYSTEM_PORTS)
		return CONFIDENCE_LOW; /* programs of their own are there, too */
	if (marks >= HIGH_MARKS && h->pairs > OWN_PAIRS && days >= HIGH_DAYS)
		return CONFIDENCE_HIGH;
	return CONFIDENCE_MEDIUM;
}

static void facts_of_port(const struct work *w, struct suspect *v, struct str port)
{
	struct finding *f = &v->finding;
	bool udp = str_equal(f->proto, STR("udp"));
	const struct habit *h = &w->habits[(udp ? PORTS : 0) + f->peer_port];
	if (word_of(v) == SPOKEN_ENCRYPTED)
		finding_add_text_fact(f, FACT_KEY_RANDOM_BYTES, port);
	else
		finding_add_text_fact(
		    f, FACT_KEY_SPOKEN, str_of(spoken_name(word_of(v))));
	if (!is_habit(w, v)) {
		finding_add_text_fact(f, FACT_KEY_BARE_WEB, port);
		return;
	}
	enum fact_key key =
	    h->pairs > OWN_PAIRS ? FACT_KEY_PORT_HABIT : FACT_KEY_PORT_REGISTERED;
	finding_add_text_fact(f, key, str_of(spoken_name((enum spoken_word)h->word)));
	f->facts[f->fact_count - 1].value[1] = (double)h->speak;
	f->facts[f->fact_count - 1].value[2] = (double)h->pairs;
	if (h->pairs > h->speak + 1)
		finding_add_fact(f, FACT_KEY_PORT_OTHERS,
		    (double)(h->pairs - h->speak - 1), (double)h->pairs, 0);
}

static void emit(const struct work *w, struct suspect *v)
{
	struct finding *f = &v->finding;
	char port[8];
	f->detector = "odd_service";
	f->attack[0] = "T1571";     /* non-standard port */
	f->attack[1] = "T1001.003"; /* protocol or service impersonation */
	struct str name = stats_name(&v->stats);
	if (name.n > 0)
		f->peer = name; /* as clockwork calls the same peer */
	context_date(w->d->context, v);
	int digits = snprintf(port, sizeof(port), "%u", f->peer_port);
	facts_of_port(w, v, (struct str){port, (size_t)digits});
	weigh_facts(w->d->context, v);
	f->confidence = confidence(w, v);
	finding_identify(f);
	w->d->sink->put(w->d->sink->ctx, f);
}

static int read_pairs(struct work *w, struct error *e)
{
	const struct source *s = w->d->source;
	int result = spoken_read(s, vote, w, e);
	if (result == 0)
		result = spoken_read(s, count, w, e);
	if (result == 0)
		result = spoken_read(s, judge, w, e);
	if (result == 0 && w->no_memory)
		result = error_set(e, ERR_SYSTEM, "no memory left");
	return result;
}

static int run(const struct detection *d, struct error *e)
{
	struct work w = {.d = d, .habits = calloc(2 * PORTS, sizeof(struct habit))};
	if (w.habits == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	suspects_init(&w.suspects);
	int result = read_pairs(&w, e);
	if (result == 0)
		result = check_random(&w, e);
	suspects_filter(&w.suspects, is_checked, NULL);
	if (result == 0)
		result = suspects_measure(&w.suspects, d->source, e);
	if (result == 0) {
		suspects_filter(&w.suspects, worth_telling, &w);
		result = context_fill(d->source, w.suspects.v, w.suspects.n, e);
	}
	if (result == 0) {
		suspects_sort(&w.suspects);
		for (size_t i = 0; i < w.suspects.n; i++)
			emit(&w, &w.suspects.v[i]);
	}
	suspects_fini(&w.suspects);
	free(w.habits);
	return result;
}

static const struct detector_state state[] = {
    {"suspects", sizeof(struct suspect), SUSPECTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_odd_service = {
    "odd_service", "protocols on ports on which the site speaks another one", run, state};
