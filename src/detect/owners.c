/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/owners.h"

#include <stdlib.h>

#define OWNER_MAX 255 /* bytes of a name or address */

const char owners_sql[] = "SELECT DISTINCT dst_ip, dst_port, sni FROM tls "
			  "WHERE subject = issuer AND subject <> ''";

struct str owners_text(struct str owner, uint64_t port, struct arena *a)
{
	if (owner.n == 0 || owner.n > OWNER_MAX)
		return (struct str){NULL, 0};
	return str_format(a, "%.*s %llu", STR_ARG(owner), (unsigned long long)port);
}

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static bool add(struct owners *o, struct str owner, uint64_t port)
{
	if (owner.n == 0 || owner.n > OWNER_MAX)
		return true;
	if (o->n == o->room) {
		size_t room = o->room > 0 ? 2 * o->room : 256;
		struct str *v =
		    o->n < OWNERS_MAX ? realloc(o->v, room * sizeof(*v)) : NULL;
		if (v == NULL)
			return false;
		o->v = v;
		o->room = room;
	}
	o->v[o->n] = owners_text(owner, port, &o->texts);
	return o->v[o->n].p != NULL && ++o->n > 0;
}

int owners_read(struct owners *o, struct store *s, struct error *e)
{
	if (o->read)
		return 0;
	o->read = true;
	arena_init(&o->texts, OWNERS_TEXTS_MAX);
	struct store_rows *r = store_sum(s, owners_sql, e);
	if (r == NULL)
		return -1;
	o->whole = true;
	while (o->whole && store_next(r)) {
		uint64_t port = store_uint(r, 1);
		o->whole =
		    add(o, store_text(r, 0), port) && add(o, store_text(r, 2), port);
	}
	int result = store_rows_end(r, e);
	if (o->n > 0)
		qsort(o->v, o->n, sizeof(*o->v), by_text);
	return result;
}

bool owners_has(const struct owners *o, struct str text)
{
	return o->n > 0 && bsearch(&text, o->v, o->n, sizeof(*o->v), by_text) != NULL;
}

void owners_fini(struct owners *o)
{
	if (o->read)
		arena_fini(&o->texts);
	free(o->v);
}
