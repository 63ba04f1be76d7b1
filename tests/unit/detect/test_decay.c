/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Years of which only roll-ups are left: a memory that is filled, judged and thinned
 * month by month, as dwell scan does it. What is planted in it must be found as if every
 * connection were still there: its date, its sizes; and what nobody could find any more
 * must still be told.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#include "../../random.h"
#include "detect/detect.h"

#define DAY          86400.0
#define BEGIN        1514764800.0 /* 2018-01-01 00:00 UTC */
#define MONTH        (30 * DAY)
#define FINDINGS_MAX 64
#define PEERS_MAX    8

struct peer {
	const char *src, *dst, *name;
	double period, jitter; /* s, share */
	double from, to;       /* s since BEGIN */
	double seconds;        /* of a connection */
	/* What came of it. */
	double next, first, last;
	uint64_t events, out;
};

struct world {
	char dir[64];
	struct store *store;
	struct peer peers[PEERS_MAX];
	size_t peer_count;
	uint64_t seed;
	struct arena texts;
	struct finding findings[FINDINGS_MAX];
	size_t count;
	bool decays;
	double step; /* s between scans */
};

static struct world *world_begin(uint64_t seed, const char *rule)
{
	struct error e = {.code = ERR_NONE};
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->seed = seed;
	w->step = MONTH;
	snprintf(w->dir, sizeof(w->dir), "/tmp/dwell-decay-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	char path[80];
	snprintf(path, sizeof(path), "%s/memory", w->dir);
	w->store = store_open(path, STORE_WRITE, &e);
	assert_non_null(w->store);
	arena_init(&w->texts, 1 << 26);
	if (rule == NULL)
		return w;
	struct policy policy = {.n = 0};
	struct policy_rule r;
	assert_true(policy_parse_rule(rule, &r) && policy_set(&policy, &r));
	check(store_set_policy(w->store, &policy, &e), &e);
	w->decays = true;
	return w;
}

static void world_end(struct world *w)
{
	char command[96];
	store_close(w->store);
	arena_fini(&w->texts);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	free(w);
	assert_int_equal(system(command), 0);
}

static void plant(struct world *w, struct peer p)
{
	assert_true(w->peer_count < PEERS_MAX);
	p.next = BEGIN + p.from + 61;
	w->peers[w->peer_count++] = p;
}

static void talk(struct peer *p, const struct record_sink *sink)
{
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = moment_from_us((int64_t)(p->next * 1e6));
	r.duration = p->seconds;
	assert_true(addr_parse(p->src, &r.src_ip) && addr_parse(p->dst, &r.dst_ip));
	r.src_port = 40000;
	r.dst_port = 443;
	r.proto = STR("tcp");
	r.server_name = str_of(p->name);
	r.src_bytes = 900;
	r.dst_bytes = 700;
	r.src_packets = r.dst_packets = 5;
	r.state = STR("SF");
	r.sensor = r.source = STR("test");
	record_put(sink, RECORD_CONN, &r);
	p->first = p->events == 0 ? p->next : p->first;
	p->last = p->next + p->seconds;
	p->events++;
	p->out += r.src_bytes;
}

static void keep(void *ctx, const struct finding *f)
{
	struct world *w = ctx;
	assert_true(w->count < FINDINGS_MAX);
	struct finding *g = &w->findings[w->count++];
	*g = *f;
	g->peer = str_copy(&w->texts, f->peer);
	g->proto = str_copy(&w->texts, f->proto);
	g->detector = strcmp(f->detector, "presence") == 0 ? "presence" : "clockwork";
	for (size_t i = 0; i < ATTACK_MAX; i++)
		g->attack[i] = NULL;
}

static void detect(struct world *w, size_t held_max)
{
	struct error e = {.code = ERR_NONE};
	struct net home;
	assert_true(net_parse("10.0.0.0/8", &home));
	struct detect_options o = {&home, 1, 0.1, held_max};
	struct finding_sink sink = {keep, w};
	w->count = 0;
	check(detect_run(w->store, &o, &sink, &e), &e);
}

/* As dwell scan does: judge, then let decay. */
static void judge(struct world *w, double now)
{
	struct error e = {.code = ERR_NONE};
	uint64_t over;
	detect(w, 0);
	check(store_begin(w->store, &e), &e);
	store_replace_findings(w->store);
	struct record_sink sink = store_sink(w->store);
	for (size_t i = 0; i < w->count; i++) {
		struct finding_record row;
		finding_to_record(&w->findings[i], STR("said"), &w->texts, &row);
		record_put(&sink, RECORD_FINDING, &row);
	}
	check(store_commit(w->store, &e), &e);
	if (w->decays)
		check(
		    store_retain(w->store, moment_from((int64_t)now, 0), NULL, &over, &e),
		    &e);
}

/* Live for some months, or other steps; judged each time, or never before the end. */
static void live(struct world *w, unsigned from, unsigned steps, bool judged)
{
	struct error e = {.code = ERR_NONE};
	for (unsigned m = from; m < from + steps; m++) {
		double end = BEGIN + (m + 1) * w->step;
		check(store_begin(w->store, &e), &e);
		struct record_sink sink = store_sink(w->store);
		for (size_t i = 0; i < w->peer_count; i++) {
			struct peer *p = &w->peers[i];
			while (p->next < end && p->next < BEGIN + p->to) {
				talk(p, &sink);
				p->next +=
				    p->period *
				    (1 + p->jitter * (2 * random_unit(&w->seed) - 1));
			}
		}
		check(store_commit(w->store, &e), &e);
		uint64_t over;
		if (judged)
			judge(w, end);
		else if (w->decays)
			check(store_retain(w->store, moment_from((int64_t)end, 0), NULL,
				  &over, &e),
			    &e);
		check(store_tidy(w->store, &e), &e);
	}
}

static const struct finding *find(
    const struct world *w, const char *detector, const char *peer)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct finding *f = &w->findings[i];
		if (strcmp(f->detector, detector) == 0 &&
		    str_equal(f->peer, str_of(peer)))
			return f;
	}
	print_error("no %s of %s\n", detector, peer);
	fail();
	return NULL;
}

