/* SPDX-License-Identifier: Apache-2.0 */
/* Files over HTTP and SMTP: what of them was seen, their type, name and digest. */
#include "play.h"

#include <zlib.h>

#include "proto/shared/digest.h"
#include "proto/shared/file_type.h"
#include "proto/shared/mime.h"
#include "proto/shared/transfer.h"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

/* The rows hold the digest of these bytes. */
static void assert_digest(const struct play *p, const void *bytes, size_t n)
{
	char hex[DIGEST_TEXT_MAX], wanted[DIGEST_TEXT_MAX + 16];
	digest_hex(DIGEST_SHA256, bytes, n, hex);
	snprintf(wanted, sizeof(wanted), "\"sha256\":\"%s\"", hex);
	play_assert(p, wanted);
}

static void test_body(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 80);
	say(p, 0, "GET /a.html HTTP/1.1\r\nHost: h\r\n\r\n");
	say(p, 1,
	    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n"
	    "Content-Disposition: attachment; filename=\"a b.html\"\r\n\r\n<!DOC");
	say(p, 1, "TYPE HTML>12345");
	assert_int_equal(p->records[RECORD_FILE], 1);
	play_assert(
	    p, "\"protocol\":\"http\",\"exchange\":1,\"depth\":0,\"is_orig\":false");
	play_assert(p, "\"filename\":\"a b.html\",\"mime_type\":\"text/html\"");
	play_assert(p, "\"seen_bytes\":20,\"total_bytes\":20,\"missing_bytes\":0");
	play_assert(p, "\"complete\":true");
	assert_digest(p, "<!DOCTYPE HTML>12345", 20);
	play_close(p);
	assert_int_equal(p->records[RECORD_FILE], 1);
	play_end(p);
}

static void test_chunked_request(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 80);
	say(p, 0,
	    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
	play_assert(p, "\"is_orig\":true");
	play_assert(p, "\"seen_bytes\":7,\"missing_bytes\":0,\"complete\":true");
	assert_digest(p, "abcdefg", 7);
	play_close(p);
	play_end(p);
}

/* Not all: cut by the end, by a gap, a range of it. */
static void test_partial(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 80);
	say(p, 0, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
	say(p, 1, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nab");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 4);
	say(p, 1, "gh");
	play_assert(p,
	    "\"seen_bytes\":4,\"total_bytes\":8,\"missing_bytes\":4,\"complete\":false");
	assert_int_equal(play_count(p, "\"sha256\""), 0);
	say(p, 1,
	    "HTTP/1.1 206 Part\r\nContent-Length: 2\r\nContent-Range: bytes "
	    "4-5/90\r\n\r\nab");
	play_assert(p,
	    "\"seen_bytes\":2,\"total_bytes\":90,\"missing_bytes\":0,\"complete\":false");
	say(p, 1, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
	play_close(p);
	play_assert(p,
	    "\"seen_bytes\":3,\"total_bytes\":9,\"missing_bytes\":0,\"complete\":false");
	assert_int_equal(p->records[RECORD_FILE], 3);
	play_end(p);
}

static size_t packed(const char *text, size_t n, int window, uint8_t *out, size_t room)
{
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 9, 0), Z_OK);
	z.next_in = (uint8_t *)(uintptr_t)text;
	z.avail_in = (unsigned)n;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

static void send_packed(struct play *p, const char *coding, const uint8_t *v, size_t n)
{
	char head[256];
	say(p, 0, "GET / HTTP/1.1\r\n\r\n");
	snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n",
	    coding, n);
	say(p, 1, head);
	for (size_t i = 0; i < n; i += 7)
		play_send(p, 1, v + i, n - i < 7 ? n - i : 7);
}

static void test_coded(void **state)
{
	(void)state;
	static const char text[] =
	    "{\"one\": 1, \"two\": [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]}";
	struct play *p = play_start(IP_PROTO_TCP, 80);
	uint8_t out[256];
	static const struct {
		const char *coding;
		int window;
	} as[] = {
	    {"gzip", 31}, {"identity, x-gzip", 31}, {"deflate", 15}, {"deflate", -15}};
	for (size_t i = 0; i < 4; i++) {
		size_t n = packed(text, sizeof(text) - 1, as[i].window, out, sizeof(out));
		send_packed(p, as[i].coding, out, n);
	}
	send_packed(p, "gzip", (const uint8_t *)text, sizeof(text) - 1);
	assert_int_equal(play_count(p, "\"complete\":true"), 5);
	assert_int_equal(play_count(p, "text/json"), 5);
	char seen[32];
	snprintf(seen, sizeof(seen), "\"seen_bytes\":%zu,", sizeof(text) - 1);
	assert_int_equal(play_count(p, seen), 5);
	assert_digest(p, text, sizeof(text) - 1);
	size_t n = packed(text, sizeof(text) - 1, 31, out, sizeof(out));
	send_packed(p, "gzip", out, n - 12); /* cut */
	send_packed(p, "br", out, n);        /* as it is sent */
	assert_int_equal(play_count(p, "\"complete\":false"), 1);
	play_assert(p, "application/x-gzip");
	play_close(p);
	play_end(p);
}

