/* SPDX-License-Identifier: Apache-2.0 */
/* What parsers of datagrams share: each datagram is a message, whole or cut short. */
#ifndef DWELL_PROTO_DATAGRAM_H
#define DWELL_PROTO_DATAGRAM_H

#include "proto/parser.h"

/* Count a message: understood where good, else cut by the capture, or malformed. */
static inline void datagram_count(struct parse *x, const struct flow_data *d, bool good)
{
	if (good)
		x->counters->understood++;
	else if (d->wire > d->n)
		x->counters->truncated++;
	else
		x->counters->malformed++;
}

/* For parsers that keep nothing. */
static inline void datagram_close(struct parse *x, void *state)
{
	(void)x;
	(void)state;
}

static inline bool datagram_has_port(const struct flow *f, uint16_t port)
{
	return f->port[0] == port || f->port[1] == port;
}

/* A text kept for the life of a flow: cleaned, cut to room bytes; the first one stays. */
struct kept {
	uint8_t n;
	char p[127];
};

static inline void kept_set(struct parse *x, struct kept *k, struct bytes b)
{
	struct str s = str_clean(x->scratch, b.pos, b.left);
	if (k->n > 0 || s.p == NULL || s.n == 0)
		return;
	k->n = s.n < sizeof(k->p) ? (uint8_t)s.n : sizeof(k->p);
	while (k->n < s.n && k->n > 0 && ((uint8_t)s.p[k->n] & 0xc0) == 0x80)
		k->n--; /* not in the middle of a character */
	memcpy(k->p, s.p, k->n);
}

static inline struct str kept_text(const struct kept *k)
{
	return k->n > 0 ? (struct str){k->p, k->n} : (struct str){NULL, 0};
}

#endif
