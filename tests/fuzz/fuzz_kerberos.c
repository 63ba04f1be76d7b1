/* SPDX-License-Identifier: Apache-2.0 */
/* A flow over UDP that has begun with an AS-REQ; then datagrams (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\1\0\x58\0\0\x09\x6a\7\x30\5\xa1\3\2\1\5";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
