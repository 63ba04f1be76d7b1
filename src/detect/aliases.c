/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/aliases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct peers {
	struct str *names, *addresses;
	size_t name_count, address_count;
};

static bool is_address(struct str peer)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;
	if (peer.n >= sizeof(text))
		return false;
	memcpy(text, peer.p, peer.n);
	text[peer.n] = '\0';
	return addr_parse(text, &a);
}

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static size_t unique(struct str *v, size_t n)
{
	size_t kept = 0;
	if (n > 0)
		qsort(v, n, sizeof(*v), by_text);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !str_equal(v[kept - 1], v[i]))
			v[kept++] = v[i];
	}
	return kept;
}

static bool peers_of(struct peers *p, const struct finding *v, size_t n, struct arena *a)
{
	p->names = arena_alloc(a, n * sizeof(*p->names));
	p->addresses = arena_alloc(a, n * sizeof(*p->addresses));
	if (p->names == NULL || p->addresses == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (v[i].confidence < CONFIDENCE_MEDIUM || v[i].peer.n == 0)
			continue;
		if (is_address(v[i].peer))
			p->addresses[p->address_count++] = v[i].peer;
		else
			p->names[p->name_count++] = v[i].peer;
	}
	p->name_count = unique(p->names, p->name_count);
	p->address_count = unique(p->addresses, p->address_count);
	if (p->name_count > ALIASES_NAMES_MAX)
		p->name_count = ALIASES_NAMES_MAX;
	return true;
}

/* The statement with a parameter for each name; NULL: no memory. */
static char *statement(size_t names)
{
	char *sql = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&sql, &n);
	if (out == NULL)
		return NULL;
	fputs("SELECT DISTINCT server_name, dst_ip FROM pair_year_parts WHERE "
	      "server_name IN (",
	    out);
	for (size_t i = 0; i < names; i++)
		fprintf(out, "%s$%zu", i > 0 ? "," : "", i + 1);
	fputs(") ORDER BY ALL", out);
	if (fclose(out) != 0) {
		free(sql);
		return NULL;
	}
	return sql;
}

static int take(struct case_aliases *out, struct store_rows *r, const struct peers *p,
    struct arena *a, struct error *e)
{
	while (out->n < ALIASES_MAX && store_next(r)) {
		struct str name = store_text(r, 0), address = store_text(r, 1);
		if (bsearch(&address, p->addresses, p->address_count, sizeof(address),
			by_text) == NULL)
			continue;
		struct alias *x = &out->v[out->n++];
		*x = (struct alias){str_copy(a, name), str_copy(a, address)};
		if (x->name.p == NULL || x->address.p == NULL)
			return error_set(e, ERR_SYSTEM, "no memory left");
	}
	return store_rows_failed(r, e) ? -1 : 0;
}

int aliases_read(struct case_aliases *out, struct store *s, const struct finding *v,
    size_t n, struct arena *a, struct error *e)
{
	struct peers p = {.name_count = 0};
	*out = (struct case_aliases){NULL, 0};
	if (n < 2)
		return 0;
	if (!peers_of(&p, v, n, a))
		return error_set(e, ERR_SYSTEM, "no memory left");
	if (p.name_count == 0 || p.address_count == 0)
		return 0;
	out->v = arena_alloc(a, ALIASES_MAX * sizeof(*out->v));
	char *sql = statement(p.name_count);
	if (out->v == NULL || sql == NULL) {
		free(sql);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	struct store_rows *r = store_query_with(s, sql, p.names, p.name_count, e);
	int result = r != NULL ? take(out, r, &p, a, e) : -1;
	store_rows_free(r);
	free(sql);
	return result;
}
