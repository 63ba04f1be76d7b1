/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV files (RFC 4180, with a header line) by a map from dwell's columns to theirs:
 *
 *     kind=conn,ts=StartTime,ts_format=%Y/%m/%d %H:%M:%S,src_ip=SrcAddr,...
 *
 * An item is NAME=VALUE; items are joined by ',' or stand on lines of their own, where
 * '#' begins a comment. NAME is a column of the table that kind names, or one of
 *
 *     kind       the table: conn (when left out), dns, tls, cert, http, ssh
 *     ts_format  how times are written: %Y %m %d %H %M %S %f %b %y %z %s %L, the last two
 *                being seconds and milliseconds since 1970; else seconds or ISO 8601
 *     list       the character between the elements of a list
 *
 * VALUE is a name in the header line, a difference of two
 * (dst_ip_bytes=TotBytes-SrcBytes), or a text in quotation marks that all rows get
 * (proto="tcp").
 */
#ifndef DWELL_INPUT_CSV_H
#define DWELL_INPUT_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "record/record.h"

#define CSV_ITEMS_MAX 64    /* columns in a map */
#define CSV_TEXT_MAX  16384 /* bytes of a map */

struct csv_item {
	const struct field_info *field; /* which column of the record */
	struct str column;              /* its name in the header line; or the constant */
	struct str minus;               /* subtracted from it; absent: nothing */
	bool constant;
};

struct csv_map {
	char *text; /* owned; the items borrow from it */
	enum record_type type;
	const char *ts_format; /* NULL: seconds or ISO 8601 */
	char list;
	struct csv_item items[CSV_ITEMS_MAX];
	size_t count;
};

/* Read a map from its text. NULL with *e set (ERR_USAGE) that says which item is wrong.
 */
struct csv_map *csv_map_new(const char *text, struct error *e);

/* Free it; NULL is fine. */
void csv_map_free(struct csv_map *m);

#endif
