/* SPDX-License-Identifier: Apache-2.0 */
#include "store/community_id.h"

#include <string.h>

#define IP_ICMP   1
#define IP_TCP    6
#define IP_UDP    17
#define IP_ICMPV6 58
#define IP_SCTP   132

#define INPUT_MAX (2 + 16 + 16 + 2 + 4)

int community_id_init(struct community_id *c, struct error *e)
{
	*c = (struct community_id){EVP_MD_fetch(NULL, "SHA1", NULL), EVP_MD_CTX_new()};
	if (c->sha1 == NULL || c->ctx == NULL)
		return error_set(e, ERR_SYSTEM, "SHA-1 is not available");
	return 0;
}

void community_id_fini(struct community_id *c)
{
	EVP_MD_free(c->sha1);
	EVP_MD_CTX_free(c->ctx);
	*c = (struct community_id){0};
}

/* The type that answers a type of ICMP message; -1: none, so the message has a direction
 * that the identifier keeps. The pairs are those that Zeek knows. */
static int answer_to(uint8_t proto, unsigned type)
{
	static const uint8_t pairs[][3] = {{IP_ICMP, 0, 8}, {IP_ICMP, 9, 10},
	    {IP_ICMP, 13, 14}, {IP_ICMP, 15, 16}, {IP_ICMP, 17, 18},
	    {IP_ICMPV6, 128, 129}, {IP_ICMPV6, 130, 131}, {IP_ICMPV6, 133, 134},
	    {IP_ICMPV6, 135, 136}, {IP_ICMPV6, 139, 140}, {IP_ICMPV6, 144, 145}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (pairs[i][0] == proto && pairs[i][1] == type)
			return pairs[i][2];
		if (pairs[i][0] == proto && pairs[i][2] == type)
			return pairs[i][1];
	}
	return -1;
}

static uint8_t *put(uint8_t *o, const void *p, size_t n)
{
	memcpy(o, p, n);
	return o + n;
}

static uint8_t *put_u16(uint8_t *o, unsigned v)
{
	*o++ = (uint8_t)(v >> 8);
	*o++ = (uint8_t)v;
	return o;
}

/* What is hashed; its length. */
static size_t write_input(const struct community_flow *f, uint8_t *out)
{
	bool icmp = f->proto == IP_ICMP || f->proto == IP_ICMPV6;
	bool ports =
	    icmp || f->proto == IP_TCP || f->proto == IP_UDP || f->proto == IP_SCTP;
	unsigned from = f->src_port, to = f->dst_port;
	int answer = icmp ? answer_to(f->proto, from) : -1;
	if (answer >= 0)
		to = (unsigned)answer;
	int order = addr_cmp(&f->src, &f->dst);
	bool swap =
	    (!icmp || answer >= 0) && (order > 0 || (order == 0 && ports && from > to));
	const struct addr *low = swap ? &f->dst : &f->src;
	const struct addr *high = swap ? &f->src : &f->dst;
	size_t skip = addr_is_v4(&f->src) ? 12 : 0;
	uint8_t *o = put_u16(out, f->seed);
	o = put(o, low->b + skip, 16 - skip);
	o = put(o, high->b + skip, 16 - skip);
	*o++ = f->proto;
	*o++ = 0;
	if (ports) {
		o = put_u16(o, swap ? to : from);
		o = put_u16(o, swap ? from : to);
	}
	return (size_t)(o - out);
}

bool community_id_write(struct community_id *c, const struct community_flow *f,
    char out[static COMMUNITY_ID_CHARS + 1])
{
	uint8_t input[INPUT_MAX], digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (addr_is_v4(&f->src) != addr_is_v4(&f->dst))
		return false;
	if (EVP_DigestInit_ex2(c->ctx, c->sha1, NULL) != 1 ||
	    EVP_DigestUpdate(c->ctx, input, write_input(f, input)) != 1 ||
	    EVP_DigestFinal_ex(c->ctx, digest, &n) != 1)
		return false;
	memcpy(out, "1:", 2);
	EVP_EncodeBlock((unsigned char *)out + 2, digest, 20);
	return true;
}
