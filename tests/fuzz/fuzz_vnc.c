/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides of VNC (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play_begun("\x00\x17\x0c", PLAY_HEAD, data, size);
	return 0;
}
