/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The classic capture file (pcap-savefile(5)), in the byte order of whoever wrote it:
 *
 *     magic   version   -       -       snapshot  link and FCS
 *     4       2 + 2     4       4       4         4              once, then for each
 * frame seconds fraction  length  wire    [8 more]  captured bytes 4       4         4 4
 *
 *     a1b2c3d4   fraction in microseconds
 *     a1b23c4d   fraction in nanoseconds
 *     a1b2cd34   "modified" (Linux 2.0 to 2.2): 8 more bytes (interface, protocol, packet
 * type) a12b3c4d   written by Navtel's probes: as the first
 *
 * Files of version 2.2 and older have the two lengths the other way round; in 2.3 it
 * depends on the writer, and the smaller one is the captured length.
 */
#include "input/reader.h"

#define PCAP_FILE_HEADER 24
#define PCAP_MAJOR       2
#define USUAL_HEADER     16
#define FCS_PRESENT      0x04000000U /* of the link field; then its highest 4 bits count */

enum pcap_lengths { LENGTHS_USUAL, LENGTHS_SWAPPED, LENGTHS_EITHER };

struct variant {
	uint32_t magic;
	uint8_t header;
	uint32_t subsecond;
};

static const struct variant variants[] = {
    {0xa1b2c3d4, 16, 1000},
    {0xa1b23c4d, 16, 1},
    {0xa1b2cd34, 24, 1000},
    {0xa12b3c4d, 16, 1000},
};

static const struct variant *variant_of(const uint8_t *p, bool *big)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		*big = load_be32(p) == variants[i].magic;
		if (*big || load_le32(p) == variants[i].magic)
			return &variants[i];
	}
	return NULL;
}

static bool pcap_probe(const uint8_t *p, size_t n)
{
	bool big;
	return n >= 4 && variant_of(p, &big) != NULL;
}

static uint32_t u32(const struct pcap *c, const uint8_t *p)
{
	return c->big ? load_be32(p) : load_le32(p);
}

static enum pcap_lengths lengths_of(unsigned minor)
{
	if (minor < 3)
		return LENGTHS_SWAPPED;
	return minor == 3 ? LENGTHS_EITHER : LENGTHS_USUAL;
}

static bool pcap_open(struct reader *r)
{
	struct pcap *c = &r->pcap;
	if (!stream_fill(r->stream, PCAP_FILE_HEADER))
		return reader_short(r, "the file header");
	const uint8_t *p = r->stream->pos;
	const struct variant *variant = variant_of(p, &c->big);
	if (variant == NULL)
		return fault_set(&r->fault, INPUT_UNSUPPORTED, 0, "not a pcap file");
	unsigned major = c->big ? load_be16(p + 4) : load_le16(p + 4);
	unsigned minor = c->big ? load_be16(p + 6) : load_le16(p + 6);
	if (major != PCAP_MAJOR)
		return fault_set(&r->fault, INPUT_UNSUPPORTED, 4,
		    "pcap version %u.%u is not known", major, minor);
	uint32_t link = u32(c, p + 20);
	c->header = variant->header;
	c->subsecond = variant->subsecond;
	c->lengths = (uint8_t)lengths_of(minor);
	c->link = (uint16_t)link;
	if ((link & FCS_PRESENT) != 0)
		c->fcs = (uint8_t)((link >> 28) * 2);
	stream_advance(r->stream, PCAP_FILE_HEADER);
	return true;
}

/* The lengths of the record whose header is at p. */
static void lengths(const struct pcap *c, const uint8_t *p, struct frame *f)
{
	uint32_t captured = u32(c, p + 8), wire = u32(c, p + 12);
	if (c->lengths == LENGTHS_SWAPPED ||
	    (c->lengths == LENGTHS_EITHER && captured > wire)) {
		uint32_t first = captured;
		captured = wire;
		wire = first;
	}
	f->captured = captured;
	f->wire = wire < captured ? captured : wire;
}

