/* SPDX-License-Identifier: Apache-2.0 */
/* Kerberos: messages after RFC 4120, 5.4 to 5.9, in DER written by hand. */
#include "win_play.h"

static struct msg m;

static void field(struct msg *to, unsigned n, const struct msg *inner)
{
	put_der(to, 0xa0 + n, inner->b, inner->n);
}

static void field_number(struct msg *to, unsigned n, uint8_t value)
{
	struct msg *e = calloc(1, sizeof(*e));
	assert_non_null(e);
	uint8_t number[2] = {0, value}; /* a first bit would be a sign */
	put_der(e, 2, value < 128 ? number + 1 : number, value < 128 ? 1 : 2);
	field(to, n, e);
	free(e);
}

static void field_text(struct msg *to, unsigned n, unsigned tag, const char *text)
{
	struct msg *e = calloc(1, sizeof(*e));
	assert_non_null(e);
	put_der(e, tag, text, strlen(text));
	field(to, n, e);
	free(e);
}

static void field_principal(struct msg *to, unsigned n, const char *a, const char *b)
{
	struct msg *e = calloc(2, sizeof(*e));
	assert_non_null(e);
	put_der(&e[1], 0x1b, a, strlen(a));
	if (b != NULL)
		put_der(&e[1], 0x1b, b, strlen(b));
	wrap(&e[1], 0x30);
	field_number(&e[0], 0, 1);
	field(&e[0], 1, &e[1]);
	wrap(&e[0], 0x30);
	field(to, n, &e[0]);
	free(e);
}

static void field_cipher(struct msg *to, unsigned n, uint8_t etype)
{
	struct msg *e = calloc(1, sizeof(*e));
	assert_non_null(e);
	field_number(e, 0, etype);
	field_text(e, 2, 4, "sealed");
	wrap(e, 0x30);
	field(to, n, e);
	free(e);
}

static void message(unsigned tag)
{
	wrap(&m, 0x30);
	wrap(&m, tag);
}

/* AS-REQ (tag 6a) or TGS-REQ (6c) with one kind of pre-authentication. */
static void request(unsigned tag, uint8_t pa)
{
	static struct msg body, list;
	body.n = list.n = m.n = 0;
	put_der(&body, 3, "\0\x40\x80\0\0", 5); /* forwardable, renewable */
	wrap(&body, 0xa0);
	if (tag == 0x6a)
		field_principal(&body, 1, "eve", NULL);
	field_text(&body, 2, 0x1b, "EX.ORG");
	field_principal(&body, 3, "krbtgt", "EX.ORG");
	field_text(&body, 5, 0x18, "20370913024805Z");
	put_der(&list, 2, "\x12", 1);
	put_der(&list, 2, "\x17", 1);
	wrap(&list, 0x30);
	field(&body, 8, &list);
	wrap(&body, 0x30);
	field_number(&m, 1, 5);
	field_number(&m, 2, (uint8_t)(tag - 0x60));
	list.n = 0;
	field_number(&list, 1, pa);
	field_text(&list, 2, 4, "x");
	wrap(&list, 0x30);
	wrap(&list, 0x30);
	field(&m, 3, &list);
	field(&m, 4, &body);
	message(tag);
}

static void put_ticket(struct msg *to, unsigned n)
{
	struct msg *t = calloc(1, sizeof(*t));
	assert_non_null(t);
	field_number(t, 0, 5);
	field_text(t, 1, 0x1b, "EX.ORG");
	field_principal(t, 2, "cifs", "srv");
	field_cipher(t, 3, 23);
	wrap(t, 0x30);
	wrap(t, 0x61);
	field(to, n, t);
	free(t);
}

static void reply(unsigned tag)
{
	m.n = 0;
	field_number(&m, 0, 5);
	field_number(&m, 1, (uint8_t)(tag - 0x60));
	field_text(&m, 3, 0x1b, "EX.ORG");
	field_principal(&m, 4, "eve", NULL);
	put_ticket(&m, 5);
	field_cipher(&m, 6, 18);
	message(tag);
}

static void error(uint8_t code, const char *text)
{
	m.n = 0;
	field_number(&m, 0, 5);
	field_number(&m, 1, 30);
	field_text(&m, 4, 0x18, "20370913024805Z");
	field_number(&m, 6, code);
	field_text(&m, 9, 0x1b, "EX.ORG");
	field_principal(&m, 10, "krbtgt", "EX.ORG");
	if (text != NULL)
		field_text(&m, 11, 0x1b, text);
	message(0x7e);
}

