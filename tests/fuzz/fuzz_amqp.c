/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of AMQP 0-9-1 and of 1.0 that have begun; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char old[] = "\0\x16\x28\0\0\x08"
				  "AMQP\0\0\x09\1";
	static const char one[] = "\0\x16\x28\0\0\x08"
				  "AMQP\0\1\0\0";
	play_begun(old, sizeof(old) - 1, data, size);
	play_begun(one, sizeof(one) - 1, data, size);
	return 0;
}
