/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/clock.h"

#include <math.h>
#include <string.h>

#define BLOCK_GAPS CLOCK_BLOCK /* gaps whose mean the next one is compared with */
#define UNIT       256.0f      /* levels are kept in 1/256 nat */
#define MARGIN     0.125f /* in units: more than all rounding of one update, tested */
#define PEAKS      40.0   /* scales x alternatives: what the maximum is divided by */
#define WEIGHT_BET 0.97f  /* of the alternative in the bet */
#define WEIGHT_LAW 0.015f /* of each law: so one odd gap costs at most ln 67 */
#define BLOCK_HIGH                                                                       \
	2.2 /* above this ratio more than one check-in was missed: the block restarts */
#define BLOCK_LOW     0.33 /* below, an event of another rhythm came between */
#define SINGLE_HIGH   1.6  /* up to this ratio a gap is a single interval … */
#define SINGLE_LOW    0.35 /* … from this one on */
#define WIDE          3    /* the class of 50 %: half a triangle, half a box */
#define WIDE_BOX      0.62f
#define BEYOND_BETS   3.99 /* no alternative reaches further: 3 + the widest half width */
#define PERIOD_MEMORY 16   /* intervals over which the period is averaged */
#define GAP_MIN_S     1e-3 /* the clock's resolution */

/* Lanes: five alternatives, then the two laws, then the interval. */
typedef float lanes __attribute__((vector_size(32)));
typedef int32_t lanes_int __attribute__((vector_size(32)));

#define LANE_WALL     5
#define LANE_OWN      6
#define LANE_INTERVAL 7

static const float dead_s[CLOCK_SCALES] = {0.5f, 8, 60, 480, 3600, 14400, 51840, 345600};
static const int64_t dead_ms[CLOCK_SCALES] = {
    500, 8000, 60000, 480000, 3600000, 14400000, 51840000, 345600000};

/* Jitter classes; the last one is not a triangle. */
static const lanes jitter_class = {0.02f, 0.08f, 0.25f, 0.38f, 0.38f, 1, 1, 1};
static const double jitter_shown[CLOCK_ALTERNATIVES] = {0.02, 0.08, 0.25, 0.5, 1};

/*
 * What each class counts in the average over all: 4, 4, 10, 75 and 7 %, as ln(5 w) in
 * UNITs, rounded down. Narrow classes win several nats a gap and pay for a small share
 * with a check-in at most; that of 50 % wins a third of a nat and needs what it can get.
 */
static const int class_share[CLOCK_ALTERNATIVES] = {-413, -413, -178, 338, -269};

/* 1.5 sqrt(1 + 1/i): the ratio to a mean of i gaps scatters by more than one gap does. */
static const float spread[BLOCK_GAPS + 1] = {0, 2.1213203f, 1.8371173f, 1.7320508f,
    1.6770510f, 1.6431677f, 1.6201852f, 1.6035675f, 1.5909903f, 1.5811388f, 1.5732133f};

void clock_init(struct clock *c)
{
	*c = (struct clock){.updates = 0};
}

/* By pointer: no two compilers agree on how vectors of 32 bytes are passed. */
static inline void lanes_min(lanes *a, float most)
{
	lanes m = (lanes){} + most;
	lanes_int less = *a < m;
	*a = (lanes)(((lanes_int)*a & less) | ((lanes_int)m & ~less));
}

static inline void lanes_positive(lanes *a)
{
	lanes_int keep = *a > 0.0f;
	*a = (lanes)((lanes_int)*a & keep);
}

/*
 * Natural logarithm of eight positive normal floats, to 1e-5 of a nat: exponent apart,
 * mantissa m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh(z), z = (m-1)/(m+1), series to z^9.
 */
