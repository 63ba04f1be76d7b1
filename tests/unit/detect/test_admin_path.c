/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways from machine to machine: what is done by remote administration, logons that are
 * guessed, tickets that become weak, and what is new by the history of the site.
 */
#include "memory.h"

#include "detect/inside/classes.h"
#include "detect/inside/paths.h"
#include "detect/inside/poisson.h"

#define DAY 86400.0
#define A   "10.0.0.10"
#define B   "10.0.0.20"
#define C   "10.0.0.30"
#define D   "10.0.0.40"
#define DC  "10.0.0.1"

static void ssh(
    struct memory *m, double at, const char *src, const char *dst, double seconds)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = 22,
			   .service = "ssh",
			   .out = 5000,
			   .in = 9000,
			   .seconds = seconds});
}

static void over(struct memory *m, double at, const char *src, const char *dst,
    const char *service, uint16_t port)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = port,
			   .service = service,
			   .out = 5000,
			   .in = 9000,
			   .seconds = 5});
}

static void call(struct memory *m, double at, const char *src, const char *dst,
    const char *endpoint, const char *operation)
{
	struct dce_rpc_record r;
	record_clear(RECORD_DCE_RPC, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 445;
	r.endpoint = str_of(endpoint);
	r.operation = str_of(operation);
	r.status = STR("ok");
	r.source = STR("test");
	record_put(&m->sink, RECORD_DCE_RPC, &r);
}

static void push(struct memory *m, double at, const char *src, const char *dst,
    const char *share, const char *name)
{
	struct smb_record r;
	record_clear(RECORD_SMB, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 445;
	r.command = STR("close");
	r.path = str_of(share);
	r.name = str_of(name);
	r.write_bytes = 70000;
	r.source = STR("test");
	record_put(&m->sink, RECORD_SMB, &r);
}

static void logon(struct memory *m, double at, const char *src, const char *dst,
    const char *user, bool ok)
{
	struct login_record r;
	record_clear(RECORD_LOGIN, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(dst, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 21;
	r.protocol = STR("ftp");
	r.user = str_of(user);
	r.success = ok;
	r.source = STR("test");
	record_put(&m->sink, RECORD_LOGIN, &r);
}

/* Two weeks in which everybody reads files of a server, and an operator minds it. */
static void site(struct memory *m)
{
	static const char *const all[] = {A, B, C, D};
	for (int day = 0; day < 14; day++) {
		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
			over(m, day * DAY + 30000 + (double)i * 60, all[i], DC, "smb",
			    445);
			memory_conn(m, (struct memory_conn){.at = day * DAY + 100,
					   .src = all[i],
					   .dst = "198.51.100.3",
					   .port = 443,
					   .service = "tls",
					   .out = 100,
					   .in = 900});
		}
		ssh(m, day * DAY + 32000, "10.0.0.99", DC, 600);
	}
}

static double fact_value(const struct finding *f, enum fact_key key, size_t i)
{
	const struct fact *fact = memory_fact(f, key);
	if (fact == NULL)
		fail_msg("no fact %s", fact_info(key)->key);
	return fact != NULL ? fact->value[i] : 0;
}

static void test_push_and_run(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	site(&m);
	over(&m, 10 * DAY, A, B, "smb,dce_rpc", 445);
	push(&m, 10 * DAY + 1, A, B, "\\\\b\\ADMIN$", "svc.exe");
	push(&m, 10 * DAY + 1, C, DC, "\\\\dc\\users", "letter.doc"); /* no admin share */
	call(&m, 10 * DAY + 3, A, B, "svcctl", "CreateServiceW");
	call(&m, 10 * DAY + 4, A, B, "svcctl", "StartServiceW");
	call(&m, 10 * DAY + 9, A, B, "svcctl", "DeleteService");
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", A, 0);
	assert_non_null(f);
	assert_true(str_equal(f->peer, STR(B)));
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + 10 * DAY) * 1e6));
	assert_true(fact_value(f, FACT_KEY_PUSH_RUN, 0) == 3);
	assert_true(fact_value(f, FACT_KEY_SERVICE_LIFE, 0) == 6);
	assert_true(fact_value(f, FACT_KEY_FILE_PUSH, 1) == 70000);
	assert_true(fact_value(f, FACT_KEY_NOT_SERVER, 0) == 1);
	assert_true(
	    str_equal(memory_fact(f, FACT_KEY_PUSHED_FILE)->text, STR("svc.exe")));
	assert_null(memory_find(&m, "admin_path", A, 1));
	assert_null(memory_find(&m, "admin_path", C, 0));
	memory_end(&m);
}

