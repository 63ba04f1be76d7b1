/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/copy.h"

#include "engine/sql.h"

#define NAME_MAX_BYTES 64 /* of a table function */

static void start(duckdb_init_info init)
{
	duckdb_init_set_max_threads(init, 1);
}

static int add_function(struct engine *engine, const struct copy_source *source,
    const char *name, struct error *e)
{
	duckdb_table_function f = duckdb_create_table_function();
	duckdb_table_function_set_name(f, name);
	duckdb_table_function_set_extra_info(f, source->ctx, NULL);
	duckdb_table_function_set_bind(f, source->bind);
	duckdb_table_function_set_init(f, start);
	duckdb_table_function_set_function(f, source->rows);
	duckdb_state state = duckdb_register_table_function(engine->conn, f);
	duckdb_destroy_table_function(&f);
	if (state == DuckDBError)
		return error_set(e, ERR_ENGINE, "the query engine refuses %s()", name);
	return 0;
}

int copy_prepare(struct engine *engine, const struct copy_source *source,
    const char *target, duckdb_prepared_statement *copy, struct error *e)
{
	char name[NAME_MAX_BYTES];
	snprintf(name, sizeof(name), "%s_%s", source->prefix, source->table);
	if (add_function(engine, source, name, e) < 0)
		return -1;
	struct sql sql = sql_start();
	sql_format(&sql, "COPY (FROM %s()) TO ", name);
	sql_quote(&sql, target);
	sql_put(&sql, COPY_OPTIONS);
	const char *text = sql_text(&sql, e);
	int status = text != NULL ? 0 : -1;
	if (text != NULL && duckdb_prepare(engine->conn, text, copy) == DuckDBError) {
		status = engine_error(e, ERR_ENGINE, duckdb_prepare_error(*copy));
		duckdb_destroy_prepare(copy);
	}
	sql_free(&sql);
	return status;
}
