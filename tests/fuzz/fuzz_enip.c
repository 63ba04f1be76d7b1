/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with a session of EtherNet/IP; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\x00\xaf\x12\x00\x00\x1c\x65\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
