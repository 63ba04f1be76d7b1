/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GOOSE (IEC 61850-8-1, annex A): states and trips of substations, multicast in frames
 * without IP.
 *
 *     APPID 2 | length 2, all of it | reserved 4 | 61 {
 *         80 control block | 81 time to live | 82 data set | 83 id | 84 time 8 |
 *         85 state number | 86 sequence number | 87 test | 88 configuration |
 *         89 needs commissioning | 8a entries | ab { data } }
 *
 * A new state raises the state number and starts the sequence at 0; between changes the
 * last one is repeated. A row a frame.
 */
#include "base/size.h"
#include "proto/ot/ot_link.h"
#include "proto/shared/ber.h"

#define GOOSE_HEADER   8
#define GOOSE_NAME_MAX 64 /* bytes of the control block's name that are shown */

enum goose_tag {
	GOOSE_PDU = 0x61,
	GOOSE_BLOCK = 0x80,
	GOOSE_STATE = 0x85,
	GOOSE_SEQUENCE = 0x86,
	GOOSE_TEST = 0x87,
	GOOSE_ENTRIES = 0x8a,
	GOOSE_DATA = 0xab,
};

/* What the fields say; false: they end in the middle of one, or some are missing. */
static bool fields_read(struct ot_message *m, struct bytes b)
{
	struct ber e;
	uint64_t state = 0;
	bool test = false, named = false, numbered = false;
	while (b.left > 0 && ber_next(&b, &e)) {
		if (e.first == GOOSE_BLOCK) {
			named = true;
			ot_detail_bytes(
			    m, e.content.pos, size_min(e.content.left, GOOSE_NAME_MAX));
		} else if (e.first == GOOSE_STATE) {
			numbered = true;
			state = ber_number(e.content);
		} else if (e.first == GOOSE_SEQUENCE) {
			m->id = (int64_t)(ber_number(e.content) & UINT32_MAX);
		} else if (e.first == GOOSE_TEST) {
			test = ber_number(e.content) != 0;
		} else if (e.first == GOOSE_ENTRIES) {
			m->count = (int64_t)(ber_number(e.content) & UINT32_MAX);
		} else if (e.first == GOOSE_DATA) {
			ot_digest(m, e.content);
		}
	}
	if (numbered)
		ot_detail(m, " state=%u", (unsigned)(state & UINT32_MAX));
	if (test)
		ot_detail(m, " test");
	return !b.bad && named && numbered && m->id >= 0;
}

static void goose_link(struct parse *x, const struct link *l)
{
	struct ot_message m = ot_message("goose");
	struct bytes b = bytes_over(l->payload, l->captured);
	m.function = "goose";
	m.operation = OT_REPORT;
	m.object = "data_set";
	m.unit = bytes_be16(&b);
	m.bytes = bytes_be16(&b);
	bytes_skip(&b, 4);
	if (b.bad || m.bytes < GOOSE_HEADER || m.bytes > l->wire) {
		x->counters->malformed++;
		return;
	}
	struct bytes pdu = ber_child(
	    bytes_sub(&b, size_min((size_t)m.bytes - GOOSE_HEADER, b.left)), GOOSE_PDU);
	if (!pdu.bad && fields_read(&m, pdu))
		x->counters->understood++;
	else if (l->captured < l->wire)
		x->counters->truncated++;
	else
		x->counters->malformed++;
	if (m.detail_n > 0)
		ot_link_tell(x, l, &m);
}

const struct proto_parser goose_parser = {
    .name = "goose",
    .ethertype = LINK_GOOSE,
    .link = goose_link,
    .probe = ot_link_probe,
    .data = ot_link_data,
    .close = ot_link_close,
};
