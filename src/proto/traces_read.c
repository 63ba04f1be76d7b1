/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a file of traces (doc/format/traces.md). */
#include <string.h>

#include "proto/traces_state.h"

static const char *const where_names[TRACE_WHERES] = {
    "syn", "synack", "tcp", "udp", "icmp", "smb1"};

static const char *const follow_names[TRACE_FOLLOWS] = {
    "alone", "unanswered", "repeat", "callback", "with"};

static const char *const confidence_names[] = {NULL, "low", "medium", "high"};

static const char *const field_names[TRACE_FIELDS] = {
    [FIELD_BYTES] = "bytes",
    [FIELD_OPTIONS_ALL] = "options",
    [FIELD_LEN] = "len",
    [FIELD_SPORT] = "sport",
    [FIELD_DPORT] = "dport",
    [FIELD_SIDE] = "side",
    [FIELD_ICMP_TYPE] = "type",
    [FIELD_ICMP_ID] = "id",
    [FIELD_ICMP_SEQ] = "seq",
    [FIELD_SEQ_ACK] = "seq-ack",
    [FIELD_ACK_SEQ] = "ack-seq",
    [FIELD_WINDOW] = "window",
    [FIELD_URGENT] = "urgent",
    [FIELD_FAST_OPEN] = "fast_open",
};

const char *trace_where_name(int where)
{
	return where_names[where];
}

const char *trace_follow_name(int follow)
{
	return follow_names[follow];
}

const char *trace_confidence_name(int confidence)
{
	return confidence_names[confidence];
}

/* The place of the text among n names; -1: it is none. */
static int place_of(struct str s, const char *const *names, int n)
{
	for (int i = 0; i < n; i++) {
		if (names[i] != NULL && str_equal(s, str_of(names[i])))
			return i;
	}
	return -1;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A number, decimal or 0x…, off the front of s. */
static bool take_number(struct str *s, uint32_t *out)
{
	bool hex = s->n > 2 && s->p[0] == '0' && (s->p[1] == 'x' || s->p[1] == 'X');
	uint64_t value = 0;
	size_t at = hex ? 2 : 0, begin = at;
	for (; at < s->n; at++) {
		int digit = digit_of(s->p[at]);
		if (digit < 0 || digit > (hex ? 15 : 9))
			break;
		value = value * (hex ? 16 : 10) + (unsigned)digit;
		if (value > UINT32_MAX)
			return false;
	}
	if (at == begin)
		return false;
	*s = (struct str){s->p + at, s->n - at};
	*out = (uint32_t)value;
	return true;
}

/* Digits off the front of s as bytes; how many, 0: none, or too many. */
static size_t take_hex(struct str *s, uint8_t out[static TRACE_BYTES_MAX])
{
	size_t n = 0;
	while (s->n >= 2 && digit_of(s->p[0]) >= 0 && digit_of(s->p[1]) >= 0) {
		if (n == TRACE_BYTES_MAX)
			return 0;
		out[n++] = (uint8_t)(digit_of(s->p[0]) << 4 | digit_of(s->p[1]));
		*s = (struct str){s->p + 2, s->n - 2};
	}
	return n;
}

static bool take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = (struct str){s->p + 1, s->n - 1};
	return true;
}

/* HEX[/MASK] */
static bool read_value(struct str s, struct trace_test *t)
{
	t->n = (uint8_t)take_hex(&s, t->value);
	memset(t->mask, 0xff, sizeof(t->mask));
	if (t->n == 0)
		return false;
	if (take_char(&s, '/') && take_hex(&s, t->mask) != t->n)
		return false;
	for (size_t i = 0; i < t->n; i++)
		t->value[i] &= t->mask[i];
	return s.n == 0;
}

/* OFFSET:HEX[/MASK] */
static bool read_bytes(struct str s, struct trace_test *t)
{
	bool back = take_char(&s, '-');
	uint32_t at;
	if (!take_number(&s, &at) || at > 4096 || (back && at == 0) ||
	    !take_char(&s, ':'))
		return false;
	t->at = (int16_t)(back ? -(int)at : (int)at);
	return read_value(s, t);
}

/* A[-B] */
static bool read_range(struct str s, struct trace_test *t)
{
	if (!take_number(&s, &t->low))
		return false;
	t->high = t->low;
	if (take_char(&s, '-') && !take_number(&s, &t->high))
		return false;
	return s.n == 0 && t->low <= t->high;
}

