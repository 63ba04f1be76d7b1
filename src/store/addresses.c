/* SPDX-License-Identifier: Apache-2.0 */
#include "store/addresses.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "store/stage.h"

void addresses_init(struct addresses *t, const struct hash_key *key)
{
	keyed_init(&t->table, sizeof(struct address), sizeof(struct addr), key);
}

uint32_t addresses_put(struct addresses *t, const struct addr *a)
{
	bool made;
	if (addr_is_unset(a))
		return 0;
	struct address *row = keyed_put(&t->table, a, &made);
	if (row == NULL)
		return 0;
	if (made)
		row->n = (uint32_t)addr_text(a, row->text);
	return 1 + (uint32_t)((size_t)((unsigned char *)row - t->table.rows) /
			      sizeof(struct address));
}

/* What an address is sorted by: the first 16 bytes of its text, as numbers that sort so
 * (all of any IPv4 address), lie beside it, since the texts themselves lie anywhere. */
struct place {
	uint64_t first, second;
	struct address *address;
};

static int by_text(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->second != y->second)
		return x->second < y->second ? -1 : 1;
	return strcmp(x->address->text, y->address->text);
}

_Static_assert(ADDR_TEXT_MAX >= 16, "the beginning of a text is within it");

int addresses_rank(struct addresses *t)
{
	uint32_t n = t->table.n;
	struct place *order = malloc((n + 1) * sizeof(*order));
	if (order == NULL)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		struct address *a = keyed_row(&t->table, i);
		const uint8_t *text = (const uint8_t *)a->text; /* zeroes behind it */
		order[i] = (struct place){load_be64(text), load_be64(text + 8), a};
	}
	qsort(order, n, sizeof(*order), by_text);
	for (uint32_t i = 0; i < n; i++)
		order[i].address->rank = i + 1;
	free(order);
	return 0;
}

duckdb_string_t addresses_string(const struct addresses *t, uint32_t number)
{
	duckdb_string_t absent = {.value.inlined.length = UINT32_MAX};
	if (number == 0)
		return absent;
	const struct address *a = addresses_at(t, number);
	return stage_string(a->text, a->n);
}

void addresses_free(struct addresses *t)
{
	keyed_reset(&t->table);
}
