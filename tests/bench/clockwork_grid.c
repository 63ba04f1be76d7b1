/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recall of the clockwork sketch over a grid of beacons, check-ins until the alarm, and
 * time per update. A cell is law x period x jitter x missed check-ins x burst x gate;
 * each of its runs has its own seed. Alarm: S >= 6. Usage: clockwork_grid [--quick]
 * [SEED]
 *
 * Accepted when recall within 40 check-ins is >= 0.95 in every cell with jitter <= 50 %,
 * missed
 * <= 10 %, period <= 7 d, one connection a check-in, around the clock.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../random.h"
#include "detect/clock.h"

#define ALARM     6.0
#define SEED      20261123u /* unless another is given */
#define ACCEPT_IN 40        /* check-ins */
#define LONGEST   600       /* check-ins of a run */
#define RUNS_MAX  40
#define COUNT(v)  (sizeof(v) / sizeof(*(v)))

enum law { ONE_SIDED, SYMMETRIC, ADDITIVE, CRON, LAWS };

static const char *const law_names[LAWS] = {"one-sided", "symmetric", "additive", "cron"};
static const double periods[] = {
    5, 60, 600, 3600, 14400, 21600, 43200, 86400, 259200, 604800, 2592000, 7776000};
static const char *const period_names[] = {
    "5s", "1m", "10m", "1h", "4h", "6h", "12h", "1d", "3d", "7d", "30d", "90d"};
static const double jitters[] = {0, 0.1, 0.25, 0.5, 0.75, 0.99};
static const double misses[] = {0, 0.1, 0.3};
static const unsigned bursts[] = {1, 3, 8};

struct cell {
	enum law law;
	double period, jitter, miss;
	unsigned burst;
	uint64_t seed;
	bool gated; /* working hours only, on a host that works at these hours */
};

struct tally {
	unsigned runs, found, soon; /* soon: within ACCEPT_IN check-ins */
	unsigned needed[RUNS_MAX];
	uint64_t updates;
	double ns;
};

/* Working hours: 8 to 18, five days of seven; 0.1 of the mean outside. */
#define HOUR 3600000LL
#define BUSY 2.8
#define IDLE 0.06

static bool working(int64_t ms)
{
	int64_t hour = ms / HOUR % 24, day = ms / HOUR / 24 % 7;
	return day < 5 && hour >= 8 && hour < 18;
}

static double office_elapsed(void *ctx, int64_t from, int64_t to)
{
	(void)ctx;
	double own = 0;
	while (from < to) {
		int64_t end = (from / HOUR + 1) * HOUR;
		if (end > to)
			end = to;
		own += (double)(end - from) * (working(from) ? BUSY : IDLE) / 1000;
		from = end;
	}
	return own;
}

static double next_check_in(const struct cell *c, double start, double t, uint64_t *seed)
{
	double u = random_unit(seed), j = c->jitter;
	switch (c->law) {
	case ONE_SIDED:
		return t + c->period * (1 - j * u);
	case SYMMETRIC:
		return t + c->period * (1 + j * (2 * u - 1));
	case ADDITIVE:
		return t + c->period * (1 + j * u);
	case CRON:
	case LAWS:
	default:
		return (floor((t - start) / c->period + 0.5) + 1) * c->period + start +
		       c->period * j * (u - 0.5);
	}
}

static unsigned check_in(struct clock *k, const struct cell *c, double t, uint64_t *seed)
{
	unsigned tested = 0;
	for (unsigned n = 0; n < c->burst; n++) {
		int64_t ms = (int64_t)(t * 1000);
		struct clock_pace pace = {
		    office_elapsed, NULL, working(ms) ? BUSY : IDLE};
		tested += clock_add(k, ms, c->gated ? &pace : NULL, NULL);
		t += random_unit(seed); /* the burst takes less than 3 s on average */
	}
	return tested;
}

/* Check-ins until the alarm; 0: none. */
static unsigned run(
    const struct cell *c, uint64_t seed, unsigned longest, struct tally *tally)
{
	struct clock k;
	clock_init(&k);
	double start = 1.6e9 + random_unit(&seed) * 1e6, t = start;
	unsigned happened = 0;
	for (unsigned n = 0; n < 4 * longest && happened < longest; n++) {
		t = next_check_in(c, start, t, &seed);
		if (t > 4.2e9)
			break; /* beyond what a sketch can date */
		while (c->gated && c->period < 3600 && !working((int64_t)(t * 1000)))
			t += c->period; /* nights do not count as tries */
		if (random_unit(&seed) < c->miss ||
		    (c->gated && !working((int64_t)(t * 1000))))
			continue;
		happened++;
		tally->updates += check_in(&k, c, t, &seed);
		if (clock_score(&k) >= ALARM)
			return happened;
	}
	return 0;
}

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return (x > y) - (x < y);
}

