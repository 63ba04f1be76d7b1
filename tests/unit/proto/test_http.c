/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after RFC 9110, RFC 9112 and RFC 7617. */
#include "play.h"

#include "proto/shared/line.h"
#include "proto/web/http_exchange.h"

#define SAY(p, side, text) play_send(p, side, text, sizeof(text) - 1)

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 80);
}

static void finish(struct play *p)
{
	play_close(p);
	play_end(p);
}

static void gap(struct play *p, int side, uint64_t n)
{
	p->sink.gap(p->sink.ctx, &p->flow, side, n);
}

#define SIMPLE_REQUEST                                                                   \
	"POST /a?b=c HTTP/1.1\r\nHost: WWW.Example.COM:8080\r\nUser-Agent: curl/8\r\n"   \
	"Referer: http://r/\r\nOrigin: http://o\r\nContent-Length: 5\r\n\r\nhello"
#define SIMPLE_RESPONSE                                                                  \
	"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: "          \
	"3\r\n\r\nno!"

static void check_simple(struct play *p)
{
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_assert(p, "\"depth\":1,\"method\":\"POST\",\"host\":\"www.example.com\"");
	play_assert(
	    p, "\"uri\":\"/a?b=c\",\"version\":\"1.1\",\"user_agent\":\"curl/8\"");
	play_assert(p, "\"referrer\":\"http://r/\",\"origin\":\"http://o\"");
	play_assert(
	    p, "\"status\":404,\"reason\":\"Not Found\",\"content_type\":\"text/html\"");
	play_assert(p, "\"request_bytes\":5,\"response_bytes\":3");
}

static void request_and_response(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, SIMPLE_REQUEST);
	assert_int_equal(p->records[RECORD_HTTP], 0);
	SAY(p, 1, SIMPLE_RESPONSE);
	check_simple(p); /* emitted when the response is complete, not only at close */
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_assert(p, "\"service\":\"http\"");
	play_assert(p, "\"server_name\":\"www.example.com\"");
	play_end(p);
}

/* However the bytes are cut into segments, the records are the same. */
static void cut_anywhere(void **state)
{
	(void)state;
	static const char q[] = SIMPLE_REQUEST, a[] = SIMPLE_RESPONSE;
	for (size_t step = 8; step < sizeof(q); step += 3) {
		struct play *p = start();
		for (size_t i = 0; i < sizeof(q) - 1; i += step)
			play_send(
			    p, 0, q + i, i + step < sizeof(q) ? step : sizeof(q) - 1 - i);
		for (size_t i = 0; i < sizeof(a) - 1; i++)
			play_send(p, 1, a + i, 1);
		check_simple(p);
		finish(p);
	}
}

static void pipeline_and_chunks(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0,
	    "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: h\r\n\r\n"
	    "GET /3 HTTP/1.1\r\nHost: h\r\n\r\nPUT /4 HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: gzip, Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	SAY(p, 1, /* chunk extension, upper-case size, trailer */
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5;name=\"v\"\r\nHTTP/\r\n00B\r\n0123456789a\r\n0\r\nX-Sum: 1\r\n\r\n");
	play_assert(
	    p, "\"uri\":\"/1\",\"version\":\"1.1\",\"proxied\":[],\"status\":200");
	play_assert(p, "\"response_bytes\":16");
	SAY(p, 1,
	    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"); /* of HEAD: no body */
	SAY(p, 1, "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 204 No Content\r\n\r\n");
	assert_int_equal(p->records[RECORD_HTTP], 4);
	play_assert(p, "\"depth\":2,\"method\":\"HEAD\"");
	play_assert(p, "\"depth\":4,\"method\":\"PUT\"");
	play_assert(p, "\"status\":304");
	play_assert(p, "\"status\":204,\"reason\":\"No Content\",\"request_bytes\":3,"
		       "\"response_bytes\":0");
	finish(p);
}

static void interim_responses(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0,
	    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
	    "Expect: 100-continue\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n");
	SAY(p, 0, "ok");
	assert_int_equal(p->records[RECORD_HTTP], 0);
	SAY(p, 1, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_assert(p, "\"status\":201,\"reason\":\"Created\",\"request_bytes\":2");
	finish(p);
}

