/* SPDX-License-Identifier: Apache-2.0 */
/* Values in words: spans, shares, sizes,
 * counts and times as a person reads them, by language. */
#ifndef DWELL_REPORT_WORDS_H
#define DWELL_REPORT_WORDS_H

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"
#include "report/report.h"

/* Seconds as "36 s", "4 h 30 min", "14 days", "1 year 75 days":
 * the two largest units that matter. */
struct str words_span(double seconds, enum language l, struct arena *a);

/* The same after "every" or "per":
 * "day" for one day, "4 days"; in Chinese what follows 每. */
struct str words_per(double seconds, enum language l, struct arena *a);

/* Bytes as "812 B", "5.2 kB", "1.3 GB" (powers of 1000). */
struct str words_bytes(double bytes, struct arena *a);

/* A whole number with thousands separated: "12,345". */
struct str words_count(double n, struct arena *a);

/* A share of one as "12%", "0.4%", "100%". Never rounded up to 100 or down to 0. */
struct str words_share(double share, struct arena *a);

/* A number without a unit: three digits that matter, "109.6", "0.052", "2.4e-12". */
struct str words_real(double v, struct arena *a);

/* "2025-09-14 01:17", UTC; "?" for MOMENT_NONE. */
struct str words_time(struct moment m, struct arena *a);

/* The bytes of the UTF-8 character at p,
 * with its code point in *code; 0 when it is none. */
size_t words_decode(const char *text, size_t left, uint32_t *code);

/*
 * The bytes of the character at p when it can not be seen or moves other text (controls,
 * zero-width and direction-changing characters, fillers, tags), with its code point in
 * *code; else 0.
 */
size_t words_hidden(const char *p, size_t left, uint32_t *code);

/* Text from the wire with every hidden character
 * written out as \u202e. Borrowed when it has none. */
struct str words_visible(struct str text, struct arena *a);

/* A value of a template: {name} becomes text. */
struct slot {
	const char *name;
	struct str text;
};

/* The template with every {name} replaced by the slot of that name;
 * a name without a slot stays. */
struct str words_fill(
    const char *template, const struct slot *slots, size_t n, struct arena *a);

#endif
