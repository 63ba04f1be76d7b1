/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/outlet.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/size.h"
#include "record/wire.h"

#define BEAT_MS 1000 /* while it waits */

int outlet_init(struct outlet *o, int fd, size_t most, struct error *e)
{
	*o = (struct outlet){.fd = fd,
	    .room = OUTLET_FIRST_BYTES,
	    .most = size_max(most, OUTLET_FIRST_BYTES)};
	o->p = malloc(o->room);
	return o->p != NULL ? 0 : error_set(e, ERR_SYSTEM, "no memory for records");
}

void outlet_push(struct outlet *o, bool wait)
{
	while (o->begin < o->end && !o->broken) {
		ssize_t n = write(o->fd, o->p + o->begin, o->end - o->begin);
		if (n >= 0) {
			o->begin += (size_t)n;
			continue;
		}
		if (errno == EAGAIN && !wait)
			break;
		if (errno == EAGAIN) {
			(void)poll(&(struct pollfd){o->fd, POLLOUT, 0}, 1, BEAT_MS);
			if (o->beats !=
			    NULL) /* who waits for the writer is no hung reader */
				++*o->beats;
		} else if (errno != EINTR) {
			o->broken = true;
		}
	}
	if (o->begin == o->end || o->broken)
		o->begin = o->end = 0;
}

/* Room for a frame of any size behind what waits: grow, or wait at the limit. */
static bool make_room(struct outlet *o)
{
	if (o->room - (o->end - o->begin) < WIRE_FRAME_MAX) {
		size_t room = size_min(2 * o->room, o->most);
		uint8_t *p = room > o->room ? realloc(o->p, room) : NULL;
		if (p != NULL) {
			o->p = p;
			o->room = room;
		} else {
			o->waits++;
			outlet_push(o, true);
		}
	}
	memmove(o->p, o->p + o->begin, o->end - o->begin);
	o->end -= o->begin;
	o->begin = 0;
	return !o->broken;
}

static void put(void *ctx, enum record_type type, const void *record)
{
	struct outlet *o = ctx;
	size_t n = wire_put(type, record, o->p + o->end, o->room - o->end);
	if (n == 0 && o->room - o->end < WIRE_FRAME_MAX && make_room(o))
		n = wire_put(type, record, o->p + o->end, o->room - o->end);
	o->refused += n == 0 && !o->broken;
	o->end += n;
}

struct record_sink outlet_sink(struct outlet *o)
{
	return (struct record_sink){put, o};
}

void outlet_note(struct outlet *o, uint16_t kind, const void *p, size_t n)
{
	if (o->room - o->end < WIRE_HEAD + n && !make_room(o))
		return;
	o->end += wire_put_note(kind, p, n, o->p + o->end, o->room - o->end);
}

void outlet_fini(struct outlet *o)
{
	free(o->p);
}
