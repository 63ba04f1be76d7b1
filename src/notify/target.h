/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where findings go, as a URL says it:
 *
 *     file:PATH                                  a line of JSON each, appended
 *     http(s)://[USER:PASSWORD@]HOST[:PORT]/…    POST, a JSON object each
 *     syslog+tcp://HOST[:PORT]                   RFC 5424 in frames of RFC 6587 [601]
 *     syslog+tls://HOST[:PORT]                   RFC 5425 [6514]
 *     smtp(s)://[USER:PASSWORD@]HOST[:PORT]/?from=ADDR&to=ADDR[,ADDR…]
 *
 * "#ca=FILE" at the end of any that speaks TLS names the certificates to trust.
 */
#ifndef DWELL_NOTIFY_TARGET_H
#define DWELL_NOTIFY_TARGET_H

#include <stdint.h>

#include "notify/web.h"

#define TARGET_RECIPIENTS_MAX 32
#define TARGET_KEY_BYTES      17 /* 16 digits and a NUL */

enum target_kind { TARGET_FILE, TARGET_WEB, TARGET_SYSLOG, TARGET_MAIL };

struct target {
	enum target_kind kind;
	char *url;   /* as libcurl takes it; of a file its path; owned, as all below */
	char *shown; /* without password, for people */
	char *user, *password; /* NULL: none */
	char *ca;              /* a file of certificates; NULL: the system's */
	char *from, *to[TARGET_RECIPIENTS_MAX]; /* of mail: <ADDR> */
	unsigned recipients;
	uint16_t port;              /* that it connects to; 0: none */
	char key[TARGET_KEY_BYTES]; /* the same for the same place: a folder's name */
};

/* Read a URL, with a library that is loaded. Negative with *e set (ERR_USAGE);
 * target_fini is due in either case. */
int target_parse(struct target *t, const struct web *w, const char *url, struct error *e);

/* Free what target_parse made. */
void target_fini(struct target *t);

#endif
