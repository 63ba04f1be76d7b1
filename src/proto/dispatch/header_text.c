/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dispatch/header_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define BYTES        6 /* four of the sequence number, two of the identification */
#define ID_BYTE      4 /* the first of the latter */
#define LEAST_VALUES 5 /* different ones, of 24 */
#define LEAST_TURNS  4 /* times that it falls, and that it rises */

struct pair {
	uint64_t key;        /* of the addresses; 0: free */
	uint32_t seq, id;    /* of the last */
	struct moment first; /* when the first came */
	uint8_t n;
	uint8_t printable; /* bit: this byte was, each time */
	uint8_t falls[BYTES], rises[BYTES];
	uint8_t text[BYTES][HEADER_TEXT_SYNS];
};

struct header_texts {
	struct pair v[HEADER_TEXT_PAIRS];
};

struct header_texts *header_texts_new(void)
{
	return calloc(1, sizeof(struct header_texts));
}

void header_texts_free(struct header_texts *t)
{
	free(t);
}

static bool is_text(uint8_t c)
{
	return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
}

static void count(struct pair *p, size_t i, uint8_t c)
{
	uint8_t before = p->n > 0 ? p->text[i][p->n - 1] : c;
	if (c < before)
		p->falls[i]++;
	if (c > before)
		p->rises[i]++;
	p->text[i][p->n] = c;
	if (!is_text(c))
		p->printable &= (uint8_t) ~(1u << i);
}

static unsigned values(const uint8_t text[static HEADER_TEXT_SYNS])
{
	bool seen[256] = {false};
	unsigned n = 0;
	for (size_t i = 0; i < HEADER_TEXT_SYNS; i++) {
		n += !seen[text[i]];
		seen[text[i]] = true;
	}
	return n;
}

static bool says(const struct pair *p, size_t i)
{
	return (p->printable >> i & 1) != 0 && p->falls[i] >= LEAST_TURNS &&
	       p->rises[i] >= LEAST_TURNS && values(p->text[i]) >= LEAST_VALUES;
}

/* As detail holds it: without blanks, which part its values. */
static struct str detail(const struct pair *p, size_t i, struct arena *arena)
{
	char text[HEADER_TEXT_SYNS];
	for (size_t k = 0; k < sizeof(text); k++) {
		char c = (char)p->text[i][k];
		text[k] = c > ' ' ? c : '_';
	}
	return str_format(arena, "field=%s byte=%zu packets=%d values=%u text=%.*s",
	    i >= ID_BYTE ? "ip_id" : "seq", i >= ID_BYTE ? i - ID_BYTE : i,
	    HEADER_TEXT_SYNS, values(p->text[i]), (int)sizeof(text), text);
}

struct str header_texts_syn(struct header_texts *t, const struct packet *k,
    struct moment *since, struct arena *arena)
{
	const struct addr ends[2] = {k->src, k->dst};
	uint64_t key = hash_bytes(&hash_key_public, ends, sizeof(ends)) | 1;
	struct pair *p = &t->v[(key >> 1) % HEADER_TEXT_PAIRS];
	if (p->key != key)
		*p = (struct pair){
		    .key = key, .first = k->ts, .printable = (1u << BYTES) - 1};
	bool again = p->n > 0 && p->seq == k->seq && p->id == k->ip_id;
	if (p->n == HEADER_TEXT_SYNS || p->printable == 0 || again)
		return (struct str){0};
	p->seq = k->seq;
	p->id = k->ip_id;
	for (size_t i = 0; i < ID_BYTE; i++)
		count(p, i, (uint8_t)(k->seq >> (24 - 8 * i)));
	count(p, ID_BYTE, (uint8_t)(k->ip_id >> 8));
	count(p, ID_BYTE + 1, (uint8_t)k->ip_id);
	if (++p->n < HEADER_TEXT_SYNS)
		return (struct str){0};
	for (size_t i = 0; i < BYTES; i++) {
		*since = p->first;
		if (says(p, i))
			return detail(p, i, arena);
	}
	return (struct str){0};
}
