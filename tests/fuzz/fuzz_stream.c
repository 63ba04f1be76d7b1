/* SPDX-License-Identifier: Apache-2.0 */
/* Decompression through the sliding window, in steps whose sizes depend on the bytes. */
#include <sys/mman.h>
#include <unistd.h>

#include "input/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	int d = memfd_create("fuzz", MFD_CLOEXEC);
	if (d < 0 || write(d, data, size) != (ssize_t)size || lseek(d, 0, SEEK_SET) != 0)
		return -1;
	struct stream *s = stream_open(d, true, secret);
	for (size_t want = 1; s != NULL && s->offset < 1 << 20 && stream_fill(s, want);) {
		const uint8_t *last = s->pos + want - 1;
		stream_advance(s, *last % 7 == 0 ? want : want / 2 + 1);
		want = (want * 37 + *last) % STREAM_PEEK_MAX + 1;
	}
	stream_close(s);
	return 0;
}
