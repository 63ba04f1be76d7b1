/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets of feeds share: bytes read as a file of one format, and what must hold
 * of whatever came out of it. */
#ifndef DWELL_FUZZ_FEED_H
#define DWELL_FUZZ_FEED_H

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "feed/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str feed_checked(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ')
			abort(); /* texts are clean */
	}
	return s;
}

/* Every indicator can be read back; an address is its own text; trees point forward. */
static void feed_check(const struct indicators *set)
{
	struct indicator in;
	char where[INDICATOR_WHERE_MAX], text[ADDR_TEXT_MAX];
	for (size_t i = 0; i < indicators_count(set); i++) {
		indicators_get(set, i, &in);
		feed_checked(in.value);
		feed_checked(in.note);
		feed_checked(in.id);
		if (in.value.n == 0 || indicators_where(set, i, where) == 0)
			abort();
		if (in.kind == INDICATOR_ADDRESS && in.match == MATCH_EQUAL &&
		    !str_equal(
			in.value, (struct str){text, addr_text(&in.net.addr, text)}))
			abort();
	}
	for (size_t i = 0; i < indicators_pattern_count(set); i++) {
		const struct pattern *p = indicators_pattern(set, i);
		for (uint32_t k = 0; k < p->count; k++) {
			const struct pattern_node *n = &p->nodes[k];
			bool leaf = n->op == PATTERN_LEAF;
			if (leaf ? n->leaf >= indicators_count(set)
				 : n->first != k + 1 || n->first >= p->count)
				abort();
			if (n->next != PATTERN_NONE &&
			    (n->next <= k || n->next >= p->count))
				abort();
		}
	}
}

/* Read the bytes as a file of that format. */
static inline int feed_play(
    const struct feed_format *format, const uint8_t *data, size_t size)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	char line[4096];
	int d = memfd_create("fuzz", MFD_CLOEXEC);
	if (d < 0 || write(d, data, size) != (ssize_t)size || lseek(d, 0, SEEK_SET) != 0)
		return -1;
	struct stream *s = stream_open(d, true, secret);
	struct feed_reader r = {.set = indicators_new(), .stream = s, .file = STR("f")};
	arena_init(&r.arena, FEED_SCRATCH_BYTES);
	r.report.path = "f";
	r.report.unit = format->unit;
	set_file_add(r.set, "f", format->unit);
	stream_fill(s, FEED_HEAD_BYTES);
	format->probe(
	    (struct str){(const char *)s->pos, (size_t)(s->end - s->pos)}, s->eof);
	format->read(&r);
	feed_report_text(&r.report, line, sizeof(line));
	feed_check(r.set);
	arena_fini(&r.arena);
	indicators_free(r.set);
	stream_close(s);
	return 0;
}

#endif
