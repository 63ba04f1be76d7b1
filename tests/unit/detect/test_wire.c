/* SPDX-License-Identifier: Apache-2.0 */
/* Traces of implants, echo that carries data, odd TCP packets, told from rows; and what
 * only looks like them. */
#include "memory.h"

#define DAY 86400.0

struct seen {
	double at;
	const char *kind, *src, *dst, *proto, *detail;
	uint16_t src_port, dst_port;
};

static void put(struct memory *m, struct seen s)
{
	struct anomaly_record r;
	record_clear(RECORD_ANOMALY, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + s.at) * 1e6));
	r.kind = str_of(s.kind);
	assert_true(addr_parse(s.src, &r.src_ip) && addr_parse(s.dst, &r.dst_ip));
	r.src_port = s.src_port;
	r.dst_port = s.dst_port;
	r.proto = str_of(s.proto);
	r.detail = str_of(s.detail);
	r.source = STR("test");
	record_put(&m->sink, RECORD_ANOMALY, &r);
}

static const char weak[] =
    "trace=weak where=udp side=0 len=24 bits=16 unanswered=low repeat=medium "
    "callback=high first=7255 source=example.org/weak";
static const char hello[] = "trace=hello where=tcp side=0 len=8 bits=64 alone=medium "
			    "with=key:high first=00 source=example.org/x";
static const char key[] = "trace=key where=tcp side=1 len=8 bits=32 with=hello:high "
			  "first=18 source=example.org/x";

static void trace(struct memory *m, double at, const char *src, const char *dst,
    uint16_t port, const char *detail)
{
	const char *proto = detail == weak ? "udp" : "tcp";
	put(m, (struct seen){at, "trace", src, dst, proto, detail, 4000, port});
}

/* The connection in which the trace was. */
static void flow(struct memory *m, double at, const char *src, const char *dst,
    uint16_t port, const char *service, uint64_t in)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .proto = "udp",
			   .service = service,
			   .src_port = 4000,
			   .port = port,
			   .out = 24,
			   .in = in});
}

static const struct finding *implant(const struct memory *m, const char *host)
{
	assert_null(memory_find(m, "implant", host, 1));
	return memory_find(m, "implant", host, 0);
}

