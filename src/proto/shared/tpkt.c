/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/tpkt.h"

enum {
	TPKT_VERSION = 3,
	COTP_LI_MAX = 254, /* bytes of the longest TPDU header: 255 is reserved */
	COTP_DT_LI = 2,    /* length of the header of DT in class 0 */
	COTP_CR_LI = 6,    /* length of the fixed part of CR, CC and DR */
};

ssize_t tpkt_length(struct bytes b)
{
	if (b.left > 0 && b.pos[0] != TPKT_VERSION)
		return -1;
	if (b.left > 1 && b.pos[1] != 0)
		return -1;
	if (b.left < TPKT_BYTES)
		return 0;
	size_t n = load_be16(b.pos + 2);
	return n < TPKT_BYTES + 1 + COTP_DT_LI ? -1 : (ssize_t)n;
}

bool tpkt_read(struct bytes packet, struct tpdu *out)
{
	*out = (struct tpdu){.code = COTP_NONE};
	bytes_skip(&packet, TPKT_BYTES);
	size_t li = bytes_u8(&packet);
	struct bytes header = bytes_sub(&packet, li);
	unsigned code = bytes_u8(&header);
	if (header.bad || li > COTP_LI_MAX)
		return false;
	if (code == COTP_DT && li == COTP_DT_LI) {
		out->code = COTP_DT;
		out->eot = (bytes_u8(&header) & 0x80) != 0;
		out->data = packet;
		return true;
	}
	/* The low four bits of CR and CC are the initial credit. */
	code = code == COTP_DR ? code : code & 0xf0;
	if ((code != COTP_CR && code != COTP_CC && code != COTP_DR) || li < COTP_CR_LI)
		return false;
	out->code = (enum cotp_code)code;
	out->dst_ref = bytes_be16(&header);
	out->src_ref = bytes_be16(&header);
	bytes_skip(&header, 1);
	out->parameters = header;
	return true;
}

struct bytes tpdu_parameter(const struct tpdu *t, uint8_t type)
{
	struct bytes b = t->parameters;
	while (b.left > 0) {
		uint8_t got = bytes_u8(&b);
		size_t n = bytes_u8(&b);
		struct bytes value = bytes_sub(&b, n);
		if (got == type && !value.bad)
			return value;
	}
	return (struct bytes){.bad = true};
}

int tpkt_first_data(struct bytes b, struct tpdu *out)
{
	for (;;) {
		ssize_t n = tpkt_length(b);
		if (n < 0)
			return -1;
		/* The code is enough to refuse what is no TPDU without waiting for it. */
		if (b.left > TPKT_BYTES + 1 && b.pos[5] != COTP_DT &&
		    b.pos[5] >> 4 != COTP_CR >> 4 && b.pos[5] >> 4 != COTP_CC >> 4)
			return -1;
		if (n == 0 || (size_t)n > b.left)
			return 0;
		if (!tpkt_read(bytes_sub(&b, (size_t)n), out))
			return -1;
		if (out->code == COTP_DT && out->data.left > 0)
			return 1;
	}
}
