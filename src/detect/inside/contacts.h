/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a machine tried to reach, a source after the other: a contact is all that it ever
 * did towards one address, port and protocol, and is dead when none of it was answered.
 * Only sources with some dead contacts are read, as most have none.
 */
#ifndef DWELL_DETECT_INSIDE_CONTACTS_H
#define DWELL_DETECT_INSIDE_CONTACTS_H

#include "detect/detector.h"

#define CONTACTS_DEAD 15      /* B9 (h): dead contacts from which on a source is read */
#define CONTACTS_MAX  131072u /* of one source that are held; the first ones in time */

struct contact {
	int64_t first, last; /* µs since 1970: of its connections */
	struct addr dst;
	uint16_t port;
	char proto; /* 't' tcp, 'u' udp, 'i' an echo request, '?' another */
	bool dead;
	uint64_t connections, out, in; /* payload bytes as src sent and received */
};

struct contacts_visitor {
	/* All contacts of a source by (first, dst, port, proto); beyond: how many more
	 * there were than CONTACTS_MAX. Borrowed until the call returns. */
	void (*source)(void *ctx, const struct addr *src, const struct contact *v,
	    size_t n, uint64_t beyond);
	void *ctx;
};

/* The number of connections in the memory. Negative with *e set. */
int contacts_count(const struct source *s, uint64_t *rows, struct error *e);

/* Visit the sources in an order of their own; rows: of contacts_count. Negative with *e
 * set. */
int contacts_read(const struct source *s, uint64_t rows,
    const struct contacts_visitor *visitor, struct error *e);

#endif
