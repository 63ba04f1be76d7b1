/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upload: data that leaves. The pairs of the memory are read twice: to learn what hosts,
 * ports and peers usually send (ledger.h), then to test each pair's days (pair_tests.h)
 * and large transfers (clock.h); last come the days of each host (odd_days.h). What
 * several tests tell of the same host and peer is one finding.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/detector.h"
#include "detect/replay.h"
#include "detect/volume/odd_days.h"
#include "detect/volume/pair_tests.h"
#include "detect/volume/pushed.h"
#include "detect/weigh.h"

#define US_PER_DAY     86400000000LL
#define TRANSFER_BYTES 1000000 /* B2 (e) */
#define TRANSFERS_MIN  8       /* A6.9: what a clock without jitter needs, and one more */
#define SCHEDULE_S     4.0     /* A6.9: a daily habit reaches it in 1.6 % of 300 days */
#define HISTORY_DAYS   14.0 /* the host is known without it: as for an industrial pair */
#define SHORT_DAYS     3.0  /* B1: under three days there is no history */
#define MANY_BYTES     50000000 /* B2 (a) */

struct upload {
	const struct detection *d;
	struct ledger ledger;
	struct leads leads;
	struct pair pair;
	struct replay replay;
	double transfers; /* of the pair in work */
	double updates;   /* gaps tested for a schedule */
	bool know_peers;  /* the memory is long enough for odd days */
	struct odd_days odd;
	struct lead *tops; /* for each odd day the pair that sent most of it; owned */
	bool no_memory;
};

static int64_t day_of(int64_t us)
{
	return us / US_PER_DAY - (us % US_PER_DAY < 0);
}

static bool dated(const struct series_event *v)
{
	return v->ts != moment_us(MOMENT_NONE);
}

/* ---- learning ---- */

static void learn_begin(void *ctx, const struct series_key *key)
{
	pair_begin(&((struct upload *)ctx)->pair, key);
}

static void learn_event(void *ctx, const struct series_event *v)
{
	struct upload *u = ctx;
	if (!dated(v))
		return;
	pair_event(&u->pair, v);
	if (u->know_peers && u->pair.key.projection == SERIES_ADDRESS &&
	    u->pair.key.direction == DIRECTION_OUTBOUND && v->out > 0)
		ledger_meet(&u->ledger, &u->pair.key, v);
}

static void learn_end(void *ctx, const struct series_key *key)
{
	struct upload *u = ctx;
	(void)key;
	ledger_learn(&u->ledger, &u->pair);
}

/* ---- pairs ---- */

static void test_begin(void *ctx, const struct series_key *key)
{
	struct upload *u = ctx;
	pair_begin(&u->pair, key);
	u->transfers = 0;
}

/* Add the event to the pair, with what of it went to a peer that is new. */
static void add_fresh(struct upload *u, const struct series_event *v)
{
	struct pair *p = &u->pair;
	pair_event(p, v);
	if (!u->know_peers || p->key.direction != DIRECTION_OUTBOUND ||
	    p->key.projection != SERIES_ADDRESS || v->out == 0 || p->n == 0)
		return;
	struct pair_day *d = &p->days[p->n - 1];
	if (d->day == day_of(v->ts) && ledger_is_fresh(&u->ledger, &p->key, v))
		d->fresh += v->out;
}

static void test_event(void *ctx, const struct series_event *v)
{
	struct upload *u = ctx;
	if (!dated(v))
		return;
	add_fresh(u, v);
	if (v->out < TRANSFER_BYTES || u->pair.key.direction != DIRECTION_OUTBOUND)
		return;
	if (u->transfers <= 0)
		replay_begin(&u->replay);
	u->updates += replay_add(&u->replay, v, NULL);
	u->transfers++;
}

static bool scheduled(const struct upload *u, struct schedule *out)
{
	if (u->transfers < TRANSFERS_MIN)
		return false;
	const struct clock *c = &u->replay.clock;
	*out = (struct schedule){.score = clock_score(c),
	    .period = clock_period(c),
	    .jitter = clock_jitter(c),
	    .transfers = (double)c->peak_gaps + 1,
	    .first = (int64_t)c->peak_onset_s * 1000000};
	return out->score >= SCHEDULE_S;
}

