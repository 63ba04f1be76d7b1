/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with a request of RDP; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\x0d\x3d\0\0\x0b\3\0\0\x0b\6\xe0\0\0\0\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
