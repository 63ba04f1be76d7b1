/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sets of a NetFlow v9 or IPFIX datagram (RFC 3954, 5; RFC 7011, 3.3):
 *
 *     | id | length | template ... | padding |      id 0, 1 (v9); 2, 3 (IPFIX)
 *     | id | length | record ...   | padding |      id from 256 on: the template's
 *
 * Each set is cut out before it is looked into, so a broken one does not derail those
 * after it.
 */
#include "input/netflow_domain.h"

#define SET_HEADER     4
#define FIRST_TEMPLATE 256

/* Saturating. */
static uint64_t times(uint64_t count, uint64_t interval)
{
	uint64_t product;
	return __builtin_mul_overflow(count, interval, &product) ? UINT64_MAX : product;
}

static void scale(struct netflow_row *row, uint64_t interval)
{
	if (interval <= 1)
		return;
	for (int i = 0; i < 2; i++) {
		row->packets[i] = times(row->packets[i], interval);
		row->bytes[i] = times(row->bytes[i], interval);
		row->payload[i] = times(row->payload[i], interval);
	}
	row->out_packets = times(row->out_packets, interval);
	row->out_bytes = times(row->out_bytes, interval);
	row->marks |= NETFLOW_SAMPLED;
}

static void take_record(struct netflow *n, const struct netflow_set *set,
    const struct netflow_fields *f, uint64_t offset)
{
	struct netflow_row row;
	if (!netflow_fields_row(f, &set->when, set->version, &row)) {
		n->counters.endless++;
		return;
	}
	scale(&row, domain_interval(set->domain, f));
	row.exporter = set->domain->number;
	row.source = set->source;
	row.offset = offset;
	n->counters.rows++;
	n->sink.row(n->sink.ctx, &row);
}

uint32_t ipfix_records(
    struct netflow *n, struct netflow_set *set, const struct netflow_template *t)
{
	struct netflow_fields f;
	uint32_t count = 0;
	const size_t whole = set->bytes.left;
	while (set->bytes.left >= t->least) {
		uint64_t offset = set->offset + (whole - set->bytes.left);
		if (!netflow_record_read(t, &set->bytes, &f)) {
			n->counters.broken++;
			break;
		}
		count++;
		n->counters.records++;
		if (!t->options) {
			take_record(n, set, &f, offset);
			continue;
		}
		n->counters.options++;
		domain_options(set->domain, &f);
		set->when.boot = set->domain->boot;
	}
	return count;
}

static bool read_templates(struct netflow *n, struct netflow_set *set, bool options)
{
	while (set->bytes.left >= SET_HEADER) {
		struct netflow_template *t;
		uint16_t id;
		/* Padding: no template has the number 0. */
		if (load_be16(set->bytes.pos) == 0)
			return true;
		switch (
		    netflow_template_read(&set->bytes, set->version, options, &id, &t)) {
		case NETFLOW_OK:
			if (!domain_learn(n, set->domain, t))
				n->counters.over_limit++;
			break;
		case NETFLOW_WITHDRAWN:
			domain_forget(n, set->domain, id);
			break;
		case NETFLOW_OVER_LIMIT:
		case NETFLOW_NO_MEMORY:
			n->counters.over_limit++;
			break;
		case NETFLOW_MALFORMED:
			n->counters.broken++;
			return false;
		}
	}
	return true;
}

/* Gives the records, negative when that is not known. */
static int64_t read_data(struct netflow *n, struct netflow_set *set, uint16_t id)
{
	const struct netflow_template *t = domain_template(set->domain, id);
	if (t != NULL)
		return ipfix_records(n, set, t);
	if (!domain_hold(n, set, id))
		n->counters.orphans++;
	return -1;
}

int64_t ipfix_sets(
    struct netflow *n, struct netflow_set *set, enum netflow_verdict *verdict)
{
	const uint16_t first = set->version == NETFLOW_V9 ? 0 : 2;
	const uint64_t broken = n->counters.broken, limit = n->counters.over_limit;
	struct bytes all = set->bytes;
	const uint8_t *start = all.pos;
	const uint64_t base = set->offset;
	int64_t records = 0;
	*verdict = NETFLOW_READ;
	while (all.left >= SET_HEADER) {
		uint16_t id = bytes_be16(&all), length = bytes_be16(&all);
		if (id == 0 && length == 0) /* zeros up to the end of the datagram */
			break;
		if (length < SET_HEADER || length - (size_t)SET_HEADER > all.left) {
			n->counters.broken++;
			*verdict = length < SET_HEADER ? NETFLOW_BROKEN : NETFLOW_CUT;
			return -1;
		}
		set->offset = base + (uint64_t)(all.pos - start);
		set->bytes = bytes_sub(&all, length - (size_t)SET_HEADER);
		if (id == first || id == first + 1) {
			read_templates(n, set, id == first + 1);
		} else if (id >= FIRST_TEMPLATE) {
			int64_t count = read_data(n, set, id);
			records = count < 0 || records < 0 ? -1 : records + count;
		} else {
			n->counters.unknown_sets++;
		}
	}
	if (n->counters.broken > broken)
		*verdict = NETFLOW_BROKEN;
	else if (n->counters.over_limit > limit)
		*verdict = NETFLOW_LIMIT;
	return records;
}
