/* SPDX-License-Identifier: Apache-2.0 */
/* Services, objects, properties and errors of BACnet (ASHRAE 135), as entries of struct
 * ot_name. */
#ifndef DWELL_PROTO_BACNET_TABLE_H
#define DWELL_PROTO_BACNET_TABLE_H

// clang-format off
#define BACNET_CONFIRMED \
	{0, "acknowledge_alarm", OT_CONTROL}, {1, "confirmed_cov_notification", OT_REPORT}, \
	{2, "confirmed_event_notification", OT_REPORT}, {3, "get_alarm_summary", OT_READ}, \
	{4, "get_enrollment_summary", OT_READ}, {5, "subscribe_cov", OT_READ}, \
	{6, "atomic_read_file", OT_FILE}, {7, "atomic_write_file", OT_FILE}, \
	{8, "add_list_element", OT_WRITE}, {9, "remove_list_element", OT_WRITE}, \
	{10, "create_object", OT_PROGRAM}, {11, "delete_object", OT_PROGRAM}, \
	{12, "read_property", OT_READ}, {13, "read_property_conditional", OT_READ}, \
	{14, "read_property_multiple", OT_READ}, {15, "write_property", OT_WRITE}, \
	{16, "write_property_multiple", OT_WRITE}, {17, "device_communication_control", OT_MODE}, \
	{18, "confirmed_private_transfer", OT_OTHER}, {19, "confirmed_text_message", OT_OTHER}, \
	{20, "reinitialize_device", OT_MODE}, {21, "vt_open", OT_SESSION}, {22, "vt_close", OT_SESSION}, \
	{23, "vt_data", OT_OTHER}, {24, "authenticate", OT_SESSION}, {25, "request_key", OT_SESSION}, \
	{26, "read_range", OT_READ}, {27, "life_safety_operation", OT_CONTROL}, \
	{28, "subscribe_cov_property", OT_READ}, {29, "get_event_information", OT_READ}, \
	{30, "subscribe_cov_property_multiple", OT_READ}, \
	{31, "confirmed_cov_notification_multiple", OT_REPORT}, \
	{32, "confirmed_audit_notification", OT_REPORT}, {33, "audit_log_query", OT_READ}

#define BACNET_UNCONFIRMED \
	{0, "i_am", OT_DISCOVERY}, {1, "i_have", OT_DISCOVERY}, \
	{2, "unconfirmed_cov_notification", OT_REPORT}, {3, "unconfirmed_event_notification", OT_REPORT}, \
	{4, "unconfirmed_private_transfer", OT_OTHER}, {5, "unconfirmed_text_message", OT_OTHER}, \
	{6, "time_synchronization", OT_TIME}, {7, "who_has", OT_DISCOVERY}, {8, "who_is", OT_DISCOVERY}, \
	{9, "utc_time_synchronization", OT_TIME}, {10, "write_group", OT_WRITE}, \
	{11, "unconfirmed_cov_notification_multiple", OT_REPORT}, \
	{12, "unconfirmed_audit_notification", OT_REPORT}, {13, "who_am_i", OT_DISCOVERY}, \
	{14, "you_are", OT_PROGRAM}

#define BACNET_BVLC \
	{0, "bvlc_result", OT_OTHER}, {1, "write_broadcast_distribution_table", OT_PROGRAM}, \
	{2, "read_broadcast_distribution_table", OT_DISCOVERY}, \
	{3, "read_broadcast_distribution_table_ack", OT_DISCOVERY}, {4, "forwarded_npdu", OT_OTHER}, \
	{5, "register_foreign_device", OT_SESSION}, {6, "read_foreign_device_table", OT_DISCOVERY}, \
	{7, "read_foreign_device_table_ack", OT_DISCOVERY}, \
	{8, "delete_foreign_device_table_entry", OT_PROGRAM}, \
	{9, "distribute_broadcast_to_network", OT_OTHER}, {10, "original_unicast_npdu", OT_OTHER}, \
	{11, "original_broadcast_npdu", OT_OTHER}, {12, "secure_bvll", OT_OTHER}

#define BACNET_NETWORK \
	{0, "who_is_router_to_network", OT_DISCOVERY}, {1, "i_am_router_to_network", OT_DISCOVERY}, \
	{2, "i_could_be_router_to_network", OT_DISCOVERY}, {3, "reject_message_to_network", OT_OTHER}, \
	{4, "router_busy_to_network", OT_OTHER}, {5, "router_available_to_network", OT_OTHER}, \
	{6, "initialize_routing_table", OT_PROGRAM}, {7, "initialize_routing_table_ack", OT_PROGRAM}, \
	{8, "establish_connection_to_network", OT_SESSION}, \
	{9, "disconnect_connection_to_network", OT_SESSION}, {18, "what_is_network_number", OT_DISCOVERY}, \
	{19, "network_number_is", OT_DISCOVERY}

