/* SPDX-License-Identifier: Apache-2.0 */
/* LDAP: messages after RFC 4511, 4.2 to 4.12; filters after RFC 4515. */
#include "proto/windows/ldap.h"
#include "win_play.h"

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 1389);
}

static void octets(const char *text)
{
	put_der(&m, 4, text, strlen(text));
}

static void number(unsigned tag, uint8_t value)
{
	put_der(&m, tag, &value, 1);
}

/* Make a message of all that m holds. */
static void message(uint8_t id, unsigned op)
{
	static struct msg inner;
	inner = m;
	m.n = 0;
	number(2, id);
	put_der(&m, op, inner.b, inner.n);
	wrap(&m, 0x30);
}

static void bind_simple(struct play *p, size_t step)
{
	m.n = 0;
	number(2, 3);
	octets("cn=admin");
	put_der(&m, 0x80, "secret", 6);
	message(1, LDAP_BIND);
	send_msg(p, 0, &m, step);
}

static void answer(struct play *p, uint8_t id, unsigned op, uint8_t code, size_t step)
{
	m.n = 0;
	number(10, code);
	octets("");
	octets(code != 0 ? "because" : "");
	message(id, op);
	send_msg(p, 1, &m, step);
}

/* A search whose filter is given as DER in hexadecimal digits. */
static void search(struct play *p, uint8_t id, const char *filter, size_t step)
{
	m.n = 0;
	octets("dc=a");
	number(10, 2);
	number(10, 3);
	number(2, 0);
	number(2, 0);
	number(1, 0);
	put_hex(&m, filter);
	put_hex(&m, "3006 0402636e 0400");
	message(id, LDAP_SEARCH);
	send_msg(p, 0, &m, step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (size_t step = 3; step < 100; step = step * 3) {
		struct play *p = start();
		bind_simple(p, step);
		answer(p, 1, LDAP_BIND_ANSWER, 49, step);
		search(p, 2, "a009 870161 870162 870163", step);
		for (int i = 0; i < 3; i++) {
			m.n = 0;
			octets("cn=found");
			message(2, i < 2 ? LDAP_ENTRY : LDAP_REFERENCE);
			send_msg(p, 1, &m, step);
		}
		answer(p, 2, LDAP_SEARCH_DONE, 0, step);
		say(p, 0, "30 05 020103 4200"); /* the shortest message */
		play_close(p);
		play_assert(p, "\"version\":3,\"opcode\":\"bind simple\",\"object\":"
			       "\"cn=admin\",\"argument\":\"REDACTED\"");
		play_assert(p, "\"result\":\"invalid credentials\","
			       "\"diagnostic_message\":\"because\"");
		play_assert(p, "\"opcode\":\"search\",\"scope\":\"tree\","
			       "\"deref_aliases\":\"always\",\"base_object\":\"dc=a\","
			       "\"filter\":\"(&(a=*)(b=*)(c=*))\",\"attributes\":[\"cn\","
			       "\"\"],\"result_count\":2,\"result\":\"success\"");
		play_assert(p, "\"opcode\":\"unbind\"");
		assert_int_equal(play_count(p, "secret"), 0);
		play_assert(p, "\"service\":\"ldap\"");
		play_end(p);
	}
}

static void check_filter(const char *hex, const char *wanted)
{
	struct arena a;
	arena_init(&a, 1 << 20);
	uint8_t b[HEX_MAX];
	struct bytes at = bytes_over(b, unhex(hex, b));
	struct str s = ldap_filter(&a, &at);
	if (!str_equal(s, str_of(wanted)))
		fail_msg("%.*s, not %s", STR_ARG(s), wanted);
	arena_fini(&a);
}

static void filters(void **state)
{
	(void)state;
	check_filter("a306 040161 040162", "(a=b)");
	check_filter("a209 a307 040161 04022a28", "(!(a=\\2a\\28))");
	check_filter("a307 040161 0402 00c3", "(a=\\00\\c3)");
	check_filter("a307 040161 0402 c3a9", "(a=\xc3\xa9)");
	check_filter("a506 040161 040131", "(a>=1)");
	check_filter("a606 040161 040131", "(a<=1)");
	check_filter("a806 040161 040131", "(a~=1)");
	check_filter("a40e 040161 3009 800178 810179 82017a", "(a=x*y*z)");
	check_filter("a408 040161 3003 810179", "(a=*y*)");
	check_filter("a408 040161 3003 82017a", "(a=*z)");
	check_filter("a90b 8103312e32 820161 830134", "(a:1.2:=4)");
	check_filter("a909 820161 830134 8401ff", "(a:dn:=4)");
	check_filter("a003 870161", "(&(a=*))");
	check_filter("a004 a102 a200", "(&(|(!)))");
	check_filter("8402 6162", "(?)");
	check_filter("", "");
	char deep[HEX_MAX] = "";
	for (int i = 40; i > 0; i--) {
		char head[8];
		snprintf(head, sizeof(head), "a2%02x", 2 * i + 1);
		strncat(deep, head, sizeof(deep) - strlen(deep) - 1);
	}
	strncat(deep, "870161", sizeof(deep) - strlen(deep) - 1);
	struct arena a;
	arena_init(&a, 1 << 20);
	uint8_t b[HEX_MAX];
	struct bytes at = bytes_over(b, unhex(deep, b));
	struct str s = ldap_filter(&a, &at);
	assert_non_null(memmem(s.p, s.n, "(...)", 5));
	arena_fini(&a);
}

static void changes(void **state)
{
	(void)state;
	struct play *p = start();
	bind_simple(p, 0);
	m.n = 0;
	octets("cn=x");
	put_hex(&m, "3016 3014 0a0102 300f 04046d61696c 3107 0401610402 6263");
	message(4, LDAP_MODIFY);
	send_msg(p, 0, &m, 0);
	answer(p, 4, 0x67, 0, 0);
	play_assert(p, "\"opcode\":\"modify\",\"object\":\"cn=x\",\"argument\":"
		       "\"replace(mail=a,bc)\"");
	m.n = 0;
	put_text(&m, "cn=y");
	message(5, LDAP_DELETE);
	send_msg(p, 0, &m, 0);
	answer(p, 5, LDAP_DELETE_ANSWER, 50, 0);
	play_assert(p, "\"opcode\":\"delete\",\"object\":\"cn=y\"");
	play_assert(p, "\"result\":\"insufficient access rights\"");
	play_close(p);
	play_end(p);
}

/* NTLM in a bind by SASL; then a buffer that is signed only, and one that is sealed. */
static void sasl(void **state)
{
	(void)state;
	static struct msg token;
	struct play *p = start();
	for (unsigned type = 1; type <= 3; type++) {
		token.n = m.n = 0;
		put_ntlm(&token, type, "eve");
		if (type == 2) {
			number(10, 14);
			octets("");
			octets("");
			put_der(&m, 0x87, token.b, token.n);
			message(1, LDAP_BIND_ANSWER);
			send_msg(p, 1, &m, 0);
			continue;
		}
		octets("GSS-SPNEGO");
		put_der(&m, 4, token.b, token.n);
		wrap(&m, 0xa3);
		token = m;
		m.n = 0;
		number(2, 3);
		octets("");
		put(&m, token.b, token.n);
		message((uint8_t)type, LDAP_BIND);
		send_msg(p, 0, &m, 0);
	}
	answer(p, 3, LDAP_BIND_ANSWER, 0, 0);
	play_assert(p, "\"carrier\":\"ldap\",\"username\":\"eve\"");
	play_assert(p, "\"opcode\":\"bind SASL\",\"argument\":\"GSS-SPNEGO\"");
	m.n = 0;
	message(9, LDAP_UNBIND);
	token = m;
	m.n = 0;
	put_zeros(&m, 3);
	put_le(&m, 16 + token.n, 1);
	put_hex(&m, "01000000 0000000000000000 00000000");
	put(&m, token.b, token.n);
	send_msg(p, 0, &m, 2);
	play_assert(p, "\"message_id\":9,\"opcode\":\"unbind\"");
	say(p, 0, "00000014 0504 0200 0000 0000 0000000000000000 01020304");
	assert_int_equal(counters_of(p, "ldap")->unsupported, 1);
	play_close(p);
	play_end(p);
}

static void starttls(void **state)
{
	(void)state;
	struct play *p = start();
	m.n = 0;
	put_der(&m, 0x80, "1.3.6.1.4.1.1466.20037", 22);
	message(1, LDAP_EXTENDED);
	send_msg(p, 0, &m, 0);
	answer(p, 1, LDAP_EXTENDED_ANSWER, 0, 0);
	play_assert(p, "\"opcode\":\"extended\",\"object\":\"1.3.6.1.4.1.1466.20037\"");
	play_send(p, 0, "\x16\3\1\0\5\1\0\0\1\0", 10);
	play_close(p);
	play_assert(p, "\"service\":\"ldap");
	play_end(p);
}

/* A long entry is passed over, also where it has a gap; then reading goes on. */
static void long_and_lost(void **state)
{
	(void)state;
	static uint8_t bulk[100000];
	struct play *p = start();
	search(p, 2, "870161", 0);
	say(p, 1, "3084 000493e9 020102 6484 000493e0 0402 6162");
	play_send(p, 1, bulk, 100000);
	lose(p, 1, 100000);
	play_send(p, 1, bulk, 100000 - 4);
	answer(p, 2, LDAP_SEARCH_DONE, 0, 0);
	play_close(p);
	play_assert(p, "\"result_count\":1");
	play_end(p);
	p = start();
	bind_simple(p, 0);
	lose(p, 0, 10);
	play_send(p, 0, "not a message", 13);
	search(p, 3, "870161", 0);
	play_close(p);
	assert_int_equal(p->records[RECORD_LDAP], 2);
	assert_int_equal(counters_of(p, "ldap")->truncated, 1);
	play_end(p);
}

static void limits(void **state)
{
	(void)state;
	struct play *p = start();
	for (int i = 0; i < 65; i++)
		search(p, (uint8_t)i, "870161", 0);
	assert_int_equal(counters_of(p, "ldap")->over_limit, 1);
	say(p, 0, "30ff 00 00 00 00 00 00 00 00 00 00");
	assert_int_equal(counters_of(p, "ldap")->malformed, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_LDAP], 65);
	play_end(p);
	p = play_start(IP_PROTO_UDP, 389); /* without connection */
	search(p, 1, "870161", 0);
	answer(p, 1, LDAP_SEARCH_DONE, 0, 0);
	play_send(p, 0, "0123", 4);
	assert_int_equal(counters_of(p, "ldap")->malformed, 1);
	play_close(p);
	play_assert(p, "\"proto\":\"udp\"");
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(filters),
	    cmocka_unit_test(changes),
	    cmocka_unit_test(sasl),
	    cmocka_unit_test(starttls),
	    cmocka_unit_test(long_and_lost),
	    cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests_name("proto/ldap", tests, NULL, NULL);
}
