/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of PostgreSQL that asks who is there; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\x15\x38\0\0\x12\0\0\0\x12\0\3\0\0user\0bob\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