/* Take the record at the start of b into f; false when it is not whole or has a fault. */
static bool record(struct reader *r, struct bytes *b, uint64_t offset, struct frame *f)
{
	const struct pcap *c = &r->pcap;
	if (c->header > b->left)
		return false;
	const uint8_t *p = b->pos;
	lengths(c, p, f);
	if (f->captured > READER_CAPTURED_MAX)
		return fault_set(&r->fault, INPUT_MALFORMED, offset,
		    "a record of %u bytes (at most %u)", f->captured,
		    READER_CAPTURED_MAX);
	if (f->captured > b->left - c->header)
		return false;
	f->data = p + c->header;
	f->ts = moment_from(u32(c, p), (int64_t)u32(c, p + 4) * c->subsecond);
	f->offset = offset;
	f->source = r->source;
	f->link = c->link;
	f->fcs = c->fcs;
	return bytes_skip(b, c->header + f->captured);
}

/* Fill the window until the record at its start is whole;
 * false at the end of the file. */
static bool fill_record(struct reader *r)
{
	struct stream *s = r->stream;
	if (!stream_fill(s, 1)) {
		if (s->fault.set)
			reader_short(r, "a record");
		return false;
	}
	if (!stream_fill(s, r->pcap.header))
		return reader_short(r, "a record header");
	struct frame f;
	lengths(&r->pcap, s->pos, &f);
	if (f.captured > READER_CAPTURED_MAX)
		return true;
	return stream_fill(s, r->pcap.header + f.captured) || reader_short(r, "a record");
}

/* Nearly every file is so: little-endian, 16 bytes of header, lengths in their order. */
static bool is_usual(const struct pcap *c)
{
	return !c->big && c->header == USUAL_HEADER && c->lengths == LENGTHS_USUAL;
}

/*
 * The records of a usual file that are whole in the window. What record() would find
 * wrong ends them, for it to find. No time overflows: 2^32 seconds are 4.3 * 10^18 ns.
 */
static size_t usual_records(struct reader *r, struct frame *v, size_t max)
{
	const struct pcap *c = &r->pcap;
	struct stream *s = r->stream;
	const uint8_t *p = s->pos;
	size_t left = (size_t)(s->end - p), n = 0;
	uint64_t offset = s->offset;
	while (n < max && left >= USUAL_HEADER) {
		uint32_t captured = load_le32(p + 8), wire = load_le32(p + 12);
		if (captured > READER_CAPTURED_MAX || captured > left - USUAL_HEADER)
			break;
		int64_t ns = (int64_t)load_le32(p + 4) * c->subsecond;
		v[n++] = (struct frame){.data = p + USUAL_HEADER,
		    .captured = captured,
		    .wire = wire < captured ? captured : wire,
		    .ts = {(int64_t)load_le32(p) * NS_PER_S + ns},
		    .offset = offset,
		    .source = r->source,
		    .link = c->link,
		    .fcs = c->fcs};
		size_t all = USUAL_HEADER + (size_t)captured;
		p += all;
		left -= all;
		offset += all;
	}
	stream_advance(s, (size_t)(p - s->pos));
	return n;
}

static size_t pcap_batch(struct reader *r, struct frame *v, size_t max)
{
	struct stream *s = r->stream;
	do {
		size_t usual = is_usual(&r->pcap) ? usual_records(r, v, max) : 0;
		if (usual > 0)
			return usual;
		struct bytes b = stream_view(s);
		size_t all = b.left, n = 0;
		while (n < max && record(r, &b, s->offset + (all - b.left), &v[n]))
			n++;
		stream_advance(s, all - b.left);
		if (n > 0)
			return n;
	} while (!r->fault.set && fill_record(r));
	return 0;
}

const struct format format_pcap = {
    .names = {"pcap", "pcap+gzip", "pcap+zstd", "pcap+xz"},
    .probe = pcap_probe,
    .open = pcap_open,
    .batch = pcap_batch,
};
