/* SPDX-License-Identifier: Apache-2.0 */
/* Connections in tunnels: the outer ones beside them, equal addresses kept apart. */
#include "flow_lab.h"

#include "flow/carrier.h"

/* An IPv4 packet, its lengths and nothing else filled in. */
struct bytes_of {
	uint8_t b[512];
	size_t n;
};

static void put_ip(struct bytes_of *o, uint8_t proto, unsigned from, unsigned to)
{
	uint8_t h[20] = {
	    0x45, [8] = 64, proto, [12] = 10, 0, 0, (uint8_t)from, 10, 0, 0, (uint8_t)to};
	memcpy(o->b + o->n, h, sizeof(h));
	o->n += sizeof(h);
}

static void put_hex(struct bytes_of *o, const char *text)
{
	for (unsigned v; sscanf(text, "%2x", &v) == 1; text += 2)
		o->b[o->n++] = (uint8_t)v;
}

/* An outer packet over the bytes that follow: from the host `from` to `to` of 192.0.2.0.
 */
static struct packet carrier(
    struct lab *l, const struct bytes_of *o, uint8_t proto, unsigned from, unsigned to)
{
	struct packet p = lab_packet(l, 0, proto);
	p.src = addr_from_v4((const uint8_t[]){192, 0, 2, (uint8_t)from});
	p.dst = addr_from_v4((const uint8_t[]){192, 0, 2, (uint8_t)to});
	p.src_port = p.dst_port = 0;
	p.payload = o->b;
	p.captured = p.length = (uint32_t)o->n;
	p.ip_bytes = 20 + p.length;
	p.marks = PACKET_TUNNEL;
	return p;
}

/* A datagram of 2 bytes from 10.0.0.from:1000 to 10.0.0.to:1001, in IP or in VXLAN. */
static void send_in(struct lab *l, int network, unsigned outer_from, unsigned outer_to,
    unsigned from, unsigned to)
{
	struct bytes_of o = {.n = 0};
	if (network >= 0) {
		char text[64];
		snprintf(text, sizeof(text), "08000000%06x00", (unsigned)network);
		put_hex(&o, text);
		put_hex(&o, "0200000000010200000000020800");
	}
	put_ip(&o, IP_PROTO_UDP, from, to);
	put_hex(&o, from < to ? "03e803e9000a00006869" : "03e903e8000a00006869");
	struct packet p = carrier(
	    l, &o, network >= 0 ? IP_PROTO_UDP : IP_PROTO_IPV4, outer_from, outer_to);
	if (network >= 0) {
		p.src_port = (uint16_t)(50000 + outer_from);
		p.dst_port = 4789;
	}
	lab_put(l, &p);
}

static void test_beside(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	send_in(l, -1, 1, 2, 1, 2);
	send_in(l, -1, 2, 1, 2, 1);
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 2);
	const struct flow *outer = &l->closed[0].f, *inner = &l->closed[1].f;
	assert_int_equal(outer->proto, IP_PROTO_IPV4);
	assert_int_equal(outer->carries, TUNNEL_IP);
	assert_null(outer->tunnel);
	assert_int_equal(outer->side[0].packets, 1);
	assert_int_equal(outer->side[1].packets, 1);
	assert_int_equal(inner->proto, IP_PROTO_UDP);
	assert_int_equal(inner->side[0].bytes, 2);
	assert_int_equal(inner->side[1].bytes, 2);
	/* Nobody is given the outer payload. */
	assert_string_equal(l->text, "0<hi>1<hi>");
	assert_int_equal(l->tunnels_n, 1);
	const struct flow_tunnel *t = &l->tunnels[0];
	assert_int_equal(t->kind, TUNNEL_IP);
	assert_int_equal(t->connections, 1);
	assert_int_equal(t->packets[0], 1);
	assert_int_equal(t->packets[1], 1);
	assert_string_equal(t->parent, "");
	assert_int_equal(flow_table_counters(l->t)->tunnelled, 2);
	lab_free(l);
}

/* The same inner endpoints: by ends for IP in IP, by network for VXLAN. */
static void test_apart(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	send_in(l, -1, 1, 2, 1, 2);
	send_in(l, -1, 3, 4, 1, 2);
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 4);
	assert_int_equal(l->tunnels_n, 2);
	assert_string_not_equal(l->tunnels[0].name, l->tunnels[1].name);
	lab_free(l);

	l = lab_new(NULL);
	send_in(l, 7, 1, 2, 1, 2);
	send_in(l, 8, 1, 2, 1, 2); /* another network on the same way */
	send_in(l, 7, 3, 1, 2, 1); /* the answer comes from elsewhere */
	flow_table_finish(l->t);
	assert_int_equal(l->tunnels_n, 3);
	assert_int_equal(l->closed_n, 4); /* two outer, two inner */
	unsigned answered = 0;
	for (unsigned i = 0; i < l->closed_n; i++)
		answered += l->closed[i].f.side[1].packets == 1;
	assert_int_equal(answered, 1);
	lab_free(l);
}

/* What does not read as a tunnel is an ordinary datagram, its bytes somebody's data. */
static void test_ordinary(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct bytes_of o = {.n = 0};
	put_hex(&o, "68656c6c6f");
	struct packet p = carrier(l, &o, IP_PROTO_UDP, 1, 2);
	p.src_port = 50000;
	p.dst_port = 4789;
	lab_put(l, &p);
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 1);
	assert_int_equal(l->closed[0].f.carries, TUNNEL_NONE);
	assert_string_equal(l->text, "0<hello>");
	assert_int_equal(l->tunnels_n, 0);
	lab_free(l);
}

