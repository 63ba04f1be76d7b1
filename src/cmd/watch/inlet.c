/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/inlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool inlet_init(struct inlet *in, int fd, unsigned reader)
{
	*in = (struct inlet){.fd = fd, .reader = reader, .p = malloc(INLET_BYTES)};
	if (in->p == NULL)
		close(fd);
	return in->p != NULL;
}

/* Give away all frames that are whole; what is left moves to the front. */
static void take_frames(struct inlet *in, struct arena *a, const struct inlet_sink *sink)
{
	struct bytes b = bytes_over(in->p, in->n);
	struct wire_frame f;
	enum wire_outcome outcome;
	while ((outcome = wire_next(&b, a, &f)) == WIRE_FRAME) {
		sink->frame(sink->ctx, in, &f);
		arena_reset(a);
	}
	in->damaged = outcome == WIRE_DAMAGED;
	memmove(in->p, in->p + (in->n - b.left), b.left);
	in->n = b.left;
}

bool inlet_read(struct inlet *in, struct arena *a, const struct inlet_sink *sink)
{
	bool end = false;
	while (in->n < INLET_BYTES) {
		ssize_t n = read(in->fd, in->p + in->n, INLET_BYTES - in->n);
		if (n < 0 && errno == EINTR)
			continue;
		end = n == 0 || (n < 0 && errno != EAGAIN);
		if (n <= 0)
			break;
		in->n += (size_t)n;
	}
	take_frames(in, a, sink);
	if (end || in->damaged) {
		close(in->fd);
		in->fd = -1;
	}
	return in->fd >= 0;
}

void inlet_fini(struct inlet *in)
{
	if (in->fd >= 0)
		close(in->fd);
	free(in->p);
	*in = (struct inlet){.fd = -1};
}
