/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a chunk, as they lie beside the keys of a run. */
#include <stdlib.h>

#include "store/keys_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keys_decoder d;
	struct keys_row r;
	volatile char last = 0;
	uint8_t *copy = malloc(size + 1);
	memcpy(copy + 1, data, size);
	keys_decoder_start(&d, copy + 1, size);
	while (keys_decoder_next(&d, &r)) {
		if (r.name.n > 0)
			last = r.name.p[r.name.n - 1];
		if (r.text.n > 0)
			last = r.text.p[r.text.n - 1];
	}
	(void)last;
	free(copy);
	return 0;
}
