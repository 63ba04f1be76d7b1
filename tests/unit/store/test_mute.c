/* SPDX-License-Identifier: Apache-2.0 */
/* Mutes: what a scope covers, until when, and that the file survives cuts, strangers'
 * lines, and many writers at once. */
#include "store_lab.h"

#include <sys/wait.h>

#include "store/mute.h"

static const struct moment at = {1763870706 * NS_PER_S};

static uint32_t add(struct store *s, struct mute_scope scope, int64_t until)
{
	uint32_t n = 0;
	struct error e = {0};
	const struct mute m = {.at = at,
	    .author = STR("ada"),
	    .reason = STR("a \"reason\"\n"),
	    .scope = scope,
	    .until = until};
	if (mute_add(s, &m, &n, &e) < 0)
		fail_msg("%s", e.text);
	return n;
}

static struct mutes load(struct store *s)
{
	struct mutes m;
	struct error e = {0};
	assert_int_equal(mutes_load(&m, s, &e), 0);
	return m;
}

static struct store *open_lab(char **path)
{
	*path = lab_folder();
	return lab_open(*path, STORE_WRITE);
}

static void close_lab(struct store *s, char *path)
{
	store_close(s);
	lab_done(path);
}

/* Whether a mute of that scope covers a finding of clockwork in case c1, id f1. */
static bool covers(struct mute_scope scope, const char *host, const char *peer)
{
	char *path;
	struct store *s = open_lab(&path);
	struct mute_subject of = {
	    STR("c1"), STR("f1"), STR("clockwork"), str_of(peer), {{0}}};
	add(s, scope, MUTE_FOREVER);
	struct mutes m = load(s);
	assert_true(addr_parse(host, &of.host));
	bool found = mutes_find(&m, &of, 20000) != NULL;
	mutes_free(&m);
	close_lab(s, path);
	return found;
}

#define SCOPE(...) ((struct mute_scope){__VA_ARGS__})

static void scopes(void **state)
{
	(void)state;
	assert_true(covers(SCOPE(.id = STR("c1")), "10.0.0.1", "x.example"));
	assert_true(covers(SCOPE(.id = STR("f1")), "10.0.0.1", "x.example"));
	assert_false(covers(SCOPE(.id = STR("f2")), "10.0.0.1", "x.example"));
	assert_true(covers(SCOPE(.peer = STR("x.example")), "10.0.0.1", "x.example"));
	assert_true(covers(SCOPE(.peer = STR("x.example")), "10.0.0.1", "a.x.example"));
	assert_false(covers(SCOPE(.peer = STR("x.example")), "10.0.0.1", "ax.example"));
	assert_false(covers(SCOPE(.peer = STR("a.x.example")), "10.0.0.1", "x.example"));
	assert_true(covers(SCOPE(.peer = STR("192.0.2.0/24")), "10.0.0.1", "192.0.2.7"));
	assert_true(covers(SCOPE(.peer = STR("192.0.2.7")), "10.0.0.1", "192.0.2.7"));
	assert_false(covers(SCOPE(.peer = STR("192.0.2.7")), "10.0.0.1", "192.0.2.70"));
	assert_false(covers(SCOPE(.peer = STR("::/0")), "10.0.0.1", "192.0.2.7"));
	assert_false(covers(SCOPE(.peer = STR("0.0.2.7")), "10.0.0.1", "10.0.2.7"));
	assert_true(covers(SCOPE(.host = STR("10.0.0.0/8")), "10.0.0.1", "x.example"));
	assert_false(covers(SCOPE(.host = STR("10.0.0.0/8")), "11.0.0.1", "x.example"));
	assert_true(covers(SCOPE(.detector = STR("clockwork")), "10.0.0.1", "x.example"));
	assert_false(covers(SCOPE(.detector = STR("presence")), "10.0.0.1", "x.example"));
	/* All that is said must hold at once. */
	assert_true(covers(SCOPE(.host = STR("10.0.0.1"), .peer = STR("example")),
	    "10.0.0.1", "x.example"));
	assert_false(covers(SCOPE(.host = STR("10.0.0.2"), .peer = STR("example")),
	    "10.0.0.1", "x.example"));
}

static void days(void **state)
{
	(void)state;
	int64_t day;
	assert_true(mute_day(STR("1970-01-02"), &day));
	assert_int_equal(day, 1);
	assert_true(mute_day(STR("2024-02-29"), &day));
	assert_int_equal(day, 19782);
	static const char *const wrong[] = {"2023-02-29", "2023-13-01", "2023-00-01",
	    "2023-1-1", "20230101", "2023-01-01 ", "abcd-01-01", "", "2023-01-32",
	    "2262-01-01"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(mute_day(str_of(wrong[i]), &day));
}

static void ends_and_removals(void **state)
{
	(void)state;
	char *path;
	struct error e = {0};
	struct store *s = open_lab(&path);
	const struct mute_subject of = {.case_id = STR("c1")};
	assert_int_equal(add(s, SCOPE(.id = STR("c1")), 20000), 1);
	assert_int_equal(add(s, SCOPE(.id = STR("c2")), MUTE_FOREVER), 2);
	struct mutes m = load(s);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.v[0].at.ns, at.ns);
	assert_true(str_equal(m.v[0].author, STR("ada")));
	assert_true(str_equal(m.v[0].reason, STR("a \"reason\"\\x0a")));
	assert_non_null(mutes_find(&m, &of, 20000)); /* its last day */
	assert_null(mutes_find(&m, &of, 20001));
	assert_true(mutes_any(&m, 20001));
	mutes_free(&m);
	assert_int_equal(mute_remove(s, 2, at, STR("bob"), STR("no"), &e), 0);
	assert_int_equal(mute_remove(s, 2, at, STR("bob"), STR("no"), &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(mute_remove(s, 3, at, STR("bob"), STR("no"), &e), -1);
	m = load(s);
	assert_true(m.v[1].removed && str_equal(m.v[1].removed_by, STR("bob")));
	assert_false(mutes_any(&m, 20001));
	mutes_free(&m);
	/* Queries see all of it. */
	assert_int_equal(lab_number(s, "SELECT count(*) FROM mute"), 2);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM mute WHERE in_force"), 0);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM mute WHERE removed_by = 'bob'"), 1);
	assert_int_equal(add(s, SCOPE(.id = STR("c3")), MUTE_FOREVER), 3);
	assert_int_equal(lab_number(s, "SELECT n FROM mute WHERE in_force"), 3);
	close_lab(s, path);
}

