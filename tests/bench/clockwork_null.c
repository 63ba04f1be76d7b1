/* SPDX-License-Identifier: Apache-2.0 */
/*
 * False alarms of the clockwork sketch on permuted real logs: the gaps of all series of
 * Zeek conn logs are shuffled among the series within each hour of the week (series that
 * are clockwork themselves are left out: their gaps would make the shuffled ones
 * clockwork too), which keeps the bursts, silences and days of real traffic and destroys
 * every rhythm. Printed for each score s: series that ever reached it, and the bound
 * updates / 10^s.
 *
 * The permuted gaps are not Poisson at all, so the bound of the laws is not a promise
 * here; the acceptance is at most one alarm in 10^s* updates at s* = 4 and above. Usage:
 * clockwork_null [--quick] CONN_LOG...
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../random.h"
#include "detect/clock.h"

#define LINE_MAX_BYTES 65536
#define CELLS          168
#define SEED           20261123u
#define CLOCKWORK      4.0 /* series at or above this are left out of the pool */
#define SCORES         6

struct event {
	char key[160]; /* src, dst, port, proto */
	int64_t ms;
};

struct log {
	struct event *v;
	size_t n, room;
};

struct pool {
	int64_t *gap; /* sorted by cell while filled, then shuffled within */
	size_t begin[CELLS + 1];
};

static unsigned cell_of(int64_t ms)
{
	return (unsigned)(ms / 3600000 % CELLS);
}

static void add(
    struct log *l, double ts, const char *src, const char *dst, const char *port)
{
	if (l->n == l->room) {
		l->room = l->room == 0 ? 4096 : 2 * l->room;
		l->v = realloc(l->v, l->room * sizeof(*l->v));
		if (l->v == NULL)
			abort();
	}
	struct event *e = &l->v[l->n++];
	e->ms = (int64_t)(ts * 1000);
	snprintf(e->key, sizeof(e->key), "%.60s %.60s %.10s", src, dst, port);
}

/* The text of a JSON member, up to the next comma or brace; quotes left out. */
static bool member(const char *line, const char *name, char out[static 64])
{
	const char *at = strstr(line, name);
	if (at == NULL)
		return false;
	at += strlen(name);
	at += strspn(at, "\": ");
	size_t n = strcspn(at, "\",}");
	if (n > 63)
		n = 63;
	memcpy(out, at, n);
	out[n] = '\0';
	return n > 0;
}

static void read_json(struct log *l, const char *line)
{
	char ts[64], src[64], dst[64], port[64];
	bool flat = member(line, "\"id_orig_h\"", src) &&
		    member(line, "\"id_resp_h\"", dst) &&
		    member(line, "\"id_resp_p\"", port);
	bool dotted = !flat && member(line, "\"id.orig_h\"", src) &&
		      member(line, "\"id.resp_h\"", dst) &&
		      member(line, "\"id.resp_p\"", port);
	if ((flat || dotted) && member(line, "\"ts\"", ts))
		add(l, strtod(ts, NULL), src, dst, port);
}

/* ts, uid, orig_h, orig_p, resp_h, resp_p, …:
 * the first columns of every Zeek conn.log. */
static void read_tsv(struct log *l, char *line)
{
	char *column[6], *at = line;
	for (size_t i = 0; i < 6; i++) {
		column[i] = strsep(&at, "\t");
		if (column[i] == NULL)
			return;
	}
	add(l, strtod(column[0], NULL), column[2], column[4], column[5]);
}

static void read_log(struct log *l, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = malloc(LINE_MAX_BYTES);
	if (f == NULL || line == NULL) {
		fprintf(stderr, "clockwork_null: %s can not be read\n", path);
		free(line);
		return;
	}
	while (fgets(line, LINE_MAX_BYTES, f) != NULL) {
		if (line[0] == '{')
			read_json(l, line);
		else if (line[0] != '#')
			read_tsv(l, line);
	}
	free(line);
	fclose(f);
}

static int by_key(const void *x, const void *y)
{
	const struct event *a = x, *b = y;
	int c = strcmp(a->key, b->key);
	return c != 0 ? c : (a->ms > b->ms) - (a->ms < b->ms);
}

static size_t series_end(const struct log *l, size_t from)
{
	size_t end = from + 1;
	while (end < l->n && strcmp(l->v[end].key, l->v[from].key) == 0)
		end++;
	return end;
}

