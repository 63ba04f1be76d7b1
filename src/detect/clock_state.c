/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sketch at rest: every field in the order of the struct, little
 * endian, floats as their IEEE 754 bits, zeros up to CLOCK_BYTES.
 * Version changes belong to the file that holds sketches.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "detect/clock.h"

#define SUM_MOST                                                                         \
	1e15f /* seconds of a block: far above 10 gaps of 136 years, at any pace */
#define LOG_MOST 100.0f /* of an interval in seconds: far above that of 136 years */

static_assert(sizeof(struct clock) <= CLOCK_BYTES, "the budget of a series");

struct cursor {
	uint8_t *at;
	bool write;
};

static void u8(struct cursor *c, uint8_t *v)
{
	if (c->write)
		*c->at = *v;
	else
		*v = *c->at;
	c->at++;
}

static void u16(struct cursor *c, uint16_t *v)
{
	uint8_t b[2] = {(uint8_t)*v, (uint8_t)(*v >> 8)};
	u8(c, &b[0]);
	u8(c, &b[1]);
	*v = (uint16_t)(b[0] | b[1] << 8);
}

static void u32(struct cursor *c, uint32_t *v)
{
	uint16_t half[2] = {(uint16_t)*v, (uint16_t)(*v >> 16)};
	u16(c, &half[0]);
	u16(c, &half[1]);
	*v = half[0] | (uint32_t)half[1] << 16;
}

static void f32(struct cursor *c, float *v)
{
	uint32_t bits;
	memcpy(&bits, v, sizeof(bits));
	u32(c, &bits);
	memcpy(v, &bits, sizeof(bits));
}

static void scale_walk(struct cursor *c, struct clock_scale *s)
{
	u32(c, &s->last_s);
	u16(c, &s->last_ms);
	u8(c, &s->in_block);
	u8(c, &s->started);
	f32(c, &s->sum_wall);
	f32(c, &s->sum_own);
	u16(c, &s->run_gaps);
	u16(c, &s->breaks);
	f32(c, &s->mean_log);
	for (size_t a = 0; a < CLOCK_ALTERNATIVES; a++) {
		u16(c, &s->level_wall[a]);
		u16(c, &s->level_own[a]);
	}
}

static void clock_walk(struct cursor *c, struct clock *k)
{
	for (size_t i = 0; i < CLOCK_SCALES; i++)
		scale_walk(c, &k->scale[i]);
	u16(c, &k->peak);
	u8(c, &k->peak_scale);
	u8(c, &k->peak_alternative);
	u16(c, &k->peak_gaps);
	u16(c, &k->peak_breaks);
	f32(c, &k->peak_log_period);
	u32(c, &k->peak_onset_s);
	u32(c, &k->peak_last_s);
	u32(c, &k->updates);
}

void clock_save(const struct clock *c, uint8_t out[static CLOCK_BYTES])
{
	struct clock copy = *c;
	memset(out, 0, CLOCK_BYTES);
	clock_walk(&(struct cursor){out, true}, &copy);
}

/* A block's sum of gaps: positive where it holds gaps, else 0. */
static bool sum_sound(float sum, uint8_t in_block)
{
	return in_block > 0 ? sum >= 1e-3f && sum <= SUM_MOST : fabsf(sum) <= 0;
}

/* What clock_add relies on, and leaves behind. */
static bool scale_sound(const struct clock_scale *s)
{
	if (s->in_block > CLOCK_BLOCK || s->started > 1 || s->last_ms > 999)
		return false;
	return sum_sound(s->sum_wall, s->in_block) &&
	       sum_sound(s->sum_own, s->in_block) && fabsf(s->mean_log) <= LOG_MOST;
}

bool clock_load(struct clock *c, const uint8_t in[static CLOCK_BYTES])
{
	uint8_t bytes[CLOCK_BYTES];
	memcpy(bytes, in, CLOCK_BYTES);
	clock_walk(&(struct cursor){bytes, false}, c);
	bool sound = c->peak_scale < CLOCK_SCALES &&
		     c->peak_alternative < CLOCK_ALTERNATIVES &&
		     fabsf(c->peak_log_period) <= LOG_MOST;
	for (size_t i = 0; i < CLOCK_SCALES; i++)
		sound = sound && scale_sound(&c->scale[i]);
	if (!sound)
		clock_init(c);
	return sound;
}

void clock_join(struct clock *a, const struct clock *b)
{
	for (size_t k = 0; k < CLOCK_SCALES; k++) {
		if (b->scale[k].started)
			a->scale[k] = b->scale[k];
	}
	if (b->peak > a->peak) {
		a->peak = b->peak;
		a->peak_scale = b->peak_scale;
		a->peak_alternative = b->peak_alternative;
		a->peak_gaps = b->peak_gaps;
		a->peak_breaks = b->peak_breaks;
		a->peak_log_period = b->peak_log_period;
		a->peak_onset_s = b->peak_onset_s;
		a->peak_last_s = b->peak_last_s;
	}
	if (__builtin_add_overflow(a->updates, b->updates, &a->updates))
		a->updates = UINT32_MAX;
}
