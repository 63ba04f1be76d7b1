/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DuckDB, locked down: an in-memory database that may touch one folder, loads nothing,
 * and whose options nobody can change afterwards. Only files of this folder (store/)
 * include this header.
 */
#ifndef DWELL_ENGINE_ENGINE_H
#define DWELL_ENGINE_ENGINE_H

#include <duckdb.h>

#include "base/error.h"

/* What DuckDB may hold: beside a scan, unless it is told otherwise; alone, to answer; and
 * to export, which sorts wide rows. See doc/decisions/memory.md. */
#define ENGINE_MEMORY_LIMIT "112MB"
#define ENGINE_READER_LIMIT "288MB"
#define ENGINE_ASK_LIMIT    "272MB" /* on two threads: somebody waits */
#define ENGINE_EXPORT_LIMIT "384MB"

struct engine {
	duckdb_database db;
	duckdb_connection conn; /* for our own statements, never for a user's */
};

/* Start an engine that may use folder (absolute) and spill to the folder temp inside it
 * (NULL: it never spills); and the folder also (NULL: none) besides, and hold up to
 * limit: one of the above, or for a writer any other. Negative with *e
 * set; engine_close is due in either case. */
int engine_open(struct engine *g, const char *folder, const char *temp, const char *also,
    const char *limit, struct error *e);

/* Close the connection and the engine. */
void engine_close(struct engine *g);

/* Run one statement of our own whose result does not matter. */
int engine_run(struct engine *g, const char *sql, struct error *e);

/* The same on a given connection, with what it was for in front of the error's text. */
int engine_run_on(duckdb_connection conn, const char *sql, struct error *e);

/* The first line of a DuckDB message, without the "Xxx Error:
 * " that tells nothing to people. */
int engine_error(struct error *e, enum error_code code, const char *message);

#endif
