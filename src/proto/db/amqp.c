/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMQP 0-9-1 (amqp.org, 2008): RabbitMQ and others.
 *
 *     "AMQP" 0 0 9 1        1.0: "AMQP" id 1 0 0, of which id 2 asks for TLS, 3 for SASL
 *     frame: type 1 | channel 2 | length 4 | content | ce
 *     type 1, method: class 2 | method 2 | arguments     2: header of a content   3: body
 *
 * What is published or delivered becomes a row when the header behind it tells its size.
 */
#include "proto/db/amqp.h"
#include "proto/shared/login.h"

#include <string.h>

#include "base/size.h"

#define AMQP_PORT      5672
#define AMQP_KEPT      8192 /* bytes of a frame that are read */
#define AMQP_FRAME_MAX (128U << 20)
#define AMQP_HEADER    8
#define FRAME_HEAD     7
#define TABLE_MAX      64 /* entries of a table looked at */

enum frame { METHOD = 1, HEADER = 2, BODY = 3, HEARTBEAT = 8 };

/* class * 1000 + method */
enum method {
	CONNECTION_START = 10010,
	CONNECTION_START_OK = 10011,
	CONNECTION_TUNE = 10030,
	CONNECTION_OPEN = 10040,
	CONNECTION_OPEN_OK = 10041,
	CONNECTION_CLOSE = 10050,
	CHANNEL_CLOSE = 20040,
	EXCHANGE_DECLARE = 40010,
	EXCHANGE_DELETE = 40020,
	EXCHANGE_BIND = 40030,
	QUEUE_DECLARE = 50010,
	QUEUE_BIND = 50020,
	QUEUE_PURGE = 50030,
	QUEUE_DELETE = 50040,
	QUEUE_UNBIND = 50050,
	BASIC_CONSUME = 60020,
	BASIC_PUBLISH = 60040,
	BASIC_RETURN = 60050,
	BASIC_DELIVER = 60060,
	BASIC_GET = 60070,
	BASIC_GET_OK = 60071,
};

enum kind { PLAIN, WITH_CONTENT };

static bool is_header(struct bytes b)
{
	return b.left >= 4 && memcmp(b.pos, "AMQP", 4) == 0;
}

/* A frame of 0-9-1, as far as it is there. */
static bool is_frame(struct bytes b)
{
	if (b.left < FRAME_HEAD ||
	    !((b.pos[0] >= METHOD && b.pos[0] <= BODY) || b.pos[0] == HEARTBEAT))
		return false;
	uint32_t n = load_be32(b.pos + 3);
	return n <= AMQP_FRAME_MAX &&
	       (n >= b.left - FRAME_HEAD || b.pos[FRAME_HEAD + n] == 0xce);
}

/* A frame of 1.0: its length, and where its content begins. */
static bool is_frame1(struct bytes b)
{
	return b.left >= 8 && load_be32(b.pos) >= 8 &&
	       load_be32(b.pos) <= AMQP_FRAME_MAX && b.pos[4] >= 2 && b.pos[5] <= 1;
}

static enum probe amqp_probe(const struct flow *f, int side, struct bytes first)
{
	if (side == 0 && first.left < AMQP_HEADER && first.left > 0 &&
	    memcmp(first.pos, "AMQP", size_min(4, first.left)) == 0)
		return PROBE_MORE;
	if (side == 0 && is_header(first))
		return PROBE_YES;
	if (f->port[1] != AMQP_PORT && f->port[0] != AMQP_PORT)
		return PROBE_NO;
	return first.left > FRAME_HEAD && is_frame(first) &&
		       load_be32(first.pos + 3) < first.left
		   ? PROBE_YES
		   : PROBE_NO;
}

static int64_t frame_length(const void *state, int side, struct bytes b)
{
	const struct amqp_state *s = state;
	(void)side;
	if (b.left < 4)
		return 0;
	if (is_header(b))
		return AMQP_HEADER;
	if (b.left < 8)
		return 0;
	if (s->one)
		return is_frame1(b) ? (int64_t)load_be32(b.pos) : -1;
	return is_frame(b) ? (int64_t)load_be32(b.pos + 3) + FRAME_HEAD + 1 : -1;
}

static bool frame_begins(const void *state, int side, struct bytes b)
{
	const struct amqp_state *s = state;
	(void)side;
	return s->one ? is_frame1(b) : is_frame(b) && load_be32(b.pos + 3) < b.left;
}

/* ---- texts and tables ---- */

static struct str text_of(struct bytes b)
{
	if (b.bad)
		return (struct str){0};
	return b.pos != NULL ? (struct str){(const char *)b.pos, b.left} : STR("");
}

static struct str short_text(struct bytes *b)
{
	size_t n = bytes_u8(b);
	return text_of(bytes_sub(b, n));
}

static struct bytes long_bytes(struct bytes *b)
{
	size_t n = bytes_be32(b);
	return bytes_sub(b, size_min(n, b->left));
}

