/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of rows in the anomaly table: things on the wire from which
 * detectors draw later. A(KIND, "name", "meaning; what detail holds")
 */
#ifndef DWELL_RECORD_ANOMALY_H
#define DWELL_RECORD_ANOMALY_H

// clang-format off
#define ANOMALY_KINDS(A) \
	A(TCP_OVERLAP, "tcp_overlap", "the same sequence range carried different bytes: seq, len, " \
		"gap_us (after the other copy), side (0: src), ttl, ttl_other, ttl_syn (of the side's SYN), ip_id, ip_id_other, " \
		"reflected (an ip_id that the far side used: 1 this, 2 the other, 3 both), window, window_other, flags, " \
		"flags_other, timestamp, timestamp_other (TSval), timestamp_syn (1: agreed on), size, size_other (payload), " \
		"bad_checksum (1: this, 2: the other, 3: both)") \
	A(SYN_DATA, "syn_data", "a SYN carried payload: len, fast_open") \
	A(DUPLICATE_SYNACK, "duplicate_synack", "a second SYN-ACK with another sequence number: seq, seq_other, and the rest as for tcp_overlap") \
	A(BAD_FLAGS, "bad_flags", "a flag combination that no stack sends: flags") \
	A(ODD_HEADER, "odd_header", "a first SYN with an acknowledgement number, or an urgent pointer without URG: ack, urgent") \
	A(HEADER_TEXT, "header_text", "a byte of a header field that nobody reads was text in each of a pair's first SYNs: field (seq, ip_id), byte " \
		"(0: the most significant), packets, values (different ones), text (blanks as _)") \
	A(ODD_OPTIONS, "odd_options", "options of IPv6 that no standard knows, or padding that is not zero: len, protocol") \
	A(ECHO_ODD, "echo_odd", "echo requests and replies whose payloads are not a ping's: requests, replies, " \
		"changed, unasked, same, tails, sizes, least, most, out, in, seconds, first") \
	A(ICMP_ODD, "icmp_odd", "ICMP messages of a type that nothing uses: type, code, packets, bytes, seconds, first") \
	A(TRACE, "trace", "a published trace of an implant (doc/format/traces.md): trace, side, len, what speaks for it, " \
		"first, source") \
	A(FRAGMENT_OVERLAP, "fragment_overlap", "IP fragments overlap and differ: id, offset, len") \
	A(FRAGMENT_LIMIT, "fragment_limit", "fragments dropped at a limit: id, held") \
	A(ODD_PORT, "odd_port", "the port is meant for another protocol than the one found: service, meant_for") \
	A(DATA_AFTER_END, "data_after_end", "a side sent data beyond its own RST or FIN, which is the other here: seq, seq_other, and the rest as for tcp_overlap") \
	A(DNS_CONFLICT, "dns_conflict", "a second answer came to one question, with other contents: id, gap_us, ttl, ttl_other, " \
		"ip_id, ip_id_other (of IP), query, answer, answer_other (the first of each)") \
	A(HEARTBEAT, "heartbeat", "heartbeats of TLS (RFC 6520) that claim more than they carry, or, encrypted, got a longer " \
		"answer: claims, claimed (bytes, of the greatest), carried (bytes of its record), answers, answered (bytes of the " \
		"greatest record), encrypted, side (that asked)") \
	A(REGISTER_NOISE, "register_noise", "registers that are read again and again and hold noise over a wide range: unit, function, " \
		"address, count, readings, words (that are noise), followed (of how many), v (von Neumann's ratio, 2: drawn anew each time), seconds") \
	A(READER_FELL, "reader_fell", "nothing on the wire: a process that reads packets was ended and started again: reader, signal or " \
		"status, connections (that were open in it: they have no row, or one of their rest), packets (in these, at most)") \
	A(PROTOCOL_ERROR, "protocol_error", "a known protocol stopped making sense: protocol, side, what")

enum anomaly_kind {
#define A(KIND, name, meaning) ANOMALY_##KIND,
	ANOMALY_KINDS(A)
#undef A
	ANOMALY_KIND_COUNT
};
// clang-format on

/* The kind's name as stored in the table; static. */
const char *anomaly_name(enum anomaly_kind kind);

#endif