static const char *read_test(struct trace *t, int field, struct str value)
{
	if (t->tests == TRACE_TESTS_MAX)
		return "has too many conditions";
	struct trace_test *x = &t->test[t->tests++];
	*x = (struct trace_test){.field = (uint8_t)field};
	if (field == FIELD_BYTES)
		return read_bytes(value, x) ? NULL
					    : "has bytes that are not OFFSET:HEX[/MASK]";
	if (field == FIELD_OPTIONS_ALL)
		return read_value(value, x) ? NULL : "has options that are not HEX";
	return read_range(value, x) ? NULL
				    : "has a condition that is not NUMBER[-NUMBER]";
}

/* Names become part of rows: letters that need no care there. */
static bool copy_name(struct str s, char out[static TRACE_NAME_MAX])
{
	if (s.n == 0 || s.n >= TRACE_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

static const char *read_follow(struct trace *t, int follow, struct str value)
{
	static const char wrong[] = "has something that is not low, medium or high";
	if (follow == TRACE_WITH) {
		const char *colon = memchr(value.p, ':', value.n);
		size_t n = colon != NULL ? (size_t)(colon - value.p) : value.n;
		if (colon == NULL || !copy_name((struct str){value.p, n}, t->with))
			return "has a with= that is not NAME:CONFIDENCE";
		value = (struct str){colon + 1, value.n - n - 1};
	}
	int sure = place_of(value, confidence_names, 4);
	t->follow[follow] = (int8_t)(sure > 0 ? sure : 0);
	return sure > 0 ? NULL : wrong;
}

static const char *read_source(struct trace *t, struct str value)
{
	if (value.n == 0 || value.n >= sizeof(t->source))
		return "has a source that is empty or too long";
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '!' || value.p[i] > '~')
			return "has a source that is not plain ASCII without spaces";
	}
	memcpy(t->source, value.p, value.n);
	t->source[value.n] = '\0';
	return NULL;
}

static const char *read_pair(struct trace *t, struct str token)
{
	const char *equals = memchr(token.p, '=', token.n);
	if (equals == NULL)
		return "has a word that is not KEY=VALUE";
	size_t n = (size_t)(equals - token.p);
	struct str key = {token.p, n}, value = {equals + 1, token.n - n - 1};
	int field = place_of(key, field_names, TRACE_FIELDS);
	int follow = place_of(key, follow_names, TRACE_FOLLOWS);
	if (field >= 0)
		return read_test(t, field, value);
	if (follow >= 0)
		return read_follow(t, follow, value);
	if (str_equal(key, STR("source")))
		return read_source(t, value);
	if (!str_equal(key, STR("where")))
		return "has an unknown key";
	int where = place_of(value, where_names, TRACE_WHERES);
	t->where = (uint8_t)(where >= 0 ? where : TRACE_WHERES);
	return where >= 0 ? NULL : "has an unknown where=";
}

static bool next_word(struct str *line, struct str *word)
{
	while (line->n > 0 &&
	       (line->p[0] == ' ' || line->p[0] == '\t' || line->p[0] == '\r'))
		*line = (struct str){line->p + 1, line->n - 1};
	size_t n = 0;
	while (
	    n < line->n && line->p[n] != ' ' && line->p[n] != '\t' && line->p[n] != '\r')
		n++;
	*word = (struct str){line->p, n};
	*line = (struct str){line->p + n, line->n - n};
	return n > 0;
}

static const char *check(const struct trace *t)
{
	bool tells = false;
	for (int i = 0; i < TRACE_FOLLOWS; i++)
		tells |= t->follow[i] > 0;
	if (t->where == TRACE_WHERES)
		return "does not say where=";
	if (t->tests == 0)
		return "has no condition";
	if (!tells)
		return "never tells anything: give alone=, unanswered=, repeat=, "
		       "callback= or with=";
	return t->source[0] != '\0' ? NULL : "names no source=";
}

bool trace_read(struct str line, struct trace *t, const char **what)
{
	struct str word;
	*t = (struct trace){.where = TRACE_WHERES};
	*what = NULL;
	if (!next_word(&line, &word) || word.p[0] == '#')
		return true;
	if (!copy_name(word, t->name)) {
		*what = "does not begin with a name of a-z, 0-9 and _";
		return false;
	}
	struct str rest = line;
	if (next_word(&rest, &word) && str_equal(word, STR("off")) &&
	    !next_word(&rest, &word))
		return true;
	while (*what == NULL && next_word(&line, &word) && word.p[0] != '#')
		*what = read_pair(t, word);
	if (*what == NULL)
		*what = check(t);
	return *what == NULL;
}
