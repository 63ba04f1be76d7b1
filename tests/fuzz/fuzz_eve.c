/* SPDX-License-Identifier: Apache-2.0 */
/* Suricata's EVE. */
#include "fuzz_log.h"

extern const struct log_format log_format_eve;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return play_log(&log_format_eve, NULL, data, size);
}
