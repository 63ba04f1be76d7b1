/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of OCSP made by hand: over HTTP, stapled, cut anywhere, over limits. */
#include "play.h"
#include "proto/shared/ocsp.h"

/* good; revoked with its reason, and without; unknown, of an unknown digest */
#define FOUR                                                                             \
	"308201710a0100a082016a3082016606092b06010505073001010482015730820153"           \
	"30820142a206040433333333180f32303234303130313030303130305a30820125"             \
	"3044301c300906052b0e03021a05000404111111110404222222220203009f0180"             \
	"00180f32303234303130313030303030305aa011180f323032343031303830303030"           \
	"30305a305c301e300d06096086480165030402010500040411111111040422222222"           \
	"020107a116180f32303233313232343132303030305aa0030a0101180f3230323430"           \
	"3130313030303030305aa011180f32303234303130383030303030305a3040301a30"           \
	"0906052b0e03021a0500040411111111040422222222020108a111180f3230323331"           \
	"3232343132303030305a180f32303234303130313030303030305a303d3015300406"           \
	"022a090404111111110404222222220201098200180f3230323430313031303030303"          \
	"0305aa011180f32303234303130383030303030305a300606022a0305000303004444"

/* good: 135 bytes */
#define ONE                                                                              \
	"3081840a0100a07f307d06092b06010505073001010470306e305fa20604043333"             \
	"3333180f32303234303130313030303130305a30443042301a300906052b0e03021a"           \
	"05000404111111110404222222220201018000180f3230323430313031303030303030"         \
	"5aa011180f32303234303130383030303030305a300606022a0305000303004444"

#define TYPE "Content-Type: application/ocsp-response\r\n"

static struct play *asked(const char *head)
{
	struct play *p = play_start(IP_PROTO_TCP, 80);
	play_send(p, 0, "GET /a HTTP/1.1\r\n\r\n", 19);
	play_send(p, 1, "HTTP/1.1 200 OK\r\n", 17);
	play_send(p, 1, head, strlen(head));
	return p;
}

static void test_http(void **state)
{
	(void)state;
	struct play *p = asked(TYPE "Content-Length: 373\r\n\r\n");
	play_hex(p, 1, FOUR);
	assert_int_equal(p->records[RECORD_OCSP], 4);
	play_assert(p,
	    "\"protocol\":\"http\",\"hash_alg\":\"sha1\",\"issuer_name_hash\":"
	    "\"11111111\",\"issuer_key_hash\":\"22222222\",\"serial\":\"9F01\","
	    "\"status\":\"good\",\"produced\"");
	play_assert(p, "\"hash_alg\":\"sha256\"");
	play_assert(
	    p, "\"serial\":\"07\",\"status\":\"revoked\",\"revoked\":\"2023-12-24");
	play_assert(p, "\"reason\":\"keyCompromise\"");
	assert_int_equal(play_count(p, "\"status\":\"revoked\""), 2);
	assert_int_equal(play_count(p, "\"reason\":\"key"), 1);
	assert_int_equal(play_count(p, "\"next_update\":\"2024-01-08"), 3);
	play_assert(p, "\"serial\":\"09\",\"status\":\"unknown\"");
	assert_int_equal(play_counters(p, "http")->malformed, 0);
	play_close(p);
	play_end(p);
}

