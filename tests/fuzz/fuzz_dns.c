/* SPDX-License-Identifier: Apache-2.0 */
/* One DNS message: the first byte says which kind of names it has. */
#include <stdlib.h>

#include "proto/net/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = size > 1 ? malloc(size - 1) : NULL;
	if (exact == NULL)
		return 0;
	memcpy(exact, data + 1, size - 1);
	struct arena a;
	struct dns_message m;
	arena_init(&a, 1 << 20);
	struct bytes whole = bytes_over(exact, size - 1);
	dns_message_read(whole, (enum dns_kind)(data[0] & 3), &a, &m);
	dns_message_plausible(whole);
	arena_fini(&a);
	free(exact);
	return 0;
}
