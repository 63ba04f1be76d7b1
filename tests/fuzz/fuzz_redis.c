/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of Redis with one command; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\x18\xeb\0\0\x0e*1\r\n$4\r\nPING\r\n";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
