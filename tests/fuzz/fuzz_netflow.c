/* SPDX-License-Identifier: Apache-2.0 */
/* Files of NetFlow datagrams: where they begin and end, and what is in them. */
#include "fuzz_netflow_file.h"

extern const struct log_format log_format_netflow;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_netflow_file(&log_format_netflow, data, size);
}
