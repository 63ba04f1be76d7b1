/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that has begun with an unbind of LDAP; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] =
	    "\0\1\x85\0\0\x10\x30\x0e\2\1\1\x63\x09\4\1\1\2\3\4\5\6\7";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
