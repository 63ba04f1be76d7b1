/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside src/export only: what all logs of Zeek begin with, for the files that list their
 * columns. uid is made of the connection's first packet and ends, and is the same in all
 * its logs.
 */
#ifndef DWELL_EXPORT_ZEEK_H
#define DWELL_EXPORT_ZEEK_H

#include "export/foreign.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// clang-format off

/* "::" is absent in our tables. */
#define ADDR(column) "COALESCE(" column ",'::')"

#define UID(table)                                                                       \
	"'C'||left(md5(concat_ws(' ',epoch_us(" table ".ts)," ADDR(table ".src_ip") ","   \
	table ".src_port," ADDR(table ".dst_ip") "," table ".dst_port)),17)"

/* The rows of a table, each with its connection. */
#define WITH_CONN(table)                                                                 \
	table " AS r ASOF LEFT JOIN conn AS c ON r.src_ip=c.src_ip AND "                  \
	"r.src_port=c.src_port AND r.dst_ip=c.dst_ip AND r.dst_port=c.dst_port AND "      \
	"r.ts>=c.ts"

/* Without its connection (rows of it have decayed) a row still has a uid. */
#define ID_COLUMNS                                                                       \
	{"ts", FOREIGN_TIME, "r.ts"},                                                    \
	{"uid", FOREIGN_STRING, "CASE WHEN c.ts IS NULL THEN " UID("r") " ELSE " UID("c") " END"}, \
	{"id.orig_h", FOREIGN_ADDR, ADDR("r.src_ip")},                                   \
	{"id.orig_p", FOREIGN_PORT, "r.src_port"},                                       \
	{"id.resp_h", FOREIGN_ADDR, ADDR("r.dst_ip")},                                   \
	{"id.resp_p", FOREIGN_PORT, "r.dst_port"}

#define LIST(column) "array_to_string(" column ",chr(31))"

/* A log whose columns are the array of its name. */
#define LOG(name, with, from) {#name, with, from, name, COUNT(name)}

// clang-format on

#endif
