/* SPDX-License-Identifier: Apache-2.0 */
/* Suricata's events of databases and message brokers. Passwords and contents of messages,
 * which Suricata writes, are not kept and so are left out. */
#include "export/eve.h"

// clang-format off

#define OF(command, value) "CASE WHEN r.command='" command "' THEN " value " END"

static const struct foreign_column mqtt[] = {
	EVENT_COLUMNS_OF("mqtt", "'tcp'", "r.command='connack'"),
	{"mqtt.connect.protocol_string", FOREIGN_STRING, OF("connect", "CASE WHEN r.version='3.1' THEN 'MQIsdp' ELSE 'MQTT' END")},
	{"mqtt.connect.protocol_version", FOREIGN_COUNT, OF("connect", "CASE r.version WHEN '3.1' THEN 3 WHEN '3.1.1' THEN 4 WHEN '5.0' THEN 5 END")},
	{"mqtt.connect.client_id", FOREIGN_STRING, OF("connect", "r.client_id")},
	{"mqtt.connect.will.topic", FOREIGN_STRING, OF("connect", "r.will_topic")},
	{"mqtt.connack.return_code", FOREIGN_COUNT, "CASE WHEN r.command IN ('connect','connack') THEN r.codes[1] END"},
	{"mqtt.publish.qos", FOREIGN_COUNT, OF("publish", "r.qos[1]")},
	{"mqtt.publish.retain", FOREIGN_BOOL, OF("publish", "r.retain")},
	{"mqtt.publish.dup", FOREIGN_BOOL, OF("publish", "r.dup")},
	{"mqtt.publish.topic", FOREIGN_STRING, OF("publish", "r.topics[1]")},
	{"mqtt.publish.message_id", FOREIGN_COUNT, OF("publish", "r.id")},
	{"mqtt.subscribe.message_id", FOREIGN_COUNT, OF("subscribe", "r.id")},
	{"mqtt.suback.message_id", FOREIGN_COUNT, OF("subscribe", "CASE WHEN r.complete THEN r.id END")},
	{"mqtt.suback.qos_granted", FOREIGN_INTERVALS, OF("subscribe", LIST_OR_NONE("r.codes"))},
	{"mqtt.unsubscribe.message_id", FOREIGN_COUNT, OF("unsubscribe", "r.id")},
	{"mqtt.unsubscribe.topics", FOREIGN_STRINGS, OF("unsubscribe", LIST_OR_NONE("r.topics"))},
	{"mqtt.unsuback.message_id", FOREIGN_COUNT, OF("unsubscribe", "CASE WHEN r.complete THEN r.id END")},
	{"mqtt.disconnect.qos", FOREIGN_COUNT, OF("disconnect", "0")},
	{"mqtt.disconnect.reason_code", FOREIGN_COUNT, OF("disconnect", "r.codes[1]")},
};

static const struct foreign_column pgsql[] = {
	EVENT_COLUMNS("pgsql", "'tcp'"),
	{"pgsql.request.simple_query", FOREIGN_STRING, OF("query", "r.argument")},
	{"pgsql.request.parse", FOREIGN_STRING, OF("parse", "r.argument")},
	{"pgsql.response.data_rows", FOREIGN_COUNT, "r.rows"},
	{"pgsql.response.code", FOREIGN_STRING, "r.code"},
	{"pgsql.response.message", FOREIGN_STRING, "r.response"},
};

static const struct foreign_log events[] = {
	EVENT(mqtt, NULL, WITH_CONN("(SELECT * FROM mq WHERE protocol='mqtt')")),
	EVENT(pgsql, NULL, WITH_CONN("(SELECT * FROM db WHERE protocol='postgresql' AND command<>'cancel')")),
};
// clang-format on

const struct foreign_list eve_db = {events, COUNT(events)};
