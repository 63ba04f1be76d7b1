/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * Connections, what carries them, what is odd about them, and when was watched. */
#ifndef DWELL_RECORD_FIELDS_FLOW_H
#define DWELL_RECORD_FIELDS_FLOW_H

// clang-format off
#define CONN_FIELDS(F) \
	F(TIME,    ts,       "first packet") \
	F(SECONDS, duration, "first to last packet, as Zeek counts it; absent for a single packet") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "tcp, udp, icmp, sctp, or the IP protocol's name or number") \
	F(TEXT,    service,  "protocols seen in the content, joined by ','; encrypted: none known, and what each side began with looks random; absent: none known") \
	F(COUNT,   src_bytes, "payload bytes from src (TCP: by sequence numbers, as Zeek)") \
	F(COUNT,   dst_bytes, "payload bytes from dst") \
	F(COUNT,   src_packets, "packets from src") \
	F(COUNT,   dst_packets, "packets from dst") \
	F(COUNT,   src_ip_bytes, "bytes from src as the IP headers count them") \
	F(COUNT,   dst_ip_bytes, "bytes from dst as the IP headers count them") \
	F(COUNT,   missed_bytes, "payload bytes in gaps of the capture (TCP)") \
	F(TEXT,    state,    "as Zeek's conn_state: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH") \
	F(TEXT,    history,  "as Zeek's history") \
	F(TEXT,    server_name, "SNI, else Host, else the DNS name whose answer led src here") \
	F(TEXT,    ja3,      "JA3 of the first client hello") \
	F(TEXT,    ja4,      "JA4 of the first client hello") \
	F(INT,     vlan,     "outer VLAN id; absent: untagged") \
	F(TEXT,    tunnel,   "name of the tunnel that its first packet came in, as in the table tunnel; absent: none") \
	SOURCE_FIELDS(F)

#define TUNNEL_FIELDS(F) \
	F(TIME,    ts,       "first packet in it") \
	F(SECONDS, duration, "first to last packet in it") \
	F(IP,      src_ip,   "the outer address that sent the first one") \
	F(PORT,    src_port, "its port in the first packet; 0 where the protocol has none") \
	F(IP,      dst_ip,   "the other outer address") \
	F(PORT,    dst_port, "its port in the first packet") \
	F(TEXT,    proto,    "of the outer packets, as in conn") \
	F(TEXT,    kind,     "ip, gre, vxlan, geneve, gtpv1, teredo, ayiya as Zeek has them; nvgre, erspan, pptp, etherip, mpls, l2tp, tzsp, capwap") \
	F(INT,     id,       "network, key, session or endpoint id of the first packet; absent: none") \
	F(TEXT,    name,     "kind and digest of what tells it from others: the same in every run; conn.tunnel refers to it") \
	F(TEXT,    tunnel,   "name of the tunnel that it is in itself; absent: none") \
	F(COUNT,   connections, "connections that began in it") \
	F(COUNT,   src_packets, "packets in it that src sent") \
	F(COUNT,   dst_packets, "packets in it that dst sent") \
	F(COUNT,   src_bytes, "their bytes as their IP headers count them") \
	F(COUNT,   dst_bytes, "likewise from dst") \
	SOURCE_FIELDS(F)

#define ANOMALY_FIELDS(F) \
	F(TIME,    ts,       "when it was seen") \
	F(TEXT,    kind,     "record/anomaly.h lists the kinds") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "as in conn") \
	F(TEXT,    detail,   "facts as name=value, joined by spaces") \
	SOURCE_FIELDS(F)

#define WATCH_FIELDS(F) \
	F(TIME,    ts,       "start of the minute") \
	F(TEXT,    sensor,   "name of the sensor") \
	F(TEXT,    kind,     "what says so: packets, or the kind of log: zeek, eve, netflow, ipfix, nfdump, csv") \
	F(COUNT,   packets,  "packets seen") \
	F(COUNT,   bytes,    "their bytes on the wire") \
	F(COUNT,   drops,    "packets that the capture says it lost") \
	F(COUNT,   truncated, "packets cut short by the snap length") \
	F(COUNT,   malformed, "packets whose headers contradict themselves") \
	F(COUNT,   unsupported, "packets of a link type or protocol that is not read") \
	F(COUNT,   bad_checksum, "packets with a wrong IP, TCP, UDP or ICMP checksum") \
	F(COUNT,   connections, "connections that ended") \
	F(COUNT,   one_way,  "of these, those in which only one side was ever seen") \
	F(COUNT,   clock_steps, "times that the capture's clock went back or leapt") \
	F(COUNT,   shed,     "pieces of payload that were left out under load: the connection's counts are whole, what its content said is not") \
	F(COUNT,   down,     "seconds in which an interface was down, or nobody watched before a start, the sum over all interfaces") \
	F(COUNT,   fell,     "times that a process that reads fell: connections that were open in it are lost") \
	F(COUNT,   evicted,  "connections that were closed early, for the table was full of newer ones: what still comes of one counts as another")

// clang-format on

#endif
