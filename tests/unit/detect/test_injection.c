/* SPDX-License-Identifier: Apache-2.0 */
/* Who answers for others, told from rows of anomaly; and what only looks like it. */
#include "memory.h"

#include "detect/detail.h"
#include "detect/wire/rival.h"

#define DAY 86400.0

struct seen {
	double at;
	const char *kind, *client, *server, *detail;
};

static void put(struct memory *m, const struct seen *s)
{
	struct anomaly_record r;
	record_clear(RECORD_ANOMALY, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + s->at) * 1e6));
	r.kind = str_of(s->kind);
	assert_true(addr_parse(s->client, &r.src_ip) && addr_parse(s->server, &r.dst_ip));
	r.src_port = 40000;
	bool dns = strcmp(s->kind, "dns_conflict") == 0;
	r.dst_port = dns ? 53 : 80;
	r.proto = dns ? STR("udp") : STR("tcp");
	r.detail = str_of(s->detail);
	r.source = STR("test");
	record_put(&m->sink, RECORD_ANOMALY, &r);
}

/* A row of conflicting bytes: the first copy, the second, and the handshake's TTL. */
#define RACE "seq=1 len=71 gap_us=2587 side=1 "
#define TAIL " flags=A flags_other=PA"
static const char forged[] = RACE
    "ttl=54 ttl_other=64 ttl_syn=54 ip_id=42727 ip_id_other=1 reflected=0 window=162 "
    "window_other=8192" TAIL " timestamp=77 timestamp_other=- timestamp_syn=1 size=1448 "
    "size_other=71 bad_checksum=0";
static const char copied_id[] = RACE
    "ttl=22 ttl_other=22 ttl_syn=22 ip_id=57002 ip_id_other=9643 reflected=2 "
    "window=65535 "
    "window_other=4104" TAIL " timestamp=- timestamp_other=- timestamp_syn=1 size=726 "
    "size_other=290 bad_checksum=0";
static const char alike[] = RACE
    "ttl=64 ttl_other=64 ttl_syn=64 ip_id=0 ip_id_other=0 reflected=0 window=500 "
    "window_other=500" TAIL " timestamp=- timestamp_other=- timestamp_syn=0 size=100 "
    "size_other=100 bad_checksum=0";
static const char rewritten[] = RACE
    "ttl=64 ttl_other=64 ttl_syn=64 ip_id=777 ip_id_other=777 reflected=0 window=500 "
    "window_other=500" TAIL " timestamp=- timestamp_other=- timestamp_syn=0 size=100 "
    "size_other=100 bad_checksum=0";
static const char dropped[] = RACE
    "ttl=54 ttl_other=64 ttl_syn=54 ip_id=42727 ip_id_other=1 reflected=0 window=162 "
    "window_other=8192" TAIL " timestamp=77 timestamp_other=- timestamp_syn=1 size=1448 "
    "size_other=71 bad_checksum=2";
static const char keep_alive[] =
    RACE "ttl=54 ttl_other=54 ttl_syn=54 ip_id=1 ip_id_other=900 reflected=0 window=9 "
	 "window_other=9" TAIL " timestamp=- timestamp_other=- timestamp_syn=0 size=1 "
	 "size_other=71 bad_checksum=0";
static const char reset[] =
    "seq=1 seq_other=1 gap_us=900 side=1 ttl=54 ttl_other=250 ttl_syn=54 ip_id=7 "
    "ip_id_other=9 reflected=0 window=9 window_other=9 flags=A flags_other=R timestamp=- "
    "timestamp_other=- timestamp_syn=0 size=100 size_other=0 bad_checksum=0";

static const struct finding *only(struct memory *m, const char *host)
{
	assert_null(memory_find(m, "injection", host, 1));
	return memory_find(m, "injection", host, 0);
}

