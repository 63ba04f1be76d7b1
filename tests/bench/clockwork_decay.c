/* SPDX-License-Identifier: Apache-2.0 */
/*
 * False alarms of clockwork on series whose connections have decayed into days: Poisson
 * series of all rates, and bursts that come by Poisson, rolled up as store/pairs.c does,
 * replayed as the detector does. Printed for each mean interval and score s: series that
 * ever reached it, and the bound updates / 10^s. Then the same with beacons: the share of
 * series found, of those that all of whose moments find.
 *
 * Usage: clockwork_decay [SERIES]
 */
#include <stdio.h>
#include <stdlib.h>

#include "../random.h"
#include "detect/replay.h"

#define DAY_US    86400000000LL
#define HOUR_US   3600000000LL
#define BEGIN_US  1500000000000000LL
#define SCORES    6
#define DAYS_ROWS 4 /* names of a pair that may show on one day */

struct days {
	struct past_day day[DAYS_ROWS];
	int64_t first[DAYS_ROWS];
	bool used[DAYS_ROWS];
	int64_t number;
};

struct tally {
	uint64_t updates, series, alarms[SCORES + 1];
};

static unsigned hand_on(struct replay *r, struct days *d)
{
	unsigned tested = 0;
	for (;;) { /* in order of first packets */
		int next = -1;
		for (int i = 0; i < DAYS_ROWS; i++) {
			if (d->used[i] && (next < 0 || d->first[i] < d->first[next]))
				next = i;
		}
		if (next < 0)
			return tested;
		d->used[next] = false;
		const struct series_event v = {
		    .day = &d->day[next], .ts = d->first[next], .start = true};
		tested += replay_add(r, &v, NULL);
	}
}

static unsigned roll(struct replay *r, struct days *d, int64_t us, unsigned name)
{
	unsigned tested = 0;
	if (us / DAY_US != d->number)
		tested = hand_on(r, d);
	d->number = us / DAY_US;
	if (!d->used[name]) {
		d->used[name] = true;
		d->first[name] = us;
		d->day[name] = (struct past_day){.connections = 0};
	}
	d->day[name].connections++;
	d->day[name].hours |= 1u << us % DAY_US / HOUR_US;
	d->day[name].last = us;
	return tested;
}

/* One series: mean interval in s; burst: events of one arrival, within minutes; names:
 * under how many they come; jitter: of a beacon, below 0: Poisson. */
struct law {
	double mean, jitter;
	unsigned burst, names;
};

static double gap_of(const struct law *law, uint64_t *seed)
{
	if (law->jitter < 0)
		return random_exponential(seed, law->mean);
	return law->mean * (1 + law->jitter * (2 * random_unit(seed) - 1));
}

static double replay_law(const struct law *law, double span_days, bool decayed,
    uint64_t *seed, struct tally *tally)
{
	struct replay r;
	struct days d = {.number = -1};
	double t = random_unit(seed) * law->mean;
	replay_begin(&r);
	for (; t < span_days * 86400; t += gap_of(law, seed)) {
		double at = t;
		for (unsigned i = 0; i < law->burst; i++) {
			int64_t us = BEGIN_US + (int64_t)(at * 1e6);
			unsigned name = law->names > 1
					    ? (unsigned)(random_next(seed) % law->names)
					    : 0;
			const struct series_event v = {.ts = us, .start = true};
			tally->updates +=
			    decayed ? roll(&r, &d, us, name) : replay_add(&r, &v, NULL);
			at += random_exponential(seed, 120);
		}
		t = at > t && law->burst > 1 ? at : t;
	}
	tally->updates += hand_on(&r, &d);
	double score = clock_score(&r.clock);
	tally->series++;
	for (unsigned s = 0; s <= SCORES; s++)
		tally->alarms[s] += score >= s;
	return score;
}

int main(int argc, char **argv)
{
	static const double means[] = {600, 1800, 3600, 7200, 14400, 21600, 28800, 43200,
	    57600, 86400, 129600, 172800, 259200, 432000, 604800, 1209600, 2592000,
	    5184000};
	static const struct {
		unsigned burst, names;
	} kinds[] = {{1, 1}, {1, 3}, {4, 1}};
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2000;
	uint64_t seed = 20261123;
	struct tally all = {.series = 0};
	printf("burst names interval_s updates S>=2 S>=3 S>=4 S>=5 S>=6\n");
	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < sizeof(means) / sizeof(*means); i++) {
			struct law law = {means[i], -1, kinds[k].burst, kinds[k].names};
			struct tally t = {.series = 0};
			double span = means[i] * 1000 / 86400;
			for (unsigned j = 0; j < n; j++)
				replay_law(
				    &law, span < 2000 ? 2000 : span, true, &seed, &t);
			printf("%u %u %.0f %llu", law.burst, law.names, law.mean,
			    (unsigned long long)t.updates);
			for (unsigned s = 2; s <= SCORES; s++)
				printf(" %llu/%.1f", (unsigned long long)t.alarms[s],
				    (double)t.updates / pow(10, s));
			printf("\n");
			fflush(stdout);
			all.updates += t.updates;
			for (unsigned s = 0; s <= SCORES; s++)
				all.alarms[s] += t.alarms[s];
		}
	}
	for (unsigned s = 2; s <= SCORES; s++)
		printf("S >= %u: %llu series, updates / 10^s = %.1f\n", s,
		    (unsigned long long)all.alarms[s], (double)all.updates / pow(10, s));
	printf("interval_days jitter found_of_days found_of_connections (S >= 6, 5 "
	       "years)\n");
	static const double periods[] = {0.25, 0.5, 1, 1.5, 2, 7, 30.4, 90};
	static const double jitters[] = {0, 0.1, 0.2, 0.5};
	for (size_t i = 0; i < sizeof(periods) / sizeof(*periods); i++) {
		for (size_t j = 0; j < 4; j++) {
			struct law law = {periods[i] * 86400, jitters[j], 1, 1};
			struct tally days = {.series = 0}, whole = {.series = 0};
			for (unsigned m = 0; m < 200; m++) {
				replay_law(&law, 1826, true, &seed, &days);
				replay_law(&law, 1826, false, &seed, &whole);
			}
			printf("%g %g %llu %llu (of 200)\n", periods[i], jitters[j],
			    (unsigned long long)days.alarms[6],
			    (unsigned long long)whole.alarms[6]);
		}
	}
	return 0;
}
