/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * Industrial protocols. */
#ifndef DWELL_RECORD_FIELDS_OT_H
#define DWELL_RECORD_FIELDS_OT_H

// clang-format off
#define OT_FIELDS(F) \
	F(TIME,    ts,       "the request; the message itself where nothing asks or no request was seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    src_mac,  "hardware address of the sender, of protocols that go without IP") \
	F(TEXT,    dst_mac,  "hardware address that it was sent to, likewise") \
	F(TEXT,    proto,    "tcp or udp; absent: without IP") \
	F(TEXT,    protocol, "modbus, dnp3, iec104, s7comm, s7comm_plus, enip, cip, bacnet, opcua, profinet, mms, goose, synchrophasor, hart_ip") \
	F(FLAG,    from_src, "src asked (or sent what needs no request), and not dst") \
	F(INT,     id,       "what ties request and answer: transaction, invoke id, sequence number") \
	F(INT,     unit,     "the device addressed behind the endpoint: Modbus unit, DNP3 outstation, IEC 104 common address, GOOSE APPID, synchrophasor idcode") \
	F(INT,     origin,   "who asks behind the endpoint: DNP3 master, IEC 104 originator address") \
	F(TEXT,    function, "the standard's name of the function or service, lower case with underscores") \
	F(INT,     function_code, "its number") \
	F(TEXT,    operation, "read, write, control, program, mode, file, time, discovery, session, report, diagnostic; other: none of these") \
	F(TEXT,    object,   "kind of what is read or written: coil, holding_register, a DNP3 group, a CIP class ...") \
	F(INT,     address,  "the first of them") \
	F(INT,     count,    "how many of them; of a stream of unasked data: messages") \
	F(TEXT,    value,    "the value written, commanded, read or reported where it is one: a number, on, off, latch_on ...; absent: several, or none visible") \
	F(TEXT,    detail,   "what else tells: values written, a variable, a file, a cause; at most 95 bytes") \
	F(TEXT,    status,   "ok, or the error's name; absent: no answer seen, or none is due") \
	F(SECONDS, rtt,      "request to answer; absent: one of them was not seen") \
	F(COUNT,   request_bytes, "bytes of the request; 0: not seen") \
	F(COUNT,   answer_bytes, "bytes of the answer; 0: not seen") \
	F(INT,     digest,   "32 bits of a hash of all values that it carries, without their times: equal values have equal digests; absent: none visible") \
	SOURCE_FIELDS(F)

// clang-format on

#endif