static inline void lanes_log(lanes *v)
{
	lanes_int bits = (lanes_int)*v;
	lanes_int exponent = (bits - 0x3f3504f3) >> 23;
	lanes m = (lanes)(bits - (exponent << 23));
	lanes z = (m - 1.0f) / (m + 1.0f);
	lanes z2 = z * z;
	lanes p = z2 * (1.0f / 9) + 1.0f / 7;
	p = p * z2 + 1.0f / 5;
	p = p * z2 + 1.0f / 3;
	p = p * z2 + 1.0f;
	*v = __builtin_convertvector(exponent, lanes) * 0.69314718f + 2.0f * z * p;
}

static float tri_weight(int at)
{
	return at == 1 ? 0.9f : at == 2 ? 0.073f : 0.027f;
}

/* Set h to the density of the ratio x under
 * each alternative, with i gaps in the block. */
static inline void bets(double x, unsigned i, lanes *h)
{
	lanes width = jitter_class * spread[i];
	lanes_min(&width, 0.99f);
	lanes inverse = 1.0f / width;
	float half = WIDE_BOX / 1.5f * spread[i], box = 0;
	*h = (lanes){};
	/* At most two triangles reach x, as none is wider than 0.99. */
	int low = x < 1 ? 1 : x < 3 ? (int)x : 3;
	for (int at = low; at <= 3 && at <= low + 1; at++) {
		float d = fabsf((float)(x - at));
		lanes t = 1.0f - d * inverse;
		lanes_positive(&t);
		*h += t * inverse * tri_weight(at);
		box += d < half ? tri_weight(at) : 0;
	}
	(*h)[WIDE] = 0.5f * (*h)[WIDE] + 0.25f * box / half;
	(*h)[4] = x > 0 && x < 2 ? 0.5f : 0.0f;
}

/* u^(i+1), u in (0, 1]. */
static float power(float u, unsigned i)
{
	float r = u, s = u;
	for (unsigned n = i; n > 0; n >>= 1) {
		if (n & 1)
			r *= s;
		s *= s;
	}
	return r;
}

static uint16_t level_step(uint16_t level, float nats)
{
	float v = (float)level + nats * UNIT - MARGIN;
	if (!(v > 0))
		return 0;
	return v >= 65535 ? 65535 : (uint16_t)(int)v; /* down */
}

struct ratio {
	double wall, own; /* gap over the block's mean, in both times */
	double rate;      /* density of own time: a(t) (S_wall / S_own) */
	unsigned i;
	bool two; /* the two times differ */
};

/* A single interval of a run. */
static void keep_interval(struct clock_scale *s, float log_seconds)
{
	if (s->run_gaps < UINT16_MAX)
		s->run_gaps++;
	float n = s->run_gaps < PERIOD_MEMORY ? s->run_gaps : PERIOD_MEMORY;
	s->mean_log += (log_seconds - s->mean_log) / n;
}

/*
 * Book the gap on the five levels. Densities are relative to i/S_wall:
 *   wall law (1 + x/i)^-(i+1), own law a(t) S_w/S_o (1 + x_o/i)^-(i+1),
 *   bet 0.97 h + both laws.
 */
static void book(struct clock_scale *s, const struct ratio *r, float interval)
{
	double i = r->i;
	float wall = power((float)(1 / (1 + r->wall / i)), r->i);
	float own = wall;
	if (r->two)
		own = (float)r->rate * power((float)(1 / (1 + r->own / i)), r->i);
	/* x < 3.99 here, so wall > 1e-7;
	 * own can not underflow as rates are in 0.02 … 50. */
	own = own > 1e-37f ? own : 1e-37f;
	lanes l;
	bets(r->wall, r->i, &l);
	l = WEIGHT_BET * l + (WEIGHT_LAW * wall + WEIGHT_LAW * own);
	l[LANE_WALL] = wall;
	l[LANE_OWN] = own;
	l[LANE_INTERVAL] = interval;
	lanes_log(&l);
	for (unsigned a = 0; a < CLOCK_ALTERNATIVES; a++) {
		s->level_wall[a] = level_step(s->level_wall[a], l[a] - l[LANE_WALL]);
		s->level_own[a] = level_step(s->level_own[a], l[a] - l[LANE_OWN]);
	}
	if (r->wall >= SINGLE_LOW && r->wall <= SINGLE_HIGH)
		keep_interval(s, l[LANE_INTERVAL]);
}

