/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of NTP (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play_begun("\x01\x00\x7b", PLAY_HEAD, data, size);
	return 0;
}
