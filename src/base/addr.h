/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IP address, and a network of them. IPv4 is kept as the IPv4-mapped IPv6 address
 * ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so one comparison and one hash serve both families.
 */
#ifndef DWELL_BASE_ADDR_H
#define DWELL_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ADDR_TEXT_MAX 46 /* bytes of the longest address as text, its NUL included */

struct addr {
	uint8_t b[16];
};

struct net {
	struct addr addr;
	unsigned bits; /* 0..128, counted in the mapped form: an IPv4 /8 is 104 */
};

/* The address of the 4 bytes at p, network order. */
static inline struct addr addr_from_v4(const uint8_t *p)
{
	struct addr a = {.b = {[10] = 0xff, [11] = 0xff}};
	memcpy(a.b + 12, p, 4);
	return a;
}

/* The address of the 16 bytes at p, network order. */
static inline struct addr addr_from_v6(const uint8_t *p)
{
	struct addr a;
	memcpy(a.b, p, sizeof(a.b));
	return a;
}

/* Whether the address is an IPv4 one. */
bool addr_is_v4(const struct addr *a);

/* Whether it is no address at all (all zero, as in an unset record field). */
bool addr_is_unset(const struct addr *a);

/* Whether it names a group or everybody: IPv4 and IPv6 multicast, 255.255.255.255. */
bool addr_is_multicast(const struct addr *a);

/* Order of two addresses, as memcmp. */
static inline int addr_cmp(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

/* Whether both are the same address. */
static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_cmp(a, b) == 0;
}

/* Write the address as text (RFC 5952 for IPv6),
 * NUL-terminated; the length without NUL. */
size_t addr_text(const struct addr *a, char out[static ADDR_TEXT_MAX]);

/* Read an IPv4 address from the n bytes at p: four decimal numbers without leading zeros;
 * false, with *a as it was, when it is none. */
bool addr_parse_v4(const char *p, size_t n, struct addr *a);

/* Read an address from NUL-terminated text; false, with *a unset, when it is none. */
bool addr_parse(const char *text, struct addr *a);

/* Read ADDRESS or ADDRESS/BITS from NUL-terminated text; false when it is no network. */
bool net_parse(const char *text, struct net *n);

#define NET_PRIVATE 6 /* networks that are nobody's alone */

/* Those networks: RFC 1918, link-local (RFC 3927, RFC 4291), unique local (RFC 4193). */
void net_private(struct net out[static NET_PRIVATE]);

/* Whether the address lies in the network. */
bool net_contains(const struct net *n, const struct addr *a);

#endif
