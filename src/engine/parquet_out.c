/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/parquet_out.h"

#include <stdlib.h>

#define ROOM_FIRST 4096

bool out_reserve(struct out *o, size_t n)
{
	if (n <= o->room - o->n)
		return true;
	size_t room = o->room > 0 ? o->room : ROOM_FIRST;
	while (room - o->n < n && room <= SIZE_MAX / 2)
		room *= 2;
	uint8_t *p = room - o->n >= n && !o->failed ? realloc(o->p, room) : NULL;
	if (p == NULL) {
		o->failed = true;
		return false;
	}
	o->p = p;
	o->room = room;
	return true;
}

void out_free(struct out *o)
{
	free(o->p);
	*o = (struct out){0};
}