static void test_forged(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	put(&m, &(struct seen){100, "tcp_overlap", "10.0.0.1", "192.0.2.1", forged});
	put(&m, &(struct seen){DAY, "tcp_overlap", "10.0.0.1", "192.0.2.1", alike});
	put(&m, &(struct seen){200, "tcp_overlap", "10.0.0.2", "192.0.2.1", copied_id});
	put(&m, &(struct seen){300, "tcp_overlap", "192.0.2.7", "10.0.0.3", forged});
	memory_detect(&m);
	const struct finding *f = only(&m, "10.0.0.1");
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->direction, DIRECTION_OUTBOUND);
	assert_true(str_equal(f->peer, STR("192.0.2.1")));
	assert_int_equal(
	    moment_us(f->since), (int64_t)((MEMORY_BEGIN + 100) * 1e6) - 2587);
	assert_int_equal(f->since_kind, SINCE_FIRST_PACKET);
	assert_int_equal(f->events, 2);
	const struct fact *fact = memory_fact(f, FACT_KEY_RIVAL_TTL);
	assert_non_null(fact);
	assert_true(fact->value[0] > 63 && fact->value[1] < 55 && fact->value[2] < 55);
	assert_non_null(memory_fact(f, FACT_KEY_RIVAL_STAMP));
	assert_non_null(memory_fact(f, FACT_KEY_RIVAL_WON));
	f = only(&m, "10.0.0.2");
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_non_null(memory_fact(f, FACT_KEY_RIVAL_REFLECTED));
	f = only(&m, "10.0.0.3");
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_true(str_equal(f->peer, STR("192.0.2.7")));
	memory_end(&m);
}

/* Bytes alone, files that were edited, what the receiver drops anyway. */
static void test_not_forged(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	put(&m, &(struct seen){1, "tcp_overlap", "10.0.0.1", "192.0.2.1", alike});
	put(&m, &(struct seen){2, "tcp_overlap", "10.0.0.2", "192.0.2.1", rewritten});
	put(&m, &(struct seen){3, "tcp_overlap", "10.0.0.3", "192.0.2.1", dropped});
	put(&m, &(struct seen){4, "tcp_overlap", "10.0.0.4", "192.0.2.1", keep_alive});
	put(&m, &(struct seen){5, "tcp_overlap", "10.0.0.5", "192.0.2.1", ""});
	put(&m, &(struct seen){6, "duplicate_synack", "10.0.0.6", "192.0.2.1", alike});
	put(&m, &(struct seen){7, "data_after_end", "10.0.0.7", "192.0.2.1", alike});
	put(&m, &(struct seen){8, "duplicate_synack", "10.0.0.9", "192.0.2.1",
		    "seq=1 seq_other=2 gap_us=0 side=1 ttl=64 ttl_other=0 ttl_syn=64 "
		    "ip_id=20 "
		    "ip_id_other=0 window=5 window_other=0 flags=SA flags_other=none "
		    "timestamp=7 timestamp_other=- timestamp_syn=1 size=0 size_other=0"});
	put(&m, &(struct seen){8, "syn_data", "10.0.0.8", "192.0.2.1", "len=5"});
	memory_detect(&m);
	assert_int_equal(only(&m, "10.0.0.1")->confidence, CONFIDENCE_LOW);
	assert_non_null(memory_fact(only(&m, "10.0.0.1"), FACT_KEY_RIVAL_ALIKE));
	assert_int_equal(only(&m, "10.0.0.2")->confidence, CONFIDENCE_LOW);
	assert_non_null(memory_fact(only(&m, "10.0.0.2"), FACT_KEY_RIVAL_SAME));
	assert_int_equal(only(&m, "10.0.0.3")->confidence, CONFIDENCE_MEDIUM);
	assert_non_null(memory_fact(only(&m, "10.0.0.3"), FACT_KEY_RIVAL_CHECKSUM));
	assert_null(only(&m, "10.0.0.4"));
	assert_int_equal(only(&m, "10.0.0.5")->confidence, CONFIDENCE_LOW);
	assert_null(only(&m, "10.0.0.6"));
	assert_null(only(&m, "10.0.0.7"));
	assert_null(only(&m, "10.0.0.8"));
	assert_null(only(&m, "10.0.0.9")); /* the other was forgotten */
	memory_end(&m);
}

