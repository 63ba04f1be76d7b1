/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: up to the first NUL byte a map, then a file that is read by it. */
#include "fuzz_log.h"

extern const struct log_format log_format_csv;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
	struct csv_map *map = end != NULL ? csv_map_new((const char *)data, NULL) : NULL;
	size_t skip = end != NULL ? (size_t)(end - data) + 1 : 0;
	play_log(&log_format_csv, map, data + skip, size - skip);
	csv_map_free(map);
	return 0;
}
