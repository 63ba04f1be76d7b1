/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roll-ups: what is kept for good. R(RULE, KIND, name, "meaning"), in column order.
 * Rows of the same key may lie in several files, each a partial sum; whoever reads joins
 * them by the rule: KEY (equal), MIN, MAX, SUM, OR (bits). Files are sorted by the key
 * columns in the order in which they stand here, by_dst with src_ip and dst_ip exchanged.
 */
#ifndef DWELL_RECORD_FIELDS_ROLLUP_H
#define DWELL_RECORD_FIELDS_ROLLUP_H

// clang-format off
#define PAIR_KEY_FIELDS(R) \
	R(KEY, IP,    src_ip,   "who opened the connections") \
	R(KEY, IP,    dst_ip,   "who answered") \
	R(KEY, PORT,  dst_port, "its port; 0 for ICMP, and for the ports of a scan beyond 256 for one pair of addresses and day") \
	R(KEY, TEXT,  proto,    "as in conn") \
	R(KEY, TEXT,  server_name, "as in conn; absent: none known")

#define PAIR_SUM_FIELDS(R) \
	R(MIN, TIME,  first_seen, "first packet; the start of the day for a day that a connection from before reached") \
	R(MAX, TIME,  last_seen, "last packet of these connections") \
	R(SUM, COUNT, connections, "connections that began then; 0: one from before was still open") \
	R(SUM, COUNT, unanswered, "of these, those in which dst sent nothing") \
	R(SUM, COUNT, src_bytes, "their payload bytes from src") \
	R(SUM, COUNT, dst_bytes, "their payload bytes from dst") \
	R(SUM, COUNT, missed_bytes, "their payload bytes in gaps of the capture")

/* Twelve masks of days. */
#define MONTH_FIELDS(R) \
	R(OR,  INT,   jan,      "bit d-1: active on day d of January") \
	R(OR,  INT,   feb,      "likewise") \
	R(OR,  INT,   mar,      "likewise") \
	R(OR,  INT,   apr,      "likewise") \
	R(OR,  INT,   may,      "likewise") \
	R(OR,  INT,   jun,      "likewise") \
	R(OR,  INT,   jul,      "likewise") \
	R(OR,  INT,   aug,      "likewise") \
	R(OR,  INT,   sep,      "likewise") \
	R(OR,  INT,   oct,      "likewise") \
	R(OR,  INT,   nov,      "likewise") \
	R(OR,  INT,   dec,      "likewise")

#define PAIR_DAY_FIELDS(R) \
	PAIR_KEY_FIELDS(R) \
	R(KEY, TIME,  ts,       "start of the day, UTC") \
	PAIR_SUM_FIELDS(R) \
	R(OR,  INT,   hours,    "bit h: a connection was open in hour h, UTC")

#define PAIR_MONTH_FIELDS(R) \
	PAIR_KEY_FIELDS(R) \
	R(KEY, TIME,  ts,       "start of the month, UTC") \
	PAIR_SUM_FIELDS(R) \
	R(OR,  INT,   days,     "bit d-1: a connection was open on day d")

#define PAIR_YEAR_FIELDS(R) \
	PAIR_KEY_FIELDS(R) \
	R(KEY, TIME,  ts,       "start of the year, UTC") \
	PAIR_SUM_FIELDS(R) \
	MONTH_FIELDS(R)

#define SEEN_FIELDS(R) \
	R(KEY, TEXT,  kind,     "address, name, domain (registered domain of a name), ja3, ja3s, ja4, hassh, hassh_server, cert_sha256, user_agent, file_sha256, file_name (without folders), mac (hardware address), host_name (what a machine is called, lower case)") \
	R(KEY, TEXT,  sort,     "what the rows are sorted by: of a name or domain the labels from the last to the first (com.example.www), else value") \
	R(KEY, TEXT,  via,      "where it was seen: conn, server_name, dns_query, dns_answer, sni, cert, tls, http_host, http, ssh, file; of mac and host_name dhcp, nbns, ntlm, kerberos, smb, radius, rdp, rpc, ot") \
	R(KEY, IP,    host,     "the client that showed it, of mac and host_name the machine that has it; absent for domains, and for addresses via conn: pair_day tells") \
	R(KEY, TIME,  ts,       "start of the year, UTC") \
	R(KEY, TEXT,  value,    "the observable itself") \
	R(MIN, TIME,  first_seen, "when it was first seen") \
	R(MAX, TIME,  last_seen, "when it was last seen") \
	R(SUM, COUNT, count,    "times it was seen") \
	R(SUM, COUNT, src_bytes, "payload bytes from src of its connections; 0 unless via server_name") \
	R(SUM, COUNT, dst_bytes, "payload bytes from dst, likewise") \
	MONTH_FIELDS(R)

#define WATCH_HOUR_FIELDS(R) \
	R(KEY, TEXT,  sensor,   "name of the sensor") \
	R(KEY, TIME,  ts,       "start of the hour, UTC") \
	R(KEY, TEXT,  kind,     "as in watch") \
	R(OR,  INT,   minutes,  "bit m: minute m was watched") \
	R(SUM, COUNT, packets,  "packets seen") \
	R(SUM, COUNT, bytes,    "their bytes on the wire") \
	R(SUM, COUNT, drops,    "packets that the capture says it lost") \
	R(SUM, COUNT, truncated, "packets cut short by the snap length") \
	R(SUM, COUNT, malformed, "packets whose headers contradict themselves") \
	R(SUM, COUNT, unsupported, "packets of a link type or protocol that is not read") \
	R(SUM, COUNT, bad_checksum, "packets with a wrong IP, TCP, UDP or ICMP checksum") \
	R(SUM, COUNT, connections, "connections that ended") \
	R(SUM, COUNT, one_way,  "of these, those in which only one side was ever seen") \
	R(SUM, COUNT, clock_steps, "times that the capture's clock went back or leapt") \
	R(SUM, COUNT, shed,     "pieces of payload that were left out under load") \
	R(SUM, COUNT, down,     "seconds in which an interface was down") \
	R(SUM, COUNT, fell,     "times that a process that reads fell")

// clang-format on

#endif
