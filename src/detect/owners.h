/* SPDX-License-Identifier: Apache-2.0 */
/* Who showed a certificate that only itself vouches for: read once, asked by each
 * detector for its suspects. */
#ifndef DWELL_DETECT_OWNERS_H
#define DWELL_DETECT_OWNERS_H

#include <stdbool.h>

#include "base/arena.h"
#include "store/store.h"

#define OWNERS_MAX       (1u << 17) /* texts that are held */
#define OWNERS_TEXTS_MAX (16u << 20)

struct owners {
	bool read, whole; /* whole: all are held, else nobody can be told from the list */
	struct str *v;    /* "address port" and "name port", sorted; owned */
	size_t n, room;
	struct arena texts;
};

/* Read them unless that was done. Negative with *e set; owners_fini is due in every case.
 */
int owners_read(struct owners *o, struct store *s, struct error *e);
void owners_fini(struct owners *o);

bool owners_has(const struct owners *o, struct str text);

/* The statement behind it, for who streams it: address, port, name. */
extern const char owners_sql[];

/* The text of an owner, in the arena; absent: there is none, or no memory is left. */
struct str owners_text(struct str owner, uint64_t port, struct arena *a);

#endif
