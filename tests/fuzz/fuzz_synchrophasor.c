/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with a command to a phasor measurement unit; then pieces
 * (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\x00\x12\x68\x00\x00\x12\xaa\x41\x00\x12\x00\x07\x5f"
				    "\x5e\x10\x00\x00\x00\x00\x00\x00\x05\xe6\xc5";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
