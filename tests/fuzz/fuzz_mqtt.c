/* SPDX-License-Identifier: Apache-2.0 */
/* A client of MQTT 5 that has connected; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\x07\x5b\0\0\x0f\x10\x0d\0\4MQTT\5\2\0\x3c\0\0\0";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
