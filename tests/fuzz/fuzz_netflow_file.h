/* SPDX-License-Identifier: Apache-2.0 */
/* A file of flow records through its reader, as a group of its own. */
#ifndef DWELL_FUZZ_NETFLOW_FILE_H
#define DWELL_FUZZ_NETFLOW_FILE_H

#include <sys/mman.h>
#include <unistd.h>

#include "input/log.h"

static void fuzz_put(void *ctx, enum record_type type, const void *record)
{
	const struct conn_record *r = record;
	if (type == RECORD_CONN && (r->proto.p == NULL || r->duration < 0))
		__builtin_trap();
	(void)ctx;
}

/* Read the bytes with the format: all of them, or (a format that refuses) none. */
static inline int fuzz_netflow_file(
    const struct log_format *format, const uint8_t *data, size_t size)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	const struct record_sink sink = {fuzz_put, NULL};
	struct log_out out;
	struct arena scratch;
	int d = memfd_create("fuzz", MFD_CLOEXEC);
	if (d < 0 || write(d, data, size) != (ssize_t)size || lseek(d, 0, SEEK_SET) != 0)
		return -1;
	arena_init(&scratch, LOG_SCRATCH_MAX);
	struct stream *s = stream_open(d, true, secret);
	stream_fill(s, STREAM_PEEK_MAX);
	struct bytes b = stream_view(s);
	struct log_head head = {b.pos, b.left, s->eof, "fuzz", NULL};
	struct log_look look = {0};
	void *group = NULL;
	if (format->probe(&head, &look) && log_out_init(&out, "fuzz", &sink)) {
		group = format->begin();
		struct log_file f = {.format = format,
		    .stream = s,
		    .source = STR("fuzz"),
		    .path = "fuzz",
		    .out = &out,
		    .scratch = &scratch,
		    .group = group};
		if (format->open(&f)) {
			while (format->read(&f))
				;
			format->close(&f);
		}
		format->end(group, &out, &scratch);
		log_out_flush(&out);
		log_out_fini(&out);
	}
	stream_close(s);
	arena_fini(&scratch);
	return 0;
}

#endif
