/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1, 3.1.1 (OASIS, 2014) and 5.0 (OASIS, 2019).
 *
 *     type 4 bits | flags 4 bits | length, 7 bits a byte, least first | content
 *
 * A message waits for the answers that its quality of service asks for; they find it by
 * its identifier. Texts have two bytes of length before them. In 5.0 properties stand
 * behind a length of their own: of these a topic's alias and the way of authentication
 * are read. Contents of messages and wills are counted, never kept.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/db/db.h"
#include "proto/db/db_stream.h"
#include "proto/db/mq.h"
#include "proto/db/mqtt_words.h"

#define MQTT_PORT        1883
#define MQTT_KEPT        16384 /* bytes of a message that are read */
#define MQTT_ALIASES_MAX 16    /* topics of each side that are known by a number */
#define MQTT_CHAIN_MAX   16    /* messages of a segment looked at to find a lost side */

enum type {
	CONNECT = 1,
	CONNACK,
	PUBLISH,
	PUBACK,
	PUBREC,
	PUBREL,
	PUBCOMP,
	SUBSCRIBE,
	SUBACK,
	UNSUBSCRIBE,
	UNSUBACK,
	PINGREQ,
	PINGRESP,
	DISCONNECT,
	AUTH
};

enum connect_flag {
	FLAG_WILL = 0x04,
	FLAG_PASSWORD = 0x40,
	FLAG_USER = 0x80,
};

struct mqtt_state {
	struct db db; /* of the logon */
	struct mq mq;
	struct db_stream stream;
	unsigned level;                   /* 3, 4, 5; 0: not seen */
	char *alias[2][MQTT_ALIASES_MAX]; /* owned */
};

/* What of the properties is of interest. */
struct properties {
	struct str method;   /* of authentication */
	struct str assigned; /* client identifier */
	unsigned alias;      /* of the topic; 0: none */
};

/* A number of 7 bits a byte: its bytes; 0: more must be read, negative: it is none. */
static int number(struct bytes b, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++) {
		if ((size_t)i == b.left)
			return 0;
		*value |= (uint32_t)(b.pos[i] & 0x7f) << 7 * i;
		if ((b.pos[i] & 0x80) == 0)
			return i + 1;
	}
	return -1;
}

static uint32_t take_number(struct bytes *b)
{
	uint32_t value;
	int n = number(*b, &value);
	if (n <= 0) {
		bytes_fail(b);
		return 0;
	}
	bytes_skip(b, (size_t)n);
	return value;
}

static struct str text(struct bytes *b)
{
	size_t n = bytes_be16(b);
	struct bytes t = bytes_sub(b, n);
	if (t.bad)
		return (struct str){0};
	return t.pos != NULL ? (struct str){(const char *)t.pos, n} : STR("");
}

static bool flags_fit(uint8_t head)
{
	unsigned flags = head & 0x0f;
	switch (head >> 4) {
	case 0:
		return false;
	case PUBLISH:
		return (flags & 6) != 6;
	case PUBREL: /* 3.1 may say that they are sent again */
	case SUBSCRIBE:
	case UNSUBSCRIBE:
		return (flags & 7) == 2;
	default:
		return flags == 0;
	}
}

static int64_t message_length(const void *state, int side, struct bytes b)
{
	(void)state, (void)side;
	uint32_t n;
	if (!flags_fit(b.pos[0]))
		return -1;
	bytes_skip(&b, 1);
	int head = number(b, &n);
	return head <= 0 ? head : (int64_t)n + head + 1;
}

/* Whether the topic of a message to publish is text. */
static bool has_topic(struct bytes b)
{
	if (bytes_u8(&b) >> 4 != PUBLISH)
		return false;
	take_number(&b);
	struct str topic = text(&b);
	for (size_t i = 0; i < topic.n; i++) {
		if ((uint8_t)topic.p[i] < ' ')
			return false;
	}
	return topic.n > 0;
}

