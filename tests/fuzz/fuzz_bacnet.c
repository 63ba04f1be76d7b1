/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with a read of BACnet; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\x01\xba\xc0\x00\x00\x11\x81\x0a\x00\x11\x01\x04\x00"
				    "\x05\x01\x0c\x0c\x02\x00\x00\x7b\x19\x55";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
