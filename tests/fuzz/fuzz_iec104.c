/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that has begun with an interrogation of IEC 60870-5-104; then pieces
 * (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\x00\x09\x64\x00\x00\x10\x68\x0e\x00\x00\x00\x00\x64"
				    "\x01\x06\x05\x01\x00\x00\x00\x00\x14";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
