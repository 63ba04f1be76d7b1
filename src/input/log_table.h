/* SPDX-License-Identifier: Apache-2.0 */
/* The logs that dwell reads: L(format). The first whose probe agrees reads the file, so
 * those with a magic number come before those that are guessed from their words. */
#ifndef DWELL_INPUT_LOG_TABLE_H
#define DWELL_INPUT_LOG_TABLE_H

// clang-format off
#define LOG_FORMATS(L) \
	L(log_format_nfdump) \
	L(log_format_netflow) \
	L(log_format_ipfix) \
	L(log_format_zeek) \
	L(log_format_zeek_json) \
	L(log_format_eve) \
	L(log_format_csv)
// clang-format on

#endif
