/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tls/pairs_keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "detect/tls/cert.h"

unsigned tls_pairs_weight(const struct tls_pair *p)
{
	unsigned sum = 0;
	for (size_t f = 0; f < ODDS_FAMILIES; f++)
		sum += p->level[f];
	return sum;
}

void tls_pairs_raise(struct tls_pair *p, enum odds_family f, unsigned level)
{
	if (level > p->level[f])
		p->level[f] = (uint8_t)level;
}

/* Still counted, as a server each, so that the others seem no odder than they are. */
static void drop(struct pairs_reader *r, const struct tls_pair *p)
{
	r->l->dropped++;
	odds_count(&r->l->odds[p->inside], p->level);
	r->servers_on[p->port] += p->level[ODDS_PORT] > 0;
}

int tls_pairs_by_server(const void *x, const void *y)
{
	const struct tls_pair *a = x, *b = y;
	int c = addr_cmp(&a->server, &b->server);
	if (c == 0)
		c = a->port - b->port;
	if (c == 0)
		c = a->udp - b->udp;
	return c != 0 ? c : addr_cmp(&a->host, &b->host);
}

bool tls_pairs_same_server(const struct tls_pair *a, const struct tls_pair *b)
{
	return a->port == b->port && a->udp == b->udp &&
	       addr_equal(&a->server, &b->server);
}

uint64_t tls_pairs_server_key(const struct tls_pair *p)
{
	uint8_t key[sizeof(p->server.b) + 3];
	memcpy(key, p->server.b, sizeof(p->server.b));
	key[sizeof(key) - 3] = p->udp;
	key[sizeof(key) - 2] = (uint8_t)(p->port >> 8);
	key[sizeof(key) - 1] = (uint8_t)p->port;
	return hash_bytes(&hash_key_public, key, sizeof(key));
}

/* The pair's place in the table of numbers, from 1, of those that are kept. */
static uint32_t *place_of(const struct pairs_reader *r, const struct tls_pair *p)
{
	const uint64_t ends[] = {
	    tls_pairs_server_key(p), load_le64(p->host.b), load_le64(p->host.b + 8)};
	size_t at = hash_bytes(&r->key, ends, sizeof(ends));
	for (at &= PAIRS_SLOTS - 1; r->slots[at] != 0;
	     at = (at + 1) & (PAIRS_SLOTS - 1)) {
		if (tls_pairs_by_server(&r->l->v[r->slots[at] - 1], p) == 0)
			break;
	}
	return &r->slots[at];
}

/* Drop those that are least odd, until there is room. */
static void make_room(struct pairs_reader *r)
{
	struct tls_pairs *l = r->l;
	while (l->n == PAIRS_MAX) {
		size_t n = 0;
		r->least++;
		for (size_t i = 0; i < l->n; i++) {
			if (tls_pairs_weight(&l->v[i]) > r->least)
				l->v[n++] = l->v[i];
			else
				drop(r, &l->v[i]);
		}
		l->n = 0;
		memset(r->slots, 0, PAIRS_SLOTS * sizeof(*r->slots));
		while (l->n < n) {
			uint32_t *place = place_of(r, &l->v[l->n]);
			*place = (uint32_t)++l->n;
		}
	}
}

/* A copy, as far as there is room for texts; absent then. */
static struct str keep(struct pairs_reader *r, struct str s)
{
	return s.p == NULL ? s : str_copy(&r->l->texts, s);
}

static void keep_texts(struct pairs_reader *r, struct tls_pair *p)
{
	p->subject = keep(r, p->subject);
	p->issuer = keep(r, p->issuer);
	p->name = keep(r, p->name);
	p->client = keep(r, p->client);
	p->old_issuer = keep(r, p->old_issuer);
	p->elsewhere = keep(r, p->elsewhere);
}

/* Whether the handshake q shows the pair's oddest certificate, the first of several. */
static bool shows_more(const struct tls_pair *q, const struct tls_pair *p)
{
	unsigned x = cert_level(q->marks), y = cert_level(p->marks);
	if (q->sessions == 0 || p->sessions == 0)
		return p->sessions == 0 && q->sessions > 0;
	if (x != y)
		return x > y;
	if ((q->subject.p != NULL) != (p->subject.p != NULL))
		return q->subject.p != NULL;
	if (q->cert_first != p->cert_first)
		return q->cert_first < p->cert_first;
	int c = str_cmp(q->subject, p->subject);
	return c != 0 ? c < 0 : str_cmp(q->name, p->name) < 0;
}

/* The same pair again. */
static void join_pair(struct pairs_reader *r, struct tls_pair *p, struct tls_pair *q)
{
	if (shows_more(q, p) || (q->client.p != NULL && p->client.p == NULL) ||
	    (q->old_issuer.p != NULL && p->old_issuer.p == NULL) ||
	    (q->elsewhere.p != NULL && p->elsewhere.p == NULL))
		keep_texts(r, q);
	if (shows_more(q, p)) {
		p->subject = q->subject;
		p->issuer = q->issuer;
		p->name = q->name;
		p->not_before = q->not_before;
		p->not_after = q->not_after;
		p->cert_first = q->cert_first;
		p->marks = q->marks;
	}
	if (p->client.p == NULL) {
		p->client = q->client;
		p->client_hosts = q->client_hosts;
		p->client_known = q->client_known;
		p->client_after = q->client_after;
	}
	if (p->old_issuer.p == NULL && q->old_issuer.p != NULL) {
		p->old_issuer = q->old_issuer;
		p->old_span = q->old_span;
		p->changed = q->changed;
		p->issuer = q->issuer;
	}
	if (p->elsewhere.p == NULL) {
		p->elsewhere = q->elsewhere;
		p->addresses = q->addresses;
	}
	p->sessions += q->sessions;
	p->nameless += q->nameless;
	for (size_t f = 0; f < ODDS_FAMILIES; f++)
		tls_pairs_raise(p, (enum odds_family)f, q->level[f]);
}

void tls_pairs_put(struct pairs_reader *r, struct tls_pair *p)
{
	struct tls_pairs *l = r->l;
	uint32_t *place = place_of(r, p);
	if (*place != 0) {
		join_pair(r, &l->v[*place - 1], p);
		return;
	}
	if (l->n == PAIRS_MAX && !r->ordered) {
		r->again = true;
		return;
	}
	make_room(r);
	if (tls_pairs_weight(p) <= r->least) {
		drop(r, p);
		return;
	}
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 64 : 2 * l->room;
		struct tls_pair *v = realloc(l->v, room * sizeof(*v));
		if (v == NULL) {
			r->no_memory = true;
			return;
		}
		l->v = v;
		l->room = room;
	}
	keep_texts(r, p);
	l->v[l->n] = *p;
	place = place_of(r, p);
	*place = (uint32_t)++l->n;
}
