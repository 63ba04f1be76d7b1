/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heartbeats of TLS that read a machine's memory (Heartbleed, CVE-2014-0160). What the
 * wire showed is weighed by what came back: a request that claims more than it carries
 * is an attempt; an answer to it, which RFC 6520 (section 4) forbids, is a success, and
 * the more so when the request can not have held what the answer repeats. Of encrypted
 * ones only the lengths are known, and padding is free: told as more than low only where
 * the answer is twice as long.
 */
#include "detect/tls/heart.h"

#include <math.h>
#include <stdlib.h>

#include "detect/detail.h"
#include "detect/weigh.h"

#define BEAT_HEAD  3 /* bytes before the payload */
#define STRING_(x) #x
#define STRING(x)  STRING_(x)

static const char sql[] =
    "SELECT src_ip, dst_ip, dst_port, proto, ts, detail FROM anomaly WHERE "
    "kind = 'heartbeat' ORDER BY ts, src_ip, dst_ip, dst_port, src_port "
    "LIMIT " STRING(HEARTS_MAX);

/* All of a pair's connections. */
struct beats {
	double claims, answers, claimed, carried, answered, hidden, asked;
};

struct heart {
	struct suspects *found;
	const struct source *s;
	struct beats v[HEARTS_MAX]; /* by tag */
	size_t n;
};

static double number(struct str detail, const char *name)
{
	int64_t v = detail_number(detail, name, 0);
	return v > 0 ? (double)v : 0;
}

static void count(struct beats *b, struct str detail)
{
	double answers = number(detail, "answers"), answered = number(detail, "answered");
	double carried = number(detail, "carried");
	if (number(detail, "encrypted") > 0) {
		b->hidden += answers;
		b->asked = answered >= b->answered ? carried : b->asked;
	} else {
		double claimed = number(detail, "claimed");
		b->claims += number(detail, "claims");
		b->answers += answers;
		b->carried = claimed >= b->claimed ? carried : b->carried;
		b->claimed = fmax(b->claimed, claimed);
	}
	b->answered = fmax(b->answered, answered);
}

/* Who was asked is the victim; it is the host where it is ours, or both are. */
static struct series_key key_of(const struct heart *h, const struct store_rows *r,
    const struct addr end[static 2], char text[static ADDR_TEXT_MAX])
{
	unsigned asker = detail_number(store_text(r, 5), "side", 0) == 1;
	bool from = series_home(h->s->options, &end[0]);
	bool to = series_home(h->s->options, &end[1]);
	unsigned host = from && to ? !asker : to ? 1 : 0;
	return (struct series_key){
	    .projection = host == 1 ? SERIES_INBOUND : SERIES_ADDRESS,
	    .direction = from && to ? DIRECTION_INTERNAL
			 : to       ? DIRECTION_INBOUND
				    : DIRECTION_OUTBOUND,
	    .host = end[host],
	    .peer = {text, addr_text(&end[!host], text)},
	    .port = (uint16_t)store_uint(r, 2),
	    .proto = store_text(r, 3)};
}

static struct suspect *suspect_of(struct heart *h, const struct series_key *key)
{
	for (size_t i = 0; i < h->found->n; i++) {
		const struct finding *f = &h->found->v[i].finding;
		if (addr_equal(&f->host, &key->host) && f->peer_port == key->port &&
		    f->direction == key->direction && str_equal(f->peer, key->peer) &&
		    str_equal(f->proto, key->proto))
			return &h->found->v[i];
	}
	struct suspect *v = suspects_add(h->found, key, 0);
	if (v != NULL)
		v->tag = (uint32_t)h->n++;
	return v;
}

static bool read_row(struct heart *h, const struct store_rows *r)
{
	struct addr end[2];
	char text[ADDR_TEXT_MAX];
	int64_t ts = moment_us(store_time(r, 4));
	if (!str_addr(store_text(r, 0), &end[0]) || !str_addr(store_text(r, 1), &end[1]))
		return true;
	const struct series_key key = key_of(h, r, end, text);
	struct suspect *v = suspect_of(h, &key);
	if (v == NULL)
		return false;
	if (v->stats.events++ == 0)
		v->stats.first = ts;
	v->stats.last = ts;
	count(&h->v[v->tag], store_text(r, 5));
	return true;
}

static enum confidence confidence(const struct beats *b)
{
	if (b->answers > 0)
		return b->claimed + BEAT_HEAD > b->carried ? CONFIDENCE_HIGH
							   : CONFIDENCE_MEDIUM;
	return b->hidden > 0 && b->answered >= 2 * b->asked ? CONFIDENCE_MEDIUM
							    : CONFIDENCE_LOW;
}

static void tell(struct suspect *v, const struct beats *b)
{
	struct finding *f = &v->finding;
	v->stats.days = 1;
	f->attack[0] = "T1212"; /* exploitation for credential access */
	f->attack[1] = v->projection == SERIES_INBOUND ? "T1190" : NULL;
	if (b->answers > 0)
		finding_add_fact(f, FACT_KEY_HEART_ANSWERED, b->answers, b->answered, 0);
	if (b->claims > 0)
		finding_add_fact(
		    f, FACT_KEY_HEART_CLAIMED, b->claims, b->claimed, b->carried);
	if (b->hidden > 0)
		finding_add_fact(
		    f, FACT_KEY_HEART_LONGER, b->hidden, b->answered, b->asked);
	if (b->answers + b->hidden <= 0)
		finding_add_fact(f, FACT_KEY_HEART_SILENT, b->claims, 0, 0);
	f->confidence = confidence(b);
	f->rank_p = f->confidence == CONFIDENCE_HIGH     ? 0.001
		    : f->confidence == CONFIDENCE_MEDIUM ? 0.05
							 : 0.5;
	f->score = log10(1 + b->answered);
}

int heart_read(struct suspects *found, const struct source *s, struct error *e)
{
	struct store_rows *r = store_query(s->store, sql, e);
	if (r == NULL)
		return -1;
	struct heart *h = NULL;
	bool fits = true;
	while (fits && store_next(r)) {
		h = h != NULL ? h : calloc(1, sizeof(*h));
		fits = h != NULL;
		if (fits) {
			h->found = found;
			h->s = s;
			fits = read_row(h, r);
		}
	}
	for (size_t i = 0; h != NULL && i < found->n; i++)
		tell(&found->v[i], &h->v[found->v[i].tag]);
	free(h);
	if (store_rows_end(r, e) < 0)
		return -1;
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}
