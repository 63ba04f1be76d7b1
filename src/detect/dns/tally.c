/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/tally.h"

#include <stdlib.h>

#include "detect/dns/names.h"

static uint64_t digest(struct str s)
{
	return hash_bytes(&hash_key_public, s.p, s.n);
}

/* Half of them go: those with the fewest bytes. */
static bool make_room(struct tallies *t)
{
	struct keyed kept;
	uint32_t least = 8;
	keyed_init(&kept, sizeof(struct tally), sizeof(uint64_t), &t->rows.key);
	for (uint32_t left = t->rows.n; left > TALLIES_MAX / 2; least *= 2) {
		left = 0;
		for (uint32_t i = 0; i < t->rows.n; i++) {
			const struct tally *v = keyed_row(&t->rows, i);
			left += v->bytes >= 2 * least;
		}
	}
	for (uint32_t i = 0; i < t->rows.n; i++) {
		const struct tally *v = keyed_row(&t->rows, i);
		bool made;
		if (v->bytes < least)
			continue;
		struct tally *into = keyed_put(&kept, &v->pair, &made);
		if (into == NULL) {
			keyed_reset(&kept);
			return false;
		}
		*into = *v;
	}
	t->dropped += t->rows.n - kept.n;
	keyed_reset(&t->rows);
	t->rows = kept;
	return true;
}

/* Note the key of a pair that passed. */
static bool list_key(struct tallies *t, struct str client, struct str key, bool server)
{
	size_t need = client.n + key.n + 3;
	if (t->length + need > TALLY_KEYS_MAX) {
		t->unlisted++;
		return true;
	}
	if (t->length + need > t->room) {
		size_t room = t->room == 0 ? 4096 : 2 * t->room;
		while (room < t->length + need)
			room *= 2;
		char *p = realloc(t->keys, room);
		if (p == NULL)
			return false;
		t->keys = p;
		t->room = room;
	}
	char *to = t->keys + t->length;
	memcpy(to, client.p, client.n);
	to += client.n;
	*to++ = ' ';
	if (server)
		*to++ = '@';
	memcpy(to, key.p, key.n);
	to += key.n;
	*to++ = '\n';
	t->length = (size_t)(to - t->keys);
	return true;
}

static uint64_t key_digest(struct str key, bool direct)
{
	return digest(key) ^ (direct ? UINT64_MAX : 0);
}

/* Count a name that is new to the pair. */
static bool count_name(struct tallies *t, struct tally *v, const struct question *q,
    struct str key, struct str sub)
{
	unsigned bit = (unsigned)(digest(sub) % TALLY_BITS);
	uint64_t mask = UINT64_C(1) << (bit % 64);
	if (q->ts < v->first)
		v->first = q->ts;
	if ((v->seen[bit / 64] & mask) != 0)
		return true;
	v->seen[bit / 64] |= mask;
	v->names++;
	v->bytes += (uint32_t)sub.n;
	if (v->bytes < TALLY_BYTES || v->listed)
		return true;
	v->listed = 1;
	return list_key(t, q->client, key, key.p == q->server.p);
}

bool tallies_add(struct tallies *t, const struct question *q)
{
	struct str key = names_key(q->name), sub = names_sub(q->name, key);
	bool direct = key.n == 0, made;
	if (direct)
		key = q->server;
	uint64_t server = digest(q->server), client = digest(q->client);
	if (t->servers.n < SERVERS_MAX && q->server.n > 0 &&
	    keyed_put(&t->servers, &server, &made) == NULL)
		return false;
	if (key.n == 0 || client == 0 || q->client.n == 0)
		return true;
	uint64_t k = key_digest(key, direct), pair = client * 31 + k;
	if (t->rows.n >= TALLIES_MAX && keyed_find(&t->rows, &pair) == NULL &&
	    !make_room(t))
		return false;
	struct tally *v = keyed_put(&t->rows, &pair, &made);
	if (v == NULL)
		return false;
	if (made) {
		t->pairs++;
		v->client = client;
		v->key = k;
		v->first = q->ts;
	}
	return sub.n == 0 || count_name(t, v, q, key, sub);
}

int tallies_read(struct tallies *t, const struct source *s, struct error *e)
{
	*t = (struct tallies){.pairs = 0};
	const struct hash_key key = hash_key_random();
	keyed_init(&t->rows, sizeof(struct tally), sizeof(uint64_t), &key);
	keyed_init(&t->servers, sizeof(uint64_t), sizeof(uint64_t), &key);
	struct store_rows *r = store_sum(s->store,
	    "SELECT src_ip, dst_ip, query, epoch_us(ts) FROM dns WHERE kind = 'dns'", e);
	if (r == NULL)
		return -1;
	bool fits = true;
	while (fits && store_next(r)) {
		const struct question q = {store_text(r, 0), store_text(r, 1),
		    store_text(r, 2), store_int(r, 3)};
		fits = q.name.n == 0 || tallies_add(t, &q);
	}
	int result = store_rows_end(r, e);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
}

uint64_t tallies_clients(
    const struct tallies *t, struct str key, bool direct, int64_t *first)
{
	uint64_t k = key_digest(key, direct), n = 0;
	*first = INT64_MAX;
	for (uint32_t i = 0; i < t->rows.n; i++) {
		const struct tally *v = keyed_row(&t->rows, i);
		if (v->key != k)
			continue;
		n += keyed_find(&t->servers, &v->client) == NULL;
		if (v->first < *first)
			*first = v->first;
	}
	return n;
}

bool tallies_serves(const struct tallies *t, struct str address)
{
	uint64_t server = digest(address);
	return keyed_find(&t->servers, &server) != NULL;
}

double tallies_share(const struct tallies *t, uint64_t bytes)
{
	uint64_t more = 0;
	for (uint32_t i = 0; i < t->rows.n; i++)
		more += ((const struct tally *)keyed_row(&t->rows, i))->bytes > bytes;
	return ((double)more + 0.5) / (double)(t->pairs > 0 ? t->pairs : 1);
}

void tallies_fini(struct tallies *t)
{
	keyed_reset(&t->rows);
	keyed_reset(&t->servers);
	free(t->keys);
	*t = (struct tallies){.pairs = 0};
}
