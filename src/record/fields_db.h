/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * Databases and message brokers. */
#ifndef DWELL_RECORD_FIELDS_DB_H
#define DWELL_RECORD_FIELDS_DB_H

// clang-format off
#define DB_FIELDS(F) \
	F(TIME,    ts,       "the command") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "as in conn") \
	F(TEXT,    protocol, "mysql, postgresql, tds, mongodb, redis, memcached") \
	F(TEXT,    command,  "what is asked, as the protocol names it: query, stmt_execute, find, GET ...; absent: an answer to what was not seen") \
	F(TEXT,    argument, "the statement, or what else is asked with; passwords REDACTED; cut at 2048 bytes") \
	F(TEXT,    object,   "database, collection, key, prepared statement or file, where it stands apart") \
	F(FLAG,    success,  "it was done, or refused; absent: no answer seen, or none is due") \
	F(INT,     rows,     "rows that came back, or that were changed; absent: not told") \
	F(TEXT,    code,     "the server's code of an error: a number, an SQLSTATE, a name") \
	F(TEXT,    response, "what the server says of an error or a state; never content") \
	F(SECONDS, rtt,      "command to the last of its answer; absent: no answer seen, or none is due") \
	F(COUNT,   request_bytes, "bytes of the command on the wire") \
	F(COUNT,   response_bytes, "bytes of its answer; 0: not seen") \
	SOURCE_FIELDS(F)

#define MQ_FIELDS(F) \
	F(TIME,    ts,       "the message") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    protocol, "mqtt, amqp") \
	F(TEXT,    command,  "connect, publish, subscribe, unsubscribe, disconnect ... of MQTT; the method of AMQP 0-9-1 (basic.publish), the performative of AMQP 1.0 (attach)") \
	F(FLAG,    from_src, "src sent it, and not dst") \
	F(TEXT,    version,  "of the protocol: 3.1, 3.1.1, 5.0; 0-9-1, 1.0; where a connection begins") \
	F(TEXT,    client_id, "name of the client (MQTT), of the container (AMQP 1.0)") \
	F(INT,     id,       "packet identifier (MQTT), channel (AMQP); absent: none") \
	F(TEXTS,   topics,   "topic or topic filters; routing key (AMQP 0-9-1), address (AMQP 1.0)") \
	F(TEXT,    object,   "exchange or queue (AMQP 0-9-1), link (AMQP 1.0)") \
	F(INTS,    qos,      "quality of service of the message, or asked for each topic: 0, 1, 2") \
	F(INTS,    codes,    "what the other side answers: return or reason codes, or the quality that it grants each topic") \
	F(FLAG,    retain,   "the server is to keep the message") \
	F(FLAG,    dup,      "sent again") \
	F(FLAG,    complete, "all answers that its quality of service asks for were seen") \
	F(TEXT,    status,   "of a connection or what ended it: the answer in words") \
	F(TEXT,    will_topic, "where the server is to publish when the client is lost") \
	F(COUNT,   payload_bytes, "bytes of the message's content, which is not kept; 0: none") \
	SOURCE_FIELDS(F)

// clang-format on

#endif