/* Whether messages fill the segment up to its end, or one to publish
 * goes beyond it. */
static bool message_begins(const void *state, int side, struct bytes b)
{
	for (int i = 0; i < MQTT_CHAIN_MAX && b.left > 0; i++) {
		int64_t n = message_length(state, side, b);
		if (n <= 0)
			return false;
		if ((uint64_t)n > b.left)
			return has_topic(b);
		bytes_skip(&b, (size_t)n);
	}
	return b.left == 0 && !b.bad;
}

static enum probe mqtt_probe(const struct flow *f, int side, struct bytes first)
{
	uint32_t n;
	struct bytes b = first;
	if (bytes_u8(&b) == CONNECT << 4 && side == 0) {
		int head = number(b, &n);
		if (head < 0)
			return PROBE_NO;
		bytes_skip(&b, (size_t)head);
		if (head > 0 && b.left >= 8)
			return memcmp(b.pos, "\0\4MQTT", 6) == 0 ||
				       memcmp(b.pos, "\0\6MQIsdp", 8) == 0
				   ? PROBE_YES
				   : PROBE_NO;
		return first.left < 13 ? PROBE_MORE : PROBE_NO;
	}
	if (f->port[1] != MQTT_PORT || first.left < 2)
		return PROBE_NO;
	return message_begins(NULL, side, first) ? PROBE_YES : PROBE_NO;
}

/* Properties (5.0, 2.2.2): a number that says what follows. False:
 * an unknown one. */
static bool take_property(struct bytes *b, struct properties *p)
{
	switch (take_number(b)) {
	case 0x15:
		p->method = text(b);
		return true;
	case 0x12:
		p->assigned = text(b);
		return true;
	case 0x23:
		p->alias = bytes_be16(b);
		return true;
	case 0x01:
	case 0x17:
	case 0x19:
	case 0x24:
	case 0x25:
	case 0x28:
	case 0x29:
	case 0x2a:
		return bytes_skip(b, 1);
	case 0x13:
	case 0x21:
	case 0x22:
		return bytes_skip(b, 2);
	case 0x02:
	case 0x11:
	case 0x18:
	case 0x27:
		return bytes_skip(b, 4);
	case 0x0b:
		take_number(b);
		return true;
	case 0x26:
		text(b);
		__attribute__((fallthrough));
	case 0x03:
	case 0x08:
	case 0x09:
	case 0x16:
	case 0x1a:
	case 0x1c:
	case 0x1f:
		text(b);
		return true;
	default:
		return false;
	}
}

static struct properties take_properties(const struct mqtt_state *s, struct bytes *b)
{
	struct properties p = {0};
	if (s->level != 5 || b->left == 0)
		return p;
	uint32_t n = take_number(b);
	struct bytes in = bytes_sub(b, n);
	while (in.left > 0 && take_property(&in, &p))
		;
	return p;
}

static const char *version(unsigned level)
{
	return level == 3 ? "3.1" : level == 4 ? "3.1.1" : level == 5 ? "5.0" : NULL;
}

static void connect(struct parse *x, struct mqtt_state *s, struct bytes b)
{
	char **login = s->db.login.text;
	text(&b);
	s->level = bytes_u8(&b) & 0x7f; /* bit 7: from a bridge */
	uint8_t flags = bytes_u8(&b);
	bytes_skip(&b, 2);
	struct properties p = take_properties(s, &b);
	struct str client = text(&b);
	struct mq_message *m = mq_add(x, &s->mq, "connect", 0);
	if (m == NULL)
		return;
	m->kind = CONNECT;
	m->version = version(s->level);
	mq_keep(x, &s->mq, &m->client_id, client);
	if ((flags & FLAG_WILL) != 0) {
		take_properties(s, &b);
		mq_keep(x, &s->mq, &m->will_topic, text(&b));
		m->payload_bytes = text(&b).n;
	}
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &login[DB_CLIENT], client);
	if ((flags & FLAG_USER) != 0)
		db_keep(x, &s->db, &login[DB_USER], text(&b));
	db_keep(x, &s->db, &login[DB_MECHANISM],
	    p.method.p != NULL             ? p.method
	    : (flags & FLAG_PASSWORD) != 0 ? STR("password")
					   : STR("none"));
	if (b.bad)
		x->counters->malformed++;
}

