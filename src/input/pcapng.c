/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng (draft-ietf-opsawg-pcapng): blocks, each with its length at both ends.
 *
 *     type  length  ...body...  length        all in the byte order of the section
 *     4     4       length-12   4
 *
 * A section header (which says the byte order) starts anew: interfaces are
 * numbered within their section. Interfaces say link type and clock;
 * packets name their interface. Packets come in three kinds: enhanced,
 * simple (no time, interface 0) and the old one. Interface statistics say
 * what the capture lost so far. Every other block is skipped by its length.
 *
 * A simple packet has the time of the last packet
 * that had one: it was captured no earlier.
 */
#include <stdlib.h>

#include "base/size.h"
#include "input/reader.h"

#define BLOCK_SECTION    0x0a0d0d0aU
#define BLOCK_INTERFACE  1U
#define BLOCK_PACKET     2U
#define BLOCK_SIMPLE     3U
#define BLOCK_STATISTICS 5U
#define BLOCK_ENHANCED   6U

#define ORDER_MAGIC       0x1a2b3c4dU
#define BLOCK_MIN         12
#define BLOCK_MAX         (16U << 20) /* a longer one is taken for damage */
#define INTERFACES_MAX    65536       /* in one section */
#define OPTION_END        0
#define IF_TSRESOL        9
#define IF_FCSLEN         13
#define IF_TSOFFSET       14
#define EPB_DROPCOUNT     4
#define ISB_IFDROP        5
#define ISB_OSDROP        7
#define OLD_DROPS_UNKNOWN 0xffff

struct pcapng_interface {
	uint64_t per_second;  /* clock units; 0: a power of two, see shift */
	uint64_t ns_per_unit; /* when that is whole, else 0 */
	int64_t offset;       /* seconds to add to each time */
	uint64_t drops;       /* by its statistics, which count from the start */
	uint64_t drops_seen;  /* by its packets */
	uint32_t snapshot;    /* 0: no limit */
	uint16_t link;
	uint8_t shift; /* the clock counts in 2^-shift seconds */
	uint8_t fcs;
	bool has_statistics;
};

/* What came of the block at the start of the window. */
enum step {
	STEP_FRAME, /* a frame was taken */
	STEP_BLOCK, /* another block was taken */
	STEP_MORE,  /* the block is not wholly in the window */
	STEP_FAULT,
};

struct block {
	uint32_t type;
	uint32_t length;
	uint64_t offset;   /* of its start in the file */
	struct bytes body; /* between the two lengths */
};

static uint16_t u16(const struct pcapng *g, struct bytes *b)
{
	return g->big ? bytes_be16(b) : bytes_le16(b);
}

static uint32_t u32(const struct pcapng *g, struct bytes *b)
{
	return g->big ? bytes_be32(b) : bytes_le32(b);
}

static uint64_t u64(const struct pcapng *g, struct bytes *b)
{
	return g->big ? bytes_be64(b) : bytes_le64(b);
}

static bool pcapng_probe(const uint8_t *p, size_t n)
{
	return n >= BLOCK_MIN && load_be32(p) == BLOCK_SECTION &&
	       (load_be32(p + 8) == ORDER_MAGIC || load_le32(p + 8) == ORDER_MAGIC);
}

static enum step damaged(struct reader *r, const struct block *k, const char *reason)
{
	fault_set(&r->fault, INPUT_MALFORMED, k->offset, "%s", reason);
	return STEP_FAULT;
}

/* Take the next option out of b: false at the end of them; a broken one makes b bad. */
static bool option_next(
    const struct pcapng *g, struct bytes *b, uint16_t *code, struct bytes *value)
{
	if (b->left < 4)
		return false;
	*code = u16(g, b);
	size_t n = u16(g, b);
	if (*code == OPTION_END)
		return false;
	*value = bytes_sub(b, n);
	if (b->bad)
		return false;
	bytes_skip(b, size_min(-n & 3, b->left));
	return true;
}

/* ---- interfaces ---- */

/* The clock's unit: 10^-v seconds, or 2^-(v - 128) with the highest bit set. */
static void set_resolution(struct pcapng_interface *i, uint8_t v)
{
	i->per_second = 0;
	i->ns_per_unit = 0;
	i->shift = v & 0x7f;
	if ((v & 0x80) != 0)
		return;
	i->per_second = 1;
	for (unsigned k = 0; k < v && k < 19; k++)
		i->per_second *= 10;
	if (i->per_second <= (uint64_t)NS_PER_S)
		i->ns_per_unit = (uint64_t)NS_PER_S / i->per_second;
}

