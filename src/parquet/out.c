/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/out.h"

#include <stdlib.h>

#include "base/size.h"

#define OUT_FIRST 256 /* bytes that are taken first */

bool out_grow(struct out *o, size_t n)
{
	size_t least, room;
	if (o->failed || !size_add(o->n, n, &least) || !size_mul(o->room, 2, &room)) {
		o->failed = true;
		return false;
	}
	room = size_max(size_max(room, least), OUT_FIRST);
	uint8_t *p = realloc(o->p, room);
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
