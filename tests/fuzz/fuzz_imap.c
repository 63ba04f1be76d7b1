/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with a greeting of IMAP; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\0\x8f\1\0\x08"
				    "* OK a\r\n";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