/* if_fcslen counts bits, yet writers are about that count bytes. */
static uint8_t fcs_bytes(uint8_t v)
{
	if (v % 8 == 0)
		return v / 8;
	return v <= 4 ? v : 0;
}

static struct pcapng_interface *interface_add(struct pcapng *g)
{
	if (g->count == g->room) {
		size_t room = g->room > 0 ? 2 * g->room : 4, bytes;
		if (!size_mul(room, sizeof(*g->interfaces), &bytes))
			return NULL;
		struct pcapng_interface *grown = realloc(g->interfaces, bytes);
		if (grown == NULL)
			return NULL;
		g->interfaces = grown;
		g->room = room;
	}
	struct pcapng_interface *i = &g->interfaces[g->count++];
	*i = (struct pcapng_interface){0};
	set_resolution(i, 6);
	return i;
}

static enum step read_interface(struct reader *r, struct block *k)
{
	struct pcapng *g = &r->pcapng;
	struct pcapng_interface *i = g->count < INTERFACES_MAX ? interface_add(g) : NULL;
	if (i == NULL) {
		fault_set(&r->fault, INPUT_OVER_LIMIT, k->offset,
		    "more than %d interfaces in a section", INTERFACES_MAX);
		return STEP_FAULT;
	}
	i->link = u16(g, &k->body);
	u16(g, &k->body);
	i->snapshot = u32(g, &k->body);
	uint16_t code;
	struct bytes value;
	while (option_next(g, &k->body, &code, &value)) {
		if (code == IF_TSRESOL && value.left == 1)
			set_resolution(i, bytes_u8(&value));
		else if (code == IF_TSOFFSET && value.left == 8)
			i->offset = (int64_t)u64(g, &value);
		else if (code == IF_FCSLEN && value.left == 1)
			i->fcs = fcs_bytes(bytes_u8(&value));
	}
	if (k->body.bad)
		return damaged(r, k, "an interface description that ends too early");
	return STEP_BLOCK;
}