/* After CONNECT and 101 the bytes belong to another protocol. */
static void tunnels_end_it(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "CONNECT Mail.example:443 HTTP/1.1\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 200 Connection established\r\n\r\n\x16\x03\x01");
	SAY(p, 0, "GET /inside HTTP/1.1\r\n\r\n");
	play_assert(p, "\"method\":\"CONNECT\",\"host\":\"mail.example\","
		       "\"uri\":\"Mail.example:443\"");
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 8080);
	SAY(p, 0, "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
	assert_int_equal(play_count(p, "/inside"), 0);
	play_assert(
	    p, "\"uri\":\"/ws\",\"version\":\"1.1\",\"proxied\":[],\"status\":101");
	finish(p);
	p = start(); /* a CONNECT that was refused stays HTTP */
	SAY(p, 0, "CONNECT h:1 HTTP/1.1\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
	SAY(p, 0, "GET /after HTTP/1.1\r\n\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], 2);
	play_end(p);
}

/* What is behind the head of the answer belongs to what the tunnel carries. */
static void tunnel_is_read(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "CONNECT a:22 HTTP/1.1\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n");
	SAY(p, 0, "SSH-2.0-y\r\n");
	play_close(p);
	play_assert(p, "\"client\":\"SSH-2.0-y\",\"server\":\"SSH-2.0-x\"");
	play_end(p);
}

static void dns_is_told(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "GET /dns-query?dns=AAAB HTTP/1.1\r\nHost: h\r\n\r\n");
	SAY(p, 1,
	    "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n"
	    "Content-Length: 0\r\n\r\n");
	play_close(p);
	play_assert(p, "\"service\":\"http,doh\"");
	play_end(p);
}

static void body_until_close(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "GET / HTTP/1.0\r\n\r\n");
	SAY(p, 1, "HTTP/1.0 200\r\nServer: x\r\n\r\nHTTP/1.0 500 in the body\r\n");
	SAY(p, 1, "more");
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_assert(p, "\"status\":200,\"request_bytes\":0,\"response_bytes\":30");
	play_end(p);
}

static void version_0_9(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "GET /old.html\r\n");
	SAY(p, 1, "<p>old</p>\n");
	play_close(p);
	play_assert(p, "\"uri\":\"/old.html\",\"version\":\"0.9\"");
	play_assert(p, "\"response_bytes\":11");
	assert_int_equal(play_count(p, "\"status\""), 0);
	play_end(p);
}

/* Folded fields (RFC 9112, 5.2), bare line feeds (2.2), spaces where none should be. */
static void odd_lines(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0,
	    "\r\n\nGET  /x y   HTTP/1.1\nhost :h\nUser-Agent: one\n\t two\n \nX: y\n\n");
	SAY(p, 1,
	    "HTTP/1.1  200   very  fine \nContent-Length:\r\n 2\r\n\r\nabHTTP/1.1 1");
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_assert(p, "\"host\":\"h\",\"uri\":\"/x y\"");
	play_assert(p, "\"user_agent\":\"one two\"");
	play_assert(p, "\"status\":200,\"reason\":\"very  fine \"");
	play_assert(p, "\"response_bytes\":2");
	play_end(p);
}

static void check_host(const char *request, const char *wanted)
{
	struct play *p = start();
	play_send(p, 0, request, strlen(request));
	play_close(p);
	play_assert(p, wanted);
	play_end(p);
}

static void hosts(void **state)
{
	(void)state;
	check_host("GET http://u:p@Abs.Example:81/p HTTP/1.1\r\n\r\n",
	    "\"host\":\"abs.example\"");
	check_host("GET http://abs?q@x HTTP/1.1\r\n\r\n", "\"host\":\"abs\"");
	check_host("GET / HTTP/1.1\r\nHost: [2001:DB8::1]:80\r\n\r\n",
	    "\"host\":\"2001:db8::1\"");
	check_host("GET / HTTP/1.1\r\nHost: a.b.\r\n\r\n", "\"host\":\"a.b\"");
	check_host(
	    "GET / HTTP/1.1\r\nHost: a\x01\xff\r\n\r\n", "\"host\":\"a\\\\x01\\\\xff\"");
	struct play *p = start(); /* an address is no name */
	SAY(p, 0, "GET / HTTP/1.1\r\nHost: 10.0.0.2:8000\r\n\r\n");
	play_close(p);
	play_assert(p, "\"host\":\"10.0.0.2\"");
	assert_int_equal(play_count(p, "server_name"), 0);
	play_end(p);
}

