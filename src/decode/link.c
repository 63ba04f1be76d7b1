/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include "base/bytes.h"
#include "input/linktype.h"

enum {
	LINK_ADDRESS = 6,
	TAG_VLAN = 0x8100, /* IEEE 802.1Q */
	TAG_QINQ = 0x88a8, /* IEEE 802.1ad */
	TAG_HSR = 0x892f,  /* IEC 62439-3: path and size 2, sequence 2 */
	TAG_VLAN_BYTES = 2,
	TAG_HSR_BYTES = 4,
};

bool link_read(const struct frame *f, struct link *l)
{
	if (f->link != LINKTYPE_ETHERNET || f->captured < f->fcs)
		return false;
	struct bytes b = bytes_over(f->data, f->captured - f->fcs);
	const uint8_t *dst = bytes_take(&b, LINK_ADDRESS);
	const uint8_t *src = bytes_take(&b, LINK_ADDRESS);
	unsigned type = bytes_be16(&b);
	for (int i = 0; i < LINK_TAGS_MAX; i++) {
		if (type != TAG_VLAN && type != TAG_QINQ && type != TAG_HSR)
			break;
		bytes_skip(&b, type == TAG_HSR ? TAG_HSR_BYTES : TAG_VLAN_BYTES);
		type = bytes_be16(&b);
	}
	if (b.bad || (type != LINK_PROFINET && type != LINK_GOOSE))
		return false;
	*l = (struct link){
	    .ts = f->ts,
	    .dst = dst,
	    .src = src,
	    .type = (uint16_t)type,
	    .payload = b.pos,
	    .captured = (uint32_t)b.left,
	    .wire = (uint32_t)b.left + (f->wire - f->captured),
	    .source = f->source,
	    .offset = f->offset,
	};
	return true;
}