/* One who does it day after day is told with less confidence, and why. */
static void test_usual(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	site(&m);
	over(&m, 3 * DAY, A, B, "smb,dce_rpc", 445);
	for (int day = 3; day < 8; day++) {
		push(&m, day * DAY + 1, A, B, "\\\\b\\C$", "agent.msi");
		call(&m, day * DAY + 3, A, B, "svcctl", "StartServiceW");
	}
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", A, 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(fact_value(f, FACT_KEY_USUAL_ADMIN, 0) == 5);
	assert_true(fact_value(f, FACT_KEY_USUAL_ADMIN, 1) == 1);
	memory_end(&m);
}

/* A member authenticates to its domain once; who tries thirty times is none. */
static void test_netlogon(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	over(&m, 0, A, DC, "dce_rpc", 135);
	over(&m, 0, B, DC, "dce_rpc", 135);
	call(&m, 1, B, DC, "netlogon", "NetrServerAuthenticate3");
	call(&m, 2, B, DC, "netlogon", "NetrServerPasswordSet2");
	for (int i = 0; i < 30; i++)
		call(&m, 10 + i * 0.5, A, DC, "netlogon", "NetrServerAuthenticate3");
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", A, 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(fact_value(f, FACT_KEY_NETLOGON_TRIES, 0) == 30);
	assert_true(fact_value(f, FACT_KEY_NETLOGON_TRIES, 1) == 14.5);
	assert_null(memory_find(&m, "admin_path", B, 0));
	memory_end(&m);
}

/* A call that makes the other machine come to the caller. */
static void test_coerced(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	over(&m, 0, A, DC, "smb,dce_rpc", 445);
	call(&m, 5, A, DC, "efsrpc", "EfsRpcOpenFileRaw");
	over(&m, 7.5, DC, A, "smb", 445);
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", A, 0);
	assert_non_null(f);
	assert_true(fact_value(f, FACT_KEY_CAME_BACK, 0) == 2.5);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	memory_end(&m);
}

/* Thirty names tried in ten minutes, and one that fits; somebody who forgot his own. */
static void test_guesses(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 30; i++) {
		char user[16];
		snprintf(user, sizeof(user), "user%d", i);
		logon(&m, i * 20, "192.0.2.9", B, user, false);
		logon(&m, i * 3600, A, B, "alice", false);
	}
	logon(&m, 610, "192.0.2.9", B, "user7", true);
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", B, 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_true(str_equal(f->peer, STR("192.0.2.9")));
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_true(fact_value(f, FACT_KEY_GUESSING, 0) == 30);
	assert_true(fact_value(f, FACT_KEY_GUESSING, 1) == 30);
	assert_true(str_equal(memory_fact(f, FACT_KEY_GUESSED)->text, STR("ftp")));
	assert_null(memory_find(&m, "admin_path", A, 0));
	memory_end(&m);
}

/* After two quiet weeks A enters B, and B, while A is there, C, and C enters D. */
static void test_chain(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	site(&m);
	ssh(&m, 12 * DAY, A, B, 7200);
	ssh(&m, 12 * DAY + 1800, B, C, 3600);
	ssh(&m, 12 * DAY + 3600, C, D, 60);
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", C, 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(str_equal(memory_fact(f, FACT_KEY_CHAIN)->text,
	    STR(A " -ssh> " B " -ssh> " C " -ssh> " D)));
	f = memory_find(&m, "admin_path", A, 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	assert_true(str_equal(memory_fact(f, FACT_KEY_NEW_ROLE)->text, STR("ssh")));
	assert_true(fact_value(f, FACT_KEY_NEW_PATH, 0) > 11 * DAY);
	assert_null(memory_find(&m, "admin_path", "10.0.0.99", 0)); /* always did */
	memory_end(&m);
}

