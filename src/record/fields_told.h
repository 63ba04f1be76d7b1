/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * What dwell itself says: findings, cases, and what it has removed. */
#ifndef DWELL_RECORD_FIELDS_TOLD_H
#define DWELL_RECORD_FIELDS_TOLD_H

// clang-format off
#define FINDING_FIELDS(F) \
	F(TEXT,    id,       "stable identifier: the same host, peer and detector give the same id") \
	F(TEXT,    detector, "which detector says so") \
	F(TEXT,    direction, "outbound, inbound or internal, seen from host") \
	F(IP,      host,     "the inside machine") \
	F(TEXT,    peer,     "the other end: an address or a name") \
	F(INT,     peer_port, "its port; for inbound findings the host's port") \
	F(TEXT,    proto,    "as in conn") \
	F(TIME,    first_seen, "first packet of host and peer in this memory") \
	F(TIME,    last_seen, "last packet") \
	F(TIME,    since,    "since when this has been going on") \
	F(TEXT,    since_kind, "first_packet, onset or before_memory: what that date is") \
	F(TEXT,    confidence, "high, medium or low") \
	F(REAL,    score,    "the detector's own statistic") \
	F(REAL,    rank_p,   "how ordinary it is among its kind on this site: small is rare") \
	F(COUNT,   events,   "connections that the finding rests on") \
	F(COUNT,   bytes_out, "payload bytes from host to peer") \
	F(COUNT,   bytes_in, "payload bytes from peer to host") \
	F(TEXTS,   attack,   "ATT&CK technique ids") \
	F(TEXT,    facts,    "the explanation as data: JSON, finding/fact_table.h lists the keys") \
	F(TEXT,    summary,  "one English sentence")

#define CASE_FIELDS(F) \
	F(TEXT,    id,       "stable identifier") \
	F(COUNT,   rank,     "1 is the first to look at") \
	F(IP,      host,     "the inside machine") \
	F(TIME,    since,    "the earliest date among its findings") \
	F(TEXT,    since_kind, "what that date is, as in finding") \
	F(TIME,    last_seen, "last packet of any of its findings") \
	F(TEXT,    confidence, "the highest among its findings") \
	F(COUNT,   bytes_out_low, "payload bytes that surely left") \
	F(COUNT,   bytes_out_high, "the same with what gaps may have hidden, and by its less sure findings") \
	F(REAL,    expected_false, "false cases that one like it stands for: of high confidence, what chance gives in this memory where the test says so; else 1") \
	F(TEXTS,   findings, "ids of its findings") \
	F(TEXT,    summary,  "one English sentence")

#define DECAY_FIELDS(F) \
	F(TIME,    ts,       "when rows were removed") \
	F(TEXT,    table_name, "of which table") \
	F(TIME,    span_start, "the span of time in which they lay: its start") \
	F(TIME,    span_end, "its end") \
	F(COUNT,   row_count, "how many they were") \
	F(COUNT,   bytes,    "bytes of the disk that this set free") \
	F(TEXT,    why,      "the option that asked for it")

// clang-format on

#endif