static const struct fact *fact(const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return NULL;
}

static double value(const struct finding *f, enum fact_key key)
{
	const struct fact *v = fact(f, key);
	assert_non_null(v);
	return v != NULL ? v->value[0] : 0;
}

static double seconds(struct moment m)
{
	return (double)moment_us(m) / 1e6;
}

/* First and last packet, connections and bytes are those of all that ever was. */
static void whole(const struct finding *f, const struct peer *p)
{
	assert_true(fabs(seconds(f->first_seen) - p->first) < 0.001);
	assert_true(fabs(seconds(f->last_seen) - p->last) < 0.001);
	assert_int_equal(f->events, p->events);
	assert_int_equal(f->bytes_out, p->out);
	assert_non_null(fact(f, FACT_KEY_DECAYED));
}

static void plant_beacons(struct world *w, double to)
{
	plant(w, (struct peer){"10.0.0.5", "203.0.113.1", "week.example", 7 * DAY, 0.2,
		     3 * DAY, to, 2});
	plant(w, (struct peer){"10.0.0.6", "203.0.113.2", "month.example", 30.4 * DAY,
		     0.2, 5 * DAY, to, 2});
	plant(w, (struct peer){"10.0.0.7", "203.0.113.3", "quarter.example", 90 * DAY,
		     0.2, 9 * DAY, to, 2});
	plant(w, (struct peer){"10.0.0.8", "203.0.113.4", "hours.example", 4 * 3600, 0.2,
		     60 * DAY, to, 2});
	plant(w, (struct peer){"10.0.0.9", "203.0.113.5", "day.example", DAY, 0.2,
		     60 * DAY, to, 2});
}

/* Five years with --keep-conn 90d, judged for the first time at the end. */
static void test_years(void **state)
{
	(void)state;
	struct world *w = world_begin(1, "*=90d");
	plant_beacons(w, 1830 * DAY);
	w->step = 183 * DAY;
	live(w, 0, 10, false);
	for (size_t pass = 0; pass < 2; pass++) {
		detect(w, pass); /* held, and through SQL */
		for (size_t i = 0; i < w->peer_count; i++) {
			const struct peer *p = &w->peers[i];
			const struct finding *f = find(w, "clockwork", p->name);
			whole(f, p);
			double late = seconds(f->since) - p->first;
			assert_true(late >= -0.001 && late < 6 * p->period);
			assert_true(
			    fabs(value(f, FACT_KEY_RHYTHM) / p->period - 1) < 0.15);
		}
	}
	world_end(w);
}

