/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of named columns to indicators, for CSV and Zeek's files alike. */
#ifndef DWELL_FEED_CSV_H
#define DWELL_FEED_CSV_H

#include "feed/type.h"

#define CSV_COLUMNS_MAX                                                                  \
	128 /* columns of one file; what stands beyond is not looked at                  \
	     */

enum csv_use {
	CSV_IGNORE,
	CSV_VALUE, /* an indicator, of the column's type or of that in CSV_TYPE */
	CSV_TYPE,  /* the word for the kind of the value */
	CSV_NOTE,
	CSV_ID,
	CSV_FROM, /* since when the indicator is valid */
	CSV_UNTIL,
	CSV_PORT,
	CSV_TO_IDS, /* MISP: 0 means not for detection */
};

struct csv_column {
	enum csv_use use;
	const struct feed_type
	    *type; /* of CSV_VALUE; NULL: told by CSV_TYPE or guessed */
};

struct csv_columns {
	struct csv_column v[CSV_COLUMNS_MAX];
	size_t count;
	uint32_t header_line; /* lines up to this one hold no rows; 0: no header */
};

/* Learn from names what the columns hold; false when none holds values. */
bool csv_header(struct csv_columns *c, const struct str *names, size_t count);

/* Add what the fields of one row say. */
void csv_row(struct feed_reader *r, const struct csv_columns *c, const struct str *fields,
    size_t count);

#endif