/* Keep the series that are no clockwork and have
 * at least 5 events; count what is left out. */
static unsigned leave_out_clockwork(struct log *l)
{
	size_t kept = 0;
	unsigned out = 0;
	for (size_t i = 0, end; i < l->n; i = end) {
		struct clock c;
		clock_init(&c);
		end = series_end(l, i);
		for (size_t j = i; j < end; j++)
			clock_add(&c, l->v[j].ms, NULL, NULL);
		bool regular = clock_score(&c) >= CLOCKWORK;
		out += regular;
		if (regular || end - i < 5)
			continue;
		memmove(l->v + kept, l->v + i, (end - i) * sizeof(*l->v));
		kept += end - i;
	}
	l->n = kept;
	return out;
}

static void fill_pool(struct pool *p, const struct log *l)
{
	size_t at[CELLS] = {0};
	memset(p->begin, 0, sizeof(p->begin));
	for (size_t i = 0; i + 1 < l->n; i++) {
		if (strcmp(l->v[i].key, l->v[i + 1].key) == 0)
			p->begin[cell_of(l->v[i].ms) + 1]++;
	}
	for (size_t c = 0; c < CELLS; c++)
		p->begin[c + 1] += p->begin[c];
	for (size_t i = 0; i + 1 < l->n; i++) {
		if (strcmp(l->v[i].key, l->v[i + 1].key) != 0)
			continue;
		unsigned c = cell_of(l->v[i].ms);
		p->gap[p->begin[c] + at[c]++] = l->v[i + 1].ms - l->v[i].ms;
	}
}

static void shuffle(struct pool *p, uint64_t *seed)
{
	for (size_t c = 0; c < CELLS; c++) {
		for (size_t n = p->begin[c + 1] - p->begin[c]; n > 1; n--) {
			size_t j = random_next(seed) % n;
			int64_t *v = p->gap + p->begin[c];
			int64_t keep = v[n - 1];
			v[n - 1] = v[j];
			v[j] = keep;
		}
	}
}

struct result {
	uint64_t updates, series, alarms[SCORES + 1];
};

/* All series once with shuffled gaps. */
static void replay(const struct log *l, const struct pool *p, struct result *r)
{
	size_t at[CELLS] = {0};
	for (size_t i = 0, end; i < l->n; i = end) {
		struct clock c;
		int64_t ms = l->v[i].ms;
		clock_init(&c);
		end = series_end(l, i);
		r->updates += clock_add(&c, ms, NULL, NULL);
		for (size_t j = i; j + 1 < end; j++) {
			unsigned cell = cell_of(l->v[j].ms);
			ms += p->gap[p->begin[cell] + at[cell]++];
			r->updates += clock_add(&c, ms, NULL, NULL);
		}
		r->series++;
		for (unsigned s = 0; s <= SCORES; s++)
			r->alarms[s] += clock_score(&c) >= s;
	}
}

int main(int argc, char **argv)
{
	struct log l = {.v = NULL};
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	unsigned rounds = quick ? 20 : 1000;
	for (int i = quick ? 2 : 1; i < argc; i++)
		read_log(&l, argv[i]);
	if (l.n == 0) {
		printf("no log: nothing tested\n");
		return 77; /* skipped */
	}
	qsort(l.v, l.n, sizeof(*l.v), by_key);
	size_t events = l.n;
	unsigned out = leave_out_clockwork(&l);
	struct pool p = {.gap = calloc(l.n + 1, sizeof(*p.gap))};
	struct result r = {.updates = 0};
	uint64_t seed = SEED;
	if (p.gap == NULL)
		return 4;
	fill_pool(&p, &l);
	for (unsigned i = 0; i < rounds; i++) {
		shuffle(&p, &seed);
		replay(&l, &p, &r);
	}
	printf("seed %u, %zu connections, %u clockwork series left out, %zu connections "
	       "shuffled "
	       "%u times: %llu series, %llu updates\n",
	    SEED, events, out, l.n, rounds, (unsigned long long)r.series,
	    (unsigned long long)r.updates);
	for (unsigned s = 2; s <= SCORES; s++)
		printf("S >= %u: %llu series, updates / 10^s = %.1f\n", s,
		    (unsigned long long)r.alarms[s], (double)r.updates / pow(10, s));
	free(p.gap);
	free(l.v);
	return 0;
}
