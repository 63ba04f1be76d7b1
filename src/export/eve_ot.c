/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVE events of industrial protocols: modbus and dnp3, those that Suricata has. Modbus
 * has one event with both sides, DNP3 one for each.
 */
#include "export/eve.h"

// clang-format off

#define REQUEST(sql) "CASE WHEN r.request_bytes>0 THEN " sql " END"
#define ANSWER(sql)  "CASE WHEN r.answer_bytes>0 THEN " sql " END"

static const struct foreign_column modbus[] = {
	EVENT_COLUMNS("modbus", "'tcp'"),
	{"modbus.request.transaction_id", FOREIGN_COUNT, REQUEST("r.id")},
	{"modbus.request.protocol_id", FOREIGN_COUNT, REQUEST("0")},
	{"modbus.request.unit_id", FOREIGN_COUNT, REQUEST("r.unit")},
	{"modbus.request.function_raw", FOREIGN_COUNT, REQUEST("r.function_code")},
	{"modbus.response.transaction_id", FOREIGN_COUNT, ANSWER("r.id")},
	{"modbus.response.protocol_id", FOREIGN_COUNT, ANSWER("0")},
	{"modbus.response.unit_id", FOREIGN_COUNT, ANSWER("r.unit")},
	{"modbus.response.function_raw", FOREIGN_COUNT, ANSWER("r.function_code")},
};

/* An answer comes its round trip later, from the outstation. */
#define DNP3_EVENTS                                                                      \
	"events AS (SELECT *,'request' AS type FROM ot WHERE protocol='dnp3' AND request_bytes>0 UNION ALL " \
	"SELECT * REPLACE (ts+to_microseconds((COALESCE(rtt,0)*1000000)::BIGINT) AS ts),'response' " \
	"FROM ot WHERE protocol='dnp3' AND answer_bytes>0)"

#define TO_MASTER "r.type='response'"

static const struct foreign_column dnp3[] = {
	EVENT_COLUMNS_OF("dnp3", "r.proto", "(" TO_MASTER ")=r.from_src"),
	{"dnp3.type", FOREIGN_STRING, "CASE WHEN r.request_bytes=0 THEN 'unsolicited_response' ELSE r.type END"},
	{"dnp3.src", FOREIGN_COUNT, "CASE WHEN " TO_MASTER " THEN r.unit ELSE r.origin END"},
	{"dnp3.dst", FOREIGN_COUNT, "CASE WHEN " TO_MASTER " THEN r.origin ELSE r.unit END"},
	{"dnp3.application.function_code", FOREIGN_COUNT, "CASE WHEN " TO_MASTER " THEN CASE WHEN r.request_bytes>0 THEN 129 ELSE r.function_code END ELSE r.function_code END"},
};

static const struct foreign_log events[] = {
	EVENT(modbus, NULL, WITH_CONN("(SELECT * FROM ot WHERE protocol='modbus')")),
	EVENT(dnp3, DNP3_EVENTS, WITH_CONN("events")),
};
// clang-format on

const struct foreign_list eve_ot = {events, COUNT(events)};
