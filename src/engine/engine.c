/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/runs.h"
#include "engine/sql.h"
#include "record/record.h"
#include "sys/path.h"

int engine_error(struct error *e, enum error_code code, const char *message)
{
	const char *text = message != NULL ? message : "no reason given";
	size_t n = strcspn(text, "\n");
	return error_set(
	    e, code, "%.*s", (int)(n < ERROR_TEXT_MAX ? n : ERROR_TEXT_MAX), text);
}

int engine_run_on(duckdb_connection conn, const char *sql, struct error *e)
{
	duckdb_result result;
	int status = 0;
	if (duckdb_query(conn, sql, &result) == DuckDBError)
		status = engine_error(e, ERR_ENGINE, duckdb_result_error(&result));
	duckdb_destroy_result(&result);
	return status;
}

int engine_run(struct engine *g, const char *sql, struct error *e)
{
	return engine_run_on(g->conn, sql, e);
}

/* What must be known when the database starts.
 * Extensions never load: dwell works offline. */
static duckdb_state configure(duckdb_config config, const char *memory_limit)
{
	bool waits = strcmp(memory_limit, ENGINE_ASK_LIMIT) == 0;
	const char *const options[][2] = {
	    {"autoinstall_known_extensions", "false"},
	    {"autoload_known_extensions", "false"},
	    {"allow_community_extensions", "false"},
	    {"threads", waits ? "2" : "1"},
	    {"memory_limit", memory_limit},
	};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (duckdb_set_config(config, options[i][0], options[i][1]) ==
		    DuckDBError)
			return DuckDBError;
	}
	return DuckDBSuccess;
}

static int start(struct engine *g, const char *memory_limit, struct error *e)
{
	duckdb_config config = NULL;
	char *message = NULL;
	int status = 0;
	if (duckdb_create_config(&config) == DuckDBError ||
	    configure(config, memory_limit) == DuckDBError)
		status = error_set(e, ERR_ENGINE, "the query engine refused its options");
	else if (duckdb_open_ext(NULL, &g->db, config, &message) == DuckDBError)
		status = engine_error(e, ERR_ENGINE, message);
	else if (duckdb_connect(g->db, &g->conn) == DuckDBError)
		status = error_set(e, ERR_ENGINE, "the query engine gives no connection");
	duckdb_free(message);
	duckdb_destroy_config(&config);
	return status;
}

/* The folders of the tables and the journal, not the memory itself: dwell.json, which
 * holds the secret of the digests, is not for queries. */
static void put_folder(struct sql *sql, const char *folder, const char *name)
{
	char path[PATH_MAX];
	if (path_make(path, NULL, "%s/%s", folder, name) < 0)
		return;
	sql_quote(sql, path);
	sql_put(sql, ",");
}

static void put_folders(struct sql *sql, const char *folder)
{
	for (int t = 0; t < RECORD_TYPES; t++)
		put_folder(sql, folder, record_info((enum record_type)t)->table);
	for (int i = 0; i < RUN_SETS; i++)
		put_folder(sql, folder, run_set_info((enum run_set)i)->folder);
	char path[PATH_MAX];
	if (path_make(path, NULL, "%s/journal", folder) == 0)
		sql_quote(sql, path);
}

/* The order matters: once external access is off the folders can not change, and once the
 * configuration is locked nothing can. */
static int lock_down(struct engine *g, const char *folder, const char *temp,
    const char *also, bool reads, struct error *e)
{
	struct sql sql = sql_start();
	sql_put(&sql, "SET temp_directory=");
	sql_quote(&sql, temp != NULL ? temp : "");
	sql_put(&sql, ";SET allowed_directories=[");
	put_folders(&sql, folder);
	if (also != NULL) {
		sql_put(&sql, ",");
		sql_quote(&sql, also);
	}
	/* A reader asks the same files again and again; a writer's come and go, and an
	 * export reads each once: what is kept of them would fill memory to the limit. */
	sql_put(&sql, "]");
	if (reads)
		sql_put(&sql, ";SET parquet_metadata_cache=true");
	if (!reads || also != NULL)
		sql_put(&sql, ";SET enable_external_file_cache=false");
	sql_put(&sql, ";SET ");
	sql_put(&sql, "enable_external_access=false;SET preserve_insertion_order=true;"
		      "SET lock_configuration=true");
	const char *text = sql_text(&sql, e);
	int status = text != NULL ? engine_run(g, text, e) : -1;
	sql_free(&sql);
	return status;
}

static bool is_reader(const char *limit)
{
	return strcmp(limit, ENGINE_READER_LIMIT) == 0 ||
	       strcmp(limit, ENGINE_ASK_LIMIT) == 0 ||
	       strcmp(limit, ENGINE_EXPORT_LIMIT) == 0;
}

int engine_open(struct engine *g, const char *folder, const char *temp, const char *also,
    const char *limit, struct error *e)
{
	bool reads = is_reader(limit);
	*g = (struct engine){0};
	if (start(g, limit, e) < 0 || lock_down(g, folder, temp, also, reads, e) < 0)
		return error_add(e, "starting the query engine");
	return 0;
}

void engine_close(struct engine *g)
{
	duckdb_disconnect(&g->conn);
	duckdb_close(&g->db);
}