static void connack(struct parse *x, struct mqtt_state *s, struct bytes b)
{
	bytes_skip(&b, 1);
	uint8_t code = bytes_u8(&b);
	struct properties p = take_properties(s, &b);
	struct str words = str_of(mqtt_reason(code, s->level));
	struct mq_message *m = mq_find(&s->mq, CONNECT, 0, -1);
	db_keep(x, &s->db, &s->db.login.text[DB_STATUS], words);
	db_login_done(x, &s->db, code == 0);
	if (m == NULL) {
		m = mq_add(x, &s->mq, "connack", 1);
		if (m == NULL)
			return;
	}
	if (p.assigned.n > 0)
		mq_keep(x, &s->mq, &m->client_id, p.assigned);
	m->complete = 1;
	mq_code(m, code);
	mq_keep(x, &s->mq, &m->status, words);
	mq_done(x, &s->mq, m);
}

/* The topic that a message names, or that its alias stands for. */
static struct str aliased(
    struct parse *x, struct mqtt_state *s, int side, struct str topic, unsigned alias)
{
	if (alias == 0)
		return topic;
	if (alias > MQTT_ALIASES_MAX) {
		x->counters->over_limit++;
		return topic;
	}
	char **slot = &s->alias[side][alias - 1];
	if (topic.n > 0)
		mq_keep(x, &s->mq, slot, topic);
	return topic.n > 0 ? topic : str_of(*slot);
}

