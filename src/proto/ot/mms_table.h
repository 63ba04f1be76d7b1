/* SPDX-License-Identifier: Apache-2.0 */
/* Services and errors of MMS (ISO 9506-2), as entries of struct ot_name. */
#ifndef DWELL_PROTO_MMS_TABLE_H
#define DWELL_PROTO_MMS_TABLE_H

enum mms_service { MMS_READ = 4, MMS_WRITE = 5 };

// clang-format off
#define MMS_SERVICES \
	{"status", 0, OT_DIAGNOSTIC}, {"get_name_list", 1, OT_DISCOVERY}, \
	{"identify", 2, OT_DISCOVERY}, {"rename", 3, OT_PROGRAM}, {"read", 4, OT_READ}, \
	{"write", 5, OT_WRITE}, {"get_variable_access_attributes", 6, OT_DISCOVERY}, \
	{"define_named_variable", 7, OT_PROGRAM}, {"define_scattered_access", 8, OT_PROGRAM}, \
	{"get_scattered_access_attributes", 9, OT_DISCOVERY}, \
	{"delete_variable_access", 10, OT_PROGRAM}, {"define_named_variable_list", 11, OT_PROGRAM}, \
	{"get_named_variable_list_attributes", 12, OT_DISCOVERY}, \
	{"delete_named_variable_list", 13, OT_PROGRAM}, {"define_named_type", 14, OT_PROGRAM}, \
	{"get_named_type_attributes", 15, OT_DISCOVERY}, {"delete_named_type", 16, OT_PROGRAM}, \
	{"input", 17, OT_READ}, {"output", 18, OT_WRITE}, {"take_control", 19, OT_SESSION}, \
	{"relinquish_control", 20, OT_SESSION}, {"define_semaphore", 21, OT_PROGRAM}, \
	{"delete_semaphore", 22, OT_PROGRAM}, {"report_semaphore_status", 23, OT_DIAGNOSTIC}, \
	{"report_pool_semaphore_status", 24, OT_DIAGNOSTIC}, \
	{"report_semaphore_entry_status", 25, OT_DIAGNOSTIC}, \
	{"initiate_download_sequence", 26, OT_PROGRAM}, {"download_segment", 27, OT_PROGRAM}, \
	{"terminate_download_sequence", 28, OT_PROGRAM}, {"initiate_upload_sequence", 29, OT_PROGRAM}, \
	{"upload_segment", 30, OT_PROGRAM}, {"terminate_upload_sequence", 31, OT_PROGRAM}, \
	{"request_domain_download", 32, OT_PROGRAM}, {"request_domain_upload", 33, OT_PROGRAM}, \
	{"load_domain_content", 34, OT_PROGRAM}, {"store_domain_content", 35, OT_PROGRAM}, \
	{"delete_domain", 36, OT_PROGRAM}, {"get_domain_attributes", 37, OT_DISCOVERY}, \
	{"create_program_invocation", 38, OT_PROGRAM}, {"delete_program_invocation", 39, OT_PROGRAM}, \
	{"start", 40, OT_MODE}, {"stop", 41, OT_MODE}, {"resume", 42, OT_MODE}, {"reset", 43, OT_MODE}, \
	{"kill", 44, OT_MODE}, {"get_program_invocation_attributes", 45, OT_DISCOVERY}, \
	{"obtain_file", 46, OT_FILE}, {"define_event_condition", 47, OT_PROGRAM}, \
	{"delete_event_condition", 48, OT_PROGRAM}, {"get_event_condition_attributes", 49, OT_DISCOVERY}, \
	{"report_event_condition_status", 50, OT_DIAGNOSTIC}, \
	{"alter_event_condition_monitoring", 51, OT_PROGRAM}, {"trigger_event", 52, OT_CONTROL}, \
	{"define_event_action", 53, OT_PROGRAM}, {"delete_event_action", 54, OT_PROGRAM}, \
	{"get_event_action_attributes", 55, OT_DISCOVERY}, {"report_event_action_status", 56, OT_DIAGNOSTIC}, \
	{"define_event_enrollment", 57, OT_PROGRAM}, {"delete_event_enrollment", 58, OT_PROGRAM}, \
	{"alter_event_enrollment", 59, OT_PROGRAM}, {"report_event_enrollment_status", 60, OT_DIAGNOSTIC}, \
	{"get_event_enrollment_attributes", 61, OT_DISCOVERY}, \
	{"acknowledge_event_notification", 62, OT_CONTROL}, {"get_alarm_summary", 63, OT_READ}, \
	{"get_alarm_enrollment_summary", 64, OT_READ}, {"read_journal", 65, OT_READ}, \
	{"write_journal", 66, OT_WRITE}, {"initialize_journal", 67, OT_WRITE}, \
	{"report_journal_status", 68, OT_DIAGNOSTIC}, {"create_journal", 69, OT_PROGRAM}, \
	{"delete_journal", 70, OT_PROGRAM}, {"get_capability_list", 71, OT_DISCOVERY}, \
	{"file_open", 72, OT_FILE}, {"file_read", 73, OT_FILE}, {"file_close", 74, OT_FILE}, \
	{"file_rename", 75, OT_FILE}, {"file_delete", 76, OT_FILE}, {"file_directory", 77, OT_FILE}

#define MMS_ERROR_CLASSES \
	{"vmd_state", 0, 0}, {"application_reference", 1, 0}, {"definition", 2, 0}, {"resource", 3, 0}, \
	{"service", 4, 0}, {"service_preempt", 5, 0}, {"time_resolution", 6, 0}, {"access", 7, 0}, \
	{"initiate", 8, 0}, {"conclude", 9, 0}, {"cancel", 10, 0}, {"file", 11, 0}, {"others", 12, 0}

#define MMS_ACCESS_ERRORS \
	{"object_invalidated", 0, 0}, {"hardware_fault", 1, 0}, {"temporarily_unavailable", 2, 0}, \
	{"object_access_denied", 3, 0}, {"object_undefined", 4, 0}, {"invalid_address", 5, 0}, \
	{"type_unsupported", 6, 0}, {"type_inconsistent", 7, 0}, \
	{"object_attribute_inconsistent", 8, 0}, {"object_access_unsupported", 9, 0}, \
	{"object_non_existent", 10, 0}, {"object_value_invalid", 11, 0}
// clang-format on

#endif
