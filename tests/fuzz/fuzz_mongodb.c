/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of MongoDB that logs on; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\0\x69\x89\0\0\x29\x29\0\0\0\1\0\0\0\0\0\0\0\xdd\7\0\0\0\0\0\0\0\x14\0\0\0"
	    "\x10saslStart\0\1\0\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
