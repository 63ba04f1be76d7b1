/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of IRC with its first line; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\x1a\x0b\0\0\x08NICK an\n";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
