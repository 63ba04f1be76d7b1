/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/owned.h"

#include <stdlib.h>
#include <string.h>

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
