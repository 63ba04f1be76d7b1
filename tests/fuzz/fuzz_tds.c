/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of TDS with a call of a procedure; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\0\5\x99\0\0\x12\3\1\0\x12\0\0\1\0\2\0p\0q\0\0\0\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
