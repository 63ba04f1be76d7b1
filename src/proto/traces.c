/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/traces.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/trace_table.h"
#include "proto/traces_state.h"

#define TCP_OPTION_END        0
#define TCP_OPTION_NOP        1
#define TCP_OPTION_FAST_OPEN  34  /* RFC 7413 */
#define TCP_OPTION_EXPERIMENT 254 /* RFC 6994; its first two bytes say what it is */
#define TCP_FAST_OPEN_MAGIC   0xf989
#define FIRST_SHOWN           32 /* bytes of a payload that a row shows */

static const char built_in[] =
#define TRACE(line) line "\n"
    TRACE_TABLE(TRACE)
#undef TRACE
    ;

bool packet_fast_open(const struct packet *k)
{
	struct bytes b = bytes_over(k->tcp_options, k->tcp_options_len);
	while (b.left > 0) {
		uint8_t kind = bytes_u8(&b);
		if (kind == TCP_OPTION_END)
			return false;
		if (kind == TCP_OPTION_NOP)
			continue;
		uint8_t length = bytes_u8(&b);
		if (length < 2)
			return false;
		struct bytes value = bytes_sub(&b, length - 2u);
		if (kind == TCP_OPTION_FAST_OPEN)
			return !value.bad;
		if (kind == TCP_OPTION_EXPERIMENT &&
		    bytes_be16(&value) == TCP_FAST_OPEN_MAGIC)
			return true;
	}
	return false;
}

/* ---- the table ---- */

/* Whether the trace may fit a payload that begins with the byte. */
static bool may_begin(const struct trace *t, uint8_t byte)
{
	for (size_t i = 0; i < t->tests; i++) {
		const struct trace_test *x = &t->test[i];
		if (x->field == FIELD_BYTES && x->at == 0 &&
		    (byte & x->mask[0]) != x->value[0])
			return false;
	}
	return true;
}

static void index_all(struct traces *t)
{
	memset(t->by_where, 0, sizeof(t->by_where));
	memset(t->by_byte, 0, sizeof(t->by_byte));
	for (size_t i = 0; i < t->n; i++) {
		const struct trace *x = &t->v[i];
		t->by_where[x->where] |= UINT64_C(1) << i;
		for (unsigned byte = 0; byte < 256; byte++) {
			if (may_begin(x, (uint8_t)byte))
				t->by_byte[x->where][byte] |= UINT64_C(1) << i;
		}
	}
}

/* Put the trace in the place of its name; one without tests takes that away. */
static bool put(struct traces *t, const struct trace *x)
{
	size_t i = 0;
	while (i < t->n && strcmp(t->v[i].name, x->name) != 0)
		i++;
	if (x->tests == 0) {
		if (i < t->n)
			memmove(&t->v[i], &t->v[i + 1], (t->n - i - 1) * sizeof(t->v[0]));
		t->n -= i < t->n;
		return true;
	}
	if (i == TRACES_MAX)
		return false;
	t->v[i] = *x;
	t->n += i == t->n;
	return true;
}

static const char *put_line(struct traces *t, struct str line)
{
	struct trace x;
	const char *what = NULL;
	if (line.n > TRACE_LINE_MAX)
		return "is too long";
	if (!trace_read(line, &x, &what))
		return what;
	return x.name[0] == '\0' || put(t, &x) ? NULL : "is one trace too many";
}

static int put_lines(
    struct traces *t, const char *file, const char *text, size_t n, struct error *e)
{
	size_t number = 1;
	for (size_t at = 0; at < n; number++) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t length = end != NULL ? (size_t)(end - (text + at)) : n - at;
		const char *what = put_line(t, (struct str){text + at, length});
		if (what != NULL)
			return error_set(
			    e, ERR_USAGE, "%.200s:%zu: the line %s", file, number, what);
		at += length + 1;
	}
	return 0;
}

