/* SPDX-License-Identifier: Apache-2.0 */
/* logs_duckdb SQL: CPU seconds that DuckDB alone takes for a statement, on one thread:
 * its own readers of CSV and JSON, beside ours (doc/benchmarks.md). */
#include <stdio.h>
#include <sys/resource.h>

#include <duckdb.h>

static double cpu_seconds(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	duckdb_database db;
	duckdb_connection c;
	duckdb_result r;
	if (argc != 2 || duckdb_open(NULL, &db) != DuckDBSuccess ||
	    duckdb_connect(db, &c) != DuckDBSuccess)
		return 2;
	duckdb_query(c, "SET threads = 1", NULL);
	double began = cpu_seconds();
	if (duckdb_query(c, argv[1], &r) != DuckDBSuccess) {
		fprintf(stderr, "%s\n", duckdb_result_error(&r));
		return 1;
	}
	printf("%.3f CPU s\n", cpu_seconds() - began);
	duckdb_destroy_result(&r);
	duckdb_disconnect(&c);
	duckdb_close(&db);
	return 0;
}
