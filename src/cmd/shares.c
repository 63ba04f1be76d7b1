/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/shares.h"

#include <assert.h>
#include <inttypes.h>

#include "base/log.h"
#include "base/size.h"
#include "proto/names.h"

#define MIB          ((uint64_t)1 << 20)
#define FLOW_BYTES   544        /* of the flow table for each flow; see flow/conn.h */
#define NAME_BYTES   256        /* of a pair of addresses with its name, texts apart */
#define READER_LEAST (22 * MIB) /* beside its program: the least in which rows wait */
#define OUTLET_LEAST (4 * MIB)
#define ENGINE_LEAST (107 * MIB)

enum share {
#define S(name, permille, about) SHARE_##name,
	LIMITS_READER(S)
#undef S
};

static const unsigned permille[] = {
#define S(name, permille, about) permille,
    LIMITS_READER(S)
#undef S
};

static size_t share(uint64_t of, enum share which)
{
	return (size_t)(of * permille[which] / 1000);
}

static uint64_t writer_of(uint64_t total)
{
	uint64_t part = total / 16 * LIMITS_WRITER_OF;
	return part > LIMITS_WRITER_MB * MIB ? part : LIMITS_WRITER_MB * MIB;
}

/* What is left for all readers; 0: nothing. */
static uint64_t left_for_readers(uint64_t total, uint64_t rings)
{
	uint64_t others = writer_of(total) + LIMITS_OTHERS_MB * MIB + rings;
	return total > others ? total - others : 0;
}

static void divide_reader(struct limits *l, uint64_t free)
{
	struct flow_limits *f = &l->pipeline.flow;
	struct proto_limits *p = &l->pipeline.proto;
	size_t names = share(free, SHARE_names);
	*f = flow_limits_default;
	f->flows = share(free, SHARE_flows) / FLOW_BYTES;
	f->reassembly_bytes = share(free, SHARE_reassembly);
	f->reassembly_flow = size_min(f->reassembly_flow, f->reassembly_bytes / 4);
	f->fragment_bytes = share(free, SHARE_fragments);
	p->analyses = share(free, SHARE_analyses);
	p->names = names / 2 / NAME_BYTES;
	p->name_bytes = names / 2;
	l->outlet = size_max(share(free, SHARE_outlet), OUTLET_LEAST);
}

int limits_divide(struct limits *l, uint64_t total, unsigned *readers, bool may_lower,
    uint64_t rings, struct error *e)
{
	assert(*readers > 0);
	const uint64_t each = LIMITS_READER_MB * MIB + READER_LEAST;
	uint64_t left = left_for_readers(total, rings), most = left / each;
	if (most < *readers && may_lower && most > 0)
		*readers = (unsigned)most;
	if (most < *readers) {
		uint64_t need = LIMITS_WRITER_MB * MIB + LIMITS_OTHERS_MB * MIB + rings +
				*readers * each;
		while (left_for_readers(need, rings) < *readers * each)
			need += MIB;
		return error_set(e, ERR_USAGE,
		    "--memory-limit: %" PRIu64 " MiB is too little: %u reader%s and "
		    "rings of %" PRIu64 " MiB need %" PRIu64 " MiB",
		    total / MIB, *readers, *readers == 1 ? "" : "s", rings / MIB,
		    (need + MIB - 1) / MIB);
	}
	*l = (struct limits){.total = total, .readers = *readers};
	l->writer = (size_t)writer_of(total);
	l->engine = size_max(l->writer / LIMITS_ENGINE_OF, ENGINE_LEAST);
	l->reader = (size_t)(left / *readers);
	divide_reader(l, l->reader - LIMITS_READER_MB * MIB);
	return 0;
}

int limits_watch(struct limits *l, struct options *o, bool may_lower, struct error *e)
{
	struct watch_options *w = &o->watch;
	uint64_t total = o->memory_limit > 0 ? o->memory_limit : LIMITS_DEFAULT;
	uint64_t rings = w->count * (uint64_t)w->ring_mib * MIB;
	unsigned exports = o->listen_count > 0 ? 1 : 0;
	unsigned wanted = (w->count > 0 ? w->threads : 0) + exports, readers = wanted;
	if (limits_divide(
		l, total, &readers, may_lower && wanted > 1 + exports, rings, e) < 0)
		return -1;
	if (readers == wanted)
		return 0;
	w->threads = readers > exports ? readers - exports : 1;
	log_note("%u readers instead of %u: --memory-limit has no room for more",
	    w->threads, wanted - exports);
	return 0;
}

int limits_scan(struct limits *l, const struct options *o, struct error *e)
{
	unsigned one = 1;
	*l = (struct limits){0};
	if (o->memory_limit == 0)
		return 0;
	return limits_divide(
	    l, o->memory_limit, &one, false, o->threads > 1 ? LIMITS_ASIDE : 0, e);
}