/* The example of RFC 7617, 2: Aladdin, "open sesame". */
static void user_without_password(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0,
	    "GET / HTTP/1.1\r\nAuthorization: bAsIc  QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"
	    "X-Forwarded-For: 1.2.3.4\r\nvia: 1.1 v\r\n\r\n"
	    "GET / HTTP/1.1\r\nAuthorization: Bearer "
	    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
	play_close(p);
	assert_int_equal(play_count(p, "\"username\":\"Aladdin\""), 1);
	assert_int_equal(play_count(p, "username"), 1);
	assert_int_equal(play_count(p, "sesame") + play_count(p, "QWxh"), 0);
	play_assert(p, "[\"X-FORWARDED-FOR -> 1.2.3.4\",\"VIA -> 1.1 v\"]");
	play_end(p);
}

static void gap_in_a_body_is_skipped(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
	gap(p, 1, 999999999);
	SAY(p, 1, "!HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n");
	gap(p, 1, 10);
	SAY(p, 1, "123456\r\n0\r\n\r\n");
	assert_int_equal(p->records[RECORD_HTTP], 2);
	play_assert(p, "\"response_bytes\":1000000000");
	play_assert(p, "\"status\":404,\"reason\":\"No\",\"request_bytes\":0,"
		       "\"response_bytes\":16");
	finish(p);
}

/* A gap in a header ends what was open;
 * a later message that begins a segment is read again. */
static void gap_in_a_header(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "GET /1 HTTP/1.1\r\nHost: a\r\nX: ");
	gap(p, 0, 100);
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_assert(p, "\"host\":\"a\",\"uri\":\"/1\"");
	SAY(p, 0, "tail\r\n\r\n");
	SAY(p, 1,
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); /* nobody waits for it */
	SAY(p, 0, "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
	SAY(p, 1, "HTTP/1.1 203 Yes\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(p->records[RECORD_HTTP], 2);
	play_assert(
	    p, "\"uri\":\"/3\",\"version\":\"1.1\",\"proxied\":[],\"status\":203");
	finish(p);
}

static void response_alone(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 1, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
	assert_int_equal(p->records[RECORD_HTTP], 1);
	assert_int_equal(play_count(p, "method"), 0);
	finish(p);
	p = start(); /* and a request alone is HTTP too */
	SAY(p, 0, "GET / HTTP/1.1\r\n\r\n");
	play_close(p);
	play_assert(p, "\"service\":\"http\"");
	play_end(p);
}

/* RFC 9112, 6.3: what is wrong must not be guessed. */
static void wrong_lengths(void **state)
{
	(void)state;
	static const char *const wrong[] = {
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n10000000000000000\r\nab",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nab",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nab",
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct play *p = start();
		SAY(p, 0, "GET / HTTP/1.1\r\n\r\n");
		play_send(p, 1, wrong[i], strlen(wrong[i]));
		play_close(p);
		assert_int_equal(p->records[RECORD_HTTP], 1);
		play_assert(p, "\"status\":200,\"reason\":\"OK\",\"request_bytes\":0,"
			       "\"response_bytes\":0");
		play_assert(p, "protocol=http side=1 what=not a chunk size");
		play_end(p);
	}
}

static void long_lines_are_cut(void **state)
{
	(void)state;
	char *line = malloc(3 * LINE_KEPT_MAX);
	assert_non_null(line);
	memset(line, 'a', 3 * LINE_KEPT_MAX);
	memcpy(line, "GET /", 5);
	struct play *p = start();
	play_send(p, 0, line, LINE_KEPT_MAX - 10);
	play_send(p, 0, line + 5, 2 * LINE_KEPT_MAX);
	SAY(p, 0, " HTTP/1.1\r\nHost: still\r\nUser-Agent: ");
	play_send(p, 0, line + 5, 2 * LINE_KEPT_MAX);
	SAY(p, 0, "\r\nReferer: r\r\n\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_assert(p, "\"host\":\"still\"");
	play_assert(p, "\"referrer\":\"r\"");
	assert_true(p->text_n < 2 * LINE_KEPT_MAX + 2048);
	for (size_t i = 0; i < proto_count(); i++) {
		if (strcmp(proto_name(i), "http") == 0)
			assert_int_equal(proto_counters(p->proto, i)->over_limit, 2);
	}
	play_end(p);
	free(line);
}

static void texts_are_bounded(void **state)
{
	(void)state;
	char *value = malloc(LINE_KEPT_MAX);
	assert_non_null(value);
	memset(value, 'v', LINE_KEPT_MAX);
	struct play *p = start();
	SAY(p, 0, "GET / HTTP/1.1\r\n");
	for (int i = 0; i < 20; i++) {
		SAY(p, 0, "Via: ");
		play_send(p, 0, value, LINE_KEPT_MAX - 100);
		SAY(p, 0, "\r\n");
	}
	SAY(p, 0, "\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], 1);
	assert_true(p->text_n < HTTP_TEXT_MAX + 4096);
	play_end(p);
	free(value);
}

static void pipeline_is_bounded(void **state)
{
	(void)state;
	struct play *p = start();
	for (int i = 0; i < HTTP_PIPELINE_MAX + 10; i++)
		SAY(p, 0, "GET / HTTP/1.1\r\n\r\n");
	assert_int_equal(p->records[RECORD_HTTP], 10);
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], HTTP_PIPELINE_MAX + 10);
	play_end(p);
}

