/* SPDX-License-Identifier: Apache-2.0 */
/* Services and errors of MMS (ISO 9506-2), as entries of struct ot_name. */
#ifndef DWELL_PROTO_MMS_TABLE_H
#define DWELL_PROTO_MMS_TABLE_H

enum mms_service { MMS_READ = 4, MMS_WRITE = 5 };

// clang-format off
#define MMS_SERVICES \
	{0, "status", OT_DIAGNOSTIC}, {1, "get_name_list", OT_DISCOVERY}, \
	{2, "identify", OT_DISCOVERY}, {3, "rename", OT_PROGRAM}, {4, "read", OT_READ}, \
	{5, "write", OT_WRITE}, {6, "get_variable_access_attributes", OT_DISCOVERY}, \
	{7, "define_named_variable", OT_PROGRAM}, {8, "define_scattered_access", OT_PROGRAM}, \
	{9, "get_scattered_access_attributes", OT_DISCOVERY}, \
	{10, "delete_variable_access", OT_PROGRAM}, {11, "define_named_variable_list", OT_PROGRAM}, \
	{12, "get_named_variable_list_attributes", OT_DISCOVERY}, \
	{13, "delete_named_variable_list", OT_PROGRAM}, {14, "define_named_type", OT_PROGRAM}, \
	{15, "get_named_type_attributes", OT_DISCOVERY}, {16, "delete_named_type", OT_PROGRAM}, \
	{17, "input", OT_READ}, {18, "output", OT_WRITE}, {19, "take_control", OT_SESSION}, \
	{20, "relinquish_control", OT_SESSION}, {21, "define_semaphore", OT_PROGRAM}, \
	{22, "delete_semaphore", OT_PROGRAM}, {23, "report_semaphore_status", OT_DIAGNOSTIC}, \
	{24, "report_pool_semaphore_status", OT_DIAGNOSTIC}, \
	{25, "report_semaphore_entry_status", OT_DIAGNOSTIC}, \
	{26, "initiate_download_sequence", OT_PROGRAM}, {27, "download_segment", OT_PROGRAM}, \
	{28, "terminate_download_sequence", OT_PROGRAM}, {29, "initiate_upload_sequence", OT_PROGRAM}, \
	{30, "upload_segment", OT_PROGRAM}, {31, "terminate_upload_sequence", OT_PROGRAM}, \
	{32, "request_domain_download", OT_PROGRAM}, {33, "request_domain_upload", OT_PROGRAM}, \
	{34, "load_domain_content", OT_PROGRAM}, {35, "store_domain_content", OT_PROGRAM}, \
	{36, "delete_domain", OT_PROGRAM}, {37, "get_domain_attributes", OT_DISCOVERY}, \
	{38, "create_program_invocation", OT_PROGRAM}, {39, "delete_program_invocation", OT_PROGRAM}, \
	{40, "start", OT_MODE}, {41, "stop", OT_MODE}, {42, "resume", OT_MODE}, {43, "reset", OT_MODE}, \
	{44, "kill", OT_MODE}, {45, "get_program_invocation_attributes", OT_DISCOVERY}, \
	{46, "obtain_file", OT_FILE}, {47, "define_event_condition", OT_PROGRAM}, \
	{48, "delete_event_condition", OT_PROGRAM}, {49, "get_event_condition_attributes", OT_DISCOVERY}, \
	{50, "report_event_condition_status", OT_DIAGNOSTIC}, \
	{51, "alter_event_condition_monitoring", OT_PROGRAM}, {52, "trigger_event", OT_CONTROL}, \
	{53, "define_event_action", OT_PROGRAM}, {54, "delete_event_action", OT_PROGRAM}, \
	{55, "get_event_action_attributes", OT_DISCOVERY}, {56, "report_event_action_status", OT_DIAGNOSTIC}, \
	{57, "define_event_enrollment", OT_PROGRAM}, {58, "delete_event_enrollment", OT_PROGRAM}, \
	{59, "alter_event_enrollment", OT_PROGRAM}, {60, "report_event_enrollment_status", OT_DIAGNOSTIC}, \
	{61, "get_event_enrollment_attributes", OT_DISCOVERY}, \
	{62, "acknowledge_event_notification", OT_CONTROL}, {63, "get_alarm_summary", OT_READ}, \
	{64, "get_alarm_enrollment_summary", OT_READ}, {65, "read_journal", OT_READ}, \
	{66, "write_journal", OT_WRITE}, {67, "initialize_journal", OT_WRITE}, \
	{68, "report_journal_status", OT_DIAGNOSTIC}, {69, "create_journal", OT_PROGRAM}, \
	{70, "delete_journal", OT_PROGRAM}, {71, "get_capability_list", OT_DISCOVERY}, \
	{72, "file_open", OT_FILE}, {73, "file_read", OT_FILE}, {74, "file_close", OT_FILE}, \
	{75, "file_rename", OT_FILE}, {76, "file_delete", OT_FILE}, {77, "file_directory", OT_FILE}

#define MMS_ERROR_CLASSES \
	{0, "vmd_state", 0}, {1, "application_reference", 0}, {2, "definition", 0}, {3, "resource", 0}, \
	{4, "service", 0}, {5, "service_preempt", 0}, {6, "time_resolution", 0}, {7, "access", 0}, \
	{8, "initiate", 0}, {9, "conclude", 0}, {10, "cancel", 0}, {11, "file", 0}, {12, "others", 0}

#define MMS_ACCESS_ERRORS \
	{0, "object_invalidated", 0}, {1, "hardware_fault", 0}, {2, "temporarily_unavailable", 0}, \
	{3, "object_access_denied", 0}, {4, "object_undefined", 0}, {5, "invalid_address", 0}, \
	{6, "type_unsupported", 0}, {7, "type_inconsistent", 0}, \
	{8, "object_attribute_inconsistent", 0}, {9, "object_access_unsupported", 0}, \
	{10, "object_non_existent", 0}, {11, "object_value_invalid", 0}
// clang-format on

#endif