/* What has to come to a trace of two bytes before it tells anything. */
static void test_weak_traces(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	/* unanswered; unanswered twice; answered; of a known protocol */
	trace(&m, 100, "192.0.2.1", "10.0.0.1", 9001, weak);
	flow(&m, 100, "192.0.2.1", "10.0.0.1", 9001, NULL, 0);
	for (int i = 0; i < 2; i++) {
		trace(&m, 200 + i, "192.0.2.2", "10.0.0.2", 9001, weak);
		flow(&m, 200 + i, "192.0.2.2", "10.0.0.2", 9001, NULL, 0);
	}
	trace(&m, 300, "192.0.2.3", "10.0.0.3", 9001, weak);
	flow(&m, 300, "192.0.2.3", "10.0.0.3", 9001, NULL, 500);
	trace(&m, 400, "192.0.2.4", "10.0.0.4", 53, weak);
	flow(&m, 400, "192.0.2.4", "10.0.0.4", 53, "dns", 0);
	/* a call back within two minutes, after them, and by one that calls anyway */
	trace(&m, DAY, "192.0.2.5", "10.0.0.5", 9001, weak);
	flow(&m, DAY, "192.0.2.5", "10.0.0.5", 9001, NULL, 0);
	memory_conn(&m, (struct memory_conn){.at = DAY + 60,
			    .src = "10.0.0.5",
			    .dst = "192.0.2.5",
			    .port = 443,
			    .out = 900,
			    .in = 900});
	trace(&m, DAY, "192.0.2.6", "10.0.0.6", 9001, weak);
	flow(&m, DAY, "192.0.2.6", "10.0.0.6", 9001, NULL, 0);
	for (int i = -1; i < 2; i++)
		memory_conn(&m, (struct memory_conn){.at = DAY + 60 * i,
				    .src = "10.0.0.6",
				    .dst = "192.0.2.6",
				    .port = 443,
				    .out = 900,
				    .in = 900});
	memory_detect(&m);
	assert_int_equal(implant(&m, "10.0.0.1")->confidence, CONFIDENCE_LOW);
	assert_int_equal(implant(&m, "10.0.0.2")->confidence, CONFIDENCE_MEDIUM);
	assert_null(implant(&m, "10.0.0.3"));
	assert_null(implant(&m, "10.0.0.4"));
	const struct finding *f = implant(&m, "10.0.0.5");
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + DAY) * 1e6));
	const struct fact *fact = memory_fact(f, FACT_KEY_CALLED_BACK);
	assert_non_null(fact);
	assert_true(fact->value[0] > 59.9 && fact->value[0] < 60.1);
	assert_int_equal(implant(&m, "10.0.0.6")->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

/* Two traces of one connection, of two; a source that sends it to everybody. */
static void test_strong_traces(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	trace(&m, 1, "10.0.0.1", "192.0.2.1", 443, hello);
	trace(&m, 2, "10.0.0.1", "192.0.2.1", 443, key);
	trace(&m, 3, "10.0.0.2", "192.0.2.1", 443, hello);
	trace(&m, 4, "10.0.0.3", "192.0.2.1", 443, key);
	for (int i = 1; i <= 12; i++) {
		char host[24];
		snprintf(host, sizeof(host), "10.0.1.%d", i);
		trace(&m, 10 + i, "203.0.113.1", host, 80, hello);
	}
	memory_detect(&m);
	const struct finding *f = implant(&m, "10.0.0.1");
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->direction, DIRECTION_OUTBOUND);
	assert_int_equal(f->events, 2);
	assert_int_equal(implant(&m, "10.0.0.2")->confidence, CONFIDENCE_MEDIUM);
	assert_null(implant(&m, "10.0.0.3"));
	size_t scanned = 0;
	for (size_t i = 0; i < m.count; i++)
		scanned += str_equal(m.findings[i].peer, STR("203.0.113.1"));
	assert_int_equal(scanned, 1);
	f = implant(&m, "10.0.1.1");
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_true(memory_fact(f, FACT_KEY_TRACE_SCAN)->value[0] > 11);
	memory_end(&m);
}

static void echo(
    struct memory *m, double at, const char *src, const char *dst, const char *detail)
{
	put(m, (struct seen){at, "echo_odd", src, dst, "icmp", detail, 8, 0});
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .proto = "icmp",
			   .state = "OTH",
			   .src_port = 8});
}

