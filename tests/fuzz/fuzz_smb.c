/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with a frame of SMB2; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\1\xbd\0\0\x0c\0\0\0\x08\xfeSMB@\0\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
