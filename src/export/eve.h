/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside src/export only: what all event types of EVE begin with, for the files that list
 * their columns. flow_id is made of the connection's first packet and ends, and is the
 * same in all its events.
 */
#ifndef DWELL_EXPORT_EVE_H
#define DWELL_EXPORT_EVE_H

#include "export/foreign.h"

// clang-format off

/* "::" is absent in our tables. */
#define ADDR(column) "COALESCE(" column ",'::')"

/* 51 bits, which every reader of JSON keeps exactly. */
#define FLOW_ID(table)                                                                   \
	"hash(epoch_us(" table ".ts)," ADDR(table ".src_ip") "," table ".src_port,"       \
	ADDR(table ".dst_ip") "," table ".dst_port)>>13"

/* The rows of a table, each with its connection: the newest that had begun. */
#define WITH_CONN(table)                                                                 \
	table " AS r ASOF LEFT JOIN conn AS c ON r.src_ip=c.src_ip AND "                  \
	"r.src_port=c.src_port AND r.dst_ip=c.dst_ip AND r.dst_port=c.dst_port AND "      \
	"r.ts>=c.ts"

#define PROTO(column) \
	"CASE WHEN " column "='icmp' AND contains(" ADDR("r.src_ip") ",':') THEN 'IPv6-ICMP' ELSE upper(" column ") END"

#define COMMUNITY(proto) "community_id(r.src_ip,r.dst_ip,r.src_port,r.dst_port," proto ")"

/* back: SQL that says whether the event stands for a packet of the one who answers. */
#define EVENT_COLUMNS_OF(type, proto, back)                                              \
	{"timestamp", FOREIGN_DATE, "r.ts"},                                             \
	{"flow_id", FOREIGN_COUNT, "CASE WHEN c.ts IS NULL THEN " FLOW_ID("r") " ELSE " FLOW_ID("c") " END"}, \
	{"event_type", FOREIGN_STRING, "'" type "'"},                                    \
	{"vlan", FOREIGN_INTERVALS, "c.vlan::VARCHAR"},                                  \
	{"src_ip", FOREIGN_ADDR, "CASE WHEN " back " THEN " ADDR("r.dst_ip") " ELSE " ADDR("r.src_ip") " END"}, \
	{"src_port", FOREIGN_PORT, "CASE WHEN " back " THEN r.dst_port ELSE r.src_port END"}, \
	{"dest_ip", FOREIGN_ADDR, "CASE WHEN " back " THEN " ADDR("r.src_ip") " ELSE " ADDR("r.dst_ip") " END"}, \
	{"dest_port", FOREIGN_PORT, "CASE WHEN " back " THEN r.src_port ELSE r.dst_port END"}, \
	{"proto", FOREIGN_STRING, PROTO("COALESCE(c.proto," proto ")")},                 \
	{"community_id", FOREIGN_STRING, COMMUNITY("COALESCE(c.proto," proto ")")}

#define EVENT_COLUMNS(type, proto) EVENT_COLUMNS_OF(type, proto, "false")

#define LIST(column) "array_to_string(" column ",chr(31))"
#define LIST_OR_NONE(column) "CASE WHEN len(" column ")>0 THEN " LIST(column) " END"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A log whose columns are the array of its name. */
#define EVENT(name, with, from) {#name, with, from, name, COUNT(name)}

// clang-format on

#endif