/* The same where x is beyond every alternative: only the ratio of the laws counts, and
 * the laws may be smaller than a float can be. */
static void book_far(struct clock_scale *s, const struct ratio *r)
{
	double d = 0; /* ln(own law / wall law) */
	if (r->two)
		d = log(r->rate) +
		    (r->i + 1) * (log1p(r->wall / r->i) - log1p(r->own / r->i));
	double up = log((double)WEIGHT_LAW) + log1p(exp(fmin(d, 600)));
	float wall = (float)up, own = (float)(up - fmin(d, 600));
	for (unsigned a = 0; a < CLOCK_ALTERNATIVES; a++) {
		s->level_wall[a] = level_step(s->level_wall[a], wall);
		s->level_own[a] = level_step(s->level_own[a], own);
	}
}

static uint16_t level_both(const struct clock_scale *s, unsigned a)
{
	return s->level_wall[a] < s->level_own[a] ? s->level_wall[a] : s->level_own[a];
}

/* What the class's level is worth in the average over all. */
static uint16_t level_worth(const struct clock_scale *s, unsigned a)
{
	uint16_t level = level_both(s, a);
	int worth = level + class_share[a];
	if (level == UINT16_MAX)
		return level; /* of several that are full the narrowest says most */
	return worth <= 0 ? 0 : worth >= UINT16_MAX ? UINT16_MAX : (uint16_t)worth;
}

/* After an update at time `at`: the run, the onsets and the peak. */
static void keep_score(
    struct clock *c, unsigned k, uint32_t at, struct clock_onsets *onsets)
{
	struct clock_scale *s = &c->scale[k];
	unsigned best = 0, any = 0;
	for (unsigned a = 0; a < CLOCK_ALTERNATIVES; a++) {
		unsigned level = level_both(s, a);
		any |= level;
		if (level == 0 && onsets != NULL)
			onsets->at[k][a] = at;
		if (level_worth(s, a) > level_worth(s, best))
			best = a;
	}
	if (any == 0) {
		s->run_gaps = s->breaks = 0;
		s->mean_log = 0;
		return;
	}
	uint16_t level = level_worth(s, best);
	bool same = c->peak_scale == k && c->peak_alternative == best;
	if (level < c->peak || (level == c->peak && !same))
		return;
	c->peak = level;
	c->peak_scale = (uint8_t)k;
	c->peak_alternative = (uint8_t)best;
	c->peak_gaps = s->run_gaps;
	c->peak_breaks = s->breaks;
	c->peak_log_period = s->mean_log;
	c->peak_onset_s = onsets != NULL ? onsets->at[k][best] : 0;
	c->peak_last_s = at;
}

/*
 * The block after an update: it holds single intervals, or
 * two in one. A full one begins anew with
 * this gap whatever it is: which gap begins a block must not depend on the gap, or the
 * law of the next ratio would not be the one that is bet against.
 */
static void next_block(
    struct clock_scale *s, const struct ratio *r, double gap, double own)
{
	bool fits = r->wall <= BLOCK_HIGH && r->wall >= BLOCK_LOW;
	if (r->i > 0 && !fits && s->breaks < UINT16_MAX)
		s->breaks++;
	if (s->in_block == BLOCK_GAPS || (r->i > 0 && !fits)) {
		bool full = s->in_block == BLOCK_GAPS;
		s->in_block = 0;
		s->sum_wall = s->sum_own = 0;
		if (!full)
			return;
	}
	s->in_block++;
	s->sum_wall += (float)gap;
	s->sum_own += (float)own;
}