/* What grows without end is given up. */
static void test_bomb(void **state)
{
	(void)state;
	size_t n = 64u << 20;
	char *zeros = calloc(1, n);
	uint8_t *out = malloc(1u << 20);
	assert_non_null(zeros);
	assert_non_null(out);
	size_t small = packed(zeros, n, 31, out, 1u << 20);
	struct play *p = play_start(IP_PROTO_TCP, 80);
	char head[128];
	say(p, 0, "GET / HTTP/1.1\r\n\r\n");
	snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
	    small);
	say(p, 1, head);
	play_send(p, 1, out, small);
	play_assert(p, "\"complete\":false");
	assert_int_equal(play_counters(p, "http")->over_limit, 1);
	free(zeros);
	free(out);
	play_close(p);
	play_end(p);
}

#define FORM                                                                             \
	"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n"            \
	"--XX\r\nContent-Disposition: form-data; name=\"file\"; "                        \
	"filename=\"a-name-that-makes-this-line-longer-than-a-boundary-can-be.bin\"\r\n" \
	"Content-Type: application/octet-stream\r\n\r\n"                                 \
	"--X\r\n\r\n-\r--XX\r\n-------------------------------------------------"        \
	"-----------------------------------------------------------------\r\n\r\r\n"    \
	"--XX--\r\nafter\r\n"
#define FORM_FILE                                                                        \
	"--X\r\n\r\n-\r--XX\r\n-------------------------------------------------"        \
	"-----------------------------------------------------------------\r\n\r"

/* A form, in pieces of every size. */
static void test_form(void **state)
{
	(void)state;
	for (size_t step = 1; step < sizeof(FORM); step++) {
		struct play *p = play_start(IP_PROTO_TCP, 80);
		char head[256];
		snprintf(head, sizeof(head),
		    "POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; "
		    "boundary=XX\r\nContent-Length: %zu\r\n\r\n",
		    sizeof(FORM) - 1);
		say(p, 0, head);
		for (size_t i = 0; i < sizeof(FORM) - 1; i += step) {
			size_t left = sizeof(FORM) - 1 - i;
			play_send(p, 0, FORM + i, left < step ? left : step);
		}
		assert_int_equal(p->records[RECORD_FILE], 2);
		play_assert(p, "\"filename\":\"a-name-that-makes-this-line-longer-than-a-"
			       "boundary-can-be.bin\"");
		assert_digest(p, "value", 5);
		assert_digest(p, FORM_FILE, sizeof(FORM_FILE) - 1);
		play_close(p);
		play_end(p);
	}
}

#define MAIL_HEADER                                                                      \
	"From: a\r\nContent-Type: multipart/mixed;\r\n boundary=\"A B\"\r\n\r\nhi\r\n"

