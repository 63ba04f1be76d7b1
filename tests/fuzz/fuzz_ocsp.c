/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an answer of OCSP over HTTP, until the end; then pieces (fuzz_play.h). */
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char begin[] = "\0\0\x50\0\0\x12GET / HTTP/1.0\r\n\r\n\1\0\x3c"
				    "HTTP/1.0 200 OK\r\nContent-Type: "
				    "application/ocsp-response\r\n\r\n";
	play_begun(begin, sizeof(begin) - 1, data, size);
	return 0;
}