static void test_end(void *ctx, const struct series_key *key)
{
	struct upload *u = ctx;
	const struct pair *p = &u->pair;
	struct lead found = {.rules = 0};
	if (p->n == 0)
		return;
	if (key->projection == SERIES_ADDRESS && key->direction == DIRECTION_OUTBOUND)
		ledger_learn_fresh(&u->ledger, p);
	if (key->direction != DIRECTION_OUTBOUND)
		return;
	if (producer_test(&u->ledger, p, &found.producer))
		found.rules |= 1u << RULE_PRODUCER;
	if (drip_test(&u->ledger, p, &found.drip))
		found.rules |= 1u << RULE_DRIP;
	if (scheduled(u, &found.schedule))
		found.rules |= 1u << RULE_SCHEDULED;
	if (found.rules == 0)
		return;
	struct lead *l = leads_add(&u->leads, p);
	u->no_memory = u->no_memory || l == NULL;
	if (l == NULL)
		return;
	l->rules = found.rules;
	l->producer = found.producer;
	l->drip = found.drip;
	l->schedule = found.schedule;
	l->v.finding.score = fmax(log10(fmax(found.producer.ratio, 1)),
	    fmax(found.drip.decades, found.schedule.score));
}

/* ---- days ---- */

static uint64_t sent_in(const struct pair *p, const struct odd_day *odd, int64_t *first)
{
	uint64_t sum = 0;
	*first = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct pair_day *d = &p->days[i];
		if (d->day < odd->day || d->day >= odd->day + odd->days)
			continue;
		if (*first == 0)
			*first = d->first;
		sum += odd->flow == FLOW_FRESH ? d->fresh : d->out;
	}
	return sum;
}

static void keep_top(struct upload *u, size_t i, uint64_t bytes, int64_t first)
{
	struct lead *top = &u->tops[i];
	struct odd_found *o = &u->odd.v[i];
	struct leads one = {.v = NULL, .texts = u->leads.texts};
	struct lead *l = leads_add(&one, &u->pair);
	u->leads.texts = one.texts;
	if (l == NULL) {
		u->no_memory = true;
		return;
	}
	*top = *l;
	free(one.v);
	top->rules = 1u << o->rule;
	top->v.finding.score = o->odd.decades;
	top->v.onset = first / 1000000;
	o->top = bytes;
	if (o->rule == RULE_BURST)
		top->burst = o->odd;
	else if (o->rule == RULE_SPLIT)
		top->split = o->odd;
	else
		top->staged = o->odd;
}

static void day_event(void *ctx, const struct series_event *v)
{
	if (dated(v))
		add_fresh(ctx, v);
}

static void day_end(void *ctx, const struct series_key *key)
{
	struct upload *u = ctx;
	uint32_t host = ledger_host(&u->ledger, &key->host);
	for (size_t i = 0; i < u->odd.n; i++) {
		const struct odd_found *o = &u->odd.v[i];
		bool served = o->odd.flow == FLOW_SERVED;
		int64_t first;
		if (o->host != host ||
		    key->direction != (served ? DIRECTION_INBOUND : DIRECTION_OUTBOUND))
			continue;
		uint64_t bytes = sent_in(&u->pair, &o->odd, &first);
		bool ties = bytes > 0 && bytes == o->top &&
			    str_cmp(key->peer, u->tops[i].v.finding.peer) < 0;
		if (bytes > o->top || ties)
			keep_top(u, i, bytes, first);
	}
}

static bool take_tops(struct upload *u)
{
	for (size_t i = 0; i < u->odd.n; i++) {
		if (u->odd.v[i].top > 0 && !leads_put(&u->leads, &u->tops[i]))
			return false;
	}
	return true;
}