/* Parts in parts; base64, quoted-printable, as it is. */
static void test_mail(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 25);
	say(p, 0, "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	say(p, 1, "220 SMTP\r\n250 a\r\n250 b\r\n250 c\r\n354 go\r\n");
	say(p, 0, MAIL_HEADER);
	say(p, 0, "--A B\r\nContent-Type: multipart/alternative; boundary=C\r\n\r\n");
	say(p, 0, "--C\r\n\r\nfirst\r\n..\r\n");
	say(p, 0,
	    "--C\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "a=3Db=\r\n c  \r\n--C--\r\n");
	say(p, 0,
	    "--A B\r\nContent-Type: application/octet-stream; name=x\r\n"
	    "Content-Disposition: attachment;\r\n filename=\"two words.bin\"\r\n"
	    "Content-Transfer-Encoding: BASE64\r\n\r\nTVqQ\r\nAAM=\r\n--A B--\r\n.\r\n");
	say(p, 1, "250 kept\r\n");
	assert_int_equal(p->records[RECORD_FILE], 3);
	play_assert(
	    p, "\"protocol\":\"smtp\",\"exchange\":1,\"depth\":3,\"is_orig\":true");
	play_assert(
	    p, "\"filename\":\"two words.bin\",\"mime_type\":\"application/x-dosexec\"");
	assert_digest(p, "first\r\n.", 8);
	assert_digest(p, "a=b c", 5);
	assert_digest(p, "MZ\x90\0\3", 5);
	say(p, 0, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	say(p, 1, "250 b\r\n250 c\r\n354 go\r\n");
	say(p, 0, "A: b\r\n\r\nall of it\r\n.\r\n");
	assert_digest(p, "all of it\r\n", 11);
	say(p, 0, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	say(p, 1, "250 kept\r\n250 b\r\n250 c\r\n354 go\r\n");
	say(p, 0, "A: b\r\n\r\nbegun");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 9);
	say(p, 0, "\r\nended\r\n.\r\n");
	play_close(p);
	play_end(p);
}

/* Messages in messages, deeper than is followed. */
static void test_deep(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 25);
	say(p, 0, "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	say(p, 1, "220 SMTP\r\n250 a\r\n250 b\r\n250 c\r\n354 go\r\n");
	for (int i = 0; i < MIME_DEPTH_MAX + 2; i++) {
		char head[128];
		snprintf(head, sizeof(head),
		    "Content-Type: multipart/mixed; boundary=X%d\r\n\r\n--X%d\r\n", i, i);
		say(p, 0, head);
	}
	say(p, 0, ".\r\n");
	assert_int_equal(play_counters(p, "smtp")->over_limit, 1);
	play_close(p);
	play_end(p);
}

/* Over the limit files are refused, and counted. */
static void test_limit(void **state)
{
	(void)state;
	enum { FLOWS = TRANSFERS_OPEN_MAX + 3 };
	struct play *p = play_start(IP_PROTO_TCP, 80);
	struct conn *conns = calloc(FLOWS, sizeof(*conns));
	assert_non_null(conns);
	for (size_t i = 0; i < FLOWS; i++) {
		play_flow(p, IP_PROTO_TCP, 80);
		say(p, 0, "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
		conns[i] = p->conn;
	}
	assert_int_equal(play_counters(p, "http")->over_limit, 3);
	for (size_t i = 0; i < FLOWS; i++) {
		p->conn = conns[i];
		play_close(p);
	}
	assert_int_equal(p->records[RECORD_FILE], TRANSFERS_OPEN_MAX);
	free(conns);
	play_flow(p, IP_PROTO_TCP, 80);
	play_close(p);
	play_end(p);
}

static const char *type_of(const char *text, size_t n)
{
	const char *type = file_type(bytes_over(text, n));
	return type != NULL ? type : "";
}

#define assert_type(text, type) assert_string_equal(type_of(text, sizeof(text) - 1), type)

static void test_types(void **state)
{
	(void)state;
	assert_type("MZ\x90\0\3\0\0\0", "application/x-dosexec");
	assert_type("\x7f"
		    "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0",
	    "application/x-executable");
	assert_type("\x7f"
		    "ELF\1\2\1\0\0\0\0\0\0\0\0\0\0\3",
	    "application/x-sharedlib");
	assert_type("\xca\xfe\xba\xbe\0\0\0\x34", "application/x-java-applet");
	assert_type("\xca\xfe\xba\xbe\0\0\0\2", "application/x-mach-o-executable");
	assert_type("%PDF-1.4", "application/pdf");
	assert_type("PK\3\4\x0a\0\0\0\0\0", "application/zip");
	assert_type("PK\3\4\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		    "[Content_Types].xml....word/document.xml",
	    "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
	assert_type(
	    "PK\3\4\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0META-INF/",
	    "application/java-archive");
	assert_type("\x1f\x8b\x08\0", "application/x-gzip");
	assert_type("\x89PNG\r\n", "image/png");
	assert_type("RIFF\1\2\3\4WEBPVP8 ", "image/webp");
	assert_type("  \n<!-- x --> <HTML lang=en>", "text/html");
	assert_type("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC", "text/html");
	assert_type("<?xml version=\"1.0\"?><a/>", "application/xml");
	assert_type("{\"a\" : [1]}", "text/json");
	assert_type("[1.5, 2]", "text/json");
	assert_type("[Unit] is no JSON", "text/plain");
	assert_type("#!/usr/bin/env python3\n", "text/x-python");
	assert_type("#!/bin/sh\n", "text/x-shellscript");
	assert_type("<script type=\"text/javascript\">", "application/javascript");
	assert_type("plain text", "text/plain");
	assert_type("plain tex", "");
	assert_type("\1\2\3\4\5\6\7\x08\1\2", "");
	for (size_t n = 0; n < sizeof(FORM); n++)
		type_of(FORM, n);
}

static void test_parameters(void **state)
{
	(void)state;
	char out[64];
	size_t n = mime_parameter(
	    STR("attachment; x=\"a;filename=no\"; FileName = \"b \\\"c\".txt"),
	    "filename", out, sizeof(out));
	assert_int_equal(n, 4);
	assert_memory_equal(out, "b \"c", 4);
	n = mime_parameter(STR("attachment; filename*=UTF-8''na%C3%AFve%2"), "filename",
	    out, sizeof(out));
	assert_int_equal(n, 8);
	assert_memory_equal(out, "na\xc3\xafve%2", 8);
	assert_int_equal(mime_parameter(STR("a; b"), "b", out, sizeof(out)), 0);
	assert_int_equal(mime_parameter(STR(""), "b", out, sizeof(out)), 0);
	assert_int_equal(mime_parameter(STR("a; b=abcdef"), "b", out, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_chunked_request),
	    cmocka_unit_test(test_partial),
	    cmocka_unit_test(test_coded),
	    cmocka_unit_test(test_bomb),
	    cmocka_unit_test(test_form),
	    cmocka_unit_test(test_mail),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_parameters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