/* Same memory and same last judgement: the same findings, bit for bit. */
static void test_again(void **state)
{
	(void)state;
	struct world *w = world_begin(2, "*=30d");
	plant_beacons(w, 4 * MONTH);
	live(w, 0, 4, true);
	static struct finding first[FINDINGS_MAX];
	detect(w, 0);
	size_t n = w->count;
	memcpy(first, w->findings, sizeof(first));
	for (size_t pass = 0; pass < 2; pass++) {
		detect(w, pass);
		assert_int_equal(w->count, n);
		for (size_t i = 0; i < n; i++) {
			const struct finding *a = &first[i], *b = &w->findings[i];
			assert_string_equal(a->id, b->id);
			assert_memory_equal(&a->score, &b->score, sizeof(a->score));
			assert_memory_equal(&a->rank_p, &b->rank_p, sizeof(a->rank_p));
			assert_int_equal(a->since.ns, b->since.ns);
			assert_int_equal(a->confidence, b->confidence);
			assert_int_equal(a->events, b->events);
			assert_int_equal(a->fact_count, b->fact_count);
		}
	}
	world_end(w);
}

/* A rhythm of minutes and one long channel, both over years ago: nothing that is left
 * shows them, and they are told as they were. */
static void test_carried_over(void **state)
{
	(void)state;
	struct world *w = world_begin(3, "*=30d");
	plant(w, (struct peer){"10.0.0.5", "203.0.113.1", "minutes.example", 600, 0.1, 0,
		     20 * DAY, 2});
	plant(w, (struct peer){"10.0.0.6", "203.0.113.2", NULL, 900 * DAY, 0, 3 * DAY,
		     20 * DAY, 40 * 3600.0});
	plant(w, (struct peer){"10.0.0.7", "203.0.113.3", "now.example", 5000, 0.1, 0,
		     30 * MONTH, 2});
	live(w, 0, 1, true);
	struct finding minutes = *find(w, "clockwork", "minutes.example");
	struct finding channel = *find(w, "presence", "203.0.113.2");
	live(w, 1, 5, true);
	const struct finding *f = find(w, "clockwork", "minutes.example");
	assert_string_equal(f->id, minutes.id);
	assert_int_equal(f->since.ns, minutes.since.ns);
	assert_int_equal(f->since_kind, minutes.since_kind);
	assert_int_equal(f->confidence, minutes.confidence);
	assert_true(
	    fabs(value(f, FACT_KEY_RHYTHM) - value(&minutes, FACT_KEY_RHYTHM)) < 1e-6);
	assert_non_null(fact(f, FACT_KEY_STOPPED));
	whole(f, &w->peers[0]);
	f = find(w, "presence", "203.0.113.2");
	assert_string_equal(f->id, channel.id);
	assert_int_equal(f->since.ns, channel.since.ns);
	assert_true(value(f, FACT_KEY_LONG_CHANNEL) > 39 * 3600);
	whole(f, &w->peers[1]);
	whole(find(w, "clockwork", "now.example"), &w->peers[2]);
	world_end(w);
}

/* A rule for one host leaves the rows of another: it is read from them. */
static void test_others_keep_their_rows(void **state)
{
	(void)state;
	struct finding with = {.events = 0}, without = {.events = 0};
	for (int decays = 0; decays < 2; decays++) {
		struct world *w = world_begin(4, decays ? "10.0.0.5/32=30d" : NULL);
		plant(w, (struct peer){"10.0.0.5", "203.0.113.1", "gone.example", 9000,
			     0.1, 0, 6 * MONTH, 2});
		plant(w, (struct peer){"10.0.0.6", "203.0.113.2", "kept.example", 9000,
			     0.1, 0, 6 * MONTH, 2});
		live(w, 0, 6, false);
		for (size_t pass = 0; pass < 2; pass++) {
			detect(w, pass);
			*(decays ? &with : &without) =
			    *find(w, "clockwork", "kept.example");
			const struct finding *f = find(w, "clockwork", "gone.example");
			assert_int_equal(f->events, w->peers[0].events);
			assert_int_equal(f->bytes_out, w->peers[0].out);
		}
		world_end(w);
	}
	assert_memory_equal(&with.score, &without.score, sizeof(with.score));
	assert_int_equal(with.events, without.events);
	assert_int_equal(with.since.ns, without.since.ns);
	assert_true(fabs(value(&with, FACT_KEY_RHYTHM) -
			 value(&without, FACT_KEY_RHYTHM)) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_years),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_carried_over),
	    cmocka_unit_test(test_others_keep_their_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
