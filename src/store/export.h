/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as files, one each, for other programs; on wish with everything that says who
 * was who under pseudonyms. doc/decisions/pseudonyms.md says what becomes of each column.
 */
#ifndef DWELL_STORE_EXPORT_H
#define DWELL_STORE_EXPORT_H

#include "base/error.h"
#include "base/moment.h"
#include "store/pseudonym.h"
#include "store/store.h"

enum export_kind { EXPORT_KIND_PARQUET, EXPORT_KIND_CSV, EXPORT_KIND_JSON };

struct export_request {
	enum export_kind kind;
	const char *folder; /* must exist; the one that the memory was opened for */
	const char *const *tables;
	size_t table_count; /* 0: all */
	struct moment since,
	    until; /* rows that touch [since, until); MOMENT_NONE: open */
	struct pseudonym *pseudonyms; /* NULL: as it is. Borrowed, outlives the store */
};

/* What was written of a table; path is valid until the call returns. */
struct export_sink {
	void (*wrote)(void *ctx, const char *path, uint64_t rows);
	void *ctx;
};

/*
 * Write the tables, each aside first, then renamed to FOLDER/TABLE.parquet, .csv or .json
 * (one object a line). The memory is one of store_open_export. Under pseudonyms the rows
 * come in an order that tells nothing of the addresses. Negative with *e set; what was
 * written before stays.
 */
int export_tables(struct store *s, const struct export_request *x,
    const struct export_sink *sink, struct error *e);

#endif
