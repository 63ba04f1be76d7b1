/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces of implants (proto/traces.h) on a page that the supervisor writes and a reader
 * looks at, which may open no file: so they can be read anew without starting it again.
 * The number on the page is odd while it is written; a reader that sees it change while
 * it copies takes what is there the next time.
 */
#ifndef DWELL_CMD_WATCH_TRACES_PAGE_H
#define DWELL_CMD_WATCH_TRACES_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/traces.h"

struct traces_page;

/* A page that children share, with nothing on it; NULL without memory. */
struct traces_page *traces_page_new(void);

/* Give it back; NULL is fine. */
void traces_page_free(struct traces_page *p);

/* Put traces there: by one process only. */
void traces_page_put(struct traces_page *p, const struct traces *t);

/* What a reader keeps of it. */
struct traces_taken {
	uint32_t number;      /* of what was taken last */
	struct traces *live;  /* owned: those that packets are held against */
	struct traces *spare; /* owned */
};

/* Begin with these, which are copied; what is on the page now counts as taken. False
 * without memory; traces_taken_fini is due in either case. */
bool traces_taken_init(
    struct traces_taken *k, const struct traces_page *p, const struct traces *t);

/* Take over what is new there; whether anything was. */
bool traces_page_take(const struct traces_page *p, struct traces_taken *k);

/* Free both. */
void traces_taken_fini(struct traces_taken *k);

#endif
