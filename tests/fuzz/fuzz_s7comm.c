/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with a set-up of S7 communication; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\x00\x00\x66\x00\x00\x19\x03\x00\x00\x19\x02\xf0\x80\x32\x01\x00\x00\x01\x00"
	    "\x00\x08\x00\x00\xf0\x00\x00\x01\x00\x01\x01\xe0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
