/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/proxies.h"

#include <stdlib.h>

#include "detect/inside/paths.h"

#define STRING(x)  STRING_(x)
#define STRING_(x) #x
#define TEXTS_MAX  (1u << 20)

/* RFC 1928; SOCKS 4 says "granted". */
static const char socks_sql[] =
    "SELECT src_ip, dst_ip, dst_port, count(*) AS n, count(DISTINCT "
    "coalesce(request_name, "
    "request_ip)), min(coalesce(request_name, request_ip) || ':' || request_port), "
    "epoch_us(min(ts)), epoch_us(max(ts)) FROM socks WHERE status IN ('succeeded', "
    "'granted') AND src_ip <> dst_ip GROUP BY src_ip, dst_ip, dst_port ORDER BY n DESC, "
    "src_ip, dst_ip, dst_port LIMIT " STRING(PROXIES_MAX);

/* RFC 9110, 9.3.6. */
static const char connect_sql[] =
    "SELECT src_ip, dst_ip, dst_port, count(*) AS n, count(DISTINCT uri), min(uri), "
    "epoch_us(min(ts)), epoch_us(max(ts)) FROM http WHERE method = 'CONNECT' AND status "
    "= "
    "200 AND src_ip <> dst_ip GROUP BY src_ip, dst_ip, dst_port ORDER BY n DESC, src_ip, "
    "dst_ip, dst_port LIMIT " STRING(PROXIES_MAX);

static bool read_row(struct proxies *p, const struct store_rows *r, struct proxied *x)
{
	*x = (struct proxied){.port = (uint16_t)store_uint(r, 2),
	    .requests = store_uint(r, 3),
	    .targets = store_uint(r, 4),
	    .target = str_copy(&p->texts, store_text(r, 5)),
	    .first = store_int(r, 6),
	    .last = store_int(r, 7)};
	return str_addr(store_text(r, 0), &x->user) && !addr_is_unset(&x->user) &&
	       str_addr(store_text(r, 1), &x->proxy) && !addr_is_unset(&x->proxy);
}

static int read_some(
    struct proxies *p, struct store *s, const char *sql, bool socks, struct error *e)
{
	struct store_rows *r = store_sum(s, sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r) && p->n < (size_t)2 * PROXIES_MAX) {
		struct proxied *x = &p->v[p->n];
		if (read_row(p, r, x)) {
			x->socks = socks;
			p->n++;
		}
	}
	return store_rows_end(r, e);
}

static int by_user(const void *x, const void *y)
{
	const struct proxied *a = x, *b = y;
	int c = addr_cmp(&a->user, &b->user);
	if (c == 0)
		c = addr_cmp(&a->proxy, &b->proxy);
	if (c == 0)
		c = a->port - b->port;
	return c != 0 ? c : a->socks - b->socks;
}

static void count_users(struct proxies *p)
{
	for (size_t i = 0; i < p->n; i++) {
		for (size_t j = 0; j < p->n; j++)
			p->v[i].users += p->v[j].port == p->v[i].port &&
					 addr_equal(&p->v[j].proxy, &p->v[i].proxy);
	}
}

int proxies_read(struct proxies *p, const struct source *s, struct error *e)
{
	const struct conns *c = s->conns;
	*p = (struct proxies){.v = calloc((size_t)2 * PROXIES_MAX, sizeof(*p->v))};
	arena_init(&p->texts, TEXTS_MAX);
	if (p->v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	int result = 0;
	if (paths_may_have(c, "socks"))
		result = read_some(p, s->store, socks_sql, true, e);
	/* Whatever a proxy carries is named beside HTTP. */
	if (result == 0 && (paths_may_have(c, "http,") || paths_may_have(c, ",http")))
		result = read_some(p, s->store, connect_sql, false, e);
	if (p->n > 0)
		qsort(p->v, p->n, sizeof(*p->v), by_user);
	count_users(p);
	return result < 0 ? error_add(e, "reading who uses proxies") : 0;
}

void proxies_fini(struct proxies *p)
{
	free(p->v);
	arena_fini(&p->texts);
	*p = (struct proxies){.v = NULL};
}
