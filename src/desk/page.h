/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch counts, on a page of memory that its processes share: whoever counts
 * writes, whoever is asked reads. Nothing is decided by it.
 */
#ifndef DWELL_DESK_PAGE_H
#define DWELL_DESK_PAGE_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

// clang-format off
/* S(KIND, name, "what it is"); a COUNTER only grows, a GAUGE is what is now. */
#define PAGE_LIST(S) \
	S(COUNTER, packets,        "packets that were read") \
	S(COUNTER, bytes,          "bytes of them") \
	S(COUNTER, drops,          "packets that the kernel had no room for") \
	S(COUNTER, given_up,       "packets that were passed over because a reader fell over them") \
	S(COUNTER, connections,    "connections that ended") \
	S(COUNTER, evicted,        "connections that were closed early for want of room") \
	S(COUNTER, segments_dropped, "TCP segments out of order that found no room") \
	S(COUNTER, fragments_dropped, "IP fragments that became no datagram") \
	S(COUNTER, unread,         "times that a connection was not read for want of room") \
	S(COUNTER, names_forgotten, "names of addresses that were forgotten for want of room") \
	S(COUNTER, waits,          "times that a reader waited for the writer") \
	S(COUNTER, shed,           "pieces of payload that were left out under load") \
	S(GAUGE,   memory,         "bytes of memory that all processes hold, rings included") \
	S(GAUGE,   memory_most,    "the most that was seen of them") \
	S(GAUGE,   memory_limit,   "what they may hold") \
	S(COUNTER, rows,           "rows that were committed") \
	S(COUNTER, commits,        "transactions that were committed") \
	S(COUNTER, rows_lost,      "rows that could be put nowhere") \
	S(COUNTER, readers_fallen, "times that a reader fell and was started again") \
	S(GAUGE,   readers,        "readers that run") \
	S(GAUGE,   shedding,       "readers that read less than all, for lack of time") \
	S(GAUGE,   interfaces_down, "interfaces that are down") \
	S(GAUGE,   started,        "Unix time of the start") \
	S(GAUGE,   last_packet,    "Unix time of the last look at a packet") \
	S(GAUGE,   last_commit,    "Unix time of the last commit") \
	S(COUNTER, judge_errors,   "times that the detectors could not run") \
	S(COUNTER, reloads,        "times that files were read anew") \
	S(COUNTER, reload_errors,  "files that could not be read anew: what they said before holds") \
	S(GAUGE,   last_judged,    "Unix time at which the detectors ran last") \
	S(GAUGE,   findings,       "findings of that run") \
	S(GAUGE,   cases,          "cases of that run") \
	S(COUNTER, messages_sent,  "messages that targets took") \
	S(COUNTER, messages_refused, "messages that targets will never take") \
	S(GAUGE,   messages_waiting, "messages that wait for their target")

enum page_value {
#define S(KIND, name, about) PAGE_##name,
	PAGE_LIST(S)
#undef S
	PAGE_VALUES
};
// clang-format on

struct page {
	_Atomic uint64_t v[PAGE_VALUES];
};

/* A page of zeros that children share; NULL without memory. */
struct page *page_new(void);

/* Give it back; NULL is fine. */
void page_free(struct page *p);

static inline void page_set(struct page *p, enum page_value which, uint64_t n)
{
	atomic_store_explicit(&p->v[which], n, memory_order_relaxed);
}

static inline void page_add(struct page *p, enum page_value which, uint64_t n)
{
	atomic_fetch_add_explicit(&p->v[which], n, memory_order_relaxed);
}

static inline uint64_t page_get(const struct page *p, enum page_value which)
{
	return atomic_load_explicit(&p->v[which], memory_order_relaxed);
}

/* Write all as one object of JSON, without a line's end. */
void page_json(const struct page *p, FILE *out);

/* Write all in the text format of Prometheus, version 0.0.4. */
void page_metrics(const struct page *p, FILE *out);

#endif
