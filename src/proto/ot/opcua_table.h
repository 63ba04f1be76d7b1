/* SPDX-License-Identifier: Apache-2.0 */
/* Services of OPC UA by the number of their request's binary encoding (IEC 62541-6), and
 * status codes by their upper half (IEC 62541-4, 7.39), as entries of struct ot_name. */
#ifndef DWELL_PROTO_OPCUA_TABLE_H
#define DWELL_PROTO_OPCUA_TABLE_H

enum opcua_type {
	OPCUA_FAULT = 397,
	OPCUA_BROWSE = 527,
	OPCUA_READ = 631,
	OPCUA_WRITE = 673,
	OPCUA_CALL = 712,
	OPCUA_LATER = 12000, /* types above were added to the standard later */
};

// clang-format off
#define OPCUA_SERVICES \
	{"find_servers", 422, OT_DISCOVERY}, {"get_endpoints", 428, OT_DISCOVERY}, \
	{"register_server", 437, OT_DISCOVERY}, {"open_secure_channel", 446, OT_SESSION}, \
	{"close_secure_channel", 452, OT_SESSION}, {"create_session", 461, OT_SESSION}, \
	{"activate_session", 467, OT_SESSION}, {"close_session", 473, OT_SESSION}, \
	{"cancel", 479, OT_SESSION}, {"add_nodes", 488, OT_PROGRAM}, {"add_references", 494, OT_PROGRAM}, \
	{"delete_nodes", 500, OT_PROGRAM}, {"delete_references", 506, OT_PROGRAM}, \
	{"browse", 527, OT_DISCOVERY}, {"browse_next", 533, OT_DISCOVERY}, \
	{"translate_browse_paths_to_node_ids", 554, OT_DISCOVERY}, {"register_nodes", 560, OT_SESSION}, \
	{"unregister_nodes", 566, OT_SESSION}, {"query_first", 615, OT_READ}, {"query_next", 621, OT_READ}, \
	{"read", 631, OT_READ}, {"history_read", 664, OT_READ}, {"write", 673, OT_WRITE}, \
	{"history_update", 700, OT_WRITE}, {"call", 712, OT_CONTROL}, \
	{"create_monitored_items", 751, OT_READ}, {"modify_monitored_items", 763, OT_READ}, \
	{"set_monitoring_mode", 769, OT_READ}, {"set_triggering", 775, OT_READ}, \
	{"delete_monitored_items", 781, OT_READ}, {"create_subscription", 787, OT_READ}, \
	{"modify_subscription", 793, OT_READ}, {"set_publishing_mode", 799, OT_READ}, \
	{"publish", 826, OT_READ}, {"republish", 832, OT_READ}, {"transfer_subscriptions", 841, OT_READ}, \
	{"delete_subscriptions", 847, OT_READ}, {"find_servers_on_network", 12208, OT_DISCOVERY}, \
	{"register_server_2", 12211, OT_DISCOVERY}

#define OPCUA_STATUSES \
	{"bad_unexpected_error", 0x8001, 0}, {"bad_internal_error", 0x8002, 0}, \
	{"bad_out_of_memory", 0x8003, 0}, {"bad_resource_unavailable", 0x8004, 0}, \
	{"bad_communication_error", 0x8005, 0}, {"bad_encoding_error", 0x8006, 0}, \
	{"bad_decoding_error", 0x8007, 0}, {"bad_encoding_limits_exceeded", 0x8008, 0}, \
	{"bad_timeout", 0x800a, 0}, {"bad_service_unsupported", 0x800b, 0}, {"bad_shutdown", 0x800c, 0}, \
	{"bad_server_not_connected", 0x800d, 0}, {"bad_server_halted", 0x800e, 0}, \
	{"bad_nothing_to_do", 0x800f, 0}, {"bad_too_many_operations", 0x8010, 0}, \
	{"bad_certificate_invalid", 0x8012, 0}, {"bad_security_checks_failed", 0x8013, 0}, \
	{"bad_certificate_untrusted", 0x801a, 0}, {"bad_user_access_denied", 0x801f, 0}, \
	{"bad_identity_token_invalid", 0x8020, 0}, {"bad_identity_token_rejected", 0x8021, 0}, \
	{"bad_secure_channel_id_invalid", 0x8022, 0}, {"bad_invalid_timestamp", 0x8023, 0}, \
	{"bad_nonce_invalid", 0x8024, 0}, {"bad_session_id_invalid", 0x8025, 0}, \
	{"bad_session_closed", 0x8026, 0}, {"bad_session_not_activated", 0x8027, 0}, \
	{"bad_subscription_id_invalid", 0x8028, 0}, {"bad_request_header_invalid", 0x802a, 0}, \
	{"bad_node_id_invalid", 0x8033, 0}, {"bad_node_id_unknown", 0x8034, 0}, \
	{"bad_security_mode_rejected", 0x8054, 0}, {"bad_security_policy_rejected", 0x8055, 0}, \
	{"bad_too_many_sessions", 0x8056, 0}, {"bad_too_many_publish_requests", 0x8078, 0}, \
	{"bad_no_subscription", 0x8079, 0}, {"bad_tcp_server_too_busy", 0x807d, 0}, \
	{"bad_tcp_message_type_invalid", 0x807e, 0}, {"bad_tcp_secure_channel_unknown", 0x807f, 0}, \
	{"bad_tcp_message_too_large", 0x8080, 0}, {"bad_tcp_not_enough_resources", 0x8081, 0}, \
	{"bad_tcp_internal_error", 0x8082, 0}, {"bad_tcp_endpoint_url_invalid", 0x8083, 0}, \
	{"bad_secure_channel_closed", 0x8086, 0}, {"bad_invalid_argument", 0x80ab, 0}
// clang-format on

#endif
