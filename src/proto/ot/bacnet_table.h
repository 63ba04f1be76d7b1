/* SPDX-License-Identifier: Apache-2.0 */
/* Services, objects, properties and errors of BACnet (ASHRAE 135), as entries of struct
 * ot_name. */
#ifndef DWELL_PROTO_BACNET_TABLE_H
#define DWELL_PROTO_BACNET_TABLE_H

// clang-format off
#define BACNET_CONFIRMED \
	{"acknowledge_alarm", 0, OT_CONTROL}, {"confirmed_cov_notification", 1, OT_REPORT}, \
	{"confirmed_event_notification", 2, OT_REPORT}, {"get_alarm_summary", 3, OT_READ}, \
	{"get_enrollment_summary", 4, OT_READ}, {"subscribe_cov", 5, OT_READ}, \
	{"atomic_read_file", 6, OT_FILE}, {"atomic_write_file", 7, OT_FILE}, \
	{"add_list_element", 8, OT_WRITE}, {"remove_list_element", 9, OT_WRITE}, \
	{"create_object", 10, OT_PROGRAM}, {"delete_object", 11, OT_PROGRAM}, \
	{"read_property", 12, OT_READ}, {"read_property_conditional", 13, OT_READ}, \
	{"read_property_multiple", 14, OT_READ}, {"write_property", 15, OT_WRITE}, \
	{"write_property_multiple", 16, OT_WRITE}, {"device_communication_control", 17, OT_MODE}, \
	{"confirmed_private_transfer", 18, OT_OTHER}, {"confirmed_text_message", 19, OT_OTHER}, \
	{"reinitialize_device", 20, OT_MODE}, {"vt_open", 21, OT_SESSION}, {"vt_close", 22, OT_SESSION}, \
	{"vt_data", 23, OT_OTHER}, {"authenticate", 24, OT_SESSION}, {"request_key", 25, OT_SESSION}, \
	{"read_range", 26, OT_READ}, {"life_safety_operation", 27, OT_CONTROL}, \
	{"subscribe_cov_property", 28, OT_READ}, {"get_event_information", 29, OT_READ}, \
	{"subscribe_cov_property_multiple", 30, OT_READ}, \
	{"confirmed_cov_notification_multiple", 31, OT_REPORT}, \
	{"confirmed_audit_notification", 32, OT_REPORT}, {"audit_log_query", 33, OT_READ}

#define BACNET_UNCONFIRMED \
	{"i_am", 0, OT_DISCOVERY}, {"i_have", 1, OT_DISCOVERY}, \
	{"unconfirmed_cov_notification", 2, OT_REPORT}, {"unconfirmed_event_notification", 3, OT_REPORT}, \
	{"unconfirmed_private_transfer", 4, OT_OTHER}, {"unconfirmed_text_message", 5, OT_OTHER}, \
	{"time_synchronization", 6, OT_TIME}, {"who_has", 7, OT_DISCOVERY}, {"who_is", 8, OT_DISCOVERY}, \
	{"utc_time_synchronization", 9, OT_TIME}, {"write_group", 10, OT_WRITE}, \
	{"unconfirmed_cov_notification_multiple", 11, OT_REPORT}, \
	{"unconfirmed_audit_notification", 12, OT_REPORT}, {"who_am_i", 13, OT_DISCOVERY}, \
	{"you_are", 14, OT_PROGRAM}

#define BACNET_BVLC \
	{"bvlc_result", 0, OT_OTHER}, {"write_broadcast_distribution_table", 1, OT_PROGRAM}, \
	{"read_broadcast_distribution_table", 2, OT_DISCOVERY}, \
	{"read_broadcast_distribution_table_ack", 3, OT_DISCOVERY}, {"forwarded_npdu", 4, OT_OTHER}, \
	{"register_foreign_device", 5, OT_SESSION}, {"read_foreign_device_table", 6, OT_DISCOVERY}, \
	{"read_foreign_device_table_ack", 7, OT_DISCOVERY}, \
	{"delete_foreign_device_table_entry", 8, OT_PROGRAM}, \
	{"distribute_broadcast_to_network", 9, OT_OTHER}, {"original_unicast_npdu", 10, OT_OTHER}, \
	{"original_broadcast_npdu", 11, OT_OTHER}, {"secure_bvll", 12, OT_OTHER}

#define BACNET_NETWORK \
	{"who_is_router_to_network", 0, OT_DISCOVERY}, {"i_am_router_to_network", 1, OT_DISCOVERY}, \
	{"i_could_be_router_to_network", 2, OT_DISCOVERY}, {"reject_message_to_network", 3, OT_OTHER}, \
	{"router_busy_to_network", 4, OT_OTHER}, {"router_available_to_network", 5, OT_OTHER}, \
	{"initialize_routing_table", 6, OT_PROGRAM}, {"initialize_routing_table_ack", 7, OT_PROGRAM}, \
	{"establish_connection_to_network", 8, OT_SESSION}, \
	{"disconnect_connection_to_network", 9, OT_SESSION}, {"what_is_network_number", 18, OT_DISCOVERY}, \
	{"network_number_is", 19, OT_DISCOVERY}

