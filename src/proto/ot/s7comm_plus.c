/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/s7comm_plus.h"

#define S7PLUS_KEY (UINT64_C(1) << 32) /* keys of requests, beside those of S7comm */

enum s7plus_opcode {
	S7PLUS_REQUEST = 0x31,
	S7PLUS_RESPONSE = 0x32,
	S7PLUS_NOTIFICATION = 0x33,
	S7PLUS_RESPONSE_2 = 0x02,
};

enum { VERSION_DIGEST = 3, VERSION_KEEP_ALIVE = 0xff, S7PLUS_HEADER = 4 };

static const struct ot_name functions[] = {
    {"explore", 0x04bb, OT_DISCOVERY},
    {"create_object", 0x04ca, OT_PROGRAM},
    {"delete_object", 0x04d4, OT_PROGRAM},
    {"set_variable", 0x04f2, OT_WRITE},
    {"get_variable", 0x04fc, OT_READ},
    {"add_link", 0x0506, OT_PROGRAM},
    {"remove_link", 0x051a, OT_PROGRAM},
    {"get_link", 0x0524, OT_READ},
    {"set_multi_variables", 0x0542, OT_WRITE},
    {"get_multi_variables", 0x054c, OT_READ},
    {"begin_sequence", 0x0556, OT_SESSION},
    {"end_sequence", 0x0560, OT_SESSION},
    {"invoke", 0x056b, OT_CONTROL},
    {"set_var_sub_streamed", 0x057c, OT_WRITE},
    {"get_var_sub_streamed", 0x0586, OT_READ},
    {"get_variables_address", 0x0590, OT_READ},
    {"abort", 0x059a, OT_SESSION},
    {"error", 0x05a9, OT_OTHER},
};

bool s7plus_probe(struct bytes b)
{
	if (b.left < S7PLUS_HEADER || b.pos[0] != S7PLUS_START)
		return false;
	unsigned version = b.pos[1];
	size_t n = load_be16(b.pos + 2);
	if (version == VERSION_KEEP_ALIVE)
		return true;
	return version >= 1 && version <= 3 && n > 0 && n <= b.left - S7PLUS_HEADER;
}

static void on_request(struct parse *x, struct s7_state *st, int side, unsigned opcode,
    struct ot_message *m, struct bytes b)
{
	bytes_skip(&b, 2);
	OT_FUNCTION(m, functions, bytes_be16(&b));
	bytes_skip(&b, 2);
	m->id = bytes_be16(&b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	uint64_t key = S7PLUS_KEY | (uint64_t)m->id;
	if (opcode == S7PLUS_REQUEST) {
		ot_ask(x, &st->iso.base.ot, side, key, m);
	} else {
		m->status = "ok";
		ot_answer(x, &st->iso.base.ot, side, key, m);
	}
}

void s7plus_message(struct parse *x, void *state, int side, struct bytes b)
{
	struct s7_state *st = state;
	struct ot_message m = ot_message("s7comm_plus");
	m.bytes = b.left;
	bytes_skip(&b, 1);
	unsigned version = bytes_u8(&b);
	size_t n = bytes_be16(&b);
	if (version == VERSION_KEEP_ALIVE) {
		x->counters->understood++;
		return;
	}
	struct bytes body = bytes_sub(&b, n);
	bool continues = st->goes_on[side];
	st->goes_on[side] = !body.bad && b.left < S7PLUS_HEADER;
	if (continues)
		return;
	if (version == VERSION_DIGEST) {
		size_t digest = bytes_u8(&body);
		bytes_skip(&body, digest);
	}
	unsigned opcode = bytes_u8(&body);
	if (body.bad) {
		x->counters->malformed++;
		return;
	}
	x->counters->understood++;
	parse_confirm(x);
	parse_service(x, "s7comm_plus");
	if (opcode == S7PLUS_NOTIFICATION) {
		m.function = "notification";
		m.operation = OT_REPORT;
		ot_tell(x, side, &m);
	} else if (opcode == S7PLUS_REQUEST || opcode == S7PLUS_RESPONSE ||
		   opcode == S7PLUS_RESPONSE_2) {
		on_request(x, st, side, opcode, &m, body);
	} else {
		x->counters->unsupported++;
	}
}
