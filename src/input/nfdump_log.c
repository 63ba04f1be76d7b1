/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an nfdump file block by block. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "input/log.h"
#include "input/netflow_group.h"
#include "input/nfdump.h"

#define MAGIC         0xa50c
#define BLOCK_HEADER  12
#define RECORD_HEADER 4

/* Layout 1: flags of the file. */
#define FILE_LZO   0x01
#define FILE_BZIP2 0x08
#define FILE_LZ4   0x10

/* Types of blocks: records in layout 1 and 2; others hold no records of flows. */
#define BLOCK_RECORDS_1 2
#define BLOCK_RECORDS_2 3

#define BLOCK_PLAIN 1 /* flag of a block: not compressed, whatever the file says */

struct own {
	uint32_t file;
	unsigned layout; /* 0: the header is still to be read */
	enum nfdump_compression compression;
	struct nfdump_maps maps;
	uint8_t *raw, *plain; /* NFDUMP_BLOCK_MAX each */
};

struct block {
	uint32_t records, size;
	uint16_t type, flags;
	uint64_t offset; /* of its bytes in the file */
};

static bool probe(const struct log_head *head, struct log_look *look)
{
	if (head->n < NFDUMP_HEADER_2 || load_le16(head->p) != MAGIC)
		return false;
	uint16_t layout = load_le16(head->p + 2);
	if (layout == 1 && head->n >= NFDUMP_HEADER_1)
		look->first = moment_from(load_le32(head->p + 260), 0);
	else if (layout == 2)
		look->first = moment_from((int64_t)load_le32(head->p + 8), 0);
	return layout > 0 && layout < 16;
}

static void *begin(void)
{
	struct netflow_group *g = calloc(1, sizeof(*g));
	if (g != NULL && netflow_group_init(g, "nfdump"))
		return g;
	free(g);
	return NULL;
}

static void end(void *group, struct log_out *out, struct arena *scratch)
{
	struct netflow_group *g = group;
	g->out = out;
	g->scratch = scratch;
	netflow_group_finish(g);
	netflow_group_fini(g);
	free(g);
}

static void close_file(struct log_file *f)
{
	struct own *own = f->own;
	free(own->maps.v);
	free(own->maps.by_id);
	free(own->raw);
	free(own->plain);
	free(own);
}

static bool open_file(struct log_file *f)
{
	struct own *own = calloc(1, sizeof(*own));
	if (own == NULL)
		return false;
	f->own = own;
	own->raw = malloc(NFDUMP_BLOCK_MAX);
	own->plain = malloc(NFDUMP_BLOCK_MAX);
	own->maps.by_id = calloc(UINT16_MAX + 1U, sizeof(*own->maps.by_id));
	if (own->raw != NULL && own->plain != NULL && own->maps.by_id != NULL) {
		own->file = netflow_group_file(f->group, f);
		return true;
	}
	close_file(f);
	return false;
}

/* ---- the header ---- */

static bool refuse(struct log_file *f, const char *why)
{
	log_fault(f, INPUT_UNSUPPORTED, 0, "an nfdump file %s", why);
	return false;
}

static bool read_header(struct log_file *f, struct own *own)
{
	const uint8_t *p = f->stream->pos;
	unsigned layout = load_le16(p + 2), how;
	size_t size = layout == 1 ? NFDUMP_HEADER_1 : NFDUMP_HEADER_2;
	if (layout > 2)
		return refuse(f, "of a layout that is newer than 2");
	if (!stream_fill(f->stream, size)) {
		log_fault(f, INPUT_TRUNCATED, 0, "it ends inside its header");
		return false;
	}
	p = f->stream->pos;
	if (layout == 1) {
		uint32_t flags = load_le32(p + 4);
		how = (flags & FILE_LZO) != 0     ? NFDUMP_LZO
		      : (flags & FILE_BZIP2) != 0 ? NFDUMP_BZIP2
		      : (flags & FILE_LZ4) != 0   ? NFDUMP_LZ4
						  : NFDUMP_PLAIN;
	} else {
		how = p[16];
		if (p[17] != 0)
			return refuse(f, "that is encrypted");
	}
	if (how >= NFDUMP_COMPRESSIONS)
		return refuse(f, "of an unknown compression");
	own->compression = (enum nfdump_compression)how;
	own->layout = layout;
	stream_advance(f->stream, size);
	return true;
}

