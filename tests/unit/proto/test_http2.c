/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 in clear: frames by hand, headers as nghttp2 deflates them. */
#include "play.h"

#include <nghttp2/nghttp2.h>

#include "proto/web/http_exchange.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum { DATA = 0, HEADERS = 1, RST = 3, SETTINGS = 4, CONTINUATION = 9 };
enum { END_STREAM = 1, END_HEADERS = 4, PADDED = 8, PRIORITY = 0x20 };

struct wire {
	uint8_t v[131072];
	size_t n;
};

static void put(struct wire *w, const void *p, size_t n)
{
	assert_true(n <= sizeof(w->v) - w->n);
	memcpy(w->v + w->n, p, n);
	w->n += n;
}

static void frame(
    struct wire *w, int type, int flags, uint32_t stream, const void *p, size_t n)
{
	const uint8_t head[9] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n,
	    (uint8_t)type, (uint8_t)flags, (uint8_t)(stream >> 24),
	    (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
	put(w, head, sizeof(head));
	put(w, p, n);
}

/* "name=value\n…" as a header block. */
static size_t block(nghttp2_hd_deflater *d, const char *text, uint8_t *out, size_t room)
{
	nghttp2_nv nv[16];
	size_t count = 0;
	char *copy = strdup(text), *rest = NULL;
	assert_non_null(copy);
	for (char *l = strtok_r(copy, "\n", &rest); l != NULL;
	     l = strtok_r(NULL, "\n", &rest)) {
		char *equals = strchr(l + 1, '=');
		nv[count++] = (nghttp2_nv){(uint8_t *)l, (uint8_t *)equals + 1,
		    (size_t)(equals - l), strlen(equals + 1), 0};
	}
	ssize_t n = nghttp2_hd_deflate_hd(d, out, room, nv, count);
	assert_true(n > 0);
	free(copy);
	return (size_t)n;
}

struct lab {
	struct play *p;
	nghttp2_hd_deflater *deflater[2];
	struct wire wire;
};

static struct lab *lab_start(void)
{
	struct lab *l = calloc(1, sizeof(*l));
	assert_non_null(l);
	l->p = play_start(IP_PROTO_TCP, 8080);
	for (int i = 0; i < 2; i++)
		assert_int_equal(nghttp2_hd_deflate_new(&l->deflater[i], 4096), 0);
	return l;
}

static void lab_end(struct lab *l)
{
	play_close(l->p);
	play_end(l->p);
	for (int i = 0; i < 2; i++)
		nghttp2_hd_deflate_del(l->deflater[i]);
	free(l);
}

static void headers(struct lab *l, int side, uint32_t stream, int flags, const char *text)
{
	uint8_t out[4096];
	size_t n = block(l->deflater[side], text, out, sizeof(out));
	frame(&l->wire, HEADERS, flags | END_HEADERS, stream, out, n);
}

/* What was put together, in pieces of at most step bytes. */
static void say(struct lab *l, int side, size_t step)
{
	for (size_t i = 0; i < l->wire.n; i += step) {
		size_t left = l->wire.n - i;
		play_send(l->p, side, l->wire.v + i, left < step ? left : step);
	}
	l->wire.n = 0;
}

#define GET(path)                                                                        \
	":method=GET\n:scheme=http\n:authority=api.example:8080\n:path=" path            \
	"\nuser-agent=curl/8\nx-forwarded-for=10.9.9.9\n"

/* Two streams whose answers come the other way round, whatever the pieces. */
static void test_streams(void **state)
{
	(void)state;
	static const size_t steps[] = {2, 3, 7, 9, 64, 100000};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct lab *l = lab_start();
		put(&l->wire, PREFACE, sizeof(PREFACE) - 1);
		frame(&l->wire, SETTINGS, 0, 0, "\0\1\0\0\x20\0", 6);
		headers(l, 0, 1, END_STREAM, GET("/one"));
		headers(l, 0, 3, 0,
		    ":method=POST\n:scheme=http\n:authority=api.example\n:path=/two\n"
		    "content-type=application/grpc\n");
		frame(&l->wire, DATA, PADDED | END_STREAM, 3, "\3abc\0\0\0", 7);
		say(l, 0, steps[i]);
		frame(&l->wire, SETTINGS, 0, 0, "", 0);
		headers(l, 1, 3, 0, ":status=200\ncontent-type=application/grpc\n");
		frame(&l->wire, DATA, 0, 3, "0123456789", 10);
		headers(l, 1, 3, END_STREAM, "grpc-status=0\n");
		headers(l, 1, 1, 0, ":status=404\ncontent-type=text/html\n");
		frame(&l->wire, DATA, END_STREAM, 1, "<html>gone", 10);
		frame(&l->wire, 6, 0, 0, "12345678", 8);
		say(l, 1, steps[i]);
		assert_int_equal(l->p->records[RECORD_HTTP], 2);
		play_assert(l->p,
		    "\"depth\":1,\"method\":\"GET\",\"host\":\"api.example\","
		    "\"uri\":\"/one\",\"version\":\"2.0\"");
		play_assert(l->p, "\"user_agent\":\"curl/8\"");
		play_assert(l->p, "X-FORWARDED-FOR -> 10.9.9.9");
		play_assert(l->p, "\"status\":404");
		play_assert(l->p, "\"request_bytes\":3,\"response_bytes\":10");
		assert_int_equal(l->p->records[RECORD_FILE], 3);
		play_assert(l->p, "\"mime_type\":\"text/html\"");
		play_close(l->p);
		play_assert(l->p, "\"service\":\"http2,grpc\"");
		play_flow(l->p, IP_PROTO_TCP, 80);
		lab_end(l);
	}
}

