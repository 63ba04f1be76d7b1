/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * What the tables of connections have in common. */
#ifndef DWELL_RECORD_FIELDS_COMMON_H
#define DWELL_RECORD_FIELDS_COMMON_H

// clang-format off
/* The endpoints that every record of a connection repeats; src opened, dst answered. */
#define ENDPOINT_FIELDS(F) \
	F(IP,      src_ip,   "who opened the connection") \
	F(PORT,    src_port, "its port; the type for ICMP; 0 where the protocol has none") \
	F(IP,      dst_ip,   "who answered") \
	F(PORT,    dst_port, "its port; the code for ICMP")

/* Where a record was read: closes every table that comes from packets. */
#define SOURCE_FIELDS(F) \
	F(TEXT,    source_kind, "the kind of log that says so: zeek, eve, netflow, ipfix, nfdump, csv; absent: packets. Of several: 'packets, zeek', the one whose numbers the row has first") \
	F(TEXT,    sensor,   "name of the sensor (--sensor)") \
	F(TEXT,    source,   "input file; several that saw the same: joined by ', ' in the order of source_kind, at most 8") \
	F(COUNT,   source_offset, "byte offset of the first packet in the first such file, decompressed")

// clang-format on

#endif