#define BACNET_OBJECTS \
	{0, "analog_input", 0}, {1, "analog_output", 0}, {2, "analog_value", 0}, {3, "binary_input", 0}, \
	{4, "binary_output", 0}, {5, "binary_value", 0}, {6, "calendar", 0}, {7, "command", 0}, \
	{8, "device", 0}, {9, "event_enrollment", 0}, {10, "file", 0}, {11, "group", 0}, {12, "loop", 0}, \
	{13, "multi_state_input", 0}, {14, "multi_state_output", 0}, {15, "notification_class", 0}, \
	{16, "program", 0}, {17, "schedule", 0}, {18, "averaging", 0}, {19, "multi_state_value", 0}, \
	{20, "trend_log", 0}, {21, "life_safety_point", 0}, {22, "life_safety_zone", 0}, \
	{23, "accumulator", 0}, {24, "pulse_converter", 0}, {25, "event_log", 0}, {26, "global_group", 0}, \
	{27, "trend_log_multiple", 0}, {28, "load_control", 0}, {29, "structured_view", 0}, \
	{30, "access_door", 0}, {31, "timer", 0}, {56, "network_port", 0}

#define BACNET_PROPERTIES \
	{4, "active_text", 0}, {8, "all", 0}, {11, "apdu_timeout", 0}, \
	{12, "application_software_version", 0}, {17, "notification_class", 0}, {22, "cov_increment", 0}, \
	{25, "deadband", 0}, {28, "description", 0}, {30, "device_address_binding", 0}, \
	{31, "device_type", 0}, {33, "effective_period", 0}, {35, "event_enable", 0}, \
	{36, "event_state", 0}, {38, "exception_schedule", 0}, {44, "firmware_revision", 0}, \
	{45, "high_limit", 0}, {56, "local_date", 0}, {57, "local_time", 0}, {58, "location", 0}, \
	{59, "low_limit", 0}, {62, "max_apdu_length_accepted", 0}, {65, "max_pres_value", 0}, \
	{69, "min_pres_value", 0}, {70, "model_name", 0}, {74, "number_of_states", 0}, \
	{75, "object_identifier", 0}, {76, "object_list", 0}, {77, "object_name", 0}, \
	{79, "object_type", 0}, {80, "optional", 0}, {81, "out_of_service", 0}, {84, "polarity", 0}, \
	{85, "present_value", 0}, {87, "priority_array", 0}, {96, "protocol_object_types_supported", 0}, \
	{97, "protocol_services_supported", 0}, {98, "protocol_version", 0}, {103, "reliability", 0}, \
	{104, "relinquish_default", 0}, {105, "required", 0}, {106, "resolution", 0}, \
	{107, "segmentation_supported", 0}, {110, "state_text", 0}, {111, "status_flags", 0}, \
	{112, "system_status", 0}, {115, "time_of_state_count_reset", 0}, {117, "units", 0}, \
	{120, "vendor_identifier", 0}, {121, "vendor_name", 0}, {123, "weekly_schedule", 0}, \
	{131, "log_buffer", 0}, {139, "protocol_revision", 0}, {141, "record_count", 0}, \
	{152, "active_cov_subscriptions", 0}, {155, "database_revision", 0}

#define BACNET_ERRORS \
	{0, "error_other", 0}, {2, "error_configuration_in_progress", 0}, {3, "error_device_busy", 0}, \
	{4, "error_dynamic_creation_not_supported", 0}, {5, "error_file_access_denied", 0}, \
	{7, "error_inconsistent_parameters", 0}, {9, "error_invalid_data_type", 0}, \
	{10, "error_invalid_file_access_method", 0}, {16, "error_missing_required_parameter", 0}, \
	{17, "error_no_objects_of_specified_type", 0}, {18, "error_no_space_for_object", 0}, \
	{23, "error_object_deletion_not_permitted", 0}, {26, "error_password_failure", 0}, \
	{27, "error_read_access_denied", 0}, {29, "error_service_request_denied", 0}, \
	{31, "error_unknown_object", 0}, {32, "error_unknown_property", 0}, \
	{35, "error_unknown_vt_class", 0}, {37, "error_value_out_of_range", 0}, \
	{38, "error_vt_session_already_closed", 0}, {40, "error_write_access_denied", 0}, \
	{42, "error_invalid_array_index", 0}, {43, "error_cov_subscription_failed", 0}, \
	{44, "error_not_cov_property", 0}, {45, "error_optional_functionality_not_supported", 0}, \
	{50, "error_property_is_not_an_array", 0}, {70, "error_unknown_device", 0}, \
	{83, "error_communication_disabled", 0}

#define BACNET_REJECTS \
	{0, "reject_other", 0}, {1, "reject_buffer_overflow", 0}, {2, "reject_inconsistent_parameters", 0}, \
	{3, "reject_invalid_parameter_data_type", 0}, {4, "reject_invalid_tag", 0}, \
	{5, "reject_missing_required_parameter", 0}, {6, "reject_parameter_out_of_range", 0}, \
	{7, "reject_too_many_arguments", 0}, {8, "reject_undefined_enumeration", 0}, \
	{9, "reject_unrecognized_service", 0}

#define BACNET_ABORTS \
	{0, "abort_other", 0}, {1, "abort_buffer_overflow", 0}, \
	{2, "abort_invalid_apdu_in_this_state", 0}, {3, "abort_preempted_by_higher_priority_task", 0}, \
	{4, "abort_segmentation_not_supported", 0}, {5, "abort_security_error", 0}, \
	{6, "abort_insufficient_security", 0}, {7, "abort_window_size_out_of_range", 0}, \
	{8, "abort_application_exceeded_reply_time", 0}, {9, "abort_out_of_resources", 0}, \
	{10, "abort_tsm_timeout", 0}, {11, "abort_apdu_too_long", 0}
// clang-format on

#endif
