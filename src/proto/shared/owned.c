/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/owned.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"

void owned_put(size_t *held, char **slot, struct str text)
{
	if (*slot != NULL)
		*held -= strlen(*slot) + 1;
	free(*slot);
	*slot = text.p != NULL ? strndup(text.p, text.n) : NULL;
	if (*slot != NULL)
		*held += strlen(*slot) + 1;
}

void owned_put_cut(size_t *held, char **slot, struct str text, size_t n)
{
	owned_put(held, slot, str_cut(text, n));
}

bool owned_grow(size_t *held, void **v, size_t *room, size_t n, size_t size)
{
	if (n < *room)
		return true;
	size_t more = size_max(2, 2 * *room);
	void *grown = realloc(*v, more * size);
	if (grown == NULL)
		return false;
	*held += (more - *room) * size;
	*v = grown;
	*room = more;
	return true;
}
