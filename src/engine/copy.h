/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of ours to Parquet: a table function of the engine that hands them out, and the
 * one COPY statement that pulls them into a file. Segments and runs are both written so.
 */
#ifndef DWELL_ENGINE_COPY_H
#define DWELL_ENGINE_COPY_H

#include "engine/engine.h"

#define COPY_GROUP_ROWS                                                                  \
	"30720" /* of a row group: 15 vectors of DuckDB; what a run that is merged holds \
		   in memory */

/* How every file of the memory is written: the end of a COPY statement. */
#define COPY_OPTIONS                                                                     \
	" (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2,"   \
	" ROW_GROUP_SIZE " COPY_GROUP_ROWS ", USE_TMP_FILE false)"

/* A source of rows. */
struct copy_source {
	const char *prefix,
	    *table; /* its table function is PREFIX_TABLE(): ours, plain */
	duckdb_table_function_bind_t bind;
	duckdb_table_function_t rows;
	void *ctx; /* the extra info of both; must outlive the engine's use of it */
};

/* Register the source, which one thread reads, and prepare the statement that writes its
 * rows to the file target. Negative with *e set, and *copy of no use. */
int copy_prepare(struct engine *engine, const struct copy_source *source,
    const char *target, duckdb_prepared_statement *copy, struct error *e);

#endif