static void publish(struct parse *x, struct mqtt_state *s, int side, uint8_t head,
    struct bytes b, uint64_t cut)
{
	unsigned qos = head >> 1 & 3;
	struct str topic = text(&b);
	int64_t id = qos > 0 ? bytes_be16(&b) : -1;
	struct properties p = take_properties(s, &b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	struct mq_message *m = mq_add(x, &s->mq, "publish", side);
	if (m == NULL)
		return;
	m->kind = PUBLISH;
	m->id = id;
	m->retain = head & 1;
	m->dup = head >> 3 & 1;
	m->complete = qos == 0;
	m->payload_bytes = b.left + cut;
	mq_qos(m, qos);
	mq_topic(x, &s->mq, m, aliased(x, s, side, topic, p.alias));
	if (qos == 0)
		mq_done(x, &s->mq, m);
}

/* A step of what a message of quality 1 or 2 waits for; they come
 * from the other side, but PUBREL. */
static void acknowledge(
    struct parse *x, struct mqtt_state *s, int side, unsigned type, struct bytes b)
{
	int64_t id = bytes_be16(&b);
	uint8_t code = bytes_u8(&b);
	struct mq_message *m = mq_find(&s->mq, PUBLISH, !side, id);
	if (type == PUBREL || m == NULL)
		return;
	bool last = type != PUBREC || code >= 0x80;
	m->complete = last && code < 0x80;
	if (!last)
		return;
	if (s->level == 5)
		mq_code(m, code); /* 0 where it is left out */
	mq_done(x, &s->mq, m);
}

static void subscribe(
    struct parse *x, struct mqtt_state *s, int side, unsigned type, struct bytes b)
{
	int64_t id = bytes_be16(&b);
	take_properties(s, &b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	struct mq_message *m =
	    mq_add(x, &s->mq, type == SUBSCRIBE ? "subscribe" : "unsubscribe", side);
	if (m == NULL)
		return;
	m->kind = (int)type;
	m->id = id;
	m->complete = 0;
	while (b.left > 0) {
		struct str topic = text(&b);
		unsigned qos = type == SUBSCRIBE ? bytes_u8(&b) & 3 : 0;
		if (b.bad)
			break;
		mq_topic(x, &s->mq, m, topic);
		if (type == SUBSCRIBE)
			mq_qos(m, qos);
	}
}

static void suback(
    struct parse *x, struct mqtt_state *s, int side, unsigned type, struct bytes b)
{
	int64_t id = bytes_be16(&b);
	struct mq_message *m =
	    mq_find(&s->mq, type == SUBACK ? SUBSCRIBE : UNSUBSCRIBE, !side, id);
	if (m == NULL)
		return;
	take_properties(s, &b);
	m->complete = 1;
	while (b.left > 0)
		mq_code(m, bytes_u8(&b));
	mq_done(x, &s->mq, m);
}

static void disconnect(struct parse *x, struct mqtt_state *s, int side, struct bytes b)
{
	struct mq_message *m = mq_add(x, &s->mq, "disconnect", side);
	if (m == NULL)
		return;
	if (s->level == 5) {
		uint8_t code = bytes_u8(&b);
		mq_code(m, code);
		if (code != 0) /* a normal end needs no words */
			mq_keep(
			    x, &s->mq, &m->status, str_of(mqtt_reason(code, s->level)));
	}
	mq_done(x, &s->mq, m);
}

static enum db_next message(
    struct parse *x, void *state, int side, struct bytes b, uint64_t n)
{
	struct mqtt_state *s = state;
	uint64_t cut = n - b.left;
	uint8_t head = bytes_u8(&b);
	unsigned type = head >> 4;
	take_number(&b);
	s->mq.protocol = "mqtt";
	db_begin(x, &s->db, "mqtt");
	switch (type) {
	case CONNECT:
		connect(x, s, b);
		break;
	case CONNACK:
		connack(x, s, b);
		break;
	case PUBLISH:
		publish(x, s, side, head, b, cut);
		break;
	case PUBACK:
	case PUBREC:
	case PUBREL:
	case PUBCOMP:
		acknowledge(x, s, side, type, b);
		break;
	case SUBSCRIBE:
	case UNSUBSCRIBE:
		subscribe(x, s, side, type, b);
		break;
	case SUBACK:
	case UNSUBACK:
		suback(x, s, side, type, b);
		break;
	case DISCONNECT:
		disconnect(x, s, side, b);
		break;
	default: /* pings, steps of an authentication */
		break;
	}
	return DB_GO_ON;
}

static const struct db_framing framing = {
    .keep = MQTT_KEPT,
    .length = message_length,
    .begins = message_begins,
    .message = message,
};

static enum parse_result mqtt_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	return db_stream_data(
	    x, &((struct mqtt_state *)state)->stream, &framing, state, d);
}

static enum parse_result mqtt_gap(struct parse *x, void *state, int side, uint64_t n)
{
	db_stream_gap(x, &((struct mqtt_state *)state)->stream, &framing, state, side, n);
	return PARSE_OK;
}

static void mqtt_close(struct parse *x, void *state)
{
	struct mqtt_state *s = state;
	mq_flush(x, &s->mq);
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i < MQTT_ALIASES_MAX; i++)
			mq_keep(x, &s->mq, &s->alias[side][i], (struct str){0});
	}
	db_end(x, &s->db);
	db_stream_end(&s->stream);
}

static size_t mqtt_held(const void *state)
{
	const struct mqtt_state *s = state;
	return s->mq.held + db_held(&s->db) + db_stream_held(&s->stream);
}

const struct proto_parser mqtt_parser = {
    .name = "mqtt",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(CONNECT << 4, CONNECT << 4),
    PARSER_PORTS(MQTT_PORT),
    .probe = mqtt_probe,
    .state_size = sizeof(struct mqtt_state),
    .data = mqtt_data,
    .gap = mqtt_gap,
    .close = mqtt_close,
    .held = mqtt_held,
};