static void wrong_ones(void **state)
{
	(void)state;
	char *path, long_text[MUTE_TEXT_MAX + 2];
	uint32_t n;
	struct error e = {0};
	struct store *s = open_lab(&path);
	struct mute m = {.at = at, .until = MUTE_FOREVER};
	assert_int_equal(mute_add(s, &m, &n, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	m.scope.host = STR("10.0.0.0/33");
	assert_int_equal(mute_add(s, &m, &n, &e), -1);
	memset(long_text, 'x', sizeof(long_text));
	m.scope.host = STR("10.0.0.0/8");
	m.reason = (struct str){long_text, MUTE_TEXT_MAX + 1};
	assert_int_equal(mute_add(s, &m, &n, &e), -1);
	m.reason.n = MUTE_TEXT_MAX;
	assert_int_equal(mute_add(s, &m, &n, &e), 0);
	close_lab(s, path);
}

static void put_file(const char *folder, const char *text, const char *mode)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/" MUTE_FILE, folder);
	FILE *f = fopen(path, mode);
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* A cut line, lines of another program, numbers twice: counted; the others hold, and the
 * next mute begins a line of its own. */
static void damaged_lines(void **state)
{
	(void)state;
	char *path;
	struct store *s = open_lab(&path);
	put_file(path,
	    "{\"action\":\"mute\",\"n\":1,\"id\":\"c1\"}\n\n"
	    "{\"action\":\"mute\",\"n\":1,\"id\":\"c9\"}\n"
	    "{\"action\":\"mute\",\"n\":0,\"id\":\"c9\"}\n"
	    "{\"action\":\"mute\",\"n\":10001,\"id\":\"c9\"}\n"
	    "{\"action\":\"mute\",\"n\":2}\n"
	    "{\"action\":\"mute\",\"n\":2,\"id\":\"c9\",\"until\":\"soon\"}\n"
	    "{\"action\":\"dance\",\"n\":1}\n"
	    "{\"action\":\"remove\",\"n\":7}\n"
	    "[1]\nnonsense\n"
	    "{\"action\":\"mute\",\"n\":2,\"id\":\"c2\",\"until\":\"2025",
	    "w");
	struct mutes m = load(s);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.damaged, 10);
	mutes_free(&m);
	assert_int_equal(add(s, SCOPE(.id = STR("c3")), MUTE_FOREVER), 2);
	m = load(s);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.damaged, 10);
	assert_true(str_equal(m.v[1].scope.id, STR("c3")));
	mutes_free(&m);
	close_lab(s, path);
}

static void limit(void **state)
{
	(void)state;
	char *path, line[64];
	uint32_t n;
	struct error e = {0};
	struct store *s = open_lab(&path);
	put_file(path, "{\"action\":\"mute\",\"n\":1,\"id\":\"c1\"}\n", "w");
	snprintf(line, sizeof(line), "{\"action\":\"mute\",\"n\":%d,\"id\":\"c1\"}\n",
	    MUTES_MAX);
	put_file(path, line, "a");
	const struct mute m = {
	    .at = at, .scope = {.id = STR("x")}, .until = MUTE_FOREVER};
	assert_int_equal(mute_add(s, &m, &n, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	close_lab(s, path);
}

/* Several processes at once, beside a writer with the memory's lock: all lines are
 * there, each with a number of its own. */
static void many_writers(void **state)
{
	(void)state;
	enum { PROCESSES = 6, EACH = 15 };
	char *path;
	struct store *s = open_lab(&path);
	for (int p = 0; p < PROCESSES; p++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child > 0)
			continue;
		struct error e;
		struct store *reader = store_open(path, STORE_READ, &e);
		int bad = reader == NULL;
		for (int i = 0; i < EACH && !bad; i++) {
			uint32_t n;
			const struct mute m = {
			    .at = at, .scope = {.id = STR("c1")}, .until = MUTE_FOREVER};
			bad = mute_add(reader, &m, &n, &e) < 0;
		}
		_exit(bad);
	}
	for (int p = 0; p < PROCESSES; p++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	struct mutes m = load(s);
	assert_int_equal(m.n, PROCESSES * EACH);
	assert_int_equal(m.damaged, 0);
	for (size_t i = 0; i < m.n; i++)
		assert_int_equal(m.v[i].n, i + 1);
	mutes_free(&m);
	close_lab(s, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scopes),
	    cmocka_unit_test(days),
	    cmocka_unit_test(ends_and_removals),
	    cmocka_unit_test(wrong_ones),
	    cmocka_unit_test(damaged_lines),
	    cmocka_unit_test(limit),
	    cmocka_unit_test(many_writers),
	};
	return cmocka_run_group_tests_name("mute", tests, NULL, NULL);
}
