/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/timing/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which side is the host; NULL: over all hosts, nobody's own time. */
static const char *const sides[PROJECTIONS] = {
    [SERIES_ADDRESS] = "src_ip",
    [SERIES_NAME] = "src_ip",
    [SERIES_INBOUND] = "dst_ip",
    [SERIES_NET] = "src_ip",
    [SERIES_DOMAIN] = "src_ip",
    [SERIES_PRINT] = "src_ip",
    [SERIES_SIZE] = "src_ip",
    [SERIES_ASKED] = "src_ip",
};

/* The hours in which each pair shows: those in which connections began, and of a day all
 * in which one was open. */
#define HOURS_SQL                                                                        \
	"SELECT DISTINCT src_ip, dst_ip, dst_port, epoch_us(ts) // 3600000000 AS hour "
#define DAY_HOURS_SQL                                                                    \
	"SELECT DISTINCT src_ip, dst_ip, dst_port, epoch_us(ts) // 86400000000 * 24 + "  \
	"h.h AS hour "

static struct store_rows *ask(
    const struct source *s, const char *host, const char *hosts, struct error *e)
{
	const char *where = hosts != NULL ? hosts : "true";
	if (!s->past->decayed)
		return past_query(s->store, e,
		    "SELECT %s, hour, count(*) FROM (" HOURS_SQL "FROM conn WHERE %s) "
		    "GROUP BY %s, hour ORDER BY %s, hour",
		    host, where, host, host);
	return past_query(s->store, e,
	    "SELECT %s, hour, count(*) FROM (" HOURS_SQL
	    "FROM %s WHERE (%s) AND day_last IS NULL UNION " DAY_HOURS_SQL
	    "FROM %s, range(24) AS h(h) WHERE (%s) AND day_hours >> h.h & 1 = 1) "
	    "GROUP BY %s, hour ORDER BY %s, hour",
	    host, s->past->rows, where, s->past->rows, where, host, host);
}

/* One row for each host and hour: how many of its series show. */
int profile_open(struct profile *p, const struct source *s, enum projection projection,
    const char *hosts, struct error *e)
{
	const char *host = sides[projection];
	*p = (struct profile){.rows = NULL};
	if (host == NULL)
		return 0;
	p->rows = ask(s, host, hosts, e);
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
