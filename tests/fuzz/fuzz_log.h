/* SPDX-License-Identifier: Apache-2.0 */
/* One log over a window that is exactly the input, twice in one group, so that the second
 * reading meets what the first one remembers. Every text that comes out must be clean. */
#ifndef DWELL_TESTS_FUZZ_LOG_H
#define DWELL_TESTS_FUZZ_LOG_H

#include <stdlib.h>
#include <string.h>

#include "input/csv.h"
#include "input/log.h"

static inline void must_be_clean(struct arena *a, struct str s)
{
	struct str clean = s.p != NULL ? str_clean(a, s.p, s.n) : s;
	if (s.n > 0 && (clean.p != s.p || clean.n != s.n))
		abort();
}

static inline void check_record(void *ctx, enum record_type type, const void *record)
{
	const struct record_info *info = record_info(type);
	struct arena a;
	(void)ctx;
	arena_init(&a, 1u << 24);
	for (size_t i = 0; i < info->field_count; i++) {
		const void *at = (const char *)record + info->fields[i].offset;
		const struct str_list *list = at;
		if (info->fields[i].kind == FIELD_TEXT)
			must_be_clean(&a, *(const struct str *)at);
		for (size_t k = 0; info->fields[i].kind == FIELD_TEXTS && k < list->n;
		     k++)
			must_be_clean(&a, list->v[k]);
	}
	arena_fini(&a);
}

static inline int play_log(const struct log_format *format, const struct csv_map *csv,
    const uint8_t *data, size_t size)
{
	struct record_sink sink = {check_record, NULL};
	struct log_out out;
	struct arena scratch;
	struct log_look look = {.first = MOMENT_NONE};
	struct log_head head = {data, size, true, "logs/conn.log", csv};
	if (!log_out_init(&out, "fuzz", &sink))
		return 0;
	format->probe(&head, &look);
	arena_init(&scratch, LOG_SCRATCH_MAX);
	void *group = format->begin();
	for (int i = 0; group != NULL && i < 2; i++) {
		struct stream s = {
		    .pos = data, .end = data + size, .eof = true, .total = size};
		struct log_file f = {.format = format,
		    .stream = &s,
		    .source = STR("x"),
		    .path = "logs/conn.log",
		    .csv = csv,
		    .out = &out,
		    .scratch = &scratch,
		    .group = group,
		    .now = MOMENT_NONE,
		    .until = {i == 0 ? 0 : INT64_MAX}};
		if (format->open != NULL && !format->open(&f))
			break;
		/* The first time as if lower lanes lagged behind. */
		for (uint64_t before = 1; format->read(&f); before = s.offset) {
			if (s.offset == before)
				f.until.ns = INT64_MAX;
		}
		if (format->close != NULL)
			format->close(&f);
	}
	if (group != NULL)
		format->end(group, &out, &scratch);
	log_out_flush(&out);
	log_out_fini(&out);
	arena_fini(&scratch);
	return 0;
}

#endif
