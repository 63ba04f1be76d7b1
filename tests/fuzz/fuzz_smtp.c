/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with a greeting of SMTP; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\0\x19\1\0\x0f"
				    "220 a ESMTP b\r\n";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