static void over_udp(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 88);
	request(0x6a, 128);
	send_msg(p, 0, &m, 0);
	error(25, NULL);
	send_msg(p, 1, &m, 0);
	play_assert(p,
	    "\"request_type\":\"AS\",\"client\":\"eve/EX.ORG\",\"service_name\":"
	    "\"krbtgt/EX.ORG\",\"realm\":\"EX.ORG\",\"success\":false,"
	    "\"error_code\":25,\"error_msg\":\"KDC_ERR_PREAUTH_REQUIRED\","
	    "\"till\":\"2037-09-13T02:48:05.000000Z\",\"etypes\":[18,23],"
	    "\"forwardable\":true,\"renewable\":true,\"preauth\":\"PA-PAC-REQUEST\"");
	request(0x6a, 2);
	send_msg(p, 0, &m, 0);
	error(24, "no");
	send_msg(p, 1, &m, 0);
	play_assert(p, "\"error_msg\":\"no\"");
	play_assert(p, "\"preauth\":\"PA-ENC-TIMESTAMP\"");
	request(0x6a, 99);
	send_msg(p, 0, &m, 0);
	play_send(p, 1, "nonsense", 8);
	assert_int_equal(counters_of(p, "krb")->malformed, 1);
	play_close(p);
	play_assert(p, "\"preauth\":\"PA-99\"");
	play_assert(p, "\"service\":\"krb\"");
	play_end(p);
}

static void over_tcp(void **state)
{
	(void)state;
	for (size_t step = 5; step < 400; step = step * 4 + 1) {
		struct play *p = play_start(IP_PROTO_TCP, 1088);
		for (int i = 0; i < 2; i++) {
			if (i == 0)
				request(0x6c, 1);
			else
				reply(0x6d);
			static struct msg framed;
			framed.n = 0;
			put_zeros(&framed, 2);
			uint8_t n[2] = {(uint8_t)(m.n >> 8), (uint8_t)m.n};
			put(&framed, n, 2);
			put(&framed, m.b, m.n);
			send_msg(p, i, &framed, step);
		}
		play_assert(p, "\"proto\":\"tcp\",\"request_type\":\"TGS\",\"client\":"
			       "\"eve/EX.ORG\",\"service_name\":\"cifs/srv\",\"realm\":"
			       "\"EX.ORG\",\"success\":true");
		play_assert(p, "\"cipher\":\"rc4-hmac\",\"reply_cipher\":"
			       "\"aes256-cts-hmac-sha1-96\"");
		play_close(p);
		assert_int_equal(p->records[RECORD_KERBEROS], 1);
		play_end(p);
	}
}

static void limits(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 88);
	request(0x6a, 2);
	for (int i = 0; i < 17; i++)
		send_msg(p, 0, &m, 0);
	assert_int_equal(counters_of(p, "krb")->over_limit, 1);
	assert_int_equal(p->records[RECORD_KERBEROS], 1);
	play_send(p, 0, m.b, m.n - 1);
	assert_int_equal(counters_of(p, "krb")->truncated, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_KERBEROS], 17);
	play_end(p);
	p = play_start(IP_PROTO_TCP, 88); /* a length beyond any */
	request(0x6a, 2);
	static struct msg framed;
	framed.n = 0;
	put_hex(&framed, "0000");
	uint8_t n[2] = {(uint8_t)(m.n >> 8), (uint8_t)m.n};
	put(&framed, n, 2);
	put(&framed, m.b, m.n);
	put_hex(&framed, "00100000 6a");
	send_msg(p, 0, &framed, 0);
	assert_int_equal(counters_of(p, "krb")->malformed, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_KERBEROS], 1);
	play_end(p);
}

/* A ticket shown to SMB, wrapped in SPNEGO. */
static void inside_spnego(void **state)
{
	(void)state;
	static struct msg token, frame;
	m.n = 0;
	field_number(&m, 0, 5);
	field_number(&m, 1, 14);
	put_ticket(&m, 3);
	message(0x6e);
	token = m;
	m.n = 0;
	put_hex(&m, "06092a864886f712010202 0100");
	put(&m, token.b, token.n);
	wrap(&m, 0x60);
	wrap(&m, 4);
	wrap(&m, 0xa2);
	wrap(&m, 0x30);
	wrap(&m, 0xa0);
	token = m;
	m.n = 0;
	put_hex(&m, "06062b0601050502");
	put(&m, token.b, token.n);
	wrap(&m, 0x60);
	frame.n = 0;
	put_hex(&frame, "00000000 fe534d42 40000000 00000000 01000000 00000000 00000000");
	put_hex(&frame, "0100000000000000 0000000000000000 0000000000000000");
	put_zeros(&frame, 16);
	put_hex(&frame, "1900 00 01 00000000 00000000 5800");
	put_le(&frame, m.n, 2);
	put_zeros(&frame, 8);
	put(&frame, m.b, m.n);
	frame.b[2] = (uint8_t)((frame.n - 4) >> 8);
	frame.b[3] = (uint8_t)(frame.n - 4);
	struct play *p = play_start(IP_PROTO_TCP, 445);
	send_msg(p, 0, &frame, 0);
	play_assert(p,
	    "\"carrier\":\"smb\",\"request_type\":\"AP\",\"service_name\":\"cifs/srv\","
	    "\"realm\":\"EX.ORG\"");
	play_close(p);
	play_assert(p, "\"service\":\"smb,krb\"");
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(over_udp),
	    cmocka_unit_test(over_tcp),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(inside_spnego),
	};
	return cmocka_run_group_tests_name("proto/kerberos", tests, NULL, NULL);
}
