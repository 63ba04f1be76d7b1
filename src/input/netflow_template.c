/* SPDX-License-Identifier: Apache-2.0 */
#include "input/netflow_template.h"

#include <stdlib.h>
#include <string.h>

#define ENTERPRISE_BIT    0x8000
#define SKIP_MAX          65000 /* bytes of one step that skips */
#define VARIES_LONG       255   /* the length follows in two bytes */
#define SET_TEMPLATES     2
#define SET_OPTIONS       3
#define FIRST_TEMPLATE_ID 256

struct head {
	uint32_t fields, scopes;
	uint16_t id;
};

/* The v9 form gives the bytes of scope and option fields, four for each field. */
static bool read_head(struct bytes *set, uint8_t version, bool options, struct head *h)
{
	h->scopes = 0;
	h->id = bytes_be16(set);
	if (options && version == NETFLOW_V9) {
		uint16_t scope_bytes = bytes_be16(set), option_bytes = bytes_be16(set);
		h->scopes = scope_bytes / 4U;
		h->fields = h->scopes + option_bytes / 4U;
		return !set->bad && scope_bytes % 4 == 0 && option_bytes % 4 == 0;
	}
	h->fields = bytes_be16(set);
	if (options && h->fields > 0)
		h->scopes = bytes_be16(set);
	return !set->bad && h->scopes <= h->fields;
}

/* Add a field to the steps of t, for which there is room. */
static void add_step(struct netflow_template *t, enum netflow_kind kind, uint16_t length)
{
	struct netflow_step *last = t->steps > 0 ? &t->step[t->steps - 1] : NULL;
	t->least += length == NETFLOW_LENGTH_VARIES ? 1 : length;
	if (kind == NETFLOW_SKIP && last != NULL && last->kind == NETFLOW_SKIP &&
	    length != NETFLOW_LENGTH_VARIES && last->length != NETFLOW_LENGTH_VARIES &&
	    last->length + length <= SKIP_MAX) {
		last->length = (uint16_t)(last->length + length);
		return;
	}
	t->step[t->steps++] = (struct netflow_step){length, (uint8_t)kind};
}

static void read_field(
    struct bytes *set, uint8_t version, bool scope_of_v9, struct netflow_template *t)
{
	uint16_t element = bytes_be16(set), length = bytes_be16(set);
	uint32_t enterprise = 0;
	if (version == NETFLOW_IPFIX && (element & ENTERPRISE_BIT) != 0) {
		enterprise = bytes_be32(set);
		element &= (uint16_t)~ENTERPRISE_BIT;
	}
	/* Scopes of v9 are numbered apart from fields (RFC 3954, 6.1). */
	enum netflow_kind kind =
	    scope_of_v9 ? NETFLOW_SKIP : netflow_kind_of(enterprise, element);
	add_step(t, kind, length);
}

enum netflow_parse netflow_template_read(struct bytes *set, uint8_t version, bool options,
    uint16_t *id, struct netflow_template **result)
{
	struct head h;
	*result = NULL;
	bool fine = read_head(set, version, options, &h);
	*id = h.id;
	if (!fine)
		return NETFLOW_MALFORMED;
	if (h.fields == 0 && version == NETFLOW_IPFIX &&
	    (h.id >= FIRST_TEMPLATE_ID ||
		h.id == (options ? SET_OPTIONS : SET_TEMPLATES)))
		return NETFLOW_WITHDRAWN;
	if (h.fields == 0 || h.id < FIRST_TEMPLATE_ID || h.fields > set->left / 4)
		return NETFLOW_MALFORMED;
	bool keep = h.fields <= NETFLOW_TEMPLATE_FIELDS_MAX;
	size_t room = keep ? h.fields : 1;
	struct netflow_template *t = calloc(1, sizeof(*t) + room * sizeof(t->step[0]));
	if (t == NULL)
		return NETFLOW_NO_MEMORY;
	t->id = h.id;
	t->options = options;
	for (uint32_t i = 0; i < h.fields && !set->bad; i++) {
		if (!keep)
			t->steps = 0;
		read_field(set, version, version == NETFLOW_V9 && i < h.scopes, t);
	}
	if (!set->bad && keep && t->least > 0) {
		*result = t;
		return NETFLOW_OK;
	}
	free(t);
	return set->bad || keep ? NETFLOW_MALFORMED : NETFLOW_OVER_LIMIT;
}

bool netflow_template_equal(
    const struct netflow_template *a, const struct netflow_template *b)
{
	if (a->id != b->id || a->options != b->options || a->steps != b->steps)
		return false;
	for (uint32_t i = 0; i < a->steps; i++) {
		if (a->step[i].length != b->step[i].length ||
		    a->step[i].kind != b->step[i].kind)
			return false;
	}
	return true;
}

/* RFC 7011, 7: one byte of length, or 255 and then two. */
static size_t read_length(struct bytes *set)
{
	size_t n = bytes_u8(set);
	return n == VARIES_LONG ? bytes_be16(set) : n;
}

bool netflow_record_read(
    const struct netflow_template *t, struct bytes *set, struct netflow_fields *f)
{
	f->seen = 0;
	for (uint32_t i = 0; i < t->steps; i++) {
		size_t n = t->step[i].length;
		if (n == NETFLOW_LENGTH_VARIES)
			n = read_length(set);
		if (t->step[i].kind == NETFLOW_SKIP)
			bytes_skip(set, n);
		else
			netflow_field_read(f, t->step[i].kind, n, set);
	}
	return !set->bad;
}
