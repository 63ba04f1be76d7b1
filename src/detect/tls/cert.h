/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is odd about a certificate by itself: who vouches for it, whom it names, how long
 * it holds. Only its structure is judged, and values that tools fill in when nobody
 * answers; no product's name.
 *
 * A certificate names somebody when a name of it is a host name with a dot, or an address
 * (RFC 6125); its names are the alternative ones, and the common name where there are
 * none.
 */
#ifndef DWELL_DETECT_TLS_CERT_H
#define DWELL_DETECT_TLS_CERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum cert_mark {
	CERT_SELF_SIGNED = 1 << 0,  /* its issuer is itself */
	CERT_NAMELESS = 1 << 1,     /* it names no host and no address */
	CERT_DEFAULTS = 1 << 2,     /* its subject is empty, or what tools fill in */
	CERT_ADDRESS = 1 << 3,      /* it names addresses alone */
	CERT_LONG = 1 << 4,         /* valid for more than five years */
	CERT_SHORT = 1 << 5,        /* valid for less than a day */
	CERT_EXPIRED = 1 << 6,      /* used after its end … */
	CERT_EARLY = 1 << 7,        /* … or before its begin */
	CERT_FRESH = 1 << 8,        /* first used within a day of its begin */
	CERT_OTHER_NAME = 1 << 9,   /* it does not hold for the name that was asked for */
	CERT_SOLE_ISSUER = 1 << 10, /* of many servers, this one alone shows the issuer */
	CERT_MARKS = 11,
};

/* A certificate as the table tls has it. Times in µs since 1970; INT64_MIN: absent. */
struct cert_view {
	struct str subject, issuer; /* RFC 4514; absent: not told */
	struct str names; /* alternative ones, as a JSON list or with blanks; absent: not
			     told, and then names are not judged */
	int64_t not_before, not_after;
};

/* The marks of a certificate that was first shown at ts (µs since 1970) to one who asked
 * for the name sni (absent: none). Whether its issuer is rare is not looked at. */
unsigned cert_judge(const struct cert_view *c, struct str sni, int64_t ts);

/* How odd these marks make it, as a level from 0 to CERT_LEVELS - 1: who vouches for it
 * and whom it names count twice. Names that were asked for and rare issuers are not
 * counted. */
#define CERT_LEVELS 4
unsigned cert_level(unsigned marks);

/* The common name of a subject; absent: it has none. Borrowed. */
struct str cert_common_name(struct str subject);

#endif
