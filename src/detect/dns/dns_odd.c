/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is odd about how a host resolves names, and about channels that hide whom it talks
 * to: domains that a program makes up (dga.c), names whose addresses never rest (flux.c),
 * resolvers and relays that the site does not use (channels.c), and no questions at all
 * (silence.c). Nothing here carries data by itself: dns_tunnel looks at that.
 */
#include <stdlib.h>

#include "detect/dns/odd.h"

bool odd_ours(const struct odd_run *r, const struct addr *a)
{
	const struct detect_options *o = r->d->source->options;
	return !addr_is_unset(a) && !addr_is_multicast(a) &&
	       (o->home_count == 0 || series_home(o, a));
}

bool odd_tell(struct odd_run *r, const struct odd *o)
{
	if (r->n >= ODD_MAX) {
		r->dropped++;
		return true;
	}
	struct suspect *v = suspects_add(&r->suspects, &o->key, o->score);
	if (v == NULL)
		return false;
	v->stats = o->stats;
	if (v->stats.name[0] == '\0') {
		size_t n = o->key.peer.n < sizeof(v->stats.name)
			       ? o->key.peer.n
			       : sizeof(v->stats.name) - 1;
		memcpy(v->stats.name, o->key.peer.p, n);
	}
	struct odd *told = &r->told[r->n++];
	*told = *o;
	for (size_t i = 0; i < o->fact_count; i++) {
		told->facts[i].text = str_copy(&r->suspects.texts, o->facts[i].text);
		if (o->facts[i].text.p != NULL && told->facts[i].text.p == NULL)
			return false;
	}
	return true;
}

static void emit(const struct odd_run *r, struct suspect *v, const struct odd *o)
{
	const struct context *c = r->d->context;
	struct finding *f = &v->finding;
	uint16_t port = f->peer_port;
	f->detector = "dns_odd";
	for (size_t i = 0; i < 2; i++)
		f->attack[i] = o->attack[i];
	if (o->hosts > 0)
		v->peer_hosts = o->hosts;
	context_date(c, v);
	for (size_t i = 0; i < o->fact_count; i++) {
		const struct fact *fact = &o->facts[i];
		if (fact->text.p != NULL)
			finding_add_text_fact(f, fact->key, fact->text);
		else
			finding_add_fact(
			    f, fact->key, fact->value[0], fact->value[1], fact->value[2]);
	}
	f->peer_port = 0; /* that clients of DNS are regular speaks of rhythms alone */
	weigh_facts(c, v);
	f->peer_port = port;
	f->confidence = weigh_common(c, v) ? CONFIDENCE_LOW : o->confidence;
	finding_identify(f);
	r->d->sink->put(r->d->sink->ctx, f);
}

static int tell_all(struct odd_run *r, struct error *e)
{
	if (context_fill(r->d->source, r->suspects.v, r->suspects.n, e) < 0)
		return -1;
	weigh_rank(r->d->context, r->suspects.v, r->suspects.n);
	for (size_t i = 0; i < r->n; i++)
		emit(r, &r->suspects.v[i], &r->told[i]);
	return 0;
}

static int run(const struct detection *d, struct error *e)
{
	static int (*const parts[])(struct odd_run * r, struct error * e) = {
	    dga_run, flux_run, channels_run, silence_run};
	struct odd_run r = {.d = d, .told = calloc(ODD_MAX, sizeof(*r.told))};
	int result = 0;
	if (r.told == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	suspects_init(&r.suspects);
	result = glance_read(&r.glance, d->source, e);
	for (size_t i = 0; result == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		result = parts[i](&r, e);
	if (result == 0 && r.n > 0)
		result = tell_all(&r, e);
	glance_fini(&r.glance);
	suspects_fini(&r.suspects);
	free(r.told);
	return result;
}

static const struct detector_state state[] = {
    {"clients", sizeof(struct asker), ASKERS_MAX},
    {"names", sizeof(struct varied), VARIED_MAX},
    {"findings", sizeof(struct odd), ODD_MAX},
    {NULL, 0, 0},
};

const struct detector detector_dns_odd = {"dns_odd",
    "names that a program makes up, addresses that never rest, hidden resolvers and "
    "relays",
    run, state};
