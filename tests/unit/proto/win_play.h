/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of Windows' protocols, put together number by number. */
#ifndef DWELL_TEST_PROTO_WIN_PLAY_H
#define DWELL_TEST_PROTO_WIN_PLAY_H

#include "ot_play.h"

#define MSG_MAX 200000

struct msg {
	uint8_t b[MSG_MAX];
	size_t n;
};

static inline void put(struct msg *m, const void *p, size_t n)
{
	assert_true(n <= sizeof(m->b) - m->n);
	if (n > 0)
		memcpy(m->b + m->n, p, n);
	m->n += n;
}

/* A number of that many bytes, least byte first. */
static inline void put_le(struct msg *m, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(v >> 8 * i);
		put(m, &byte, 1);
	}
}

static inline void put_zeros(struct msg *m, size_t n)
{
	while (n-- > 0)
		put(m, "", 1);
}

static inline void put_text(struct msg *m, const char *text)
{
	put(m, text, strlen(text));
}

/* ASCII as UTF-16, without a zero. */
static inline void put_utf16(struct msg *m, const char *text)
{
	for (; *text != '\0'; text++)
		put_le(m, (uint8_t)*text, 2);
}

static inline void put_hex(struct msg *m, const char *text)
{
	uint8_t b[HEX_MAX];
	put(m, b, unhex(text, b));
}

/* Set two bytes that were put before, least byte first. */
static inline void set_le16(struct msg *m, size_t at, size_t v)
{
	m->b[at] = (uint8_t)v;
	m->b[at + 1] = (uint8_t)(v >> 8);
}

/* A side sends it in pieces of at most step; 0: in one. */
static inline void send_msg(struct play *p, int side, const struct msg *m, size_t step)
{
	if (step == 0)
		step = m->n;
	for (size_t at = 0; at < m->n; at += step)
		play_send(p, side, m->b + at, m->n - at < step ? m->n - at : step);
}

/* Put an element of DER with the content of inner. */
static inline void put_der(struct msg *m, unsigned tag, const void *p, size_t n)
{
	uint8_t head[4] = {(uint8_t)tag, 0x82, (uint8_t)(n >> 8), (uint8_t)n};
	put(m, head, 4);
	put(m, p, n);
}

/* Wrap all that m holds into an element. */
static inline void wrap(struct msg *m, unsigned tag)
{
	static struct msg inner;
	inner = *m;
	m->n = 0;
	put_der(m, tag, inner.b, inner.n);
}

/* A token of NTLM: CHALLENGE (type 2) or AUTHENTICATE (3) with fixed names. */
static inline void put_ntlm(struct msg *m, unsigned type, const char *user)
{
	size_t start = m->n;
	put(m, "NTLMSSP", 8);
	put_le(m, type, 4);
	if (type == 1) {
		put_le(m, 1, 4);
		put_zeros(m, 16);
	} else if (type == 2) {
		put_hex(
		    m, "0600 0600 38000000 01000000 0000000000000000 0000000000000000");
		put_hex(m, "1c00 1c00 3e000000 0000000000000000");
		put_utf16(m, "DOM");
		put_hex(m, "0100 0600");
		put_utf16(m, "SRV");
		put_hex(m, "0300 0a00");
		put_utf16(m, "srv.a");
		put_hex(m, "00000000");
	} else {
		size_t n = 2 * strlen(user);
		put_hex(m, "0000 0000 40000000 2000 2000 40000000"); /* LM, NT */
		put_hex(m, "0600 0600 60000000");                    /* domain */
		put_le(m, n, 2);
		put_le(m, n, 2);
		put_le(m, 0x6e, 4); /* user */
		put_hex(m, "0800 0800 66000000 0000 0000 40000000 01000000");
		put_zeros(m, 32);
		put_utf16(m, "DOM");
		put_utf16(m, "HOST");
		put_utf16(m, user);
	}
	assert_true(m->n > start);
}

#endif
