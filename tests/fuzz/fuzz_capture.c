/* SPDX-License-Identifier: Apache-2.0 */
/* The pcap and pcapng readers over a window that is exactly the input. */
#include <stdlib.h>

#include "input/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream s = {.pos = data, .end = data + size, .eof = true, .total = size};
	const struct format *format = reader_format(data, size);
	struct reader r = {0};
	struct frame v[3];
	for (size_t last = 0, n = format != NULL && reader_open(&r, format, &s); n > 0;) {
		n = reader_batch(&r, v, 3);
		for (size_t i = 0; i < n; last = v[i++].offset) {
			if (v[i].wire < v[i].captured || v[i].offset < last ||
			    (v[i].captured > 0 && v[i].data[v[i].captured - 1] + 1 == 0))
				abort();
		}
	}
	reader_close(&r);
	return 0;
}