static void test_echo(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	static const char tunnel[] =
	    "requests=300 replies=290 changed=280 unasked=0 same=299 tails=200 sizes=8 "
	    "least=32 most=1033 out=70000 in=60000 seconds=900.5 first=4500";
	static const char sender[] =
	    "requests=30 replies=30 changed=0 unasked=0 same=0 tails=29 sizes=8 least=32 "
	    "most=1033 out=20000 in=20000 seconds=30.000 first=ab";
	static const char mtu[] =
	    "requests=12 replies=12 changed=0 unasked=0 same=0 tails=0 sizes=8 least=500 "
	    "most=1472 out=9000 in=9000 seconds=3.000 first=ab";
	static const char one_way[] =
	    "requests=0 replies=500 changed=0 unasked=500 same=0 tails=0 sizes=0 least=0 "
	    "most=0 out=0 in=9000 seconds=3.000 first=ab";
	echo(&m, 100, "10.0.0.1", "192.0.2.1", tunnel);
	echo(&m, 200, "192.0.2.1", "10.0.0.1", sender);
	echo(&m, 300, "10.0.0.2", "192.0.2.2", sender);
	echo(&m, 400, "10.0.0.3", "192.0.2.3", mtu);
	static const char file[] =
	    "requests=60 replies=60 changed=0 unasked=0 same=0 tails=59 sizes=1 "
	    "least=200 most=200 out=12000 in=12000 seconds=12.000 first=ab";
	echo(&m, 450, "10.0.0.10", "192.0.2.10", file);
	echo(&m, 500, "10.0.0.4", "192.0.2.4", one_way);
	echo(&m, 700, "10.0.0.6", "10.0.0.5", tunnel);
	echo(&m, 800, "10.0.0.5", "10.0.0.6", tunnel);
	for (int i = 1; i <= 8; i++) {
		char peer[24];
		snprintf(peer, sizeof(peer), "192.0.2.10%d", i);
		echo(&m, 600 + i, "10.0.0.9", peer, sender);
	}
	put(&m, (struct seen){650, "odd_options", "10.0.0.7", "192.0.2.7", "icmp",
		    "len=1107 protocol=58", 8, 0});
	for (int i = 0; i < 3; i++)
		put(&m,
		    (struct seen){660 + i, "icmp_odd", "10.0.0.8", "192.0.2.8", "icmp",
			"type=77 code=0 packets=4 bytes=400 seconds=2.000", 77, 0});
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "covert_icmp", "10.0.0.1", 0);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_null(memory_find(&m, "covert_icmp", "10.0.0.1", 1));
	assert_int_equal(f->bytes_out, 90000);
	assert_int_equal(f->bytes_in, 80000);
	assert_int_equal(
	    moment_us(f->last_seen), (int64_t)((MEMORY_BEGIN + 1000.5) * 1e6));
	f = memory_find(&m, "covert_icmp", "10.0.0.2", 0);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_null(memory_find(&m, "covert_icmp", "10.0.0.3", 0));
	assert_null(memory_find(&m, "covert_icmp", "10.0.0.4", 0));
	f = memory_find(&m, "covert_icmp", "10.0.0.10", 0);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_null(memory_find(&m, "covert_icmp", "10.0.0.5", 0));
	f = memory_find(&m, "covert_icmp", "10.0.0.6", 0); /* who began */
	assert_int_equal(f->direction, DIRECTION_INTERNAL);
	assert_int_equal(f->bytes_out, 130000);
	f = memory_find(&m, "covert_icmp", "10.0.0.7", 0);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	f = memory_find(&m, "covert_icmp", "10.0.0.8", 0);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_true(memory_fact(f, FACT_KEY_ICMP_TYPE)->value[1] > 11);
	f = memory_find(&m, "covert_icmp", "10.0.0.9", 3);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_non_null(memory_fact(f, FACT_KEY_ECHO_PROBER));
	memory_end(&m);
}

static void other(struct memory *m, double at, const char *src, const char *proto)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = "192.0.2.1",
			   .proto = proto,
			   .state = "OTH",
			   .out = 5000,
			   .in = 5000});
}

/* A protocol is new to a host that was there for a week without it. */
static void test_protocols(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int day = 0; day < 20; day++) {
		other(&m, day * DAY, "10.0.0.1", "tcp");
		other(&m, day * DAY, "10.0.0.2", "tcp");
		other(&m, day * DAY + 5, "10.0.0.2", "gre");
	}
	other(&m, 15 * DAY, "10.0.0.1", "gre");
	other(&m, 16 * DAY, "10.0.0.3", "gre");
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "covert_icmp", "10.0.0.1", 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_true(str_equal(f->proto, STR("gre")));
	assert_null(memory_find(&m, "covert_icmp", "10.0.0.2", 0));
	assert_null(memory_find(&m, "covert_icmp", "10.0.0.3", 0));
	memory_end(&m);
}

static void odd(struct memory *m, double at, const char *src, const char *dst,
    const char *kind, const char *detail)
{
	put(m, (struct seen){at, kind, src, dst, "tcp", detail, 5000, 80});
}

static void talk(struct memory *m, double at, const char *src, const char *dst)
{
	memory_conn(
	    m, (struct memory_conn){
		   .at = at, .src = src, .dst = dst, .port = 80, .out = 90, .in = 900});
}