static int find_days(struct upload *u, struct error *e)
{
	static const struct series_query all = {
	    SERIES_ADDRESS, true, SERIES_CARRYING, NULL};
	const struct series_visitor visitor = {learn_begin, day_event, day_end, u};
	if (odd_days_find(&u->odd, &u->ledger, e) < 0)
		return -1;
	if (u->odd.n == 0)
		return 0;
	u->tops = calloc(u->odd.n, sizeof(*u->tops));
	if (u->tops == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	if (series_read(u->d->source, &all, &visitor, e) < 0)
		return -1;
	return take_tops(u) ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

/* ---- what it says ---- */

static bool has(const struct lead *l, enum rule rule)
{
	return (l->rules >> rule & 1) != 0;
}

/* The first moment of what was found, µs since 1970. */
static int64_t onset(const struct lead *l)
{
	int64_t first = l->v.onset != 0 ? l->v.onset * 1000000 : INT64_MAX;
	if (has(l, RULE_PRODUCER) && l->producer.first < first)
		first = l->producer.first;
	if (has(l, RULE_DRIP) && l->drip.first < first)
		first = l->drip.first;
	if (has(l, RULE_SCHEDULED) && l->schedule.first < first && l->schedule.first != 0)
		first = l->schedule.first;
	if ((has(l, RULE_STORED) || has(l, RULE_MAILED)) && l->pushed.first < first)
		first = l->pushed.first;
	return first != INT64_MAX ? first : l->v.stats.first;
}

/*
 * High: the host was known for two weeks without it, few hosts use the peer, it is beyond
 * doubt how much was sent, and two more things are odd. Nothing is known of a host in its
 * first three days but what it does on the same port with others.
 */
static enum confidence confidence(const struct context *c, const struct lead *l)
{
	const struct suspect *v = &l->v;
	bool explained = weigh_common(c, v) || weigh_service(v).n > 0;
	bool known = has(l, RULE_PRODUCER) && !isnan(l->producer.usual);
	bool odd_day = (has(l, RULE_BURST) && l->burst.z >= ODD_Z) ||
		       (has(l, RULE_SPLIT) && l->split.z >= ODD_Z) || has(l, RULE_STAGED);
	bool sure =
	    has(l, RULE_DRIP) || odd_day || (known && l->producer.out >= MANY_BYTES);
	double before = (double)(onset(l) - v->host_first) / (double)US_PER_DAY;
	if (explained || v->finding.direction != DIRECTION_OUTBOUND)
		return CONFIDENCE_LOW;
	unsigned marks = weigh_marks(c, v) + (unsigned)__builtin_popcount(l->rules) - 1;
	if (sure && before >= HISTORY_DAYS && weigh_rare(c, v) && marks >= 3)
		return CONFIDENCE_HIGH;
	if (has(l, RULE_MAILED))
		return CONFIDENCE_MEDIUM;
	if (context_days(c) < SHORT_DAYS)
		return known && sure ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	return sure || (known && weigh_rare(c, v)) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void facts_of_days(const struct lead *l, struct finding *f)
{
	if (has(l, RULE_STAGED))
		finding_add_fact(f, FACT_KEY_STAGED, l->staged.gathered,
		    l->staged.senders, (double)l->staged.bytes);
	if (has(l, RULE_SPLIT))
		finding_add_fact(f, FACT_KEY_SPLIT, (double)l->split.bytes,
		    l->split.peers, (double)(l->split.day * US_PER_DAY));
	if (has(l, RULE_BURST))
		finding_add_fact(f, FACT_KEY_BURST, (double)l->burst.bytes,
		    l->burst.usual, (double)(l->burst.day * US_PER_DAY));
	const struct odd_day *odd = has(l, RULE_BURST)   ? &l->burst
				    : has(l, RULE_SPLIT) ? &l->split
							 : NULL;
	if (odd == NULL)
		return;
	if (isnan(odd->p_own))
		finding_add_fact(
		    f, FACT_KEY_ODD_RUN, (double)odd->days, odd->decades, odd->history);
	else
		finding_add_fact(f,
		    isnan(odd->p_peer) ? FACT_KEY_ODD_ALONE : FACT_KEY_ODD_DAY,
		    odd->p_own, isnan(odd->p_peer) ? odd->history : odd->p_peer,
		    isnan(odd->p_peer) ? 0 : odd->history);
}

static void facts_of_pair(const struct lead *l, struct finding *f)
{
	if (has(l, RULE_STORED) || has(l, RULE_MAILED))
		finding_add_fact(f,
		    has(l, RULE_MAILED) ? FACT_KEY_MAILED : FACT_KEY_STORED, l->pushed.n,
		    (double)l->pushed.bytes, 0);
	if (has(l, RULE_DRIP)) {
		finding_add_fact(f, FACT_KEY_DRIP, l->drip.active,
		    (double)l->drip.out / l->drip.active, l->drip.days);
		finding_add_fact(
		    f, FACT_KEY_DRIP_ODDS, l->drip.decades, l->drip.alarm, 0);
	}
	if (has(l, RULE_SCHEDULED))
		finding_add_fact(f, FACT_KEY_SCHEDULED, l->schedule.period,
		    l->schedule.jitter, l->schedule.transfers);
	if (!has(l, RULE_PRODUCER))
		return;
	finding_add_fact(f, FACT_KEY_PRODUCER, (double)l->producer.out,
	    (double)l->producer.in, l->producer.days);
	if (isnan(l->producer.usual))
		finding_add_fact(f, FACT_KEY_NO_USUAL, 0, 0, 0);
	else
		finding_add_fact(f, FACT_KEY_USUAL_RATIO, l->producer.ratio,
		    l->producer.usual, l->producer.usual_days);
}

static void techniques(const struct lead *l, struct finding *f)
{
	size_t n = 0;
	if (has(l, RULE_STAGED))
		f->attack[n++] = "T1074.002"; /* remote data staging */
	if (has(l, RULE_SCHEDULED))
		f->attack[n++] = "T1029"; /* scheduled transfer */
	if (has(l, RULE_DRIP) || has(l, RULE_SPLIT))
		f->attack[n++] = "T1030"; /* data transfer size limits */
	f->attack[n] = has(l, RULE_STORED) || has(l, RULE_MAILED)
			   ? "T1048.003" /* exfiltration in clear */
			   : "T1048";    /* exfiltration over another protocol */
}

static void emit(const struct upload *u, struct lead *l)
{
	struct suspect *v = &l->v;
	struct finding *f = &v->finding;
	const struct context *c = u->d->context;
	f->detector = "upload";
	techniques(l, f);
	v->onset = onset(l) / 1000000;
	context_date(c, v);
	facts_of_days(l, f);
	facts_of_pair(l, f);
	weigh_facts(c, v);
	f->confidence = confidence(c, l);
	finding_identify(f);
	u->d->sink->put(u->d->sink->ctx, f);
}

/* A schedule has to reach the s* of clockwork, too. */
static void drop_unsure_schedules(struct upload *u)
{
	double per_day = fmax(u->updates / context_days(u->d->context), 1);
	double s = log10(per_day / u->d->source->options->false_alarms_per_day);
	size_t n = 0;
	for (size_t i = 0; i < u->leads.n; i++) {
		struct lead *l = &u->leads.v[i];
		if (has(l, RULE_SCHEDULED) && l->schedule.score < s)
			l->rules &= ~(1u << RULE_SCHEDULED);
		if (l->rules != 0)
			u->leads.v[n++] = *l;
	}
	u->leads.n = n;
}

static int tell(struct upload *u, struct error *e)
{
	drop_unsure_schedules(u);
	leads_join(&u->leads);
	size_t n = u->leads.n;
	struct suspect *v = malloc((n + 1) * sizeof(*v));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < n; i++)
		v[i] = u->leads.v[i].v;
	int result = context_fill(u->d->source, v, n, e);
	if (result == 0)
		weigh_rank(u->d->context, v, n);
	for (size_t i = 0; result == 0 && i < n; i++) {
		u->leads.v[i].v = v[i];
		emit(u, &u->leads.v[i]);
	}
	free(v);
	return result;
}

/* ---- run ---- */

static int read_all(struct upload *u, struct error *e)
{
	static const struct series_query queries[] = {
	    {SERIES_ADDRESS, true, SERIES_CARRYING, NULL},
	    {SERIES_NAME, false, SERIES_CARRYING, NULL},
	};
	const struct series_visitor learn = {learn_begin, learn_event, learn_end, u};
	const struct series_visitor test = {test_begin, test_event, test_end, u};
	for (size_t i = 0; i < 2; i++) {
		if (series_read(u->d->source, &queries[i], &learn, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < 2; i++) {
		if (series_read(u->d->source, &queries[i], &test, e) < 0)
			return -1;
	}
	if ((u->know_peers && find_days(u, e) < 0) ||
	    pushed_find(&u->leads, u->d->source, e) < 0)
		return -1;
	return u->no_memory || u->ledger.no_memory
		   ? error_set(e, ERR_SYSTEM, "no memory left")
		   : 0;
}

static int run(const struct detection *d, struct error *e)
{
	struct upload *u = calloc(1, sizeof(*u));
	if (u == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	u->d = d;
	u->know_peers = context_days(d->context) >= ODD_HISTORY;
	u->pair.days = malloc(PAIR_DAYS_MAX * sizeof(*u->pair.days));
	ledger_init(&u->ledger, day_of(d->context->last));
	leads_init(&u->leads);
	int result = u->pair.days != NULL ? read_all(u, e)
					  : error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = tell(u, e);
	odd_days_fini(&u->odd);
	leads_fini(&u->leads);
	ledger_fini(&u->ledger);
	free(u->tops);
	free(u->pair.days);
	free(u);
	return result;
}

static const struct detector_state state[] = {
    {"hosts", sizeof(struct ledger_host), LEDGER_HOSTS_MAX},
    {"days of hosts", sizeof(struct host_day), LEDGER_DAYS_MAX},
    {"ports of hosts", sizeof(struct ledger_port), LEDGER_PORTS_MAX},
    {"peers of hosts", LEDGER_PEER_BYTES, LEDGER_PEERS_MAX},
    {"days of the pair in work", sizeof(struct pair_day), PAIR_DAYS_MAX},
    {"leads", sizeof(struct lead), LEADS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_upload = {"upload",
    "data that leaves: bursts, steady drips, transfers by the clock, pairs that only "
    "send",
    run, state};
