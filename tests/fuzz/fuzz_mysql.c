/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of MySQL with its greeting and logon; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\x0c\xea\1\0\x19\x15\0\0\0\x0a"
				    "8\0\1\0\0\0"
				    "12345678\0\xff\xff!\2\0"
				    "\0\0\x2a\x26\0\0\1\0\x82\1\0\0\0\0\1!"
				    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				    "\0\0\0bob\0\0\1\0\x0b\7\0\0\2\0\0\0\2\0\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
