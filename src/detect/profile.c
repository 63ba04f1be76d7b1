/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which side is the host, and which the other;
 * NULL: over all hosts, nobody's own time. */
static const char *const sides[PROJECTIONS][2] = {
    [SERIES_ADDRESS] = {"src_ip", "dst_ip"},
    [SERIES_NAME] = {"src_ip", "dst_ip"},
    [SERIES_INBOUND] = {"dst_ip", "src_ip"},
};

/* One row for each host and hour: how many of its series show. */
int profile_open(struct profile *p, struct store *s, enum projection projection,
    const char *hosts, struct error *e)
{
	const char *host = sides[projection][0], *peer = sides[projection][1];
	char *sql = NULL;
	*p = (struct profile){.rows = NULL};
	if (host == NULL)
		return 0;
	if (asprintf(&sql,
		"SELECT %s, hour, count(*) FROM (SELECT DISTINCT %s, %s, dst_port, "
		"epoch_us(ts) // 3600000000 AS hour FROM conn WHERE %s) GROUP BY %s, "
		"hour "
		"ORDER BY %s, hour",
		host, host, peer, hosts != NULL ? hosts : "true", host, host) < 0)
		return error_set(e, ERR_SYSTEM, "no memory left");
	p->rows = store_query(s, sql, e);
	free(sql);
	if (p->rows == NULL)
		return error_add(e, "reading the hosts' activity");
	p->more = store_next(p->rows);
	return 0;
}

static int compare(struct str row, const char *host)
{
	return str_cmp(row, str_of(host));
}

void profile_host(struct profile *p, const struct addr *host)
{
	char text[ADDR_TEXT_MAX];
	addr_text(host, text);
	if (p->rows == NULL || strcmp(text, p->host) == 0)
		return;
	memcpy(p->host, text, sizeof(text));
	activity_clear(&p->activity);
	while (p->more && compare(store_text(p->rows, 0), text) < 0)
		p->more = store_next(p->rows);
	while (p->more && compare(store_text(p->rows, 0), text) == 0) {
		if (!activity_count(
			&p->activity, store_int(p->rows, 1), store_uint(p->rows, 2)))
			p->no_memory = true;
		p->more = store_next(p->rows);
	}
	p->paced = !p->no_memory && !activity_flat(&p->activity);
}

int profile_close(struct profile *p, struct error *e)
{
	int result = p->no_memory ? error_set(e, ERR_SYSTEM, "no memory left") : 0;
	if (p->rows != NULL && result == 0 && store_rows_failed(p->rows, e))
		result = error_add(e, "reading the hosts' activity");
	store_rows_free(p->rows);
	activity_fini(&p->activity);
	return result;
}
