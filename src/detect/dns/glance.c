/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/glance.h"

#include <stdlib.h>

static const char sql[] =
    "SELECT src_ip, query, CASE WHEN qtype = 'A' AND ttls[-1] <= 300 THEN answers[-1] "
    "END, "
    "rcode = 'NXDOMAIN' AND qtype <> 'PTR', epoch_us(ts) FROM dns WHERE kind = 'dns'";

static uint64_t digest(struct str s)
{
	return hash_bytes(&hash_key_public, s.p, s.n);
}

bool glance_init(struct glance *g)
{
	*g = (struct glance){.length = 0};
	keyed_init(&g->askers, sizeof(struct asker), sizeof(uint64_t), &hash_key_public);
	keyed_init(&g->names, sizeof(struct varied), sizeof(uint64_t), &hash_key_public);
	g->text = malloc(VARIED_TEXT);
	return g->text != NULL;
}

void glance_fini(struct glance *g)
{
	keyed_reset(&g->askers);
	keyed_reset(&g->names);
	free(g->text);
	*g = (struct glance){.length = 0};
}

static bool add_asker(struct glance *g, const struct glance_row *r)
{
	uint64_t client = digest(r->client);
	bool made;
	struct asker *a = keyed_find(&g->askers, &client);
	if (a == NULL && g->askers.n >= ASKERS_MAX) {
		g->over_askers++;
		return true;
	}
	if (a == NULL)
		a = keyed_put(&g->askers, &client, &made);
	if (a == NULL)
		return false;
	a->last = a->asked == 0 || r->ts > a->last ? r->ts : a->last;
	a->asked++;
	a->missing += r->missing;
	g->missing |= a->missing >= MISSING_MIN;
	return true;
}

static void list_name(struct glance *g, struct str name)
{
	if (name.n + 1 > VARIED_TEXT - g->length) {
		g->unlisted++;
		return;
	}
	memcpy(g->text + g->length, name.p, name.n);
	g->text[g->length + name.n] = '\n';
	g->length += name.n + 1;
}

static bool add_answer(struct glance *g, const struct glance_row *r)
{
	uint64_t name = digest(r->name);
	uint32_t way = (uint32_t)digest(r->answer);
	bool made;
	struct varied *v = keyed_find(&g->names, &name);
	if (v == NULL && g->names.n >= VARIED_MAX) {
		keyed_empty(&g->names);
		g->emptied++;
	}
	if (v == NULL)
		v = keyed_put(&g->names, &name, &made);
	if (v == NULL)
		return false;
	for (uint32_t i = 0; i < v->ways; i++) {
		if (v->way[i] == way)
			return true;
	}
	if (v->ways >= VARIED_WAYS)
		return true;
	v->way[v->ways++] = way;
	if (v->ways == VARIED_WAYS)
		list_name(g, r->name);
	return true;
}

bool glance_add(struct glance *g, const struct glance_row *r)
{
	if (r->client.n > 0 && !add_asker(g, r))
		return false;
	return r->answer.n == 0 || r->name.n == 0 || add_answer(g, r);
}

int glance_read(struct glance *g, const struct source *s, struct error *e)
{
	if (!glance_init(g))
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r = store_query(s->store, sql, e);
	bool fits = true;
	if (r == NULL)
		return -1;
	while (fits && store_next(r)) {
		const struct glance_row row = {store_text(r, 0), store_text(r, 1),
		    store_text(r, 2), store_bool(r, 3), store_int(r, 4)};
		fits = glance_add(g, &row);
	}
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
}

const struct asker *glance_asker(const struct glance *g, struct str client)
{
	uint64_t key = digest(client);
	return keyed_find(&g->askers, &key);
}
