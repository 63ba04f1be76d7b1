/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations of TLS as the tests of the tls parser play them:
 * pieces of bytes, in order. */
#ifndef DWELL_TEST_PROTO_TLS_PLAY_H
#define DWELL_TEST_PROTO_TLS_PLAY_H

#include "play.h"
#include "proto/tls/tls_state.h"

#define PIECES_MAX 256

/* A recorded conversation. */
struct recording {
	struct piece {
		int side;
		uint8_t *p;
		size_t n;
	} v[PIECES_MAX];
	size_t n;
	/* What the two ends say that they agreed to. */
	char version[16], cipher[64], group[32];
	char sha256[DIGEST_TEXT_MAX];
	bool resumed;
};

static void record(struct recording *r, int side, const void *p, size_t n)
{
	assert_true(r->n < PIECES_MAX);
	uint8_t *copy = malloc(n);
	assert_non_null(copy);
	memcpy(copy, p, n);
	r->v[r->n++] = (struct piece){side, copy, n};
}

static void forget(struct recording *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].p);
	r->n = 0;
}

/* Play a recording in pieces of at most step bytes; the records stay in the result. */
static struct play *played(const struct recording *r, size_t step)
{
	struct play *p = play_start(IP_PROTO_TCP, 443);
	for (size_t i = 0; i < r->n; i++) {
		for (size_t at = 0; at < r->v[i].n; at += step) {
			size_t n = r->v[i].n - at < step ? r->v[i].n - at : step;
			play_send(p, r->v[i].side, r->v[i].p + at, n);
		}
	}
	play_close(p);
	return p;
}

static const size_t steps[] = {SIZE_MAX / 2, 1460, 17, 5, 3, 1};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static void says(const struct play *p, const char *name, const char *value)
{
	char wanted[256];
	snprintf(wanted, sizeof(wanted), "\"%s\":\"%s\"", name, value);
	play_assert(p, wanted);
}

#endif
