/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/home.h"

#include <string.h>

/* RFC 1918, unique local (RFC 4193), link-local (RFC 3927, RFC 4291). */
static const char *const private_networks[] = {"10.0.0.0/8", "172.16.0.0/12",
    "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"};

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
	for (size_t i = 0; i < sizeof(private_networks) / sizeof(private_networks[0]);
	     i++) {
		if (net_parse(private_networks[i], &h->nets[h->count]))
			h->count++;
	}
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
