/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a process that may have been taken over: the first byte is the kind, the
 * rest the payload, under a checksum that holds; what is read can be written and read
 * again. */
#include <stdlib.h>
#include <xxhash.h>

#include "record/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[WIRE_FRAME_MAX];
	struct arena a;
	struct wire_frame f;
	size_t n = size == 0
		       ? 0
		       : wire_put_note(WIRE_NOTE, data + 1, size - 1, room, sizeof(room));
	uint8_t *frame = malloc(n + 1), *again = malloc(sizeof(room));
	arena_init(&a, WIRE_ARENA);
	memcpy(frame, room, n);
	if (n > 0) {
		frame[8] = data[0], frame[9] = 0;
		uint32_t sum = (uint32_t)XXH3_64bits(frame + 4, n - 4);
		for (size_t i = 0; i < 4; i++)
			frame[i] = (uint8_t)(sum >> 8 * i);
	}
	struct bytes in = bytes_over(frame, n);
	if (wire_next(&in, &a, &f) == WIRE_FRAME) {
		n = wire_put((enum record_type)f.kind, &f.record, again, sizeof(room));
		in = bytes_over(again, n);
		if (n > 0 && wire_next(&in, &a, &f) == WIRE_DAMAGED && a.refused == 0)
			abort();
	}
	arena_fini(&a);
	free(again);
	free(frame);
	return 0;
}
