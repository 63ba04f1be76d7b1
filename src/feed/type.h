/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words by which feeds name kinds of indicators, said once: MISP's types, Zeek's
 * Intel::, the words of OTX, abuse.ch and of people's own CSV files. Words are compared
 * without case and without anything but letters, digits and "|".
 */
#ifndef DWELL_FEED_TYPE_H
#define DWELL_FEED_TYPE_H

#include "feed/reader.h"

/* How the value of a type is written. */
enum feed_form {
	FORM_ONE,    /* one value */
	FORM_PORT,   /* value|port */
	FORM_BOTH,   /* name|address: two indicators */
	FORM_SECOND, /* what is on the disk|digest: the digest */
	FORM_DIGEST, /* of a file or certificate (kind), which one is told by its length
		      */
	FORM_GUESS,  /* whatever indicator_parse makes of it */
};

struct feed_type {
	const char *word;
	enum indicator_kind kind; /* INDICATOR_OTHER: dwell keeps no record of it */
	enum indicator_match match;
	enum feed_form form;
};

/* The type that a word names; NULL when it is none that is known. */
const struct feed_type *feed_type_of(struct str word);

/*
 * Add a value of a known type; like gives id, note and dates. What can not be normalised
 * or is of no kind that dwell has records of is counted at r->at. False when nothing was
 * added.
 */
bool feed_put_typed(struct feed_reader *r, const struct feed_type *type, struct str value,
    const struct indicator *like);

#endif