/* h2c: the rest after 101 is HTTP/2, whose first answer is to the request before. */
static void test_upgrade(void **state)
{
	(void)state;
	struct lab *l = lab_start();
	static const char ask[] =
	    "GET /dns HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n"
	    "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n";
	put(&l->wire, ask, sizeof(ask) - 1);
	say(l, 0, 1000);
	static const char yes[] = "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n";
	put(&l->wire, yes, sizeof(yes) - 1);
	frame(&l->wire, SETTINGS, 0, 0, "", 0);
	headers(l, 1, 1, 0, ":status=200\ncontent-type=application/dns-message\n");
	frame(&l->wire, DATA, 0, 1, "ab", 2);
	say(l, 1, 1000);
	put(&l->wire, PREFACE, sizeof(PREFACE) - 1);
	frame(&l->wire, SETTINGS, 1, 0, "", 0);
	say(l, 0, 1000);
	play_close(l->p);
	play_assert(l->p, "\"status\":101");
	play_assert(l->p, "\"version\":\"2.0\",\"proxied\":[],\"status\":200");
	play_assert(l->p, "\"service\":\"http2,http,doh\"");
	play_flow(l->p, IP_PROTO_TCP, 80);
	lab_end(l);
}

static void begun(struct lab *l)
{
	put(&l->wire, PREFACE, sizeof(PREFACE) - 1);
	frame(&l->wire, SETTINGS, 0, 0, "", 0);
}

/* A header block over frames without end, and one of too many fields. */
static void test_floods(void **state)
{
	(void)state;
	struct lab *l = lab_start();
	begun(l);
	frame(&l->wire, HEADERS, 0, 1, "", 0);
	for (int i = 0; i < 200; i++)
		frame(&l->wire, CONTINUATION, 0, 1, "", 0);
	say(l, 0, 1000);
	assert_int_equal(play_counters(l->p, "http2")->over_limit, 1);
	lab_end(l);

	l = lab_start();
	begun(l);
	static uint8_t many[30000];
	memset(many, 0x82, sizeof(many)); /* :method GET */
	frame(&l->wire, HEADERS, 0, 1, many, sizeof(many));
	frame(&l->wire, CONTINUATION, 0, 1, many, sizeof(many));
	say(l, 0, 70000);
	assert_int_equal(play_counters(l->p, "http2")->over_limit, 1);
	lab_end(l);

	l = lab_start();
	begun(l);
	for (uint32_t i = 0; i < HTTP_PIPELINE_MAX + 2; i++)
		headers(l, 0, 2 * i + 1, END_STREAM, GET("/"));
	say(l, 0, 100000);
	assert_int_equal(play_counters(l->p, "http2")->over_limit, 2);
	assert_int_equal(l->p->records[RECORD_HTTP], 2);
	lab_end(l);

	l = lab_start();
	begun(l);
	const uint8_t big[9] = {0x10, 0, 0, HEADERS, END_HEADERS, 0, 0, 0, 1};
	put(&l->wire, big, sizeof(big));
	say(l, 0, 1000);
	assert_int_equal(play_counters(l->p, "http2")->over_limit, 1);
	lab_end(l);
}

static void test_malformed(void **state)
{
	(void)state;
	static const struct {
		int type, flags;
		const char *p;
		size_t n;
	} bad[] = {{HEADERS, END_HEADERS, "\xff\xff\xff\xff\xff\xff", 6},
	    {HEADERS, END_HEADERS | PADDED, "\x09", 1},
	    {HEADERS, END_HEADERS | PRIORITY, "\x09", 1}, {DATA, PADDED, "\2a", 2}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct lab *l = lab_start();
		begun(l);
		frame(&l->wire, bad[i].type, bad[i].flags, 1, bad[i].p, bad[i].n);
		say(l, 0, 1000);
		assert_int_equal(play_counters(l->p, "http2")->malformed, 1);
		lab_end(l);
	}
}

/* Content may be missing, headers not; a reset ends a stream. */
static void test_gaps(void **state)
{
	(void)state;
	struct lab *l = lab_start();
	begun(l);
	headers(l, 0, 1, 0, GET("/up") "content-length=6\n");
	headers(l, 0, 3, END_STREAM, GET("/down"));
	frame(&l->wire, RST, 0, 3, "\0\0\0\1", 4);
	frame(&l->wire, DATA, END_STREAM, 1, "abcdef", 6);
	l->wire.n -= 4;
	say(l, 0, 1000);
	assert_int_equal(l->p->records[RECORD_HTTP], 0); /* an answer may still come */
	l->p->sink.gap(l->p->sink.ctx, &l->p->flow, 0, 4);
	play_assert(l->p, "\"missing_bytes\":4");
	l->p->sink.gap(l->p->sink.ctx, &l->p->flow, 0, 4);
	assert_int_equal(play_counters(l->p, "http2")->truncated, 1);
	assert_int_equal(l->p->records[RECORD_HTTP], 2);
	lab_end(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_streams),
	    cmocka_unit_test(test_upgrade),
	    cmocka_unit_test(test_floods),
	    cmocka_unit_test(test_malformed),
	    cmocka_unit_test(test_gaps),
	};
	return cmocka_run_group_tests_name("proto/http2", tests, NULL, NULL);
}