/* The same from outside: a session of an hour begins the chain, a guess of two seconds
 * not. */
static void test_chain_from_outside(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	site(&m);
	ssh(&m, 11 * DAY, "192.0.2.50", D, 2);
	ssh(&m, 11 * DAY + 60, D, C, 60);
	ssh(&m, 12 * DAY, "192.0.2.9", A, 3600);
	ssh(&m, 12 * DAY + 1800, A, B, 600);
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", A, 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(str_equal(
	    memory_fact(f, FACT_KEY_CHAIN)->text, STR("192.0.2.9 -ssh> " A " -ssh> " B)));
	f = memory_find(&m, "admin_path", D, 0);
	assert_non_null(f);
	assert_null(memory_fact(f, FACT_KEY_CHAIN));
	memory_end(&m);
}

/* Twelve machines in an hour by one who had two in two weeks. */
static void test_fan_out(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	site(&m);
	for (int i = 0; i < 12; i++) {
		char dst[24];
		snprintf(dst, sizeof(dst), "10.0.7.%d", i + 1);
		for (int day = 0; day < 13; day++)
			over(&m, day * DAY + 5, dst, DC, "smb", 445);
		over(&m, 12 * DAY + 900 + i * 60, A, dst, "rdp", 3389);
	}
	memory_detect(&m);
	uint64_t most = 0;
	const struct finding *f;
	for (size_t i = 0; (f = memory_find(&m, "admin_path", A, i)) != NULL; i++) {
		const struct fact *fact = memory_fact(f, FACT_KEY_FAN_OUT);
		if (fact != NULL && (uint64_t)fact->value[0] > most)
			most = (uint64_t)fact->value[0];
	}
	assert_int_equal(most, 12);
	memory_end(&m);
}

static void test_classes(void **state)
{
	(void)state;
	assert_int_equal(admin_of_service(STR("gssapi,smb,dce_rpc")), ADMIN_SMB);
	assert_int_equal(admin_of_service(STR("ssh")), ADMIN_SSH);
	assert_int_equal(admin_of_service(STR("smbx")), ADMIN_CLASS_COUNT);
	assert_int_equal(admin_of_service((struct str){NULL, 0}), ADMIN_CLASS_COUNT);
	assert_int_equal(admin_of_port(STR("tcp"), 3389), ADMIN_RDP);
	assert_int_equal(admin_of_port(STR("udp"), 623), ADMIN_BMC);
	assert_int_equal(admin_of_port(STR("udp"), 22), ADMIN_CLASS_COUNT);
}

/* Known values: P(X >= 3 | 1) = 0.0803, P(X >= 10 | 0.5) = 1.70967e-10. */
static void test_poisson(void **state)
{
	(void)state;
	double a = poisson_decades(1, 3), b = poisson_decades(0.5, 10);
	double c = poisson_decades(0.5, 2000);
	assert_true(a > 1.0952 && a < 1.0954);
	assert_true(b > 9.7670 && b < 9.7672);
	assert_true(c > 5000 && c < 7000);
	assert_true(poisson_decades(3, 0) < 1e-9);
}

/* A table that is full says so and goes on. */
static void test_limit(void **state)
{
	(void)state;
	struct paths p;
	struct error e = {.code = ERR_NONE};
	check(paths_init(&p, &e), &e);
	for (uint32_t i = 0; i < PATHS_MAX + 3; i++) {
		uint8_t b[4] = {10, 1, (uint8_t)(i >> 8), (uint8_t)i};
		struct addr src = addr_from_v4(b),
			    dst = addr_from_v4((uint8_t[]){10, 2, 0, 1});
		assert_true((paths_at(&p, &src, &dst) != NULL) == (i < PATHS_MAX));
	}
	assert_int_equal(p.n, PATHS_MAX);
	assert_int_equal(p.dropped, 3);
	paths_fini(&p);
}

