/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the bytes of one capture to its frames, one file a format. A new capture format is
 * a file and a line in reader.c.
 */
#ifndef DWELL_INPUT_READER_H
#define DWELL_INPUT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/fault.h"
#include "input/frame.h"
#include "input/stream.h"

#define READER_CAPTURED_MAX 262144 /* bytes of the largest frame; libpcap's limit too */

struct reader;

struct format {
	const char *names[4]; /* plain, then with each codec, by codec.index */

	/* Whether the n bytes at p begin such a file. */
	bool (*probe)(const uint8_t *p, size_t n);

	/* Read the file's header; false with r->fault set when it is none. */
	bool (*open)(struct reader *r);

	/*
	 * Put 1 to max frames that stand in the window into v;
	 * when not even one does, fill the window. 0 at the end. A
	 * fault is set only after all frames before it were given.
	 */
	size_t (*batch)(struct reader *r, struct frame *v, size_t max);

	void (*close)(struct reader *r); /* may be NULL */
};

struct pcap {
	bool big;        /* byte order */
	uint8_t header;  /* bytes of a record's header */
	uint8_t lengths; /* enum pcap_lengths */
	uint8_t fcs;     /* bytes of frame check sequence at the end of each frame */
	uint16_t link;
	uint32_t subsecond; /* nanoseconds of the unit of the second time field */
};

struct pcapng_interface;

struct pcapng {
	struct pcapng_interface *interfaces; /* of this section; owned */
	size_t count;                        /* described so far in this section */
	size_t room;                         /* allocated */
	bool big;                            /* byte order of this section */
	struct moment last;                  /* time of the last frame that had one */
	uint64_t drops;                      /* of the sections before this one */
};

struct reader {
	const struct format *format;
	struct stream *stream; /* borrowed */
	uint32_t source;       /* goes into each frame */
	uint64_t drops;        /* packets lost by the capture, as the file says */
	struct fault fault;
	union {
		struct pcap pcap;
		struct pcapng pcapng;
	};
};

extern const struct format format_pcap, format_pcapng;

/* The format of a file that begins with the n bytes at p; NULL when it is no capture. */
const struct format *reader_format(const uint8_t *p, size_t n);

/* What else a file that begins so is ("a bzip2 file"); NULL when that is not known. */
const char *reader_foreign(const uint8_t *p, size_t n);

/* Begin reading frames from the stream,
 * which must stand at its start. False with r->fault. */
bool reader_open(struct reader *r, const struct format *format, struct stream *s);

/* The next 1 to max frames, valid until the next call; 0 at the end: see r->fault. */
size_t reader_batch(struct reader *r, struct frame *v, size_t max);

/* Set the fault of a file that ends where more is needed:
 * the stream's own one comes first. */
bool reader_short(struct reader *r, const char *inside);

/* Free the reader's state; the stream stays the caller's. */
void reader_close(struct reader *r);

#endif