static void others_are_left_alone(void **state)
{
	(void)state;
	static const char *const other[] = {
	    "OPTIONS rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
	    "REGISTER sip:h SIP/2.0\r\n\r\n", "USER me\r\n", "220 mail ESMTP\r\n",
	    "CONNECT {\"verbose\":false}\r\n", "HELO h\r\n", "\x16\x03\x01\x02",
	    "OPTIONS /x RTSP/1.0\r\n\r\n"};
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		struct play *p = start();
		play_send(p, 0, other[i], strlen(other[i]));
		play_close(p);
		assert_int_equal(p->records[RECORD_HTTP], 0);
		play_end(p);
	}
}

/* RFC 9113, 3.4: the preface is no request of HTTP/1, however it comes in. */
static void preface_of_http2(void **state)
{
	(void)state;
	struct play *p = start();
	SAY(p, 0, "PRI * HTTP/2.0\r\n");
	SAY(p, 0, "\r\nSM\r\n\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_HTTP], 0);
	play_assert(p, "\"service\":\"http2\"");
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_and_response),
	    cmocka_unit_test(cut_anywhere),
	    cmocka_unit_test(pipeline_and_chunks),
	    cmocka_unit_test(interim_responses),
	    cmocka_unit_test(tunnels_end_it),
	    cmocka_unit_test(tunnel_is_read),
	    cmocka_unit_test(dns_is_told),
	    cmocka_unit_test(body_until_close),
	    cmocka_unit_test(version_0_9),
	    cmocka_unit_test(odd_lines),
	    cmocka_unit_test(hosts),
	    cmocka_unit_test(user_without_password),
	    cmocka_unit_test(gap_in_a_body_is_skipped),
	    cmocka_unit_test(gap_in_a_header),
	    cmocka_unit_test(response_alone),
	    cmocka_unit_test(wrong_lengths),
	    cmocka_unit_test(long_lines_are_cut),
	    cmocka_unit_test(texts_are_bounded),
	    cmocka_unit_test(pipeline_is_bounded),
	    cmocka_unit_test(others_are_left_alone),
	    cmocka_unit_test(preface_of_http2),
	};
	return cmocka_run_group_tests_name("proto/http", tests, NULL, NULL);
}
