/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds written by hand into a file, read, and what came out as lines of text. */
#ifndef DWELL_TEST_FEED_LAB_H
#define DWELL_TEST_FEED_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feed/feed.h"
#include "feed/pattern.h"

struct lab {
	struct indicators *set;
	struct feed_report report; /* of the last file */
	size_t reports;
	char path[32];
};

static inline void lab_report(void *ctx, const struct feed_report *report)
{
	struct lab *lab = ctx;
	lab->report = *report;
	lab->reports++;
}

static inline void lab_open(struct lab *lab)
{
	*lab = (struct lab){.set = indicators_new()};
	assert_non_null(lab->set);
}

static inline void lab_close(struct lab *lab)
{
	indicators_free(lab->set);
}

/* Read the n bytes at p as a file. */
static inline void lab_read_bytes(struct lab *lab, const void *p, size_t n)
{
	struct error e = {0};
	struct feed_sink sink = {lab_report, lab};
	snprintf(lab->path, sizeof(lab->path), "/tmp/dwell-feed-XXXXXX");
	int d = mkstemp(lab->path);
	assert_true(d >= 0);
	assert_int_equal(write(d, p, n), (ssize_t)n);
	close(d);
	assert_int_equal(feed_read(lab->set, lab->path, &sink, &e), 0);
	unlink(lab->path);
}

static inline void lab_read(struct lab *lab, const char *text)
{
	lab_read_bytes(lab, text, strlen(text));
}

/* The i-th indicator as "kind value", with "+" for names below, ":port", "~" for LIKE ...
 */
static inline const char *lab_text(struct lab *lab, size_t i, char out[static 1024])
{
	static const char *const marks[MATCH_COUNT] = {
	    "", " and below", " LIKE", " REGEX", " SUPERSET", " <", " <=", " >", " >="};
	struct indicator in;
	char port[16] = "";
	assert_true(i < indicators_count(lab->set));
	indicators_get(lab->set, i, &in);
	if (in.port != 0 && in.kind != INDICATOR_PORT)
		snprintf(port, sizeof(port), " port %u", in.port);
	snprintf(out, 1024, "%s%s %.*s%s%s",
	    in.role == ROLE_SRC   ? "src "
	    : in.role == ROLE_DST ? "dst "
				  : "",
	    indicator_kind_name(in.kind), STR_ARG(in.value), marks[in.match], port);
	return out;
}

/* That the set holds exactly these, in this order, leaves included. */
static inline void lab_expect(struct lab *lab, const char *const *texts, size_t n)
{
	char text[1024];
	for (size_t i = 0; i < n; i++)
		assert_string_equal(lab_text(lab, i, text), texts[i]);
	assert_int_equal(indicators_count(lab->set), n);
}

#define LAB_EXPECT(lab, ...)                                                             \
	do {                                                                             \
		const char *const texts_[] = {__VA_ARGS__};                              \
		lab_expect(lab, texts_, sizeof(texts_) / sizeof(texts_[0]));             \
	} while (0)

#endif
