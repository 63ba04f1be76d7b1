/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of BitTorrent (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play_begun("\x01\x1a\xe1", PLAY_HEAD, data, size);
	return 0;
}
