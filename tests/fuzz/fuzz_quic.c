/* SPDX-License-Identifier: Apache-2.0 */
/* A flow over UDP port 443 in datagrams (fuzz_play.h), behind a client's first Initial
 * so that keys are there. The bytes of a fuzzer never open; frames are read as well. */
#define quic_parser quic_parser_fuzzed
#include "proto/tls/quic.c" /* NOLINT: its static functions */
#undef quic_parser
#include "fuzz_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play_begun("\x01\x01\xbb", PLAY_HEAD, data, size);
	struct quic *q = calloc(1, sizeof(*q));
	uint8_t *exact = malloc(size_max(size, 1));
	struct proto_counters counters = {0};
	struct parse x = {.counters = &counters};
	for (size_t i = 0; q != NULL && exact != NULL && i < size; i++)
		exact[i] = data[i];
	if (q != NULL && exact != NULL && frames(q, &x, 0, true, bytes_over(exact, size)))
		q->taken[0] = quic_stream_bytes(&q->stream[0]).left;
	if (q != NULL)
		quic_stream_free(&q->stream[0]);
	free(exact);
	free(q);
	return 0;
}
