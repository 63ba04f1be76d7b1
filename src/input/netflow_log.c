/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of NetFlow and IPFIX: datagrams as they came over the network, one after another
 * without anything between them, or one in a file; IPFIX files (RFC 5655) are the same.
 * Templates may be in another file of the group, also in one that is read later.
 */
#include <stdlib.h>
#include <string.h>

#include "input/log.h"
#include "input/netflow.h"
#include "input/netflow_group.h"

struct state {
	struct netflow_group group;
	struct netflow *decoder;
};

struct own {
	uint32_t file;
	bool lost; /* looking for the next header */
};

/* ---- recognising ---- */

/* Whether a datagram begins at p, and behind it the file ends or another begins. */
static bool looks_so(const struct log_head *head)
{
	if (!netflow_looks(head->p, head->n))
		return false;
	size_t length = netflow_measure(head->p, head->n, head->whole);
	if (length == 0)
		return false;
	return length >= head->n || netflow_looks(head->p + length, head->n - length) ||
	       (head->whole && head->n - length < 16);
}

static bool probe_versions(const struct log_head *head, struct log_look *look, bool ipfix)
{
	if (head->n < 2 || (load_be16(head->p) == 10) != ipfix || !looks_so(head))
		return false;
	look->first = netflow_header_time(head->p);
	return true;
}

static bool probe_netflow(const struct log_head *head, struct log_look *look)
{
	return probe_versions(head, look, false);
}

static bool probe_ipfix(const struct log_head *head, struct log_look *look)
{
	return probe_versions(head, look, true);
}

/* ---- the group ---- */

static void *begin(const char *kind)
{
	struct state *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	if (netflow_group_init(&s->group, kind)) {
		struct netflow_sink sink = netflow_group_sink(&s->group);
		s->decoder = netflow_new(&sink);
		if (s->decoder != NULL)
			return s;
		netflow_group_fini(&s->group);
	}
	free(s);
	return NULL;
}

static void *begin_netflow(void)
{
	return begin("netflow");
}

static void *begin_ipfix(void)
{
	return begin("ipfix");
}

static void end(void *group, struct log_out *out, struct arena *scratch)
{
	struct state *s = group;
	s->group.out = out;
	s->group.scratch = scratch;
	netflow_finish(s->decoder, netflow_group_orphan, &s->group);
	netflow_group_finish(&s->group);
	netflow_free(s->decoder);
	netflow_group_fini(&s->group);
	free(s);
}

/* ---- a file ---- */

static bool open_file(struct log_file *f)
{
	struct state *s = f->group;
	struct own *own = calloc(1, sizeof(*own));
	if (own == NULL)
		return false;
	own->file = netflow_group_file(&s->group, f);
	f->own = own;
	return true;
}

static void close_file(struct log_file *f)
{
	free(f->own);
}

static void note(struct log_file *f, enum netflow_verdict verdict, uint64_t offset)
{
	switch (verdict) {
	case NETFLOW_READ:
		break;
	case NETFLOW_CUT:
		log_fault(f, INPUT_TRUNCATED, offset, "it ends inside a datagram");
		break;
	case NETFLOW_BROKEN:
		log_fault(
		    f, INPUT_MALFORMED, offset, "the lengths in a datagram are wrong");
		break;
	case NETFLOW_OTHER:
		log_fault(f, INPUT_UNSUPPORTED, offset,
		    "a datagram of another version than 5, 9 and 10");
		break;
	case NETFLOW_LIMIT:
		log_fault(f, INPUT_OVER_LIMIT, offset,
		    "more exporters or templates than are kept at once");
		break;
	}
}

static void read_datagram(struct log_file *f, const uint8_t *p, size_t n)
{
	struct state *s = f->group;
	struct own *own = f->own;
	const char *slash = strrchr(f->path, '/');
	struct netflow_origin origin = {.name = slash != NULL ? slash + 1 : f->path,
	    .source = own->file,
	    .offset = f->stream->offset};
	uint64_t before = netflow_counters(s->decoder)->records;
	note(f, netflow_datagram(s->decoder, &origin, bytes_over(p, n)), origin.offset);
	f->entries += netflow_counters(s->decoder)->records - before;
	f->now = netflow_header_time(p);
}

/* The bytes that the next step takes, 0: more are needed. last: there are no more. */
static size_t step(struct log_file *f, const uint8_t *p, size_t n, bool last)
{
	struct own *own = f->own;
	if (!netflow_looks(p, n)) {
		if (!own->lost)
			log_fault(f, n < 16 ? INPUT_TRUNCATED : INPUT_MALFORMED,
			    f->stream->offset, "no header of a datagram is here");
		own->lost = true;
		return 1;
	}
	size_t length = netflow_measure(p, n, last);
	if (length > n && !last)
		return 0;
	own->lost = false;
	read_datagram(f, p, length > n ? n : length);
	return length > n ? n : length;
}

static bool read_piece(struct log_file *f)
{
	struct stream *t = f->stream;
	stream_fill(t, 2 * (size_t)NETFLOW_DATAGRAM_MAX);
	for (size_t done = 0; done < LOG_PIECE_BYTES;) {
		struct bytes b = stream_view(t);
		if (b.left == 0)
			return false;
		bool last = t->eof || b.left > NETFLOW_DATAGRAM_MAX;
		size_t n = step(f, b.pos, b.left, last);
		if (n == 0)
			break;
		stream_advance(t, n);
		done += n;
	}
	return true;
}

#define FORMAT(name)                                                                     \
	const struct log_format log_format_##name = {                                    \
	    {#name, #name "+gzip", #name "+zstd", #name "+xz"}, #name, probe_##name,     \
	    begin_##name, end, open_file, read_piece, close_file}

FORMAT(netflow);
FORMAT(ipfix);
