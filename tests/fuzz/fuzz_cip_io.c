/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with cyclic data of CIP; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\x01\x08\xae\x00\x00\x18\x02\x00\x02\x80\x08\x00\x03\x06\x4b\x00\x5b\x95\x3f"
	    "\x00\xb1\x00\x06\x00\xa5\x87\xe8\x0f\x03\x00";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
