/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/remote/ssh_kex.h"

#include <string.h>

#include "base/size.h"

#define COOKIE_BYTES 16
#define NAMES_TRIED  256 /* names of a client's list looked for in the server's */

bool ssh_lists_read(struct bytes payload, struct ssh_lists *out)
{
	if (bytes_u8(&payload) != 20 || !bytes_skip(&payload, COOKIE_BYTES))
		return false;
	for (int i = 0; i < SSH_LISTS; i++) {
		size_t n = bytes_be32(&payload);
		struct bytes list = bytes_sub(&payload, n);
		if (list.bad)
			return false;
		out->list[i] = (struct str){(const char *)list.pos, list.left};
	}
	return true;
}

void ssh_hassh(
    const struct ssh_lists *lists, bool server, char out[static DIGEST_TEXT_MAX])
{
	const enum ssh_list parts[] = {SSH_KEX, server ? SSH_CIPHER_S : SSH_CIPHER_C,
	    server ? SSH_MAC_S : SSH_MAC_C,
	    server ? SSH_COMPRESSION_S : SSH_COMPRESSION_C};
	struct digest_part v[7];
	size_t n = 0;
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			v[n++] = (struct digest_part){";", 1};
		v[n++] = (struct digest_part){
		    lists->list[parts[i]].p, lists->list[parts[i]].n};
	}
	digest_hex_parts(DIGEST_MD5, v, n, out);
}

/* Cut the first name off a list. */
static struct str next_name(struct str *list)
{
	const char *comma = list->n > 0 ? memchr(list->p, ',', list->n) : NULL;
	struct str name = *list;
	if (comma == NULL) {
		list->n = 0;
		return name;
	}
	name.n = (size_t)(comma - list->p);
	list->p += name.n + 1;
	list->n -= name.n + 1;
	return name;
}

struct str ssh_agreed(struct str client, struct str server)
{
	for (int tried = 0; client.n > 0 && tried < NAMES_TRIED; tried++) {
		struct str name = next_name(&client);
		struct str rest = server;
		for (int at = 0; rest.n > 0 && at < NAMES_TRIED; at++) {
			if (str_equal(next_name(&rest), name))
				return name;
		}
	}
	return (struct str){0};
}

void ssh_fingerprint(struct bytes key, char out[static SSH_FINGERPRINT_MAX])
{
	char hex[DIGEST_TEXT_MAX];
	size_t n = digest_hex(DIGEST_MD5, key.pos, key.left, hex);
	size_t at = 0;
	for (size_t i = 0; i + 1 < n; i += 2) {
		if (i > 0)
			out[at++] = ':';
		out[at++] = hex[i];
		out[at++] = hex[i + 1];
	}
	out[at] = '\0';
}
