/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/profile.h"

#include <string.h>

/* One row for each host and hour: how many of its series show. The host opens, or is
 * opened to. */
#define BUSY(host, peer)                                                                 \
	"SELECT " host ", hour, count(*) FROM (SELECT DISTINCT " host ", " peer          \
	", dst_port, epoch_us(ts) // 3600000000 AS hour FROM conn) GROUP BY " host       \
	", hour ORDER BY " host ", hour"

static const char *const queries[PROJECTIONS] = {
    [SERIES_ADDRESS] = BUSY("src_ip", "dst_ip"),
    [SERIES_NAME] = BUSY("src_ip", "dst_ip"),
    [SERIES_INBOUND] = BUSY("dst_ip", "src_ip"),
    [SERIES_SERVER] = NULL, /* over all hosts: nobody's own time */
};

int profile_open(
    struct profile *p, struct store *s, enum projection projection, struct error *e)
{
	*p = (struct profile){.rows = NULL};
	if (queries[projection] == NULL)
		return 0;
	p->rows = store_query(s, queries[projection], e);
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
