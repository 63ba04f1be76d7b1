/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scalar.h"

#include "engine/stage.h"

static duckdb_scalar_function make(const struct scalar *s, void *extra)
{
	duckdb_scalar_function f = duckdb_create_scalar_function();
	duckdb_scalar_function_set_name(f, s->name);
	for (size_t i = 0; i < SCALAR_PARAMS_MAX && s->params[i] != DUCKDB_TYPE_INVALID;
	     i++) {
		duckdb_logical_type type = duckdb_create_logical_type(s->params[i]);
		duckdb_scalar_function_add_parameter(f, type);
		duckdb_destroy_logical_type(&type);
	}
	duckdb_logical_type result = duckdb_create_logical_type(s->result);
	duckdb_scalar_function_set_return_type(f, result);
	duckdb_destroy_logical_type(&result);
	duckdb_scalar_function_set_function(f, s->run);
	duckdb_scalar_function_set_extra_info(f, extra, NULL);
	duckdb_scalar_function_set_special_handling(f);
	return f;
}

int scalar_register(duckdb_connection conn, const struct scalar *v, size_t n, void *extra,
    struct error *e)
{
	duckdb_scalar_function_set set = duckdb_create_scalar_function_set(v[0].name);
	duckdb_state state = DuckDBSuccess;
	for (size_t i = 0; i < n && state == DuckDBSuccess; i++) {
		duckdb_scalar_function f = make(&v[i], extra);
		state = duckdb_add_scalar_function_to_set(set, f);
		duckdb_destroy_scalar_function(&f);
	}
	if (state == DuckDBSuccess)
		state = duckdb_register_scalar_function_set(conn, set);
	duckdb_destroy_scalar_function_set(&set);
	if (state == DuckDBError)
		return error_set(e, ERR_ENGINE,
		    "the query engine does not take the function %s", v[0].name);
	return 0;
}

struct scalar_column scalar_column(duckdb_data_chunk rows, size_t column)
{
	duckdb_vector v = duckdb_data_chunk_get_vector(rows, column);
	return (struct scalar_column){
	    duckdb_vector_get_data(v), duckdb_vector_get_validity(v)};
}

struct str scalar_text(const struct scalar_column *c, size_t row)
{
	if (scalar_is_null(c, row))
		return (struct str){0};
	return stage_str((const duckdb_string_t *)c->data + row);
}

void scalar_put_null(duckdb_vector out, size_t row)
{
	duckdb_vector_ensure_validity_writable(out);
	duckdb_validity_set_row_invalid(duckdb_vector_get_validity(out), row);
}

void scalar_put_text(duckdb_vector out, size_t row, struct str s)
{
	if (s.p == NULL)
		scalar_put_null(out, row);
	else
		duckdb_vector_assign_string_element_len(out, row, s.p, s.n);
}
