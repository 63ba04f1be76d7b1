/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/ot/uses.h"

#include <stdio.h>
#include <stdlib.h>

static const char uses_sql[] =
    "SELECT " OT_ASKER " AS asker, " OT_DEVICE " AS device, protocol, function, "
    "min(operation) AS operation, min(proto), min(dst_port), min(ts) AS first, max(ts), "
    "count(*), count(*) FILTER (" OT_REFUSED "), sum(request_bytes), sum(answer_bytes) "
    "FROM ot WHERE operation <> 'report' AND ts IS NOT NULL "
    "GROUP BY asker, device, protocol, function "
    "HAVING asker IS NOT NULL AND device IS NOT NULL "
    "ORDER BY device, asker, protocol, first, function";

int ot_any(struct store *s, bool *any, struct error *e)
{
	struct store_rows *r = store_sum(s, "SELECT 1 FROM ot LIMIT 1", e);
	if (r == NULL)
		return error_add(e, "reading industrial requests");
	*any = store_next(r);
	return store_rows_end(r, e);
}

/* What every master of a protocol does when it starts, or at any time: it is called
 * program or mode, and changes neither. */
static bool is_routine(struct str protocol, struct str function)
{
	static const struct {
		const char *protocol, *function;
	} routine[] = {
	    {"s7comm", "download_block"}, /* the device fetches what request_download */
	    {"s7comm", "download_ended"}, /* has announced, and that is told */
	    {"s7comm_plus", "create_object"}, /* opens a session, or subscribes */
	    {"s7comm_plus", "delete_object"},
	    {"dnp3", "enable_unsolicited"},
	    {"dnp3", "disable_unsolicited"},
	    {"dnp3", "assign_class"},
	    {"modbus", "clear_counters_and_diagnostic_register"},
	};
	for (size_t i = 0; i < sizeof(routine) / sizeof(*routine); i++) {
		if (str_equal(protocol, str_of(routine[i].protocol)) &&
		    str_equal(function, str_of(routine[i].function)))
			return true;
	}
	return false;
}

static enum ot_weight weight_of(const struct ot_use *u)
{
	if (str_equal(u->operation, STR("write")) ||
	    str_equal(u->operation, STR("control")))
		return OT_WRITE;
	if (str_equal(u->operation, STR("discovery")))
		return OT_LOOKED;
	bool heavy = str_equal(u->operation, STR("program")) ||
		     str_equal(u->operation, STR("mode")) ||
		     str_equal(u->function, STR("write_file_record")) ||
		     str_equal(u->function, STR("atomic_write_file"));
	return heavy && !is_routine(u->protocol, u->function) ? OT_HEAVY : OT_PLAIN;
}

static bool add_use(struct ot_uses *u, const struct store_rows *r)
{
	if (u->n == OT_USES_MAX) {
		u->dropped++;
		return true;
	}
	if (u->n == u->room) {
		size_t room = u->room == 0 ? 64 : 2 * u->room;
		struct ot_use *v = realloc(u->v, room * sizeof(*v));
		if (v == NULL)
			return false;
		u->v = v;
		u->room = room;
	}
	struct ot_use *use = &u->v[u->n++];
	*use = (struct ot_use){
	    .asker = str_copy(&u->texts, store_text(r, 0)),
	    .device = str_copy(&u->texts, store_text(r, 1)),
	    .protocol = str_copy(&u->texts, store_text(r, 2)),
	    .function = str_copy(&u->texts, store_text(r, 3)),
	    .operation = str_copy(&u->texts, store_text(r, 4)),
	    .proto = str_copy(&u->texts, store_text(r, 5)),
	    .port = (uint16_t)store_uint(r, 6),
	    .first = moment_us(store_time(r, 7)),
	    .last = moment_us(store_time(r, 8)),
	    .n = store_uint(r, 9),
	    .errors = store_uint(r, 10),
	    .out = store_uint(r, 11),
	    .in = store_uint(r, 12),
	};
	use->weight = weight_of(use);
	if (u->texts.refused > 0) {
		u->n--; /* OT_TEXTS_MAX: what has its texts stays */
		u->dropped++;
	}
	return true;
}

static bool same_pair(const struct ot_use *a, const struct ot_pair *b)
{
	return str_equal(a->device, b->device) && str_equal(a->asker, b->asker) &&
	       str_equal(a->protocol, b->protocol);
}

static bool make_pairs(struct ot_uses *u)
{
	u->pairs = calloc(u->n + 1, sizeof(*u->pairs));
	if (u->pairs == NULL)
		return false;
	for (size_t i = 0; i < u->n; i++) {
		const struct ot_use *use = &u->v[i];
		struct ot_pair *p = &u->pairs[u->pair_count - (u->pair_count > 0)];
		if (u->pair_count == 0 || !same_pair(use, p)) {
			p = &u->pairs[u->pair_count++];
			*p = (struct ot_pair){use->asker, use->device, use->protocol,
			    use->proto, use->port, use->first, use->last, 0, 0, 0, 0, i,
			    i};
		}
		p->last = use->last > p->last ? use->last : p->last;
		p->first = use->first < p->first ? use->first : p->first;
		p->n += use->n;
		p->errors += use->errors;
		p->out += use->out;
		p->in += use->in;
		p->to = i + 1;
	}
	return true;
}

int ot_uses_read(struct ot_uses *u, struct store *s, struct error *e)
{
	*u = (struct ot_uses){.v = NULL};
	arena_init(&u->texts, OT_TEXTS_MAX);
	struct store_rows *r = store_sum(s, uses_sql, e);
	if (r == NULL)
		return error_add(e, "reading industrial requests");
	bool fits = true;
	while (fits && store_next(r))
		fits = add_use(u, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	if (failed)
		return error_add(e, "reading industrial requests");
	return fits && make_pairs(u) ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

void ot_uses_free(struct ot_uses *u)
{
	free(u->v);
	free(u->pairs);
	arena_fini(&u->texts);
	*u = (struct ot_uses){.v = NULL};
}

size_t ot_device(const struct ot_uses *u, struct str device, size_t *first)
{
	size_t low = 0, high = u->pair_count, n = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_cmp(u->pairs[middle].device, device) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (low + n < u->pair_count && str_equal(u->pairs[low + n].device, device))
		n++;
	return n;
}

bool ot_addr(struct str end, struct addr *a)
{
	unsigned m[6];
	char text[32];
	if (str_addr(end, a))
		return true;
	if (end.n != 17)
		return false;
	memcpy(text, end.p, end.n);
	text[end.n] = '\0';
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &m[0], &m[1], &m[2], &m[3], &m[4],
		&m[5]) != 6)
		return false;
	const uint8_t b[16] = {0xfe, 0x80, [8] = (uint8_t)(m[0] ^ 2), (uint8_t)m[1],
	    (uint8_t)m[2], 0xff, 0xfe, (uint8_t)m[3], (uint8_t)m[4], (uint8_t)m[5]};
	*a = addr_from_v6(b);
	return true;
}

bool ot_is_group(struct str end)
{
	struct addr a;
	if (str_addr(end, &a))
		return addr_is_multicast(&a) || (addr_is_v4(&a) && a.b[15] == 255);
	/* The lowest bit of the first byte: a group (IEEE 802). */
	return end.n == 17 && strchr("13579bdfBDF", end.p[1]) != NULL;
}
