/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of Memcached with one command; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char text[] = "\0\x2b\xcb\0\0\7get a\r\n";
	static const char binary[] =
	    "\0\x2b\xcb\0\0\x19\x80\x0c\0\1\0\0\0\0\0\0\0\1\0\0\0"
	    "\7\0\0\0\0\0\0\0\0k";
	play_begun(text, sizeof(text) - 1, data, size);
	play_begun(binary, sizeof(binary) - 1, data, size);
	return 0;
}