/* ---- clients of SMB ---- */

static void smb(struct memory *m, double at, const char *src, uint16_t port,
    const char *dialect, const char *command)
{
	struct smb_record r;
	record_clear(RECORD_SMB, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at) * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(B, &r.dst_ip));
	r.src_port = port;
	r.dst_port = 445;
	r.dialect = str_of(dialect);
	r.command = str_of(command);
	r.source = STR("test");
	record_put(&m->sink, RECORD_SMB, &r);
}

/* A session with its logon; name NULL: of no machine; then is what follows hidden. */
static void session(
    struct memory *m, double at, const char *src, const char *dialect, const char *name)
{
	uint16_t port = (uint16_t)(40000 + (int)(at / 10) % 20000);
	struct ntlm_record r;
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = B,
			   .src_port = port,
			   .port = 445,
			   .service = "smb,ntlm",
			   .out = 3000,
			   .in = 3000});
	smb(m, at, src, port, dialect, "negotiate");
	smb(m, at + 0.1, src, port, dialect, "session_setup");
	smb(m, at + 0.2, src, port, dialect, name != NULL ? "tree_connect" : "encrypted");
	record_clear(RECORD_NTLM, &r);
	r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + at + 0.1) * 1e6));
	assert_true(addr_parse(src, &r.src_ip) && addr_parse(B, &r.dst_ip));
	r.src_port = port;
	r.dst_port = 445;
	r.carrier = STR("smb");
	r.hostname = str_of(name);
	r.success = 1;
	r.source = STR("test");
	record_put(&m->sink, RECORD_NTLM, &r);
}

/* Five days of a host's own client, and then a tool; the same without the days, and of a
 * host whose own client is such. */
static void test_stranger(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 20; i++) {
		session(&m, i * DAY / 4 + 10, A, "3.1.1", "STATION");
		session(&m, i * DAY / 4 + 2010, C, "3.0", NULL);
	}
	session(&m, 5 * DAY, A, "3.0", NULL);
	session(&m, 5 * DAY + 100, A, "3.0", NULL);
	session(&m, 5 * DAY, D, "3.1.1", "DESK");
	session(&m, 5 * DAY + 200, D, "3.0", NULL);
	session(&m, 6 * DAY, C, "3.0", NULL);
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "admin_path", A, 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	assert_true(str_equal(f->peer, STR(B)));
	assert_int_equal(moment_us(f->since), (int64_t)((MEMORY_BEGIN + 5 * DAY) * 1e6));
	const struct fact *fact = memory_fact(f, FACT_KEY_OTHER_CLIENT);
	assert_true(
	    fact != NULL && fact->value[1] == 2 && str_equal(fact->text, STR("3.0")));
	fact = memory_fact(f, FACT_KEY_OWN_CLIENT);
	assert_true(fact != NULL && fact->value[1] == 20 && fact->value[2] == 5);
	assert_true(str_equal(fact->text, STR("3.1.1")));
	fact = memory_fact(f, FACT_KEY_CLIENT_ELSEWHERE);
	assert_true(fact != NULL && fact->value[0] == 2);
	assert_null(memory_find(&m, "admin_path", C, 0));
	assert_null(memory_find(&m, "admin_path", D, 0));
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_push_and_run),
	    cmocka_unit_test(test_usual),
	    cmocka_unit_test(test_netlogon),
	    cmocka_unit_test(test_coerced),
	    cmocka_unit_test(test_guesses),
	    cmocka_unit_test(test_chain),
	    cmocka_unit_test(test_chain_from_outside),
	    cmocka_unit_test(test_fan_out),
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_poisson),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_stranger),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