#define BACNET_OBJECTS \
	{"analog_input", 0, 0}, {"analog_output", 1, 0}, {"analog_value", 2, 0}, {"binary_input", 3, 0}, \
	{"binary_output", 4, 0}, {"binary_value", 5, 0}, {"calendar", 6, 0}, {"command", 7, 0}, \
	{"device", 8, 0}, {"event_enrollment", 9, 0}, {"file", 10, 0}, {"group", 11, 0}, {"loop", 12, 0}, \
	{"multi_state_input", 13, 0}, {"multi_state_output", 14, 0}, {"notification_class", 15, 0}, \
	{"program", 16, 0}, {"schedule", 17, 0}, {"averaging", 18, 0}, {"multi_state_value", 19, 0}, \
	{"trend_log", 20, 0}, {"life_safety_point", 21, 0}, {"life_safety_zone", 22, 0}, \
	{"accumulator", 23, 0}, {"pulse_converter", 24, 0}, {"event_log", 25, 0}, {"global_group", 26, 0}, \
	{"trend_log_multiple", 27, 0}, {"load_control", 28, 0}, {"structured_view", 29, 0}, \
	{"access_door", 30, 0}, {"timer", 31, 0}, {"network_port", 56, 0}

#define BACNET_PROPERTIES \
	{"active_text", 4, 0}, {"all", 8, 0}, {"apdu_timeout", 11, 0}, \
	{"application_software_version", 12, 0}, {"notification_class", 17, 0}, {"cov_increment", 22, 0}, \
	{"deadband", 25, 0}, {"description", 28, 0}, {"device_address_binding", 30, 0}, \
	{"device_type", 31, 0}, {"effective_period", 33, 0}, {"event_enable", 35, 0}, \
	{"event_state", 36, 0}, {"exception_schedule", 38, 0}, {"firmware_revision", 44, 0}, \
	{"high_limit", 45, 0}, {"local_date", 56, 0}, {"local_time", 57, 0}, {"location", 58, 0}, \
	{"low_limit", 59, 0}, {"max_apdu_length_accepted", 62, 0}, {"max_pres_value", 65, 0}, \
	{"min_pres_value", 69, 0}, {"model_name", 70, 0}, {"number_of_states", 74, 0}, \
	{"object_identifier", 75, 0}, {"object_list", 76, 0}, {"object_name", 77, 0}, \
	{"object_type", 79, 0}, {"optional", 80, 0}, {"out_of_service", 81, 0}, {"polarity", 84, 0}, \
	{"present_value", 85, 0}, {"priority_array", 87, 0}, {"protocol_object_types_supported", 96, 0}, \
	{"protocol_services_supported", 97, 0}, {"protocol_version", 98, 0}, {"reliability", 103, 0}, \
	{"relinquish_default", 104, 0}, {"required", 105, 0}, {"resolution", 106, 0}, \
	{"segmentation_supported", 107, 0}, {"state_text", 110, 0}, {"status_flags", 111, 0}, \
	{"system_status", 112, 0}, {"time_of_state_count_reset", 115, 0}, {"units", 117, 0}, \
	{"vendor_identifier", 120, 0}, {"vendor_name", 121, 0}, {"weekly_schedule", 123, 0}, \
	{"log_buffer", 131, 0}, {"protocol_revision", 139, 0}, {"record_count", 141, 0}, \
	{"active_cov_subscriptions", 152, 0}, {"database_revision", 155, 0}

#define BACNET_ERRORS \
	{"error_other", 0, 0}, {"error_configuration_in_progress", 2, 0}, {"error_device_busy", 3, 0}, \
	{"error_dynamic_creation_not_supported", 4, 0}, {"error_file_access_denied", 5, 0}, \
	{"error_inconsistent_parameters", 7, 0}, {"error_invalid_data_type", 9, 0}, \
	{"error_invalid_file_access_method", 10, 0}, {"error_missing_required_parameter", 16, 0}, \
	{"error_no_objects_of_specified_type", 17, 0}, {"error_no_space_for_object", 18, 0}, \
	{"error_object_deletion_not_permitted", 23, 0}, {"error_password_failure", 26, 0}, \
	{"error_read_access_denied", 27, 0}, {"error_service_request_denied", 29, 0}, \
	{"error_unknown_object", 31, 0}, {"error_unknown_property", 32, 0}, \
	{"error_unknown_vt_class", 35, 0}, {"error_value_out_of_range", 37, 0}, \
	{"error_vt_session_already_closed", 38, 0}, {"error_write_access_denied", 40, 0}, \
	{"error_invalid_array_index", 42, 0}, {"error_cov_subscription_failed", 43, 0}, \
	{"error_not_cov_property", 44, 0}, {"error_optional_functionality_not_supported", 45, 0}, \
	{"error_property_is_not_an_array", 50, 0}, {"error_unknown_device", 70, 0}, \
	{"error_communication_disabled", 83, 0}

#define BACNET_REJECTS \
	{"reject_other", 0, 0}, {"reject_buffer_overflow", 1, 0}, {"reject_inconsistent_parameters", 2, 0}, \
	{"reject_invalid_parameter_data_type", 3, 0}, {"reject_invalid_tag", 4, 0}, \
	{"reject_missing_required_parameter", 5, 0}, {"reject_parameter_out_of_range", 6, 0}, \
	{"reject_too_many_arguments", 7, 0}, {"reject_undefined_enumeration", 8, 0}, \
	{"reject_unrecognized_service", 9, 0}

#define BACNET_ABORTS \
	{"abort_other", 0, 0}, {"abort_buffer_overflow", 1, 0}, \
	{"abort_invalid_apdu_in_this_state", 2, 0}, {"abort_preempted_by_higher_priority_task", 3, 0}, \
	{"abort_segmentation_not_supported", 4, 0}, {"abort_security_error", 5, 0}, \
	{"abort_insufficient_security", 6, 0}, {"abort_window_size_out_of_range", 7, 0}, \
	{"abort_application_exceeded_reply_time", 8, 0}, {"abort_out_of_resources", 9, 0}, \
	{"abort_tsm_timeout", 10, 0}, {"abort_apdu_too_long", 11, 0}
// clang-format on

#endif
