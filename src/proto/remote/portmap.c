/* SPDX-License-Identifier: Apache-2.0 */
/* The port mapper (RFC 1833) and mount (RFC 1094, A; RFC 1813, 5): which program is
 * asked for, which folder is mounted. */
#include "proto/remote/rpc_call.h"

#define UADDR_MAX 128  /* bytes of an address as text */
#define PATH_MAX_ 1024 /* bytes of a path (MNTPATHLEN) */

enum { SET = 1, UNSET = 2, GETPORT = 3, GETVERSADDR = 9 };

static int64_t decimal(const uint8_t *p, size_t n)
{
	int64_t v = n > 0 && n <= 3 ? 0 : -1;
	for (size_t i = 0; i < n && v >= 0; i++)
		v = p[i] >= '0' && p[i] <= '9' ? 10 * v + (p[i] - '0') : -1;
	return v;
}

/* A universal address (RFC 5665, 5.2.3) ends with the port: … .high.low */
static int64_t uaddr_port(struct bytes b)
{
	size_t end = b.left, at = end;
	int64_t part[2] = {-1, -1};
	for (int i = 1; i >= 0; i--) {
		while (at > 0 && b.pos[at - 1] != '.')
			at--;
		if (at == 0)
			return -1;
		part[i] = decimal(b.pos + at, end - at);
		end = --at;
	}
	if (part[0] < 0 || part[1] < 0 || part[0] > 255 || part[1] > 255)
		return -1;
	return part[0] * 256 + part[1];
}

void portmap_call(struct parse *x, struct rpc_call *c, struct bytes b)
{
	bool old = c->version <= 2;
	bool asks = (c->procedure >= SET && c->procedure <= GETPORT) ||
		    (!old && c->procedure == GETVERSADDR);
	if (!asks)
		return;
	for (int i = 0; i < (old ? 3 : 2); i++)
		c->map[i] = bytes_be32(&b);
	uint32_t port = old ? bytes_be32(&b) : 0;
	if (!old) {
		struct bytes netid = xdr_opaque(&b, UADDR_MAX);
		struct bytes addr = xdr_opaque(&b, UADDR_MAX);
		if (b.bad)
			return;
		kept_set(x, &c->new_name, netid);
		if (c->procedure == SET)
			c->port = uaddr_port(addr);
	}
	if (b.bad)
		return;
	c->mapping = true;
	if (old && c->procedure == SET)
		c->port = port <= UINT16_MAX ? (int64_t)port : -1;
}

void portmap_reply(struct rpc_call *c, struct bytes b)
{
	bool old = c->version <= 2;
	if (c->procedure != GETPORT && (old || c->procedure != GETVERSADDR))
		return;
	if (old) {
		uint32_t port = bytes_be32(&b);
		if (!b.bad && port <= UINT16_MAX)
			c->port = port;
		return;
	}
	struct bytes addr = xdr_opaque(&b, UADDR_MAX);
	if (!b.bad)
		c->port = uaddr_port(addr);
}

void mount_call(struct parse *x, struct rpc_call *c, struct bytes b)
{
	if (c->procedure != 1 && c->procedure != 3)
		return;
	struct bytes path = xdr_opaque(&b, PATH_MAX_);
	if (!path.bad)
		kept_set(x, &c->file, path);
}
