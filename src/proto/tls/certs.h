/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates as columns. The same few are sent again and again, so what was read of the
 * last ones is kept, found by their last bytes (of the signature) and compared whole: a
 * certificate seen before is neither digested nor parsed again. A cache: no result
 * depends on what it holds.
 */
#ifndef DWELL_PROTO_CERTS_H
#define DWELL_PROTO_CERTS_H

#include "proto/shared/digest.h"
#include "proto/tls/x509.h"

#define CERTS_KEPT_MAX 512 /* certificates that are kept */
#define CERTS_BYTES_MAX                                                                  \
	(16u << 10) /* bytes of one with its texts; longer ones are not                  \
		     */

struct certificate {
	char sha256[DIGEST_TEXT_MAX];
	enum x509_result result;
	bool complete;             /* no names were over a limit */
	struct cert_record record; /* sha256 to san_uri; all else absent */
};

struct certs;

/* An empty cache, or NULL without memory. */
struct certs *certs_new(void);
void certs_free(struct certs *c);

/* Read the certificate that der holds (not empty). Borrowed until the next call; texts of
 * one that can not be kept live in the arena or in der. */
const struct certificate *certs_read(struct certs *c, struct arena *a, struct bytes der);

#endif
