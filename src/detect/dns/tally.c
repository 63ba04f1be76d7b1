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
	keyed_init(&kept, sizeof(struct tally), sizeof(uint64_t), &hash_key_public);
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

bool tallies_add(struct tallies *t, struct str client, struct str server, struct str name)
{
	struct str key = names_key(name), sub = names_sub(name, key);
	bool direct = key.n == 0, made;
	if (direct)
		key = server;
	if (sub.n == 0 || key.n == 0 || client.n == 0)
		return true;
	uint64_t pair = digest(client) * 31 + digest(key) + direct;
	if (t->rows.n >= TALLIES_MAX && keyed_find(&t->rows, &pair) == NULL &&
	    !make_room(t))
		return false;
	struct tally *v = keyed_put(&t->rows, &pair, &made);
	if (v == NULL)
		return false;
	t->pairs += made;
	unsigned bit = (unsigned)(digest(sub) % TALLY_BITS);
	uint64_t mask = UINT64_C(1) << (bit % 64);
	if ((v->seen[bit / 64] & mask) != 0)
		return true;
	v->seen[bit / 64] |= mask;
	v->names++;
	v->bytes += (uint32_t)sub.n;
	if (v->bytes < TALLY_BYTES || v->listed)
		return true;
	v->listed = 1;
	return list_key(t, client, key, direct);
}

int tallies_read(struct tallies *t, const struct source *s, struct error *e)
{
	*t = (struct tallies){.pairs = 0};
	keyed_init(&t->rows, sizeof(struct tally), sizeof(uint64_t), &hash_key_public);
	struct store_rows *r = store_query(s->store,
	    "SELECT src_ip, dst_ip, query FROM dns WHERE kind = 'dns' AND query <> ''",
	    e);
	if (r == NULL)
		return -1;
	bool fits = true;
	while (fits && store_next(r))
		fits =
		    tallies_add(t, store_text(r, 0), store_text(r, 1), store_text(r, 2));
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
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
	free(t->keys);
	*t = (struct tallies){.pairs = 0};
}
