/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides of rlogin (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play_begun("\x00\x02\x01", PLAY_HEAD, data, size);
	return 0;
}