/* Fragments outside and inside: the datagram of 24 bytes is cut at 16. */
static void test_fragments(void **state)
{
	(void)state;
	for (int inside = 0; inside < 2; inside++) {
		struct lab *l = lab_new(NULL);
		struct bytes_of whole = {.n = 0};
		put_hex(&whole, "03e803e9001800006162636465666768696a6b6c6d6e6f70");
		if (!inside) {
			struct bytes_of o = {.n = 0};
			put_ip(&o, IP_PROTO_UDP, 1, 2);
			memcpy(o.b + o.n, whole.b, whole.n);
			o.n += whole.n;
			whole = o;
		}
		for (unsigned at = 0; at < whole.n; at += 16) {
			struct bytes_of o = {.n = 0};
			size_t n = whole.n - at < 16 ? whole.n - at : 16;
			bool more = at + n < whole.n;
			if (inside) {
				put_ip(&o, IP_PROTO_UDP, 1, 2);
				o.b[6] = more ? 0x20 : 0;
				o.b[7] = (uint8_t)(at / 8);
			}
			memcpy(o.b + o.n, whole.b + at, n);
			o.n += n;
			struct packet p = carrier(l, &o, IP_PROTO_IPV4, 1, 2);
			if (!inside) {
				p.marks = PACKET_FRAGMENT;
				p.more_fragments = more;
				p.fragment_offset = (uint16_t)at;
			}
			lab_put(l, &p);
		}
		flow_table_finish(l->t);
		assert_string_equal(l->text, "0<abcdefghijklmnop>");
		assert_int_equal(l->closed_n, 2);
		lab_free(l);
	}
}

/* Fragments of two tunnels with equal inner addresses and ids are not joined. */
static void test_fragments_apart(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (unsigned i = 0; i < 2; i++) {
		struct bytes_of o = {.n = 0};
		put_ip(&o, IP_PROTO_UDP, 1, 2);
		o.b[6] = i == 0 ? 0x20 : 0;
		o.b[7] = (uint8_t)i;
		put_hex(&o, "03e803e900100000");
		struct packet p = carrier(l, &o, IP_PROTO_IPV4, 1 + 2 * i, 2 + 2 * i);
		lab_put(l, &p);
	}
	flow_table_finish(l->t);
	assert_string_equal(l->text, "");
	assert_int_equal(flow_table_counters(l->t)->datagrams, 0);
	lab_free(l);
}

/* More tunnels in use than CARRIERS_MAX: what is in them is read all the same. */
static void test_limit(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct bytes_of o = {.n = 0};
	put_ip(&o, IP_PROTO_UDP, 1, 2);
	put_hex(&o, "03e803e900080000");
	for (unsigned i = 0; i < CARRIERS_MAX + 3; i++) {
		struct packet p = carrier(l, &o, IP_PROTO_IPV4, 1, 2);
		p.dst = addr_from_v4(
		    (const uint8_t[]){198, 18, (uint8_t)(i >> 8), (uint8_t)i});
		flow_table_packets(l->t, &p, 1);
	}
	const struct flow_counters *n = flow_table_counters(l->t);
	assert_int_equal(n->tunnels_refused, 3);
	assert_int_equal(n->tunnelled, CARRIERS_MAX + 3);
	assert_int_equal(n->flows, 2 * (CARRIERS_MAX + 3));
	lab_free(l);
}

/* Tunnels whose flows have ended make room, and after an hour are over by themselves. */
static void test_idle(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	send_in(l, -1, 1, 2, 1, 2);
	l->clock += 3600;
	send_in(l, -1, 3, 4, 1, 2); /* the first flow's time is over by now */
	assert_int_equal(l->tunnels_n, 0);
	l->clock += 3700;
	send_in(l, -1, 3, 4, 1, 2);
	assert_int_equal(l->tunnels_n, 1);
	flow_table_finish(l->t);
	assert_int_equal(l->tunnels_n, 2);
	lab_free(l);
}

static void test_depth(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct bytes_of o = {.n = 0};
	for (int i = 0; i < TUNNEL_DEPTH_MAX; i++)
		put_ip(&o, IP_PROTO_IPV4, 1, 2);
	put_ip(&o, IP_PROTO_UDP, 1, 2);
	struct packet p = carrier(l, &o, IP_PROTO_IPV4, 1, 2);
	lab_put(l, &p);
	const struct flow_counters *n = flow_table_counters(l->t);
	assert_int_equal(n->tunnels_deep, 1);
	assert_int_equal(n->tunnelled, TUNNEL_DEPTH_MAX);
	flow_table_finish(l->t);
	assert_int_equal(l->tunnels_n, TUNNEL_DEPTH_MAX);
	assert_string_equal(l->tunnels[1].parent, l->tunnels[0].name);
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_beside),
	    cmocka_unit_test(test_apart),
	    cmocka_unit_test(test_ordinary),
	    cmocka_unit_test(test_fragments),
	    cmocka_unit_test(test_fragments_apart),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_idle),
	    cmocka_unit_test(test_depth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
