/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks whom to connect on his behalf: SOCKS, and CONNECT of HTTP. */
#ifndef DWELL_DETECT_INSIDE_PROXIES_H
#define DWELL_DETECT_INSIDE_PROXIES_H

#include "detect/detector.h"

#define PROXIES_MAX 1024 /* users of proxies; those with most requests */

struct proxied {
	struct addr user, proxy;
	uint16_t port;
	bool socks; /* else CONNECT */
	uint64_t requests, targets;
	uint64_t users;      /* of this proxy and port, this one included */
	struct str target;   /* one of them */
	int64_t first, last; /* µs since 1970 */
};

struct proxies {
	struct proxied *v; /* owned */
	size_t n;
	struct arena texts;
};

/* Read those whose requests were granted, in order of user, proxy and port. Negative with
 * *e set; proxies_fini is due in every case. */
int proxies_read(struct proxies *p, const struct source *s, struct error *e);
void proxies_fini(struct proxies *p);

#endif
