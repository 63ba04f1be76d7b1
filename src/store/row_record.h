/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a table of the memory as the records they were put as. */
#ifndef DWELL_STORE_ROW_RECORD_H
#define DWELL_STORE_ROW_RECORD_H

#include "base/arena.h"
#include "record/record.h"
#include "store/store.h"

#define ROW_COLUMNS_MAX 64 /* of rows that are turned into records */

/* A column of the rows, and where its values go. */
struct row_target {
	const struct field_info *field; /* NULL: nowhere */
	struct addr addr; /* of text, which is often that of the row before */
	char text[ADDR_TEXT_MAX];
	size_t n;
};

struct row_reader {
	struct row_target targets[ROW_COLUMNS_MAX];
	size_t n;
	size_t unknown; /* columns that the table does not have, or that are too many */
};

/* Find the columns of the rows by their names. */
void row_reader_init(
    struct row_reader *reader, enum record_type type, const struct store_rows *rows);

/*
 * Set the fields of the record of which the current row has columns; the others stay.
 * Texts are borrowed from the row; lists lie in the arena (NULL: they are left alone).
 * False: no memory for these.
 */
bool row_record(struct row_reader *reader, const struct store_rows *rows,
    struct arena *arena, void *record);

#endif
