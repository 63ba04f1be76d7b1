/* SPDX-License-Identifier: Apache-2.0 */
#include "input/reader.h"

#include <string.h>

static const struct format *const formats[] = {&format_pcap, &format_pcapng};

const struct format *reader_format(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i]->probe(p, n))
			return formats[i];
	}
	return NULL;
}

const char *reader_foreign(const uint8_t *p, size_t n)
{
	static const struct {
		const char *magic;
		size_t n;
		const char *name;
	} foreign[] = {
	    {"BZh", 3, "a bzip2 file"},
	    {"\x04\x22\x4d\x18", 4, "an lz4 file"},
	    {"PK\x03\x04", 4, "a zip file"},
	    {"7z\xbc\xaf\x27\x1c", 6, "a 7-zip file"},
	    {"snoop\0\0\0", 8, "a snoop capture"},
	    {"GMBU", 4, "a Network Monitor capture"},
	    {"RTSS", 4, "a Network Monitor capture"},
	};
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (n >= foreign[i].n && memcmp(p, foreign[i].magic, foreign[i].n) == 0)
			return foreign[i].name;
	}
	return NULL;
}

bool reader_open(struct reader *r, const struct format *format, struct stream *s)
{
	*r = (struct reader){.format = format, .stream = s};
	return format->open(r);
}

size_t reader_batch(struct reader *r, struct frame *v, size_t max)
{
	return r->fault.set ? 0 : r->format->batch(r, v, max);
}

bool reader_short(struct reader *r, const char *inside)
{
	const struct stream *s = r->stream;
	if (s->fault.set)
		return fault_set(
		    &r->fault, s->fault.outcome, s->fault.offset, "%s", s->fault.reason);
	return fault_set(
	    &r->fault, INPUT_TRUNCATED, s->offset, "it ends inside %s", inside);
}

void reader_close(struct reader *r)
{
	if (r->format != NULL && r->format->close != NULL)
		r->format->close(r);
	r->format = NULL;
}
