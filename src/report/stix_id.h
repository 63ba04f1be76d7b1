/* SPDX-License-Identifier: Apache-2.0 */
/* Names of STIX objects that are the same for the same thing: UUID version 5 (RFC 9562,
 * 5.5), and the set of those that were written. */
#ifndef DWELL_REPORT_STIX_ID_H
#define DWELL_REPORT_STIX_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

#define STIX_ID_MAX 80 /* bytes of an id as text, its NUL included */

struct uuid {
	uint8_t b[16];
};

/* The namespace of cyber observables (STIX 2.1, 2.9), and ours for all other objects. */
extern const struct uuid stix_observables, stix_others;

/* The UUID of a name in a namespace. */
struct uuid uuid_of(const struct uuid *namespace, struct str name);

/* Write "type--uuid". */
void stix_id(const char *type, const struct uuid *u, char out[static STIX_ID_MAX]);

/* Whether the text is the id of a STIX object that can be sighted (not an observable). */
bool stix_id_is_sighted(struct str id);

/* A set of UUIDs. */
struct uuid_set {
	struct uuid *slots; /* owned; all zero: free */
	size_t n, mask;
};

/* Add one: true when it was not there. Without memory it is said to be new. */
bool uuid_set_add(struct uuid_set *s, const struct uuid *u);
void uuid_set_free(struct uuid_set *s);

#endif