static void run_cell(
    const struct cell *c, unsigned runs, unsigned longest, struct tally *t)
{
	*t = (struct tally){.runs = runs};
	double start = now_ns();
	for (unsigned i = 0; i < runs; i++) {
		uint64_t seed = c->seed + i * 1000003u + (uint64_t)(c->period * 7) +
				(uint64_t)(c->jitter * 1e6) + (uint64_t)c->law * 77;
		unsigned n = run(c, seed, longest, t);
		if (n == 0)
			continue;
		t->needed[t->found++] = n;
		t->soon += n <= ACCEPT_IN;
	}
	t->ns = now_ns() - start;
	qsort(t->needed, t->found, sizeof(*t->needed), by_number);
}

struct total {
	uint64_t seed;
	unsigned cells, accepted;
	uint64_t updates;
	double ns;
};

static bool must_hold(const struct cell *c)
{
	return c->jitter <= 0.5 && c->miss <= 0.1 && c->period <= 604800 &&
	       c->burst == 1 && !c->gated;
}

/* One row of the table: a period, all jitters:
 * recall, n = median check-ins to the alarm. */
static void row(
    struct cell c, const char *name, unsigned runs, unsigned longest, struct total *total)
{
	printf("%-5s", name);
	for (size_t j = 0; j < COUNT(jitters); j++) {
		struct tally t;
		c.jitter = jitters[j];
		c.seed = total->seed;
		run_cell(&c, runs, longest, &t);
		if (!c.gated) { /* else making up office hours takes the time */
			total->updates += t.updates;
			total->ns += t.ns;
		}
		bool good = t.soon >= 0.95 * t.runs;
		if (must_hold(&c)) {
			total->cells++;
			total->accepted += good;
		}
		if (t.found == 0)
			printf("  %4.2f      ", 0.0);
		else
			printf("  %4.2f n%-4u%c", (double)t.found / t.runs,
			    t.needed[t.found / 2], must_hold(&c) && !good ? '!' : ' ');
	}
	putchar('\n');
}

static void table(struct cell c, unsigned runs, unsigned longest, struct total *total)
{
	printf("\n%s, missed %.0f %%, burst %u, %s\n      j=0         10%%         25%%  "
	       "       "
	       "50%%         75%%         99%%\n",
	    law_names[c.law], c.miss * 100, c.burst,
	    c.gated ? "working hours" : "always");
	for (size_t p = 0; p < COUNT(periods); p++) {
		c.period = periods[p];
		row(c, period_names[p], runs, longest, total);
	}
}

static void full(struct total *total)
{
	for (unsigned law = 0; law < LAWS; law++) {
		for (size_t m = 0; m < COUNT(misses); m++)
			table((struct cell){.law = law, .miss = misses[m], .burst = 1},
			    RUNS_MAX, LONGEST, total);
	}
	for (size_t b = 1; b < COUNT(bursts); b++)
		table((struct cell){.law = ONE_SIDED, .miss = 0.1, .burst = bursts[b]},
		    RUNS_MAX, LONGEST, total);
	table((struct cell){.law = ONE_SIDED, .burst = 1, .gated = true}, RUNS_MAX,
	    LONGEST, total);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	uint64_t seed = argc > 1 + quick ? strtoull(argv[1 + quick], NULL, 10) : SEED;
	struct total total = {.seed = seed};
	printf("seed %llu, alarm S >= %.0f\n", (unsigned long long)seed, ALARM);
	if (quick) {
		for (unsigned law = 0; law < LAWS; law++)
			table((struct cell){.law = law, .miss = 0.1, .burst = 1},
			    RUNS_MAX, 120, &total);
	} else {
		full(&total);
	}
	printf("\ncells with jitter <= 50 %%, missed <= 10 %%, period <= 7 d: %u, of "
	       "which %u with "
	       "recall >= 0.95 within %u check-ins\n",
	    total.cells, total.accepted, ACCEPT_IN);
	printf("%.0f ns an update (the generator included), %zu bytes a series\n",
	    total.ns / (double)total.updates, sizeof(struct clock));
	return 0;
}
