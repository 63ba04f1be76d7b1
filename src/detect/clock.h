/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a series of moments clockwork? The block-ratio
 * e-CUSUM, on eight time scales at once.
 *
 * For a Poisson process of unknown rate the ratio x of a gap to the mean of the i gaps
 * before it has an exactly known law; a beacon makes x pile up around 1 (2, 3 where
 * check-ins were missed). Each gap is a bet against the law whose expectation is at most
 * 1 when there is no clock; the CUSUM of the logarithms of the bets grows only where a
 * clock is. Two laws are tested: Poisson in wall time, and Poisson with the host's own
 * daily and weekly activity. Both must lose.
 *
 *   scale k accepts an event that comes >= dead[k] after the last accepted one;
 *   the gap is counted from the end of the dead time (memoryless, so this costs nothing)
 *
 *       |burst of one check-in|          next
 *     --+-++-----------------------------+------> t
 *       |<--dead[k]-->|<------ gap ----->|
 *
 * Score S (decades) = (max over scales and alternatives a of min over laws of L + ln(w_a
 * / 8)) / ln 10, where the shares w of the alternatives sum up to 1. Invariant (tested on
 * the null and against a long double reference): under either law the mean number of gaps
 * until S >= s is at least 10^s. Rounding always goes down, so it never raises S.
 * Literature: e-detectors, Shin, Ramdas, Rinaldo 2022; Shiryaev-Roberts bound of the
 * CUSUM.
 */
#ifndef DWELL_DETECT_CLOCK_H
#define DWELL_DETECT_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_SCALES       8
#define CLOCK_ALTERNATIVES 5  /* jitter classes 2, 8, 25, 50 % and "about 100 %" */
#define CLOCK_BLOCK        10 /* gaps whose mean the next one is compared with */
#define CLOCK_COARSE       4 /* first scale whose dead time is an hour: what days can tell */
#define CLOCK_BYTES        384 /* of one series: the budget, and the size of its saved form */

struct clock_scale {
	uint32_t last_s; /* last accepted event, seconds since 1970 */
	uint16_t last_ms;
	uint8_t in_block;  /* gaps in the block, 0..CLOCK_BLOCK */
	uint8_t started;   /* whether last_* is set */
	float sum_wall;    /* s: sum of the block's gaps in wall time */
	float sum_own;     /* the same in the host's own time */
	uint16_t run_gaps; /* single intervals since the score was last 0, saturating */
	uint16_t breaks;   /* restarts of the block in that run, saturating */
	float mean_log; /* ln(interval / s) of the run, averaged over its last 16 or so */
	uint16_t level_wall[CLOCK_ALTERNATIVES]; /* CUSUM, in 1/256 nat, saturating */
	uint16_t level_own[CLOCK_ALTERNATIVES];
};

struct clock {
	struct clock_scale scale[CLOCK_SCALES];
	/* The best that was ever reached, and what it looked like then. */
	uint16_t peak; /* min over the two laws, in 1/256 nat */
	uint8_t peak_scale, peak_alternative;
	uint16_t peak_gaps, peak_breaks;
	float peak_log_period; /* ln(period / s) */
	uint32_t peak_onset_s; /* regular since, seconds since 1970; 0: not kept */
	uint32_t peak_last_s;  /* last event that held or raised the peak */
	uint32_t updates;      /* gaps tested on all scales together, saturating */
};

/*
 * When each level was last 0. Kept beside the sketch while a series is replayed, not at
 * rest: the one onset that counts is then in the sketch.
 */
struct clock_onsets {
	uint32_t at[CLOCK_SCALES][CLOCK_ALTERNATIVES];
};

/*
 * The host's own time: rate is its activity at t relative to its mean; elapsed gives the
 * own seconds from one moment to another, both in milliseconds since 1970, from <= to.
 */
struct clock_pace {
	double (*elapsed)(void *ctx, int64_t from_ms, int64_t to_ms);
	void *ctx;
	double rate;
};

/* Start an empty series. */
void clock_init(struct clock *c);

/*
 * Add the event at ms (milliseconds since 1970), not before the last one (earlier ones
 * count as simultaneous and change nothing). pace NULL: the host's own time is wall time.
 * onsets may be NULL. The number of gaps tested.
 */
unsigned clock_add(struct clock *c, int64_t ms, const struct clock_pace *pace,
    struct clock_onsets *onsets);

/*
 * Add what a day's summary tells: the first event of that day, at ms; with more set
 * others follow it within its hour, at moments that are not known. Only scales whose dead
 * time is an hour or longer (from CLOCK_COARSE on) hear of it: whatever follows is
 * swallowed by their dead time; where they do not accept the event they are broken, as
 * they might have accepted one of those. Finer scales are broken in any case. Otherwise
 * as clock_add.
 */
unsigned clock_add_day(struct clock *c, int64_t ms, bool more,
    const struct clock_pace *pace, struct clock_onsets *onsets);

/*
 * Events came at moments that are not known: no gap crosses them, and what all scales
 * have won so far is lost; the peak stays. Losing it keeps the bets fair: whether a gap
 * ends in a break depends on the gap, but a gap x that is seen is never more likely than
 * the law says of x, so a bet that is worth 0 in a break still has mean at most 1.
 */
void clock_break(struct clock *c);

/* The score of the best moment so far, in decades; -1.6 before anything was tested. */
double clock_score(const struct clock *c);

/* The score of a scale now. */
double clock_scale_score(const struct clock *c, size_t scale);

/* Half width of the interval's scatter that the
 * winning alternative stands for: 0.02 … 1. */
double clock_jitter(const struct clock *c);

/* The period in seconds, at the best moment; 0 before. */
double clock_period(const struct clock *c);

/* The dead time of a scale in seconds. */
double clock_dead_time(size_t scale);

/*
 * Join the series b, which lies wholly after a, to a. Levels of a are dropped where b has
 * started (a lower bound, so the false-alarm rate holds); peak and counts are kept.
 */
void clock_join(struct clock *a, const struct clock *b);

/* The sketch as CLOCK_BYTES bytes that are the same on every machine, and back; false
 * when the bytes can not be a sketch. */
void clock_save(const struct clock *c, uint8_t out[static CLOCK_BYTES]);
bool clock_load(struct clock *c, const uint8_t in[static CLOCK_BYTES]);

#endif