/* What is no answer, says nothing of a certificate, is coded, cut, or too long. */
static void test_none(void **state)
{
	(void)state;
	struct play *p = asked(TYPE "Content-Length: 5\r\n\r\n");
	play_hex(p, 1, "30030a0103");
	assert_int_equal(play_counters(p, "http")->malformed, 0);
	play_send(p, 0, "GET /b HTTP/1.1\r\n\r\n", 19);
	play_send(p, 1, "HTTP/1.1 200 OK\r\n" TYPE "Content-Length: 2\r\n\r\nhi", 81);
	play_close(p);
	assert_int_equal(play_counters(p, "http")->malformed, 1);
	assert_int_equal(p->records[RECORD_OCSP], 0);
	play_end(p);

	p = asked(TYPE "Content-Encoding: gzip\r\nContent-Length: 135\r\n\r\n");
	play_hex(p, 1, ONE);
	assert_int_equal(p->records[RECORD_OCSP], 0);
	assert_int_equal(play_counters(p, "http")->malformed, 0);
	play_close(p);
	play_end(p);

	p = asked(TYPE "Content-Length: 136\r\n\r\n");
	play_hex(p, 1, ONE);
	play_close(p);
	assert_int_equal(p->records[RECORD_OCSP], 1); /* whole but for what follows */
	play_end(p);

	p = asked(TYPE "\r\n");
	char *zeros = calloc(1, OCSP_BYTES_MAX + 1);
	assert_non_null(zeros);
	play_send(p, 1, zeros, OCSP_BYTES_MAX + 1);
	assert_int_equal(play_counters(p, "http")->over_limit, 1);
	play_close(p);
	play_end(p);
	free(zeros);
}

/* tag, and a length of two bytes: 4 bytes. */
static size_t open_der(uint8_t *to, uint8_t tag, size_t n)
{
	to[0] = tag;
	to[1] = 0x82;
	to[2] = (uint8_t)(n >> 8);
	to[3] = (uint8_t)n;
	return 4;
}

/* An answer of more certificates than give rows: the one of ONE again and again. */
static void test_many(void **state)
{
	(void)state;
	enum { SINGLE = 68, COUNT = OCSP_ANSWERS_MAX + 1, INSIDE = SINGLE * COUNT };
	uint8_t one[256], *all = calloc(1, INSIDE + 256);
	assert_non_null(all);
	size_t n = play_unhex(ONE, one, sizeof(one)), at = 0;
	assert_int_equal(n, 135);
	at += open_der(all + at, 0x30, INSIDE + 63);
	memcpy(all + at, one + 3, 3); /* status */
	at += 3;
	at += open_der(all + at, 0xa0, INSIDE + 56);
	at += open_der(all + at, 0x30, INSIDE + 52);
	memcpy(all + at, one + 10, 11); /* OID */
	at += 11;
	at += open_der(all + at, 0x04, INSIDE + 37);
	at += open_der(all + at, 0x30, INSIDE + 33);
	at += open_der(all + at, 0x30, INSIDE + 29);
	memcpy(all + at, one + 27, 25); /* responder, when */
	at += 25;
	at += open_der(all + at, 0x30, INSIDE);
	for (int i = 0; i < COUNT; i++, at += SINGLE)
		memcpy(all + at, one + 54, SINGLE);
	struct play *p = asked(TYPE "\r\n");
	play_send(p, 1, all, at);
	play_close(p);
	assert_int_equal(p->records[RECORD_OCSP], OCSP_ANSWERS_MAX);
	assert_int_equal(play_counters(p, "http")->over_limit, 1);
	play_end(p);
	free(all);
}

static void test_stapled(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 443);
	play_hex(p, 1,
	    "16 0303 00b9 02 000026 0303 "
	    "00000000000000000000000000000000 00000000000000000000000000000000 00 c02f 00"
	    "16 00008b 01 000087" ONE);
	play_close(p);
	assert_int_equal(p->records[RECORD_OCSP], 1);
	play_assert(p, "\"protocol\":\"ssl\",\"hash_alg\":\"sha1\"");
	play_end(p);

	/* several: none for the first certificate, one for the next */
	p = play_start(IP_PROTO_TCP, 443);
	play_hex(p, 1,
	    "16 0303 00bf 02 000026 0303 "
	    "00000000000000000000000000000000 00000000000000000000000000000000 00 c02f 00"
	    "16 000091 02 00008d 000000 000087" ONE);
	play_close(p);
	assert_int_equal(p->records[RECORD_OCSP], 1);
	play_end(p);
}

static void test_cut(void **state)
{
	(void)state;
	uint8_t all[512];
	size_t n = play_unhex(FOUR, all, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		struct play *p = asked(TYPE "\r\n");
		play_send(p, 1, all, i);
		play_close(p);
		assert_true(p->records[RECORD_OCSP] <= 4);
		play_end(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_http),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_stapled),
	    cmocka_unit_test(test_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
