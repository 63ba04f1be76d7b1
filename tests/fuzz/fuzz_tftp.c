/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of TFTP (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play_begun("\x01\x00\x45", PLAY_HEAD, data, size);
	return 0;
}