static unsigned scale_add(struct clock *c, unsigned k, int64_t ms,
    const struct clock_pace *pace, struct clock_onsets *onsets)
{
	struct clock_scale *s = &c->scale[k];
	int64_t last = (int64_t)s->last_s * 1000 + s->last_ms;
	if (s->started && ms - last < dead_ms[k])
		return 0;
	s->last_s = (uint32_t)(ms / 1000);
	s->last_ms = (uint16_t)(ms % 1000);
	if (!s->started) {
		s->started = 1;
		for (unsigned a = 0; a < CLOCK_ALTERNATIVES && onsets != NULL; a++)
			onsets->at[k][a] = s->last_s;
		return 0;
	}
	int64_t from = last + dead_ms[k];
	double gap = fmax((double)(ms - from) * 1e-3, GAP_MIN_S);
	double own =
	    pace != NULL ? fmax(pace->elapsed(pace->ctx, from, ms), GAP_MIN_S) : gap;
	struct ratio r = {.i = s->in_block, .two = pace != NULL};
	if (r.i > 0) {
		r.wall = gap * r.i / (double)s->sum_wall;
		r.own = own * r.i / (double)s->sum_own;
		r.rate = pace != NULL
			     ? pace->rate * (double)s->sum_wall / (double)s->sum_own
			     : 1;
		if (r.wall < BEYOND_BETS)
			book(s, &r, (float)gap + dead_s[k]);
		else
			book_far(s, &r);
		keep_score(c, k, s->last_s, onsets);
	}
	next_block(s, &r, gap, own);
	return r.i > 0;
}

/* Before 1970 or after 2106: no clock counts that. */
static bool countable(int64_t ms)
{
	return ms >= 0 && ms / 1000 <= UINT32_MAX;
}

static void count_updates(struct clock *c, unsigned tested)
{
	if (tested > UINT32_MAX - c->updates)
		c->updates = UINT32_MAX;
	else
		c->updates += tested;
}

unsigned clock_add(struct clock *c, int64_t ms, const struct clock_pace *pace,
    struct clock_onsets *onsets)
{
	unsigned tested = 0;
	if (!countable(ms))
		return 0;
	for (unsigned k = 0; k < CLOCK_SCALES; k++)
		tested += scale_add(c, k, ms, pace, onsets);
	count_updates(c, tested);
	return tested;
}

static void scale_break(struct clock_scale *s)
{
	*s = (struct clock_scale){.started = 0};
}

void clock_break(struct clock *c)
{
	for (unsigned k = 0; k < CLOCK_SCALES; k++)
		scale_break(&c->scale[k]);
}

unsigned clock_add_day(struct clock *c, int64_t ms, bool more,
    const struct clock_pace *pace, struct clock_onsets *onsets)
{
	unsigned tested = 0;
	if (!countable(ms))
		return 0;
	for (unsigned k = 0; k < CLOCK_SCALES; k++) {
		struct clock_scale *s = &c->scale[k];
		int64_t last = (int64_t)s->last_s * 1000 + s->last_ms;
		if (k < CLOCK_COARSE || (more && s->started && ms - last < dead_ms[k]))
			scale_break(s);
		else
			tested += scale_add(c, k, ms, pace, onsets);
	}
	count_updates(c, tested);
	return tested;
}

static double score(unsigned level)
{
	return (level / (double)UNIT - log(PEAKS)) / log(10);
}

double clock_score(const struct clock *c)
{
	return score(c->peak);
}

double clock_scale_score(const struct clock *c, size_t scale)
{
	unsigned best = 0;
	for (unsigned a = 0; a < CLOCK_ALTERNATIVES; a++) {
		unsigned level = level_worth(&c->scale[scale], a);
		if (level > best)
			best = level;
	}
	return score(best);
}

double clock_jitter(const struct clock *c)
{
	return jitter_shown[c->peak_alternative];
}

double clock_period(const struct clock *c)
{
	return c->peak_gaps > 0 ? exp((double)c->peak_log_period) : 0;
}

double clock_dead_time(size_t scale)
{
	return (double)dead_s[scale];
}
