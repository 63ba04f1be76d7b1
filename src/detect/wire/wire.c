/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/wire/wire.h"

#include <math.h>

#include "detect/weigh.h"

#define DAY_US 86400000000

bool wire_orient(const struct detect_options *o, const struct addr *src,
    const struct addr *dst, struct wire_pair *p)
{
	if (addr_is_unset(src) || addr_is_unset(dst) || addr_is_multicast(dst) ||
	    addr_is_multicast(src))
		return false;
	bool from = series_home(o, src), to = series_home(o, dst);
	p->host_opened = !to;
	p->host = to ? *dst : *src;
	p->peer = to ? *src : *dst;
	p->direction = from && to ? DIRECTION_INTERNAL
		       : to       ? DIRECTION_INBOUND
				  : DIRECTION_OUTBOUND;
	return true;
}

int wire_compare(const struct wire_pair *a, const struct wire_pair *b)
{
	int c = addr_cmp(&a->host, &b->host);
	return c != 0 ? c : addr_cmp(&a->peer, &b->peer);
}

struct suspect *wire_suspect(struct suspects *l, const struct wire_pair *p, uint16_t port,
    struct str proto, double score)
{
	char peer[ADDR_TEXT_MAX];
	size_t n = addr_text(&p->peer, peer);
	const struct series_key key = {
	    .projection = p->host_opened ? SERIES_ADDRESS : SERIES_INBOUND,
	    .direction = p->direction,
	    .host = p->host,
	    .peer = {peer, n},
	    .port = port,
	    .proto = proto,
	};
	return suspects_add(l, &key, score);
}

static void emit(const struct detection *d, struct suspect *v)
{
	const struct context *c = d->context;
	struct finding *f = &v->finding;
	context_date(c, v);
	if (weigh_rare(c, v))
		finding_add_fact(
		    f, FACT_KEY_RARE_PEER, (double)v->peer_hosts, (double)c->hosts, 0);
	if (weigh_common(c, v))
		finding_add_fact(
		    f, FACT_KEY_COMMON_PEER, (double)v->peer_hosts, (double)c->hosts, 0);
	int64_t days = v->stats.last / DAY_US - v->stats.first / DAY_US + 1;
	if (v->stats.days > 1)
		finding_add_fact(
		    f, FACT_KEY_LASTING, (double)v->stats.days, (double)days, 0);
	weigh_time(c, v);
	finding_identify(f);
	d->sink->put(d->sink->ctx, f);
}

int wire_emit(
    const struct detection *d, struct suspects *l, const char *detector, struct error *e)
{
	if (l->n == 0)
		return 0;
	if (context_fill(d->source, l->v, l->n, e) < 0)
		return -1;
	suspects_sort(l);
	for (size_t i = 0; i < l->n; i++) {
		struct finding *f = &l->v[i].finding;
		f->detector = detector;
		if (f->rank_p <= 0)
			f->rank_p = fmin(0.5, pow(10, -fmax(0, f->score)));
		emit(d, &l->v[i]);
	}
	return 0;
}
