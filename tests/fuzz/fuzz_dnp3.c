/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with a read of DNP3; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\x00\x4e\x20\x00\x00\x1b\x05\x64\x14\xc4\x04\x00\x03\x00\xc7\x17\xc0\xc1\x01"
	    "\x3c\x02\x06\x3c\x03\x06\x3c\x04\x06\x3c\x01\x06\x7a\x6f";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
