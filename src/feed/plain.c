/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One indicator a line, as most lists are; what follows it after white space is its note.
 * "#", ";" and "//" begin a comment. The lines of a hosts file (an address that leads
 * nowhere and the name that is blocked) mean the name.
 */
#include "feed/reader.h"

static bool is_comment(struct str line)
{
	return line.n == 0 || line.p[0] == '#' || line.p[0] == ';' || line.p[0] == '!' ||
	       feed_starts(line, "//");
}

/* Cut the first word off rest. */
static struct str take_word(struct str *rest)
{
	struct str s = feed_trim(*rest);
	size_t i = 0;
	while (i < s.n && s.p[i] != ' ' && s.p[i] != '\t')
		i++;
	*rest = feed_trim((struct str){s.p + i, s.n - i});
	return (struct str){s.p, i};
}

/* Whether the word is an address to which a hosts file sends what it blocks. */
static bool is_sink(struct str word)
{
	static const char *const sinks[] = {"0.0.0.0", "127.0.0.1", "::1", "::"};
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++) {
		if (feed_same(word, sinks[i]))
			return true;
	}
	return false;
}

/* A note from the rest of a line: without the sign of a comment. */
static struct str note_of(struct feed_reader *r, struct str rest)
{
	while (rest.n > 0 && strchr("#;/,|-\t ", rest.p[0]) != NULL) {
		rest.p++;
		rest.n--;
	}
	return rest.n > 0 ? str_clean(&r->arena, rest.p, rest.n) : (struct str){0};
}

static void read_line(struct feed_reader *r, struct str line)
{
	struct indicator in;
	const char *why = NULL;
	struct str rest = line, word = take_word(&rest);
	if (rest.n > 0 && is_sink(word)) {
		word = take_word(&rest);
		if (is_sink(word) || memchr(word.p, '.', word.n) == NULL) {
			r->report.ignored++;
			return;
		}
	}
	r->report.seen++;
	if (!indicator_parse(word, &r->arena, &in, &why)) {
		feed_skip(r, feed_skip_of(why), line, why);
		return;
	}
	in.note = note_of(r, rest);
	feed_put(r, &in, NULL);
}

static void read_plain(struct feed_reader *r)
{
	struct str line;
	while (feed_line(r, &line)) {
		line = feed_trim(line);
		if (!is_comment(line))
			read_line(r, line);
	}
}

static bool probe_plain(struct str head, bool whole)
{
	(void)whole;
	return memchr(head.p, '\0', head.n) == NULL;
}

const struct feed_format format_plain = {"list", "line", probe_plain, read_plain};
