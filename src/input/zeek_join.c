/* SPDX-License-Identifier: Apache-2.0 */
#include "input/zeek_join.h"

#include <stdlib.h>

/* A certificate that no handshake referred to is a row without endpoints. */
static void put_left_over(void *ctx, void *entry)
{
	struct zeek_group *g = ctx;
	struct zeek_cert *cert = entry;
	if (!cert->used && g->out != NULL)
		log_out_put(g->out, "zeek", RECORD_CERT, &cert->record);
}

void *zeek_begin(void)
{
	struct zeek_group *g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	log_join_init(&g->by_uid);
	log_join_init(&g->by_addr);
	log_join_init(&g->certs);
	g->certs.forget = put_left_over;
	g->certs.ctx = g;
	return g;
}

void zeek_end(void *group, struct log_out *out, struct arena *scratch)
{
	struct zeek_group *g = group;
	g->out = out;
	g->scratch = scratch;
	log_join_fini(&g->by_uid);
	log_join_fini(&g->by_addr);
	log_join_fini(&g->certs);
	free(g);
}

struct zeek_names *zeek_names_of(struct zeek_group *g, const struct log_value *uid)
{
	if (uid->form == VALUE_ABSENT)
		return NULL;
	uint64_t key = log_join_key(&g->by_uid, uid->p, uid->n);
	return log_join_add(&g->by_uid, key, sizeof(struct zeek_names));
}

static uint64_t answer_key(
    const struct zeek_group *g, const struct addr *client, const struct addr *address)
{
	struct addr both[2] = {*client, *address};
	return log_join_key(&g->by_addr, both, sizeof(both));
}

void zeek_answer_learn(struct zeek_group *g, const struct addr *client,
    const struct addr *address, struct str name, struct moment when)
{
	uint64_t key = answer_key(g, client, address);
	struct zeek_answer *a = log_join_add(&g->by_addr, key, sizeof(*a));
	if (a == NULL)
		return;
	if (str_equal(a->name[0], name)) {
		if (when.ns < a->when[0].ns)
			a->when[0] = when;
		return;
	}
	a->name[1] = a->name[0];
	a->when[1] = a->when[0];
	a->name[0] = log_join_text(&g->by_addr, name);
	a->when[0] = when;
}

static struct str answer_name(struct zeek_group *g, const struct conn_record *r)
{
	if (log_join_empty(&g->by_addr))
		return (struct str){0};
	const struct zeek_answer *a =
	    log_join_find(&g->by_addr, answer_key(g, &r->src_ip, &r->dst_ip));
	for (size_t i = 0; a != NULL && i < 2; i++) {
		if (a->name[i].n > 0 && a->when[i].ns <= r->ts.ns)
			return a->name[i];
	}
	return (struct str){0};
}

void zeek_names_give(
    struct zeek_group *g, const struct log_value *uid, struct conn_record *r)
{
	const struct zeek_names *n = NULL;
	if (uid->form != VALUE_ABSENT && !log_join_empty(&g->by_uid))
		n = log_join_find(&g->by_uid, log_join_key(&g->by_uid, uid->p, uid->n));
	if (n != NULL) {
		r->server_name = n->sni.n > 0 ? n->sni : n->host;
		r->ja3 = n->ja3;
		r->ja4 = n->ja4;
	}
	if (r->server_name.n == 0)
		r->server_name = answer_name(g, r);
}

/* ---- certificates ---- */

static struct str_list copy_texts(struct log_join *j, struct str_list from)
{
	struct str_list to = {0};
	struct str *v =
	    from.n > 0 ? arena_alloc(&j->young.arena, from.n * sizeof(*v)) : NULL;
	if (v == NULL)
		return to;
	for (size_t i = 0; i < from.n; i++)
		v[i] = log_join_text(j, from.v[i]);
	return (struct str_list){v, from.n};
}

void zeek_cert_learn(
    struct zeek_group *g, struct str id, const struct cert_record *record)
{
	struct log_join *j = &g->certs;
	struct zeek_cert *c = log_join_add(j, log_join_key(j, id.p, id.n), sizeof(*c));
	if (c == NULL)
		return;
	struct cert_record *r = &c->record;
	*r = *record;
	struct str *const texts[] = {&r->sha256, &r->serial, &r->subject, &r->issuer,
	    &r->key_alg, &r->sig_alg, &r->key_type, &r->curve, &r->source};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = log_join_text(j, *texts[i]);
	r->san_dns = copy_texts(j, r->san_dns);
	r->san_ip = copy_texts(j, r->san_ip);
	r->san_email = copy_texts(j, r->san_email);
	r->san_uri = copy_texts(j, r->san_uri);
}

struct zeek_cert *zeek_cert_find(struct zeek_group *g, struct str id)
{
	if (log_join_empty(&g->certs))
		return NULL;
	return log_join_find(&g->certs, log_join_key(&g->certs, id.p, id.n));
}
