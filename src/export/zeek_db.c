/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's logs of databases and message brokers: names and types as Zeek 8 writes them.
 * What dwell does not keep is left out: contents of messages and of answers.
 */
#include "export/zeek.h"

// clang-format off

#define ENDS "ts,src_ip,src_port,dst_ip,dst_port"

static const struct foreign_column mysql[] = {
	ID_COLUMNS,
	{"cmd", FOREIGN_STRING, "r.cmd"},
	{"arg", FOREIGN_STRING, "r.arg"},
	{"success", FOREIGN_BOOL, "r.success"},
	{"rows", FOREIGN_COUNT, "r.n"},
	{"response", FOREIGN_STRING, "r.response"},
};

/* Commands, and logons that are none: a change of user is a command of its own. */
#define MYSQL_ROWS                                                                       \
	"(SELECT " ENDS ",command AS cmd,COALESCE(argument,'') AS arg,success,"           \
	"CASE WHEN success THEN COALESCE(rows,0) END AS n,response FROM db WHERE protocol='mysql' " \
	"UNION ALL SELECT " ENDS ",'login',l.\"user\",success,CASE WHEN success THEN 0 END,status " \
	"FROM login AS l WHERE protocol='mysql' AND l.\"user\" IS NOT NULL AND NOT EXISTS " \
	"(SELECT 1 FROM db AS d WHERE d.command='change_user' AND d.ts=l.ts AND d.src_ip=l.src_ip " \
	"AND d.src_port=l.src_port AND d.dst_ip=l.dst_ip AND d.dst_port=l.dst_port))"

static const struct foreign_column postgresql[] = {
	ID_COLUMNS,
	{"user", FOREIGN_STRING, "r.who"},
	{"database", FOREIGN_STRING, "r.target"},
	{"application_name", FOREIGN_STRING, "r.client"},
	{"frontend", FOREIGN_STRING, "r.frontend"},
	{"frontend_arg", FOREIGN_STRING, "r.argument"},
	{"backend", FOREIGN_STRING, "r.backend"},
	{"backend_arg", FOREIGN_STRING, "r.backend_arg"},
	{"success", FOREIGN_BOOL, "r.success"},
	{"rows", FOREIGN_COUNT, "r.n"},
};

/* Commands with the logon before them, and the logons themselves. */
#define POSTGRESQL_ROWS                                                                  \
	"(SELECT d.ts,d.src_ip,d.src_port,d.dst_ip,d.dst_port,l.\"user\" AS who,l.target,l.client," \
	"CASE d.command WHEN 'query' THEN 'simple_query' ELSE d.command END AS frontend,d.argument," \
	"CASE WHEN NOT d.success THEN 'error' END AS backend,"                            \
	"CASE WHEN NOT d.success THEN 'Code='||d.code||',Message='||d.response END AS backend_arg,d.success," \
	"CASE WHEN d.success THEN COALESCE(d.rows,0) END AS n "                           \
	"FROM (SELECT * FROM db WHERE protocol='postgresql') AS d ASOF LEFT JOIN "        \
	"(SELECT * FROM login WHERE protocol='postgresql') AS l ON d.src_ip=l.src_ip AND d.src_port=l.src_port " \
	"AND d.dst_ip=l.dst_ip AND d.dst_port=l.dst_port AND d.ts>=l.ts "                 \
	"UNION ALL SELECT " ENDS ",l.\"user\",target,client,'startup',NULL,"              \
	"CASE WHEN success THEN 'auth_ok' WHEN NOT success THEN 'error' END,"             \
	"CASE WHEN success THEN mechanism ELSE status END,success,NULL "                  \
	"FROM login AS l WHERE protocol='postgresql' AND l.\"user\" IS NOT NULL)"

/* Zeek takes GET and SET apart, and no other command. */
#define GET_OR_SET(column) "CASE WHEN command IN ('GET','SET') THEN " column " END"

static const struct foreign_column redis[] = {
	ID_COLUMNS,
	{"cmd.name", FOREIGN_STRING, "command"},
	{"cmd.key", FOREIGN_STRING, GET_OR_SET("object")},
	{"cmd.value", FOREIGN_STRING, GET_OR_SET("argument")},
	{"success", FOREIGN_BOOL, "success"},
	{"reply.value", FOREIGN_STRING, "response"},
};

static const struct foreign_column mqtt_connect[] = {
	ID_COLUMNS,
	{"proto_name", FOREIGN_STRING, "CASE WHEN r.version='3.1' THEN 'MQIsdp' WHEN r.version IS NOT NULL THEN 'MQTT' END"},
	{"proto_version", FOREIGN_STRING, "r.version"},
	{"client_id", FOREIGN_STRING, "r.client_id"},
	{"connect_status", FOREIGN_STRING, "CASE WHEN len(codes)=0 THEN NULL WHEN codes[1]=0 THEN 'Connection Accepted' ELSE 'Connection Refused: '||status END"},
	{"will_topic", FOREIGN_STRING, "will_topic"},
};

static const struct foreign_column mqtt_publish[] = {
	ID_COLUMNS,
	{"from_client", FOREIGN_BOOL, "from_src"},
	{"retain", FOREIGN_BOOL, "retain"},
	{"qos", FOREIGN_STRING, "CASE qos[1] WHEN 0 THEN 'at most once' WHEN 1 THEN 'at least once' WHEN 2 THEN 'exactly once' END"},
	{"status", FOREIGN_STRING, "CASE WHEN complete THEN 'ok' ELSE 'incomplete_qos' END"},
	{"topic", FOREIGN_STRING, "topics[1]"},
	{"payload_len", FOREIGN_COUNT, "payload_bytes"},
};

static const struct foreign_column mqtt_subscribe[] = {
	ID_COLUMNS,
	{"action", FOREIGN_ENUM, "'MQTT::'||upper(command)"},
	{"topics", FOREIGN_STRINGS, LIST("topics")},
	{"qos_levels", FOREIGN_COUNTS, "CASE WHEN command='subscribe' THEN " LIST("qos") " END"},
	{"granted_qos_level", FOREIGN_COUNT, "CASE WHEN command='subscribe' THEN codes[1] END"},
	{"ack", FOREIGN_BOOL, "COALESCE(complete,false)"},
};

#define MQTT(commands) "(SELECT * FROM mq WHERE protocol='mqtt' AND command IN (" commands "))"

static const struct foreign_log logs[] = {
	LOG(mysql, NULL, WITH_CONN(MYSQL_ROWS)),
	LOG(postgresql, NULL, WITH_CONN(POSTGRESQL_ROWS)),
	LOG(redis, NULL, WITH_CONN("(SELECT * FROM db WHERE protocol='redis')")),
	LOG(mqtt_connect, NULL, WITH_CONN(MQTT("'connect','connack'"))),
	LOG(mqtt_publish, NULL, WITH_CONN(MQTT("'publish'"))),
	LOG(mqtt_subscribe, NULL, WITH_CONN(MQTT("'subscribe','unsubscribe'"))),
};
// clang-format on

const struct foreign_list zeek_db = {logs, COUNT(logs)};
