/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the end of a Parquet file begins: with its version and its columns. The bytes
 * follow from the columns alone, so that whoever knows the columns that a file should
 * have can tell by comparing whether it has them:
 *
 *     ... row groups | version, columns | rows, row groups, ... | length (4, LE) | "PAR1"
 */
#ifndef DWELL_PARQUET_SCHEMA_H
#define DWELL_PARQUET_SCHEMA_H

#include "parquet/out.h"
#include "parquet/parquet.h"

/* Put the version and n columns; gives the number of the Thrift field that was put last.
 */
int schema_put(struct out *o, const struct parquet_field *fields, size_t n);

/* The physical type of a kind, as Parquet numbers it. */
int schema_physical(enum parquet_kind kind);

#endif