/* Skip a value of a table of that type; false: unknown. */
static bool skip_value(struct bytes *b, uint8_t type)
{
	switch (type) {
	case 't':
	case 'b':
	case 'B':
		return bytes_skip(b, 1);
	case 's': /* RabbitMQ's short */
	case 'U':
	case 'u':
		return bytes_skip(b, 2);
	case 'I':
	case 'i':
	case 'f':
		return bytes_skip(b, 4);
	case 'D':
		return bytes_skip(b, 5);
	case 'L':
	case 'l':
	case 'd':
	case 'T':
		return bytes_skip(b, 8);
	case 'S':
	case 'A':
	case 'F':
	case 'x':
		long_bytes(b);
		return !b->bad;
	case 'V':
		return true;
	default:
		return false;
	}
}

/* The text of that name in a table; absent: none. */
static struct str table_text(struct bytes table, const char *name)
{
	for (int i = 0; i < TABLE_MAX && table.left > 0; i++) {
		struct str key = short_text(&table);
		uint8_t type = bytes_u8(&table);
		if (type == 'S' && str_equal(key, str_of(name)))
			return text_of(long_bytes(&table));
		if (!skip_value(&table, type))
			break;
	}
	return (struct str){0};
}

/* Product and version out of what a side tells of itself. */
static struct str program(struct arena *a, struct bytes table)
{
	struct str product = table_text(table, "product");
	struct str version = table_text(table, "version");
	if (product.n == 0 || version.n == 0)
		return product.n > 0 ? product : (struct str){0};
	return str_format(a, "%.*s %.*s", STR_ARG(product), STR_ARG(version));
}

/* ---- methods ---- */

static void start_ok(struct parse *x, struct amqp_state *s, struct bytes b)
{
	char **text = s->db.login.text;
	struct bytes table = long_bytes(&b);
	struct str mechanism = short_text(&b);
	struct bytes response = long_bytes(&b);
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &text[DB_CLIENT], program(x->scratch, table));
	db_keep(x, &s->db, &text[DB_MECHANISM],
	    str_clean_lower(x->scratch, mechanism.p, mechanism.n));
	if (str_equal(mechanism, STR("AMQPLAIN")))
		db_keep(x, &s->db, &text[DB_USER], table_text(response, "LOGIN"));
	else
		db_keep(x, &s->db, &text[DB_USER], login_plain_user(response));
}

/* The methods of class 10, which are about the logon. */
static void connection(struct parse *x, struct amqp_state *s, unsigned id, struct bytes b)
{
	char **text = s->db.login.text;
	switch (id) {
	case CONNECTION_START:
		bytes_skip(&b, 2);
		db_login_begin(x, &s->db);
		db_keep(x, &s->db, &text[DB_SERVER], program(x->scratch, long_bytes(&b)));
		break;
	case CONNECTION_START_OK:
		start_ok(x, s, b);
		break;
	case CONNECTION_TUNE:
		s->verdict = 1;
		break;
	case CONNECTION_OPEN:
		db_keep(x, &s->db, &text[DB_TARGET], short_text(&b));
		break;
	case CONNECTION_OPEN_OK:
		db_login_done(x, &s->db, 1);
		break;
	default:
		break;
	}
}

static const char *method_name(unsigned id)
{
	switch (id) {
	case CONNECTION_CLOSE:
		return "connection.close";
	case CHANNEL_CLOSE:
		return "channel.close";
	case EXCHANGE_DECLARE:
		return "exchange.declare";
	case EXCHANGE_DELETE:
		return "exchange.delete";
	case EXCHANGE_BIND:
		return "exchange.bind";
	case QUEUE_DECLARE:
		return "queue.declare";
	case QUEUE_BIND:
		return "queue.bind";
	case QUEUE_PURGE:
		return "queue.purge";
	case QUEUE_DELETE:
		return "queue.delete";
	case QUEUE_UNBIND:
		return "queue.unbind";
	case BASIC_CONSUME:
		return "basic.consume";
	case BASIC_PUBLISH:
		return "basic.publish";
	case BASIC_RETURN:
		return "basic.return";
	case BASIC_DELIVER:
		return "basic.deliver";
	case BASIC_GET:
		return "basic.get";
	case BASIC_GET_OK:
		return "basic.get-ok";
	default:
		return NULL;
	}
}

/* What is behind the number of a method, up to exchange or queue and
 * routing key. */
