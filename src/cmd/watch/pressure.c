/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/pressure.h"

#include <inttypes.h>

#include "base/log.h"

static void add(struct reader_pressure *to, const struct reader_pressure *from)
{
#define S(name, about) to->name += from->name;
	PRESSURE_LIST(S)
#undef S
}

static struct reader_pressure sum_of(const struct pressure *p)
{
	struct reader_pressure sum = p->past;
	for (size_t i = 0; i < READERS_MAX; i++)
		add(&sum, &p->reader[i]);
	return sum;
}

void pressure_take(struct pressure *p, unsigned reader, struct bytes note)
{
	struct reader_pressure now;
	if (reader < READERS_MAX && bytes_copy(&note, &now, sizeof(now)))
		p->reader[reader] = now;
}

void pressure_fell(struct pressure *p, unsigned reader)
{
	if (reader >= READERS_MAX)
		return;
	add(&p->past, &p->reader[reader]);
	p->reader[reader] = (struct reader_pressure){0};
}

void pressure_show(const struct pressure *p, struct page *page)
{
	const struct reader_pressure sum = sum_of(p);
#define S(name, about) page_set(page, PAGE_##name, sum.name);
	PRESSURE_LIST(S)
#undef S
}

void pressure_say(struct pressure *p, int64_t monotonic)
{
	const struct reader_pressure now = sum_of(p), *was = &p->said;
	uint64_t dropped = now.segments_dropped - was->segments_dropped +
			   now.fragments_dropped - was->fragments_dropped;
	uint64_t evicted = now.evicted - was->evicted, unread = now.unread - was->unread;
	if (evicted + unread == 0 ||
	    (p->said_at != 0 && monotonic - p->said_at < PRESSURE_SAY_NS))
		return;
	log_warn("more goes on at once than --memory-limit has room for: %" PRIu64
		 " connections were closed early, those first that said least; %" PRIu64
		 " were not read, %" PRIu64 " segments and fragments not joined",
	    evicted, unread, dropped);
	p->said = now;
	p->said_at = monotonic;
}
