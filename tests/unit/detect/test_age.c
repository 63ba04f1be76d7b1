/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Age never lowers a rank: the same network and the same implant, read after weeks and
 * after months. Whatever is said of the implant early is said later, too, as surely and
 * as high up; and one that was there before the memory goes by the same.
 */
#include "world.h"

#define SERVER  "10.0.0.5"
#define IMPLANT "203.0.113.77"

static const struct peer implant = {
    SERVER, IMPLANT, "sync.cdn-status.example", "tcp", "tls", 443, 700, 3000, 1.5};
/* Without a name, as one that was there from the first day is late in nothing. */
static const struct peer bare = {
    SERVER, IMPLANT, NULL, "tcp", "tls", 443, 700, 3000, 1.5};

static void regular(struct memory *w, const struct peer *p, double from, double until,
    double period, double scatter)
{
	for (double t = from; t < until;
	     t += period * (1 + scatter * (2 * random_unit(&w->seed) - 1)))
		talk(w, p, BEGIN + t);
}

/* A server with the rhythms of its system, and twelve people. */
static void network(struct memory *w, double until)
{
	const struct peer ntp = {
	    SERVER, "192.0.2.123", NULL, "udp", "ntp", 123, 48, 48, 0.02};
	const struct peer mirror = {SERVER, "198.51.100.10", "deb.mirror.example", "tcp",
	    "http", 80, 2000, 900000, 9};
	const struct peer crl = {SERVER, "198.51.100.30", "crl.ca.example", "tcp", "http",
	    80, 300, 20000, 0.3};
	regular(w, &ntp, 100, until, 4096, 0.001);
	regular(w, &mirror, 200, until, DAY, 0.02);
	regular(w, &crl, 300, until, 7200, 0.001);
	for (unsigned i = 0; i < 12; i++) {
		char src[16];
		snprintf(src, sizeof(src), "10.0.1.%u", i + 1);
		const struct peer web = {src, "198.51.100.80", "news.example", "tcp",
		    "tls", 443, 800, 60000, 2};
		const struct peer own = {
		    src, "192.0.2.123", NULL, "udp", "ntp", 123, 48, 48, 0.02};
		for (double t = 40 * i; t < until;
		     t -= 2 * 3600 * log(random_unit(&w->seed)))
			talk(w, &web, BEGIN + t);
		regular(w, &own, 10 * i, until, 6 * 3600, 0.001);
	}
}

/* The place of its case and how sure that is, after so many days. */
static void judge(const struct peer *p, double from, double days, uint64_t *rank,
    enum confidence *confidence)
{
	struct memory w;
	size_t n;
	world_begin(&w, 11);
	network(&w, days * DAY);
	regular(&w, p, from, days * DAY, 14400, 0.2);
	memory_detect(&w);
	const struct dwell_case *c = cases_build(w.findings, w.count, NULL, &w.texts, &n);
	*rank = 0;
	for (size_t i = 0; i < n && *rank == 0; i++) {
		const struct finding *f = c[i].findings[0];
		if (str_equal(f->peer, str_of(p->name != NULL ? p->name : p->dst))) {
			*rank = c[i].rank;
			*confidence = c[i].confidence;
		}
	}
	assert_true(*rank > 0);
	memory_end(&w);
}

static void never_lower(const struct peer *p, double from)
{
	static const double days[] = {20, 32, 60, 130};
	uint64_t rank = UINT64_MAX;
	enum confidence sure = CONFIDENCE_LOW;
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		uint64_t now;
		enum confidence c = CONFIDENCE_LOW;
		judge(p, from, days[i], &now, &c);
		assert_true(now <= rank);
		assert_true(c >= sure);
		rank = now;
		sure = c;
	}
	assert_int_equal(rank, 1);
	assert_int_equal(sure, CONFIDENCE_HIGH);
}

/* Ten days after the memory began: in a memory of twenty days half of the host's life, in
 * one of 130 hardly any, and late all the same. */
static void test_stays(void **state)
{
	(void)state;
	never_lower(&implant, 10 * DAY);
}

static void test_older_than_the_memory(void **state)
{
	(void)state;
	never_lower(&bare, 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stays),
	    cmocka_unit_test(test_older_than_the_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
