/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with a PDU of DCE/RPC; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\0\0\x87\0\0\x10\5\0\x11\3\x10\0\0\0\x10\0\0\0\1\0\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
