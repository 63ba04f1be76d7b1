/* SPDX-License-Identifier: Apache-2.0 */
/* Frames written as hexadecimal text, decoded on exact-size heap copies. */
#ifndef TESTS_DECODE_FRAME_TEXT_H
#define TESTS_DECODE_FRAME_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode.h"
#include "input/linktype.h"

/* 10.0.0.1:1000 to 10.0.0.2:53, "hi!"; checksums confirmed by tshark, as all below. */
#define UDP4 "4500001f00010000401166cb0a0000010a000002 03e80035000b5e4f 686921"
/* ::1 to ::2, the same. */
#define ADDR6 "00000000000000000000000000000001 00000000000000000000000000000002"
#define UDP6  "60000000000b1140" ADDR6 "03e80035000b724f 686921"
/* 10.0.0.1:1000 to 10.0.0.2:80, options MSS, NOP, NOP, SACK permitted, "hello". */
#define TCP4                                                                             \
	"4500003500010000400666c00a0000010a000002"                                       \
	"03e8005000000001000000027018 03e8230d0000 020405b401010402 68656c6c6f"
#define ETH "020000000001 020000000002"

struct text_frame {
	uint8_t *bytes;
	struct frame f;
};

static inline unsigned text_digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* The bytes that text says, spaces left out; the caller frees t->bytes. */
static inline void text_make(struct text_frame *t, uint16_t link, const char *text)
{
	uint8_t buffer[4096];
	uint32_t digits = 0;
	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		assert_true(digits / 2 < sizeof(buffer));
		unsigned high = digits % 2 != 0 ? buffer[digits / 2] : 0u;
		buffer[digits / 2] = (uint8_t)(high << 4 | text_digit(*text));
		digits++;
	}
	uint32_t n = digits / 2;
	t->bytes = malloc(n > 0 ? n : 1);
	assert_non_null(t->bytes);
	memcpy(t->bytes, buffer, n);
	t->f = (struct frame){.data = t->bytes, .captured = n, .wire = n, .link = link};
}

/* Decode the text with `cut` bytes more on the wire;
 * *p has no payload to look at afterwards. */
__attribute__((noinline, unused)) static enum decode_outcome text_decode(
    uint16_t link, const char *text, uint32_t cut, struct packet *p)
{
	struct text_frame t;
	text_make(&t, link, text);
	t.f.wire += cut;
	memset(p, 0xaa, sizeof(*p));
	enum decode_outcome outcome = decode_frame(&t.f, p);
	free(t.bytes);
	return outcome;
}

/* Whether the text is the UDP packet above, in either version. */
__attribute__((noinline, unused)) static void assert_udp(uint16_t link, const char *text)
{
	struct packet p;
	assert_int_equal(text_decode(link, text, 0, &p), DECODE_OK);
	assert_int_equal(p.proto, IP_PROTO_UDP);
	assert_int_equal(p.src_port, 1000);
	assert_int_equal(p.dst_port, 53);
	assert_int_equal(p.length, 3);
	assert_int_equal(p.captured, 3);
	assert_int_equal(p.marks, 0);
}

#endif
