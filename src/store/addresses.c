/* SPDX-License-Identifier: Apache-2.0 */
#include "store/addresses.h"

#include <stdlib.h>

#include "base/places.h"
#include "engine/stage.h"

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

static struct str text_at(const void *ctx, uint32_t i)
{
	const struct addresses *t = ctx;
	const struct address *a = addresses_at(t, i + 1);
	return (struct str){a->text, a->n};
}

int addresses_rank(struct addresses *t)
{
	uint32_t n = t->table.n;
	uint32_t *ranks = malloc((n + 1) * sizeof(*ranks));
	int status = ranks != NULL ? places_rank(text_at, t, n, ranks) : -1;
	for (uint32_t i = 0; i < n && status == 0; i++) {
		struct address *a = addresses_at(t, i + 1);
		a->rank = ranks[i];
		a->string = stage_string(a->text, a->n); /* rows move no more */
	}
	free(ranks);
	return status;
}

void addresses_empty(struct addresses *t)
{
	keyed_empty(&t->table);
}

void addresses_free(struct addresses *t)
{
	keyed_reset(&t->table);
}