/* A time in the interface's units, as a moment. */
static struct moment time_of(const struct pcapng_interface *i, uint64_t units)
{
	uint64_t ns;
	if (i->ns_per_unit > 0 && i->offset == 0 &&
	    !__builtin_mul_overflow(units, i->ns_per_unit, &ns) && ns <= INT64_MAX)
		return (struct moment){(int64_t)ns};
	uint64_t seconds, rest;
	unsigned __int128 scaled;
	if (i->per_second > 0) {
		seconds = units / i->per_second;
		scaled = (unsigned __int128)(units % i->per_second) * (uint64_t)NS_PER_S;
		rest = (uint64_t)(scaled / i->per_second);
	} else {
		seconds = i->shift < 64 ? units >> i->shift : 0;
		rest = i->shift < 64 ? units - (seconds << i->shift) : units;
		scaled = (unsigned __int128)rest * (uint64_t)NS_PER_S;
		rest = (uint64_t)(scaled >> i->shift);
	}
	int64_t whole = seconds > INT64_MAX ? INT64_MAX : (int64_t)seconds;
	if (__builtin_add_overflow(whole, i->offset, &whole))
		whole = i->offset < 0 ? INT64_MIN : INT64_MAX;
	return moment_from(whole, (int64_t)rest);
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* What the capture lost by now: statistics where there are any, else what packets say. */
static void count_drops(struct reader *r)
{
	const struct pcapng *g = &r->pcapng;
	uint64_t sum = g->drops;
	for (size_t i = 0; i < g->count; i++) {
		const struct pcapng_interface *f = &g->interfaces[i];
		sum = saturating_add(sum, f->has_statistics ? f->drops : f->drops_seen);
	}
	r->drops = sum;
}

static enum step read_statistics(struct reader *r, struct block *k)
{
	struct pcapng *g = &r->pcapng;
	uint32_t id = u32(g, &k->body);
	bytes_skip(&k->body, 8);
	if (k->body.bad || id >= g->count)
		return damaged(r, k, "statistics of an interface that is not described");
	struct pcapng_interface *i = &g->interfaces[id];
	uint64_t by_interface = 0, by_system = 0;
	uint16_t code;
	struct bytes value;
	while (option_next(g, &k->body, &code, &value)) {
		if (code == ISB_IFDROP && value.left == 8)
			by_interface = u64(g, &value);
		else if (code == ISB_OSDROP && value.left == 8)
			by_system = u64(g, &value);
		else
			continue;
		i->has_statistics = true;
	}
	i->drops = saturating_add(by_interface, by_system);
	return STEP_BLOCK;
}

/* ---- sections ---- */

static enum step read_section(struct reader *r, struct block *k)
{
	struct pcapng *g = &r->pcapng;
	count_drops(r);
	g->drops = r->drops;
	g->count = 0;
	bytes_skip(&k->body, 4);
	unsigned major = u16(g, &k->body), minor = u16(g, &k->body);
	bytes_skip(&k->body, 8);
	if (k->body.bad)
		return damaged(r, k, "a section header that ends too early");
	if (major != 1) {
		fault_set(&r->fault, INPUT_UNSUPPORTED, k->offset,
		    "pcapng version %u.%u is not known", major, minor);
		return STEP_FAULT;
	}
	return STEP_BLOCK;
}

/* ---- packets ---- */

/* Take the captured bytes out of the body into f; the lengths are set. */
static enum step take_data(struct reader *r, struct block *k, struct frame *f)
{
	if (f->captured > READER_CAPTURED_MAX || f->captured > k->body.left)
		return damaged(r, k, "a packet that is longer than its block");
	f->data = bytes_take(&k->body, f->captured);
	f->wire = f->wire < f->captured ? f->captured : f->wire;
	f->offset = k->offset;
	f->source = r->source;
	return STEP_FRAME;
}

static enum step set_interface(
    struct reader *r, const struct block *k, uint32_t id, uint64_t units, struct frame *f)
{
	struct pcapng *g = &r->pcapng;
	if (id >= g->count)
		return damaged(r, k, "a packet of an interface that is not described");
	const struct pcapng_interface *i = &g->interfaces[id];
	f->link = i->link;
	f->fcs = i->fcs;
	f->ts = g->last = time_of(i, units);
	return STEP_FRAME;
}

static uint64_t read_units(const struct pcapng *g, struct bytes *b)
{
	uint64_t high = u32(g, b);
	return high << 32 | u32(g, b);
}

static enum step read_enhanced(struct reader *r, struct block *k, struct frame *f)
{
	struct pcapng *g = &r->pcapng;
	uint32_t id = u32(g, &k->body);
	uint64_t units = read_units(g, &k->body);
	f->captured = u32(g, &k->body);
	f->wire = u32(g, &k->body);
	if (k->body.bad)
		return damaged(r, k, "a packet block that ends too early");
	if (set_interface(r, k, id, units, f) != STEP_FRAME ||
	    take_data(r, k, f) != STEP_FRAME)
		return STEP_FAULT;
	if (k->body.left < 8)
		return STEP_FRAME;
	bytes_skip(&k->body, size_min(-(size_t)f->captured & 3, k->body.left));
	uint16_t code;
	struct bytes value;
	struct pcapng_interface *i = &g->interfaces[id];
	while (option_next(g, &k->body, &code, &value)) {
		if (code == EPB_DROPCOUNT && value.left == 8)
			i->drops_seen = saturating_add(i->drops_seen, u64(g, &value));
	}
	return STEP_FRAME;
}

static enum step read_old(struct reader *r, struct block *k, struct frame *f)
{
	struct pcapng *g = &r->pcapng;
	uint32_t id = u16(g, &k->body);
	uint16_t drops = u16(g, &k->body);
	uint64_t units = read_units(g, &k->body);
	f->captured = u32(g, &k->body);
	f->wire = u32(g, &k->body);
	if (k->body.bad)
		return damaged(r, k, "a packet block that ends too early");
	if (set_interface(r, k, id, units, f) != STEP_FRAME)
		return STEP_FAULT;
	if (drops != OLD_DROPS_UNKNOWN)
		g->interfaces[id].drops_seen += drops;
	return take_data(r, k, f);
}

static enum step read_simple(struct reader *r, struct block *k, struct frame *f)
{
	struct pcapng *g = &r->pcapng;
	f->wire = u32(g, &k->body);
	if (k->body.bad)
		return damaged(r, k, "a packet block that ends too early");
	if (g->count == 0)
		return damaged(r, k, "a packet of an interface that is not described");
	const struct pcapng_interface *i = &g->interfaces[0];
	f->captured = f->wire;
	if (i->snapshot > 0 && f->captured > i->snapshot)
		f->captured = i->snapshot;
	f->link = i->link;
	f->fcs = i->fcs;
	f->ts = g->last;
	return take_data(r, k, f);
}

/* ---- blocks ---- */

static bool is_read(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE || type == BLOCK_PACKET ||
	       type == BLOCK_SIMPLE || type == BLOCK_STATISTICS || type == BLOCK_ENHANCED;
}

/*
 * Read type and length of the block at the start of b, which stays where it is. A section
 * header sets the byte order, also of its own length.
 */
static enum step block_head(struct reader *r, struct bytes b, struct block *k)
{
	struct pcapng *g = &r->pcapng;
	if (b.left < BLOCK_MIN)
		return STEP_MORE;
	if (load_be32(b.pos) == BLOCK_SECTION) {
		g->big = load_be32(b.pos + 8) == ORDER_MAGIC;
		if (!g->big && load_le32(b.pos + 8) != ORDER_MAGIC)
			return damaged(r, k, "a section header without its byte order");
	}
	k->type = u32(g, &b);
	k->length = u32(g, &b);
	if (k->length < BLOCK_MIN || k->length % 4 != 0 || k->length > BLOCK_MAX)
		return damaged(r, k, "a block length that can not be");
	if (is_read(k->type) && k->length > STREAM_PEEK_MAX) {
		fault_set(&r->fault, INPUT_OVER_LIMIT, k->offset,
		    "a block of %u bytes (at most %d)", k->length, STREAM_PEEK_MAX);
		return STEP_FAULT;
	}
	return STEP_BLOCK;
}

static enum step block_read(struct reader *r, struct block *k, struct frame *f)
{
	switch (k->type) {
	case BLOCK_ENHANCED:
		return read_enhanced(r, k, f);
	case BLOCK_SIMPLE:
		return read_simple(r, k, f);
	case BLOCK_PACKET:
		return read_old(r, k, f);
	case BLOCK_INTERFACE:
		return read_interface(r, k);
	case BLOCK_STATISTICS:
		return read_statistics(r, k);
	case BLOCK_SECTION:
		return read_section(r, k);
	default:
		return STEP_BLOCK;
	}
}

/* Take the block at the start of b, whose start is at the offset in the file. */
static enum step block_take(
    struct reader *r, struct bytes *b, uint64_t offset, struct frame *f)
{
	struct block k = {.offset = offset};
	enum step step = block_head(r, *b, &k);
	if (step != STEP_BLOCK)
		return step;
	if (k.length > b->left)
		return STEP_MORE;
	struct bytes whole = bytes_sub(b, k.length);
	bytes_skip(&whole, 8);
	k.body = bytes_sub(&whole, k.length - BLOCK_MIN);
	if (u32(&r->pcapng, &whole) != k.length)
		return damaged(r, &k, "the two lengths of a block differ");
	return block_read(r, &k, f);
}

/* Step over a block that does not fit into the window and says nothing to us. */
static bool skip_block(struct reader *r, const struct block *k)
{
	struct stream *s = r->stream;
	if (!stream_skip(s, k->length - 4) || !stream_fill(s, 4))
		return reader_short(r, "a block");
	struct bytes b = stream_view(s);
	if (u32(&r->pcapng, &b) != k->length) {
		damaged(r, k, "the two lengths of a block differ");
		return false;
	}
	stream_advance(s, 4);
	return true;
}

/* Get the whole of the block at the start of the window; false at the end of the file. */
static bool fill_block(struct reader *r)
{
	struct stream *s = r->stream;
	if (!stream_fill(s, 1)) {
		if (s->fault.set)
			reader_short(r, "a block");
		return false;
	}
	if (!stream_fill(s, BLOCK_MIN))
		return reader_short(r, "a block header");
	struct block k = {.offset = s->offset};
	if (block_head(r, stream_view(s), &k) != STEP_BLOCK)
		return true;
	if (k.length > STREAM_PEEK_MAX)
		return skip_block(r, &k);
	return stream_fill(s, k.length) || reader_short(r, "a block");
}

static size_t pcapng_batch(struct reader *r, struct frame *v, size_t max)
{
	struct stream *s = r->stream;
	do {
		struct bytes b = stream_view(s);
		size_t all = b.left, before = all, n = 0;
		enum step step = STEP_BLOCK;
		while (n < max && step < STEP_MORE) {
			before = b.left;
			step = block_take(r, &b, s->offset + (all - b.left), &v[n]);
			n += step == STEP_FRAME;
		}
		/* A block that was refused stays where it is. */
		if (step >= STEP_MORE)
			b.left = before;
		stream_advance(s, all - b.left);
		if (n > 0)
			return n;
	} while (!r->fault.set && fill_block(r));
	count_drops(r);
	return 0;
}

static bool pcapng_open(struct reader *r)
{
	r->pcapng = (struct pcapng){.last = {0}};
	if (!stream_fill(r->stream, BLOCK_MIN))
		return reader_short(r, "the file header");
	return true;
}

static void pcapng_close(struct reader *r)
{
	free(r->pcapng.interfaces);
	r->pcapng.interfaces = NULL;
}

const struct format format_pcapng = {
    .names = {"pcapng", "pcapng+gzip", "pcapng+zstd", "pcapng+xz"},
    .probe = pcapng_probe,
    .open = pcapng_open,
    .batch = pcapng_batch,
    .close = pcapng_close,
};
