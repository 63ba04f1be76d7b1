/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates of NetFlow v9 (RFC 3954) and IPFIX (RFC 7011): the layout of the records of a
 * data set. A template is kept as the steps of reading one record; fields that are of no
 * use and have a fixed length are one step where they lie side by side.
 *
 *     template   | id | fields |  ( element | length [| enterprise] ) ...
 *     step       | length | kind |   length 65535: the record says how long (IPFIX)
 */
#ifndef DWELL_INPUT_NETFLOW_TEMPLATE_H
#define DWELL_INPUT_NETFLOW_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "input/netflow_field.h"

#define NETFLOW_TEMPLATE_FIELDS_MAX 1024 /* of one template */
#define NETFLOW_LENGTH_VARIES       65535

/* NetFlow v9 and IPFIX in the version field of their headers. */
#define NETFLOW_V5    5
#define NETFLOW_V9    9
#define NETFLOW_IPFIX 10

struct netflow_step {
	uint16_t length;
	uint8_t kind; /* enum netflow_kind */
};

struct netflow_template {
	struct netflow_template *next; /* of its chain in the domain; the owner's */
	uint16_t id;                   /* from 256 on */
	bool options;
	uint32_t least; /* bytes of the shortest record, at least 1 */
	uint32_t steps;
	struct netflow_step step[];
};

enum netflow_parse {
	NETFLOW_OK,
	NETFLOW_WITHDRAWN, /* a template without fields: *id says which, 2 or 3 all */
	NETFLOW_MALFORMED,
	NETFLOW_OVER_LIMIT,
	NETFLOW_NO_MEMORY,
};

/* Read the next template (with options: the next options template) of a set. The result
 * is owned by the caller (free); NULL unless NETFLOW_OK. After NETFLOW_MALFORMED the rest
 * of the set can not be read. */
enum netflow_parse netflow_template_read(struct bytes *set, uint8_t version, bool options,
    uint16_t *id, struct netflow_template **result);

/* Whether both are the same layout. */
bool netflow_template_equal(
    const struct netflow_template *a, const struct netflow_template *b);

/* Read one record; false when the set ends inside it. Addresses borrow from the set. */
bool netflow_record_read(
    const struct netflow_template *t, struct bytes *set, struct netflow_fields *f);

#endif