int traces_add(
    struct traces *t, const char *file, const char *text, size_t n, struct error *e)
{
	if (n > TRACE_FILE_MAX)
		return error_set(
		    e, ERR_USAGE, "%.200s: longer than %d bytes", file, TRACE_FILE_MAX);
	struct traces *next = malloc(sizeof(*next));
	if (next == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	*next = *t;
	int result = put_lines(next, file, text, n, e);
	if (result == 0) {
		index_all(next);
		*t = *next;
	}
	free(next);
	return result;
}

struct traces *traces_new(void)
{
	struct traces *t = calloc(1, sizeof(*t));
	struct error e = {.code = ERR_NONE};
	if (t != NULL &&
	    traces_add(t, "built in", built_in, sizeof(built_in) - 1, &e) < 0) {
		free(t);
		t = NULL;
	}
	return t;
}

void traces_free(struct traces *t)
{
	free(t);
}

size_t traces_size(void)
{
	return sizeof(struct traces);
}

void traces_become(struct traces *t, const void *others)
{
	memcpy(t, others, sizeof(*t));
}

size_t traces_count(const struct traces *t)
{
	return t->n;
}

const char *traces_name(const struct traces *t, size_t i)
{
	return t->v[i].name;
}

/* ---- matching ---- */

static bool bytes_fit(const struct trace_test *x, struct bytes b)
{
	size_t back = x->at < 0 ? (size_t)-x->at : 0;
	if (back > b.left)
		return false;
	bytes_skip(&b, x->at < 0 ? b.left - back : (size_t)x->at);
	const uint8_t *p = bytes_take(&b, x->n);
	if (b.bad || p == NULL)
		return false;
	for (size_t i = 0; i < x->n; i++) {
		if ((p[i] & x->mask[i]) != x->value[i])
			return false;
	}
	return true;
}

static uint32_t number_of(enum trace_field field, const struct trace_view *v)
{
	static const struct packet none;
	const struct packet *k = v->packet != NULL ? v->packet : &none;
	switch (field) {
	case FIELD_LEN:
		return (uint32_t)size_min(v->wire, UINT32_MAX);
	case FIELD_SPORT:
		return v->flow->port[v->side];
	case FIELD_DPORT:
		return v->flow->port[!v->side];
	case FIELD_SIDE:
		return (uint32_t)v->side;
	case FIELD_ICMP_TYPE:
		return k->src_port;
	case FIELD_ICMP_ID:
		return k->seq >> 16;
	case FIELD_ICMP_SEQ:
		return k->seq & 0xffff;
	case FIELD_SEQ_ACK:
		return k->seq - k->ack;
	case FIELD_ACK_SEQ:
		return k->ack - k->seq;
	case FIELD_WINDOW:
		return k->window;
	case FIELD_URGENT:
		return k->urgent;
	case FIELD_FAST_OPEN:
		return packet_fast_open(k);
	case FIELD_BYTES:
	case FIELD_OPTIONS_ALL:
	case TRACE_FIELDS:
		break;
	}
	return 0;
}

static bool test_fits(const struct trace_test *x, const struct trace_view *v)
{
	if (x->field == FIELD_BYTES)
		return bytes_fit(x, v->data);
	if (x->field == FIELD_OPTIONS_ALL)
		return v->packet != NULL && v->packet->tcp_options_len == x->n &&
		       bytes_fit(x, bytes_over(v->packet->tcp_options, x->n));
	uint32_t number = number_of((enum trace_field)x->field, v);
	return number >= x->low && number <= x->high;
}

static bool fits(const struct trace *t, const struct trace_view *v)
{
	for (size_t i = 0; i < t->tests; i++) {
		if (!test_fits(&t->test[i], v))
			return false;
	}
	return true;
}

bool traces_may(const struct traces *t, enum trace_where where, uint8_t first)
{
	return t->by_byte[where][first] != 0;
}

int traces_match(const struct traces *t, const struct trace_view *v, size_t *i)
{
	uint64_t set = v->data.left > 0 ? t->by_byte[v->where][v->data.pos[0]]
					: t->by_where[v->where];
	set &= *i < TRACES_MAX ? ~UINT64_C(0) << *i : 0;
	for (; set != 0; set &= set - 1) {
		int at = __builtin_ctzll(set);
		*i = (size_t)at + 1;
		if (fits(&t->v[at], v))
			return at;
	}
	return -1;
}

/* How surprising a fit is: the bits that random bytes would have to hit. */
static unsigned bits_of(const struct trace *t)
{
	unsigned bits = 0;
	for (size_t i = 0; i < t->tests; i++) {
		const struct trace_test *x = &t->test[i];
		for (size_t k = 0; k < x->n; k++)
			bits += (unsigned)__builtin_popcount(x->mask[k]);
		if (x->field == FIELD_SEQ_ACK || x->field == FIELD_ACK_SEQ)
			bits += 32;
		else if (x->field == FIELD_ICMP_ID || x->field == FIELD_ICMP_SEQ)
			bits += 16;
	}
	return bits;
}

struct str traces_detail(
    const struct traces *t, int i, const struct trace_view *v, struct arena *a)
{
	const struct trace *x = &t->v[i];
	struct str follow = STR("");
	for (int k = 0; k < TRACE_FOLLOWS; k++) {
		const char *sure = trace_confidence_name(x->follow[k]);
		if (sure == NULL)
			continue;
		follow = k == TRACE_WITH ? str_format(a, "%.*s with=%s:%s",
					       STR_ARG(follow), x->with, sure)
					 : str_format(a, "%.*s %s=%s", STR_ARG(follow),
					       trace_follow_name(k), sure);
	}
	struct str first = str_hex(a, v->data.pos, size_min(v->data.left, FIRST_SHOWN));
	return str_format(a,
	    "trace=%s where=%s side=%d len=%zu bits=%u%.*s first=%.*s source=%s", x->name,
	    trace_where_name(x->where), v->side, v->wire, bits_of(x), STR_ARG(follow),
	    STR_ARG(first), x->source);
}
