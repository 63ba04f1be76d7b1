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
	{422, "find_servers", OT_DISCOVERY}, {428, "get_endpoints", OT_DISCOVERY}, \
	{437, "register_server", OT_DISCOVERY}, {446, "open_secure_channel", OT_SESSION}, \
	{452, "close_secure_channel", OT_SESSION}, {461, "create_session", OT_SESSION}, \
	{467, "activate_session", OT_SESSION}, {473, "close_session", OT_SESSION}, \
	{479, "cancel", OT_SESSION}, {488, "add_nodes", OT_PROGRAM}, {494, "add_references", OT_PROGRAM}, \
	{500, "delete_nodes", OT_PROGRAM}, {506, "delete_references", OT_PROGRAM}, \
	{527, "browse", OT_DISCOVERY}, {533, "browse_next", OT_DISCOVERY}, \
	{554, "translate_browse_paths_to_node_ids", OT_DISCOVERY}, {560, "register_nodes", OT_SESSION}, \
	{566, "unregister_nodes", OT_SESSION}, {615, "query_first", OT_READ}, {621, "query_next", OT_READ}, \
	{631, "read", OT_READ}, {664, "history_read", OT_READ}, {673, "write", OT_WRITE}, \
	{700, "history_update", OT_WRITE}, {712, "call", OT_CONTROL}, \
	{751, "create_monitored_items", OT_READ}, {763, "modify_monitored_items", OT_READ}, \
	{769, "set_monitoring_mode", OT_READ}, {775, "set_triggering", OT_READ}, \
	{781, "delete_monitored_items", OT_READ}, {787, "create_subscription", OT_READ}, \
	{793, "modify_subscription", OT_READ}, {799, "set_publishing_mode", OT_READ}, \
	{826, "publish", OT_READ}, {832, "republish", OT_READ}, {841, "transfer_subscriptions", OT_READ}, \
	{847, "delete_subscriptions", OT_READ}, {12208, "find_servers_on_network", OT_DISCOVERY}, \
	{12211, "register_server_2", OT_DISCOVERY}

#define OPCUA_STATUSES \
	{0x8001, "bad_unexpected_error", 0}, {0x8002, "bad_internal_error", 0}, \
	{0x8003, "bad_out_of_memory", 0}, {0x8004, "bad_resource_unavailable", 0}, \
	{0x8005, "bad_communication_error", 0}, {0x8006, "bad_encoding_error", 0}, \
	{0x8007, "bad_decoding_error", 0}, {0x8008, "bad_encoding_limits_exceeded", 0}, \
	{0x800a, "bad_timeout", 0}, {0x800b, "bad_service_unsupported", 0}, {0x800c, "bad_shutdown", 0}, \
	{0x800d, "bad_server_not_connected", 0}, {0x800e, "bad_server_halted", 0}, \
	{0x800f, "bad_nothing_to_do", 0}, {0x8010, "bad_too_many_operations", 0}, \
	{0x8012, "bad_certificate_invalid", 0}, {0x8013, "bad_security_checks_failed", 0}, \
	{0x801a, "bad_certificate_untrusted", 0}, {0x801f, "bad_user_access_denied", 0}, \
	{0x8020, "bad_identity_token_invalid", 0}, {0x8021, "bad_identity_token_rejected", 0}, \
	{0x8022, "bad_secure_channel_id_invalid", 0}, {0x8023, "bad_invalid_timestamp", 0}, \
	{0x8024, "bad_nonce_invalid", 0}, {0x8025, "bad_session_id_invalid", 0}, \
	{0x8026, "bad_session_closed", 0}, {0x8027, "bad_session_not_activated", 0}, \
	{0x8028, "bad_subscription_id_invalid", 0}, {0x802a, "bad_request_header_invalid", 0}, \
	{0x8033, "bad_node_id_invalid", 0}, {0x8034, "bad_node_id_unknown", 0}, \
	{0x8054, "bad_security_mode_rejected", 0}, {0x8055, "bad_security_policy_rejected", 0}, \
	{0x8056, "bad_too_many_sessions", 0}, {0x8078, "bad_too_many_publish_requests", 0}, \
	{0x8079, "bad_no_subscription", 0}, {0x807d, "bad_tcp_server_too_busy", 0}, \
	{0x807e, "bad_tcp_message_type_invalid", 0}, {0x807f, "bad_tcp_secure_channel_unknown", 0}, \
	{0x8080, "bad_tcp_message_too_large", 0}, {0x8081, "bad_tcp_not_enough_resources", 0}, \
	{0x8082, "bad_tcp_internal_error", 0}, {0x8083, "bad_tcp_endpoint_url_invalid", 0}, \
	{0x8086, "bad_secure_channel_closed", 0}, {0x80ab, "bad_invalid_argument", 0}
// clang-format on

#endif