static void test_odd_packets(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	talk(&m, 0, "10.0.0.99", "192.0.2.99");
	/* a knock, then a talk; the talk alone came before; none at all; Fast Open */
	odd(&m, 1000, "192.0.2.1", "10.0.0.1", "syn_data", "len=200 fast_open=0");
	talk(&m, 1060, "192.0.2.1", "10.0.0.1");
	talk(&m, 500, "192.0.2.2", "10.0.0.2");
	odd(&m, 1000, "192.0.2.2", "10.0.0.2", "syn_data", "len=200 fast_open=0");
	talk(&m, 1060, "192.0.2.2", "10.0.0.2");
	odd(&m, 1000, "192.0.2.3", "10.0.0.3", "bad_flags", "flags=SF");
	odd(&m, 1000, "192.0.2.4", "10.0.0.4", "syn_data", "len=200 fast_open=1");
	talk(&m, 1060, "192.0.2.4", "10.0.0.4");
	odd(&m, 1000, "192.0.2.5", "10.0.0.5", "odd_header", "ack=7 urgent=0");
	talk(&m, 1060, "192.0.2.5", "10.0.0.5");
	/* a scanner, with a talk after it too */
	for (int i = 1; i <= 6; i++) {
		char host[24];
		snprintf(host, sizeof(host), "10.0.1.%d", i);
		odd(&m, 2000 + i, "203.0.113.1", host, "bad_flags", "flags=FPU");
		talk(&m, 2060, "203.0.113.1", host);
	}
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "odd_packet", "10.0.0.1", 0);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	const struct fact *fact = memory_fact(f, FACT_KEY_THEN_TALKED);
	assert_true(fact->value[0] > 59.9 && fact->value[0] < 60.1);
	f = memory_find(&m, "odd_packet", "10.0.0.2", 0);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_non_null(memory_fact(f, FACT_KEY_TALKED_BEFORE));
	f = memory_find(&m, "odd_packet", "10.0.0.3", 0);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_true(str_equal(memory_fact(f, FACT_KEY_FLAGS)->text, STR("SF")));
	assert_null(memory_find(&m, "odd_packet", "10.0.0.4", 0));
	f = memory_find(&m, "odd_packet", "10.0.0.5", 0);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	f = memory_find(&m, "odd_packet", "10.0.1.1", 0);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_int_equal(f->events, 6);
	assert_null(memory_find(&m, "odd_packet", "10.0.1.2", 0));
	memory_end(&m);
}

/* Text in header fields: medium, and of a scanner low. */
static void test_header_text(void **state)
{
	(void)state;
	static const char detail[] =
	    "field=ip_id byte=0 packets=24 values=12 text=Meet_me_at_the_bridge_at";
	struct memory m;
	memory_begin(&m);
	put(&m, (struct seen){100, "header_text", "10.0.0.1", "192.0.2.1", "tcp", detail,
		    4000, 80});
	put(&m, (struct seen){200, "header_text", "192.0.2.9", "10.0.0.2", "tcp", detail,
		    4000, 80});
	for (int i = 0; i < 12; i++)
		memory_conn(&m, (struct memory_conn){.at = 300 + i,
				    .src = "192.0.2.9",
				    .dst = "10.0.0.2",
				    .state = "REJ",
				    .port = (uint16_t)(80 + i)});
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "odd_packet", "10.0.0.1", 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(f->direction, DIRECTION_OUTBOUND);
	const struct fact *fact = memory_fact(f, FACT_KEY_HEADER_TEXT);
	assert_true(fact != NULL && fact->value[0] == 24 && fact->value[1] == 12);
	fact = memory_fact(f, FACT_KEY_HEADER_FIELD);
	assert_true(fact != NULL &&
		    str_equal(fact->text,
			STR("IP identification, byte 0: Meet_me_at_the_bridge_at")));
	f = memory_find(&m, "odd_packet", "10.0.0.2", 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_weak_traces),
	    cmocka_unit_test(test_strong_traces),
	    cmocka_unit_test(test_echo),
	    cmocka_unit_test(test_protocols),
	    cmocka_unit_test(test_odd_packets),
	    cmocka_unit_test(test_header_text),
	};
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
