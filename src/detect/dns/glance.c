/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/glance.h"

#include <stdlib.h>
#include <string.h>

#define US_PER_DAY INT64_C(86400000000)

static const char sql[] =
    "SELECT src_ip, query, CASE WHEN qtype = 'A' AND NOT coalesce(ttls[-1] > 300, false) "
    "THEN array_to_string(answers, chr(10)) END, "
    "rcode = 'NXDOMAIN' AND qtype <> 'PTR', ttls[-1] IS NULL, epoch_us(ts), len(answers) "
    "FROM dns WHERE kind = 'dns'";

static uint64_t digest(struct str s)
{
	return hash_bytes(&hash_key_public, s.p, s.n);
}

bool glance_init(struct glance *g)
{
	*g = (struct glance){.length = 0};
	const struct hash_key key = hash_key_random();
	keyed_init(&g->askers, sizeof(struct asker), sizeof(uint64_t), &key);
	keyed_init(&g->names, sizeof(struct varied), sizeof(uint64_t), &key);
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

/* Add a digest to so many at most, each once; how many there are. */
static uint32_t note(uint32_t *v, uint32_t n, uint32_t room, uint32_t x)
{
	for (uint32_t i = 0; i < n; i++) {
		if (v[i] == x)
			return n;
	}
	if (n < room)
		v[n++] = x;
	return n;
}

/* An answer, where it may be an IPv4 address: flux.c is strict. */
static bool add_address(struct varied *v, struct str a)
{
	size_t net = 0;
	for (size_t i = 0, dots = 0; i < a.n; i++) {
		if (a.p[i] != '.' && !(a.p[i] >= '0' && a.p[i] <= '9'))
			return false;
		dots += a.p[i] == '.';
		net = dots < 2 ? i + 1 : net;
	}
	if (a.n == 0)
		return false;
	v->addresses = note(v->address, v->addresses, VARIED_KEPT, (uint32_t)digest(a));
	v->nets =
	    note(v->net, v->nets, VARIED_NETS, (uint32_t)digest((struct str){a.p, net}));
	return true;
}

/* Note the answers of a name; the last of them. */
static struct str add_addresses(struct varied *v, const struct glance_row *r)
{
	int64_t day = r->ts / US_PER_DAY - (r->ts % US_PER_DAY < 0);
	struct str last = r->answers;
	bool any = false;
	for (size_t from = 0; from <= r->answers.n;) {
		const char *p = r->answers.p + from;
		const char *line = memchr(p, '\n', r->answers.n - from);
		size_t n = line != NULL ? (size_t)(line - p) : r->answers.n - from;
		last = (struct str){p, n};
		any |= add_address(v, last);
		from += n + 1;
	}
	if (!any)
		return last;
	v->day = v->most == 0 ? day : v->day;
	v->days |= day != v->day;
	v->most = r->size > v->most ? (uint32_t)r->size : v->most;
	return last;
}

/* Whether flux.c may find it: what that asks of a day is held against all days. */
static bool may_flow(const struct varied *v)
{
	bool many = v->days || v->addresses == VARIED_KEPT ||
		    v->addresses >= 2 * (uint64_t)v->most;
	return v->ways == VARIED_WAYS && v->nets == VARIED_NETS &&
	       v->addresses >= VARIED_LEAST && many;
}

static bool add_answers(struct glance *g, const struct glance_row *r)
{
	uint64_t name = digest(r->name);
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
	struct str last = add_addresses(v, r);
	if (!r->endless && last.n > 0)
		v->ways = note(v->way, v->ways, VARIED_WAYS, (uint32_t)digest(last));
	if (!v->listed && may_flow(v)) {
		v->listed = true;
		list_name(g, r->name);
	}
	return true;
}

bool glance_add(struct glance *g, const struct glance_row *r)
{
	if (r->client.n > 0 && !add_asker(g, r))
		return false;
	return r->answers.n == 0 || r->name.n == 0 || add_answers(g, r);
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
		    store_text(r, 2), store_bool(r, 3), store_bool(r, 4), store_int(r, 5),
		    store_uint(r, 6)};
		fits = glance_add(g, &row);
	}
	int result = store_rows_end(r, e);
	return fits ? result : error_set(e, ERR_SYSTEM, "no memory left");
}

const struct asker *glance_asker(const struct glance *g, struct str client)
{
	uint64_t key = digest(client);
	return keyed_find(&g->askers, &key);
}