/* ---- blocks ---- */

/* Copy the next n bytes; they may be more than the window holds. */
static bool take(struct stream *s, uint8_t *out, size_t n)
{
	while (n > 0) {
		if (!stream_fill(s, 1))
			return false;
		size_t step = size_min(n, (size_t)(s->end - s->pos));
		memcpy(out, s->pos, step);
		stream_advance(s, step);
		out += step;
		n -= step;
	}
	return true;
}

static void read_record(struct log_file *f, struct bytes record, uint64_t offset)
{
	struct own *own = f->own;
	struct netflow_row row;
	switch (nfdump_record(record, &own->maps, &row)) {
	case NFDUMP_ROW:
		row.source = own->file;
		row.offset = offset;
		f->entries++;
		f->now = row.seen;
		netflow_group_row(f->group, &row);
		break;
	case NFDUMP_OTHER:
		break;
	case NFDUMP_BROKEN:
		log_fault(
		    f, INPUT_MALFORMED, offset, "the lengths in a record are wrong");
		break;
	case NFDUMP_NO_MAP:
		log_fault(
		    f, INPUT_MALFORMED, offset, "a record without its extension map");
		break;
	case NFDUMP_TOO_MANY:
		log_fault(f, INPUT_OVER_LIMIT, offset, "more than %d extension maps",
		    NFDUMP_MAPS_MAX);
		break;
	}
}

/* Offsets of records in a compressed block: that of the block. */
static void read_records(struct log_file *f, const struct block *b, struct bytes all)
{
	const struct own *own = f->own;
	bool plain = all.pos == own->raw;
	const uint8_t *start = all.pos;
	for (uint32_t i = 0; i < b->records && all.left >= RECORD_HEADER; i++) {
		uint64_t offset = b->offset + (plain ? (uint64_t)(all.pos - start) : 0);
		uint16_t size = load_le16(all.pos + 2);
		if (size < RECORD_HEADER || size > all.left) {
			log_fault(f, INPUT_MALFORMED, offset,
			    "a record's size does not fit its block");
			return;
		}
		read_record(f, bytes_sub(&all, size), offset);
	}
}

static void read_block(struct log_file *f, const struct block *b)
{
	struct own *own = f->own;
	struct bytes records = bytes_over(own->raw, b->size);
	bool plain = own->compression == NFDUMP_PLAIN || (b->flags & BLOCK_PLAIN) != 0;
	if (b->type != (own->layout == 1 ? BLOCK_RECORDS_1 : BLOCK_RECORDS_2))
		return;
	if (!plain) {
		ptrdiff_t n = nfdump_unpack(
		    own->compression, own->raw, b->size, own->plain, NFDUMP_BLOCK_MAX);
		if (n < 0) {
			log_fault(f, INPUT_MALFORMED, b->offset,
			    "a block can not be decompressed");
			return;
		}
		records = bytes_over(own->plain, (size_t)n);
	}
	read_records(f, b, records);
}

static bool read_piece(struct log_file *f)
{
	struct own *own = f->own;
	struct stream *s = f->stream;
	if (own->layout == 0 && !read_header(f, own))
		return false;
	if (!stream_fill(s, BLOCK_HEADER)) {
		if (s->pos < s->end && !s->fault.set)
			log_fault(f, INPUT_TRUNCATED, s->offset,
			    "it ends inside a block's header");
		return false;
	}
	struct block b = {load_le32(s->pos), load_le32(s->pos + 4), load_le16(s->pos + 8),
	    load_le16(s->pos + 10), s->offset + BLOCK_HEADER};
	stream_advance(s, BLOCK_HEADER);
	if (b.size > NFDUMP_BLOCK_MAX) {
		log_fault(f, INPUT_OVER_LIMIT, b.offset, "a block of more than %u bytes",
		    NFDUMP_BLOCK_MAX);
		return stream_skip(s, b.size);
	}
	if (!take(s, own->raw, b.size)) {
		if (!s->fault.set)
			log_fault(f, INPUT_TRUNCATED, b.offset, "it ends inside a block");
		return false;
	}
	read_block(f, &b);
	return true;
}

const struct log_format log_format_nfdump = {
    {"nfdump", "nfdump+gzip", "nfdump+zstd", "nfdump+xz"}, "nfdump", probe, begin, end,
    open_file, read_piece, close_file};
