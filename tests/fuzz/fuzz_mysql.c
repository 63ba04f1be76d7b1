/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of MySQL with a greeting, and with a command; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char greeting[] = "\0\x0c\xea\1\0\x19\x15\0\0\0\x0a"
				       "8\0\1\0\0\0"
				       "12345678\0\xff\xff!\2\0";
	static const char command[] = "\0\x0c\xea\0\0\5\1\0\0\0\x0e";
	play_begun(greeting, sizeof(greeting) - 1, data, size);
	play_begun(command, sizeof(command) - 1, data, size);
	return 0;
}
