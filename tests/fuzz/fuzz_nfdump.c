/* SPDX-License-Identifier: Apache-2.0 */
/* A file of nfdump; its bytes alone as compressed ones too. */
#include <stdlib.h>

#include "fuzz_netflow_file.h"
#include "input/nfdump.h"

extern const struct log_format log_format_nfdump;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size > 1 ? 64 + (size_t)data[size - 1] * 16 : 1;
	uint8_t *out = malloc(room);
	for (int how = NFDUMP_PLAIN; how < NFDUMP_COMPRESSIONS; how++)
		nfdump_unpack((enum nfdump_compression)how, data, size, out, room);
	free(out);
	return fuzz_netflow_file(&log_format_nfdump, data, size);
}
