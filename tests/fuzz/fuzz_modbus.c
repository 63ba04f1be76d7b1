/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with a request of Modbus; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\1\xf6\0\0\x0c\0\1\0\0\0\6\4\3\0\x6b\0\3";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