/* Ends and handshakes that are forged; answers of DNS. */
static void test_other_kinds(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	put(&m, &(struct seen){1, "data_after_end", "10.0.0.1", "192.0.2.1", reset});
	put(&m, &(struct seen){2, "duplicate_synack", "10.0.0.2", "192.0.2.1", reset});
	put(&m, &(struct seen){3, "dns_conflict", "10.0.0.3", "192.0.2.53",
		    "id=1 gap_us=8000 ttl=54 ttl_other=91 ip_id=5 ip_id_other=6 "
		    "query=a.example "
		    "answer=192.0.2.80 answer_other=203.0.113.1"});
	put(&m, &(struct seen){4, "dns_conflict", "10.0.0.4", "192.0.2.53",
		    "id=1 gap_us=8000 ttl=54 ttl_other=54 ip_id=5 ip_id_other=6 "
		    "query=a.example "
		    "answer=192.0.2.80 answer_other=203.0.113.1"});
	memory_detect(&m);
	assert_int_equal(only(&m, "10.0.0.1")->confidence, CONFIDENCE_MEDIUM);
	assert_non_null(memory_fact(only(&m, "10.0.0.1"), FACT_KEY_RIVAL_RESET));
	assert_int_equal(only(&m, "10.0.0.2")->confidence, CONFIDENCE_MEDIUM);
	const struct finding *f = only(&m, "10.0.0.3");
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_true(str_equal(f->proto, STR("udp")));
	const struct fact *fact = memory_fact(f, FACT_KEY_RIVAL_ANSWER);
	assert_true(str_equal(fact->text, STR("a.example: 203.0.113.1, 192.0.2.80")));
	assert_int_equal(only(&m, "10.0.0.4")->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

/* A box on the way of one host, or before one server, does it to all: never high. */
static void test_boxes(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 1; i <= 5; i++) {
		char server[24], client[24];
		snprintf(server, sizeof(server), "192.0.2.%d", i);
		put(&m, &(struct seen){i, "tcp_overlap", "10.0.0.1", server, forged});
		snprintf(client, sizeof(client), "10.0.1.%d", i);
		for (int day = 0; day < 3; day++)
			put(&m, &(struct seen){day * DAY + i, "tcp_overlap", client,
				    "203.0.113.9", forged});
	}
	memory_detect(&m);
	for (size_t i = 0; i < 5; i++) {
		const struct finding *f = memory_find(&m, "injection", "10.0.0.1", i);
		assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
		assert_non_null(memory_fact(f, FACT_KEY_RIVAL_PATH));
	}
	const struct finding *f = memory_find(&m, "injection", "10.0.1.3", 0);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_non_null(memory_fact(f, FACT_KEY_RIVAL_CHRONIC));
	memory_end(&m);
}

/* Details come from others' logs too: nothing in them is trusted. */
static void test_details(void **state)
{
	(void)state;
	struct str d =
	    STR("ttl=54 ip_id=- x= big=12345678901234567890 minus=-7 ttl_syn=9");
	assert_int_equal(detail_number(d, "ttl", -1), 54);
	assert_int_equal(detail_number(d, "ttl_syn", -1), 9);
	assert_int_equal(detail_number(d, "ip_id", -1), -1);
	assert_int_equal(detail_number(d, "x", 3), 3);
	assert_int_equal(detail_number(d, "big", 3), 3);
	assert_int_equal(detail_number(d, "minus", 3), -7);
	assert_int_equal(detail_number(d, "none", 3), 3);
	assert_int_equal(detail_number((struct str){NULL, 0}, "ttl", 3), 3);
	struct rival r;
	assert_false(rival_read(&r, STR("weird"), d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forged),
	    cmocka_unit_test(test_not_forged),
	    cmocka_unit_test(test_other_kinds),
	    cmocka_unit_test(test_boxes),
	    cmocka_unit_test(test_details),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
