/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/asn1.h"

bool asn1_field(struct bytes content, unsigned n, struct der *e)
{
	struct der field;
	while (content.left > 0 && der_next(&content, &field)) {
		if (field.tag == (DER_CONSTRUCTED | n))
			return der_next(&field.content, e);
	}
	return false;
}

int64_t asn1_number(const struct der *e)
{
	bool negative;
	struct bytes b = der_integer(e->content, &negative);
	if ((e->tag != DER_INTEGER && e->tag != ASN1_ENUMERATED) || b.left == 0)
		return -1;
	if (b.left > 7)
		return -1;
	int64_t v = negative ? -1 : 0;
	while (b.left > 0)
		v = (int64_t)((uint64_t)v << 8 | bytes_u8(&b));
	return v;
}

int64_t asn1_field_number(struct bytes content, unsigned n)
{
	struct der e;
	return asn1_field(content, n, &e) ? asn1_number(&e) : -1;
}