static void take_arguments(struct parse *x, struct amqp_state *s, struct mq_message *m,
    unsigned id, struct bytes b)
{
	bool key = false;
	switch (id) {
	case CONNECTION_CLOSE:
	case CHANNEL_CLOSE:
		mq_code(m, bytes_be16(&b));
		mq_keep(x, &s->mq, &m->status, short_text(&b));
		return;
	case BASIC_RETURN:
		mq_code(m, bytes_be16(&b));
		mq_keep(x, &s->mq, &m->status, short_text(&b));
		key = true;
		break;
	case BASIC_DELIVER:
		short_text(&b);
		bytes_skip(&b, 9);
		key = true;
		break;
	case BASIC_GET_OK:
		bytes_skip(&b, 9);
		key = true;
		break;
	case QUEUE_BIND:
	case QUEUE_UNBIND: /* its queue is not told apart from the
			      exchange */
		bytes_skip(&b, 2);
		short_text(&b);
		key = true;
		break;
	case BASIC_PUBLISH:
		bytes_skip(&b, 2);
		key = true;
		break;
	default:
		bytes_skip(&b, 2);
		break;
	}
	mq_keep(x, &s->mq, &m->object, short_text(&b));
	struct str routing = key ? short_text(&b) : (struct str){0};
	if (routing.n > 0)
		mq_topic(x, &s->mq, m, routing);
	if (b.bad)
		x->counters->malformed++;
}

static void method(
    struct parse *x, struct amqp_state *s, int side, unsigned channel, struct bytes b)
{
	unsigned id = bytes_be16(&b) * 1000U;
	id += bytes_be16(&b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	connection(x, s, id, b);
	if (method_name(id) == NULL)
		return;
	struct mq_message *m = mq_add(x, &s->mq, method_name(id), side);
	if (m == NULL)
		return;
	m->id = channel;
	take_arguments(x, s, m, id, b);
	if (id == CONNECTION_CLOSE && s->db.login.begun && side == 1) {
		db_keep(x, &s->db, &s->db.login.text[DB_STATUS], str_of(m->status));
		db_login_done(x, &s->db, 0);
	}
	if (id == BASIC_PUBLISH || id == BASIC_RETURN || id == BASIC_DELIVER ||
	    id == BASIC_GET_OK)
		m->kind = WITH_CONTENT;
	else
		mq_done(x, &s->mq, m);
}

/* The header of a content: its size. */
static void content(
    struct parse *x, struct amqp_state *s, int side, unsigned channel, struct bytes b)
{
	struct mq_message *m = mq_find(&s->mq, WITH_CONTENT, side, channel);
	bytes_skip(&b, 4); /* class, weight */
	uint64_t n = bytes_be64(&b);
	if (m == NULL)
		return;
	m->payload_bytes = n <= INT64_MAX ? n : 0;
	mq_done(x, &s->mq, m);
}

/* The eight bytes with which a side begins. */
static enum db_next begin(
    struct parse *x, struct amqp_state *s, int side, const uint8_t *p)
{
	bool one = p[4] != 1 && p[5] == 1;
	if (one && p[4] == 2) {
		s->tls[side] = true;
		if (!s->tls[0] || !s->tls[1])
			return DB_GO_ON;
		db_login_begin(x, &s->db);
		s->db.login.encrypted = true;
		return DB_TLS;
	}
	s->one = one;
	return DB_GO_ON;
}

static enum db_next frame(
    struct parse *x, void *state, int side, struct bytes m, uint64_t n)
{
	struct amqp_state *s = state;
	if (!s->begun) {
		s->verdict = -1;
		s->begun = true;
		s->mq.protocol = "amqp";
	}
	db_begin(x, &s->db, "amqp");
	if (is_header(m))
		return begin(x, s, side, m.pos);
	if (s->one) {
		amqp1_frame(x, s, side, m, n);
		return DB_GO_ON;
	}
	uint8_t type = bytes_u8(&m);
	unsigned channel = bytes_be16(&m);
	bytes_skip(&m, 4);
	if (type == METHOD)
		method(x, s, side, channel, m);
	else if (type == HEADER)
		content(x, s, side, channel, m);
	return DB_GO_ON;
}

static const struct db_framing framing = {
    .keep = AMQP_KEPT,
    .length = frame_length,
    .begins = frame_begins,
    .message = frame,
};

static enum parse_result amqp_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	return db_stream_data(
	    x, &((struct amqp_state *)state)->stream, &framing, state, d);
}

static enum parse_result amqp_gap(struct parse *x, void *state, int side, uint64_t n)
{
	db_stream_gap(x, &((struct amqp_state *)state)->stream, &framing, state, side, n);
	return PARSE_OK;
}

static void amqp_close(struct parse *x, void *state)
{
	struct amqp_state *s = state;
	mq_flush(x, &s->mq);
	for (size_t i = 0; i < s->links; i++)
		mq_keep(x, &s->mq, &s->link[i].address, (struct str){0});
	if (s->begun)
		db_login_done(x, &s->db, s->verdict);
	db_end(x, &s->db);
	db_stream_end(&s->stream);
}

static size_t amqp_held(const void *state)
{
	const struct amqp_state *s = state;
	return s->mq.held + db_held(&s->db) + db_stream_held(&s->stream);
}

const struct proto_parser amqp_parser = {
    .name = "amqp",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('A', 'A'),
    PARSER_PORTS(AMQP_PORT),
    .probe = amqp_probe,
    .state_size = sizeof(struct amqp_state),
    .data = amqp_data,
    .gap = amqp_gap,
    .close = amqp_close,
    .held = amqp_held,
};
