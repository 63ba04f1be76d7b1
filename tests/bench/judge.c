/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge MEMORY [ROUNDS]: CPU time of each detector over a memory, and of reading what
 * they share, the least of all rounds, in milliseconds; and the most memory that the
 * process had meanwhile, in MiB, of the first round. Nothing is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "detect/detector.h"

#define ROUNDS 5

static const struct detector *const detectors[] = {
#define D(name) &detector_##name,
    DETECT_TABLE(D)
#undef D
};

#define COUNT (sizeof(detectors) / sizeof(*detectors))

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* The most memory since the last time it was asked for, where Linux tells it; else 0. */
static double peak_mib(void)
{
	char line[128];
	double kib = 0;
	FILE *f = fopen("/proc/self/status", "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		(void)sscanf(line, "VmHWM: %lf", &kib);
	if (f != NULL)
		fclose(f);
	f = fopen("/proc/self/clear_refs", "we"); /* proc(5): 5 begins anew */
	if (f != NULL) {
		fputs("5", f);
		fclose(f);
	}
	return kib / 1024;
}

struct round {
	double shared, each[COUNT];
	double shared_mib, mib[COUNT];
	size_t found[COUNT];
	size_t now; /* detector at work */
};

static void count(void *ctx, const struct finding *f)
{
	struct round *r = ctx;
	(void)f;
	r->found[r->now]++;
}

static int run(struct store *s, struct round *r, struct error *e)
{
	size_t homes;
	struct net private[NET_PRIVATE];
	const struct net *home = store_home(s, &homes);
	net_private(private);
	if (homes == 0) { /* as dwell takes it */
		home = private;
		homes = NET_PRIVATE;
	}
	const struct detect_options o = {home, homes, 0.1, 0};
	struct context context = {.watch = NULL};
	struct conns conns = {.held = false};
	struct past past;
	struct carry carry = {.n = 0};
	struct owners owners = {.read = false};
	const struct source source = {s, &conns, &o, &past, &owners};
	const struct finding_sink through = {carry_put, &carry}, sink = {count, r};
	const struct detection d = {&source, &context, &through, &carry};
	double before = cpu_ms();
	int result = past_open(&past, s, e);
	if (result == 0)
		result = carry_open(&carry, &past, s, &sink, e);
	if (result == 0)
		result = conns_read(&conns, s, &past, CONNS_MAX, e);
	if (result == 0)
		result = context_open(&context, &source, e);
	r->shared = cpu_ms() - before;
	r->shared_mib = peak_mib();
	for (r->now = 0; result == 0 && r->now < COUNT; r->now++) {
		before = cpu_ms();
		result = detectors[r->now]->run(&d, e);
		r->each[r->now] = cpu_ms() - before;
		r->mib[r->now] = peak_mib();
	}
	context_fini(&context);
	owners_fini(&owners);
	conns_fini(&conns);
	carry_fini(&carry);
	past_fini(&past);
	return result;
}

int main(int argc, char **argv)
{
	struct error e = {.code = ERR_NONE};
	struct round best = {.shared = 0}, r;
	int rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;
	if (argc < 2) {
		fprintf(stderr, "usage: judge MEMORY [ROUNDS]\n");
		return 2;
	}
	struct store *s = store_open(argv[1], STORE_READ, &e);
	for (int i = 0; s != NULL && i < rounds; i++) {
		r = (struct round){.shared = 0};
		if (run(s, &r, &e) < 0)
			break;
		if (i == 0)
			best = r;
		best.shared = r.shared < best.shared ? r.shared : best.shared;
		for (size_t k = 0; k < COUNT; k++)
			best.each[k] =
			    r.each[k] < best.each[k] ? r.each[k] : best.each[k];
	}
	store_close(s);
	if (e.code != ERR_NONE) {
		fprintf(stderr, "judge: %s\n", e.text);
		return 1;
	}
	double sum = best.shared;
	printf("%-12s %8.2f ms %8.1f MiB\n", "shared", best.shared, best.shared_mib);
	for (size_t k = 0; k < COUNT; k++) {
		printf("%-12s %8.2f ms %8.1f MiB  %zu findings\n", detectors[k]->name,
		    best.each[k], best.mib[k], best.found[k]);
		sum += best.each[k];
	}
	printf("%-12s %8.2f ms\n", "in all", sum);
	return 0;
}
