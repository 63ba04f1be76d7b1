/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of industrial protocols, written in hexadecimal digits, spaces between. */
#ifndef DWELL_TEST_PROTO_OT_PLAY_H
#define DWELL_TEST_PROTO_OT_PLAY_H

#include "play.h"

#define HEX_MAX 4096 /* bytes of one text */

/* The bytes of a text of digits; how many. */
static size_t unhex(const char *text, uint8_t out[HEX_MAX])
{
	size_t n = 0;
	for (const char *c = text; *c != '\0'; c++) {
		unsigned byte;
		if (*c == ' ')
			continue;
		assert_true(n < HEX_MAX);
		assert_int_equal(sscanf(c, "%2x", &byte), 1);
		out[n++] = (uint8_t)byte;
		c++;
	}
	return n;
}

/* A side sends the bytes of a text, in pieces of at most step. */
static inline void send_cut(struct play *p, int side, const char *text, size_t step)
{
	static uint8_t b[HEX_MAX];
	size_t n = unhex(text, b);
	for (size_t at = 0; at < n; at += step)
		play_send(p, side, b + at, n - at < step ? n - at : step);
}

/* The same in one piece. */
static inline void say(struct play *p, int side, const char *text)
{
	send_cut(p, side, text, HEX_MAX);
}

/* The counters of a protocol. */
static inline const struct proto_counters *counters_of(
    const struct play *p, const char *name)
{
	size_t i = 0;
	while (i < proto_count() && strcmp(proto_name(i), name) != 0)
		i++;
	assert_true(i < proto_count());
	return proto_counters(p->proto, i);
}

/* Bytes of a side are missing. */
static inline void lose(struct play *p, int side, uint64_t n)
{
	p->sink.gap(p->sink.ctx, &p->flow, side, n);
}

/* A request, its answer (NULL: none), and what the row of both holds. */
struct pair {
	const char *request, *answer, *wanted;
};

/* Play the pairs in one flow, each byte of TCP cut at step: one row each, as wanted. */
static inline void play_pairs(
    struct play *p, const struct pair *pairs, size_t n, size_t step)
{
	for (size_t i = 0; i < n; i++) {
		send_cut(p, 0, pairs[i].request, step);
		if (pairs[i].answer != NULL)
			send_cut(p, 1, pairs[i].answer, step);
	}
	play_close(p);
	for (size_t i = 0; i < n; i++)
		play_assert(p, pairs[i].wanted);
	assert_int_equal(p->records[RECORD_OT], n);
}

/* Nothing of this is of the protocol: no row comes of a side that begins with it. */
static inline void none_of(
    uint8_t proto, uint16_t port, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct play *p = play_start(proto, port);
		say(p, 0, texts[i]);
		play_close(p);
		if (p->records[RECORD_OT] != 0)
			fail_msg("%s is not: %s", texts[i], p->text);
		play_end(p);
	}
}

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

#endif
