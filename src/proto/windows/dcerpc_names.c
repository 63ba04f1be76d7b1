/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "proto/windows/dcerpc.h"
#include "proto/windows/dcerpc_table.h"

#define UUID_BYTES 16
#define UUID_TEXT  36

struct interface {
	const char *name;
	const char *uuid;
	const char *const *operations;
	size_t operation_n;
};

static const struct interface interfaces[] = {
#define I(name, uuid, ops) {name, uuid, ops, sizeof(ops) / sizeof((ops)[0])},
    DCERPC_INTERFACES(I)
#undef I
};

/* The UUID as the tables write it: the first three numbers with their least byte first on
 * the wire. */
static void text_of(const uint8_t u[static UUID_BYTES], char out[static UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	static const uint8_t order[UUID_BYTES] = {
	    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	size_t n = 0;
	for (int i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		out[n++] = digits[u[order[i]] >> 4];
		out[n++] = digits[u[order[i]] & 15];
	}
}

const char *dcerpc_interface(
    const uint8_t uuid[static UUID_BYTES], unsigned opnum, const char **operation)
{
	char text[UUID_TEXT];
	text_of(uuid, text);
	*operation = NULL;
	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++) {
		const struct interface *f = &interfaces[i];
		if (memcmp(f->uuid, text, UUID_TEXT) != 0)
			continue;
		if (opnum < f->operation_n)
			*operation = f->operations[opnum];
		return f->name;
	}
	return NULL;
}
