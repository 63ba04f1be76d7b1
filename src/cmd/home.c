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

static bool at_home(const struct home *h, struct str text)
{
	struct addr a;
	if (!str_addr(text, &a)) /* absent: the unspecified address */
		return false;
	for (size_t i = 0; i < h->count; i++) {
		if (net_contains(&h->nets[i], &a))
			return true;
	}
	return false;
}

int home_check(struct home *h, struct store *s, struct error *e)
{
	if (!h->guessed)
		return 0;
	struct store_rows *r = store_query(s,
	    "SELECT DISTINCT src_ip FROM conn UNION ALL SELECT DISTINCT dst_ip FROM conn",
	    e);
	if (r == NULL)
		return -1;
	bool found = false, any = false;
	while (!found && store_next(r)) {
		any = true;
		found = at_home(h, store_text(r, 0));
	}
	int failed = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	if (any && !found)
		h->count = 0;
	return failed;
}
