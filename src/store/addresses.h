/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, each once, with its text and its place in the order of the texts. */
#ifndef DWELL_STORE_ADDRESSES_H
#define DWELL_STORE_ADDRESSES_H

#include <duckdb.h>

#include "base/addr.h"
#include "base/keyed.h"

struct address {
	struct addr addr;
	uint32_t rank; /* from 1, in the order of texts; before addresses_rank: 0 */
	uint32_t n;    /* bytes of the text */
	duckdb_string_t string; /* over the text; from addresses_rank on */
	char text[ADDR_TEXT_MAX];
};

struct addresses {
	struct keyed table; /* of struct address */
};

/* No addresses. */
void addresses_init(struct addresses *t, const struct hash_key *key);

/* 1 + the number of an address, which is added when it is new; 0: unset, or no memory. */
uint32_t addresses_put(struct addresses *t, const struct addr *a);

/* The address of a number that is not 0. */
static inline struct address *addresses_at(const struct addresses *t, uint32_t number)
{
	return keyed_row(&t->table, number - 1);
}

/* Give every address its rank and its string; negative without memory. */
int addresses_rank(struct addresses *t);

/* The rank of a number: 0 for none. */
static inline uint32_t addresses_rank_of(const struct addresses *t, uint32_t number)
{
	return number == 0 ? 0 : addresses_at(t, number)->rank;
}

/* The text of a number, borrowed from the table; absent for 0. After addresses_rank. */
static inline duckdb_string_t addresses_string(const struct addresses *t, uint32_t number)
{
	const duckdb_string_t absent = {.value.inlined.length = UINT32_MAX};
	return number == 0 ? absent : addresses_at(t, number)->string;
}

/* Forget all, keeping the memory for more. */
void addresses_empty(struct addresses *t);

/* Free all. */
void addresses_free(struct addresses *t);

#endif
