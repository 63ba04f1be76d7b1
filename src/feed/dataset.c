/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's datasets of type string: base64, one a line, perhaps with a reputation.
 * (Those of other types are plain lists or CSV.) The file does not say which buffer it is
 * meant for, so the decoded text is read as a word; with white space in it, as a user
 * agent. A dataset is matched whole, so a name does not mean the names below it.
 */
#include "feed/reader.h"

#define SAMPLE_LINES 32

/* The bytes that base64 (RFC 4648, 4; with padding) stands for; absent when it is none.
 */
static struct str decode(struct arena *arena, struct str text)
{
	size_t pad = 0, n = 0;
	if (text.n == 0 || text.n % 4 != 0)
		return (struct str){0};
	while (pad < 2 && text.p[text.n - 1 - pad] == '=')
		pad++;
	char *o = arena_alloc(arena, text.n / 4 * 3);
	uint32_t bits = 0;
	for (size_t i = 0; o != NULL && i < text.n; i++) {
		int v = i >= text.n - pad ? 0 : str_base64_digit(text.p[i]);
		if (v < 0)
			return (struct str){0};
		bits = bits << 6 | (uint32_t)v;
		if (i % 4 != 3)
			continue;
		o[n++] = (char)(bits >> 16);
		o[n++] = (char)(bits >> 8);
		o[n++] = (char)bits;
	}
	return (struct str){o, n - pad};
}

/* The line before its reputation. */
static struct str value_of(struct str line)
{
	const char *comma = line.n > 0 ? memchr(line.p, ',', line.n) : NULL;
	return feed_trim(
	    comma != NULL ? (struct str){line.p, (size_t)(comma - line.p)} : line);
}

static bool is_comment(struct str line)
{
	return line.n == 0 || line.p[0] == '#';
}

static bool all_hex(struct str s)
{
	size_t i = 0;
	while (i < s.n && strchr("0123456789abcdefABCDEF", s.p[i]) != NULL)
		i++;
	return i == s.n;
}

static bool is_encoded(struct arena *arena, struct str line)
{
	struct str plain = decode(arena, value_of(line));
	if (plain.p == NULL || plain.n == 0 || all_hex(value_of(line)))
		return false;
	return str_clean(arena, plain.p, plain.n).p == plain.p;
}

static bool probe_dataset(struct str head, bool whole)
{
	struct arena arena;
	struct str line;
	size_t lines = 0;
	bool yes = true;
	arena_init(&arena, FEED_SCRATCH_BYTES);
	while (yes && lines < SAMPLE_LINES && feed_head_line(&head, &line)) {
		if (head.n == 0 && !whole && lines > 0)
			break; /* it may be cut off */
		if (is_comment(feed_trim(line)))
			continue;
		lines++;
		yes = is_encoded(&arena, line);
	}
	arena_fini(&arena);
	return yes && lines > 0;
}

static void read_line(struct feed_reader *r, struct str line)
{
	struct indicator in;
	const char *why = NULL;
	struct str plain = decode(&r->arena, value_of(line));
	r->report.seen++;
	if (plain.p == NULL || plain.n == 0) {
		feed_skip(r, FEED_MALFORMED, line, "no base64");
		return;
	}
	bool spaced = memchr(plain.p, ' ', plain.n) != NULL;
	bool ok = spaced ? indicator_normalise(
			       INDICATOR_USER_AGENT, plain, &r->arena, &in, &why)
			 : indicator_parse(plain, &r->arena, &in, &why);
	if (!ok) {
		feed_skip(r, feed_skip_of(why), plain, why);
		return;
	}
	in.match = MATCH_EQUAL;
	feed_put(r, &in, NULL);
}

static void read_dataset(struct feed_reader *r)
{
	struct str line;
	while (feed_line(r, &line)) {
		line = feed_trim(line);
		if (!is_comment(line))
			read_line(r, line);
	}
}

const struct feed_format format_dataset = {
    "dataset", "line", probe_dataset, read_dataset};
