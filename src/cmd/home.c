/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/home.h"

#include <string.h>

int home_choose(struct home *h, struct store *s, const struct options *o, struct error *e)
{
	*h = (struct home){0};
	if (o->home_count > 0) {
		memcpy(h->nets, o->home, o->home_count * sizeof(h->nets[0]));
		h->count = o->home_count;
		return store_set_home(s, h->nets, h->count, e);
	}
	size_t n;
	const struct net *kept = store_home(s, &n);
	if (n > 0) {
		h->count = n < HOME_MAX ? n : HOME_MAX;
		memcpy(h->nets, kept, h->count * sizeof(h->nets[0]));
		return 0;
	}
	net_private(h->nets);
	h->count = NET_PRIVATE;
	h->guessed = true;
	return 0;
}

static bool is_home(const struct home *h, const struct addr *a)
{
	for (size_t i = 0; i < h->count; i++) {
		if (net_contains(&h->nets[i], a))
			return true;
	}
	return false;
}

static bool at_home(const struct home *h, struct str text)
{
	struct addr a; /* absent: the unspecified address */
	return str_addr(text, &a) && is_home(h, &a);
}

/* Whether the text in a column says an address at home; the one before was looked at. */
static bool look(const struct home *h, struct str text, char before[static ADDR_TEXT_MAX])
{
	if (text.n >= ADDR_TEXT_MAX || str_equal(text, str_of(before)))
		return false;
	if (text.n > 0)
		memcpy(before, text.p, text.n);
	before[text.n] = '\0';
	return at_home(h, text);
}

static void look_and_put(void *ctx, enum record_type type, const void *record)
{
	struct home *h = ctx;
	if (type == RECORD_CONN && !h->met) {
		const struct conn_record *r = record;
		h->met = (!addr_is_unset(&r->src_ip) && is_home(h, &r->src_ip)) ||
			 (!addr_is_unset(&r->dst_ip) && is_home(h, &r->dst_ip));
	}
	record_put(&h->to, type, record);
}

struct record_sink home_sink(struct home *h, const struct record_sink *to)
{
	h->to = *to;
	return (struct record_sink){look_and_put, h};
}

/* The connections as they come: mostly the first few tell, and the rest is not read. */
int home_check(struct home *h, struct store *s, struct error *e)
{
	if (!h->guessed || h->met)
		return 0;
	struct store_rows *r = store_query(s, "SELECT src_ip, dst_ip FROM conn", e);
	if (r == NULL)
		return -1;
	char src[ADDR_TEXT_MAX] = "", dst[ADDR_TEXT_MAX] = "";
	bool found = false, any = false;
	while (!found && store_next(r)) {
		any = true;
		found = look(h, store_text(r, 0), src) || look(h, store_text(r, 1), dst);
	}
	int failed = store_rows_end(r, e);
	if (any && !found)
		h->count = 0;
	return failed;
}
