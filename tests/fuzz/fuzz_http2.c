/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with the preface of HTTP/2; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\0\x50\0\0\x18PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
