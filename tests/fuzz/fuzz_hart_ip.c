/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with a session of HART-IP; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\x01\x13\xe6\x00\x00\x0d\x01\x00\x00\x00\x00\x02\x00"
				    "\x0d\x01\x00\x00\x75\x30";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
