/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/modbus_noise.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/size.h"

#define READINGS_LEAST 100   /* v is known within 0.2 then */
#define WORDS_LEAST    4     /* that are noise */
#define CHANGES_LEAST  0.9   /* share of the readings at which a word changes */
#define SPREAD_LEAST   100.0 /* standard deviation: more than a converter's last bits */
#define V_DEVIATIONS   4.0   /* of its own standard deviation from 2 */

struct word {
	uint16_t last;
	uint64_t changes;
	double mean, squares; /* Welford's: the mean, and the squares about it */
	double steps;         /* squares of successive differences */
};

struct followed {
	struct noise_block block;
	uint64_t n;
	struct moment first;
	struct word word[NOISE_WORDS];
};

struct modbus_noise {
	struct followed v[NOISE_BLOCKS];
	size_t n;
	uint64_t left_out; /* readings of further blocks */
};

static bool same(const struct noise_block *a, const struct noise_block *b)
{
	return a->unit == b->unit && a->function == b->function &&
	       a->address == b->address && a->count == b->count;
}

static struct followed *follow(
    struct parse *x, struct modbus_noise *s, const struct noise_block *block)
{
	for (size_t i = 0; i < s->n; i++) {
		if (same(&s->v[i].block, block))
			return &s->v[i];
	}
	if (s->n == NOISE_BLOCKS) {
		s->left_out++;
		return NULL;
	}
	struct followed *f = &s->v[s->n++];
	*f = (struct followed){.block = *block, .first = x->ts};
	return f;
}

static void count(struct word *w, uint64_t n, uint16_t value)
{
	double before = value - w->mean;
	double step = (double)value - w->last;
	if (n > 1) {
		w->changes += value != w->last;
		w->steps += step * step;
	}
	w->mean += before / (double)n;
	w->squares += before * (value - w->mean);
	w->last = value;
}

void modbus_noise_read(struct parse *x, struct modbus_noise **s,
    const struct noise_block *block, struct bytes values)
{
	if (block->count < WORDS_LEAST || values.left < 2 * (size_t)WORDS_LEAST)
		return;
	if (*s == NULL)
		*s = calloc(1, sizeof(**s));
	struct followed *f = *s != NULL ? follow(x, *s, block) : NULL;
	if (f == NULL)
		return;
	f->n++;
	for (size_t i = 0; i < NOISE_WORDS && values.left >= 2; i++)
		count(&f->word[i], f->n, bytes_be16(&values));
}

static double von_neumann(const struct word *w, uint64_t n)
{
	return w->squares > 0 ? w->steps / w->squares * (double)n / (double)(n - 1) : 0;
}

static bool is_noise(const struct word *w, uint64_t n)
{
	double readings = (double)n;
	return (double)w->changes >= CHANGES_LEAST * (readings - 1) &&
	       sqrt(w->squares / readings) >= SPREAD_LEAST &&
	       fabs(von_neumann(w, n) - 2) <= V_DEVIATIONS * 2 / sqrt(readings);
}

static void tell(struct parse *x, const struct followed *f)
{
	unsigned words = 0, followed = 0;
	double v = 0;
	for (size_t i = 0; i < NOISE_WORDS && i < f->block.count; i++, followed++) {
		if (!is_noise(&f->word[i], f->n))
			continue;
		words++;
		v += von_neumann(&f->word[i], f->n);
	}
	if (words < WORDS_LEAST)
		return;
	struct moment last = x->ts;
	x->ts = f->first;
	parse_anomaly(x, x->ts, ANOMALY_REGISTER_NOISE,
	    str_format(x->scratch,
		"unit=%u function=%u address=%u count=%u readings=%" PRIu64
		" words=%u followed=%u v=%.2f seconds=%.3f",
		f->block.unit, f->block.function, f->block.address, f->block.count, f->n,
		words, followed, v / words, (double)moment_diff(f->first, last) / 1e9));
	x->ts = last;
}

void modbus_noise_end(struct parse *x, struct modbus_noise **s)
{
	for (size_t i = 0; *s != NULL && i < (*s)->n; i++) {
		if ((*s)->v[i].n >= READINGS_LEAST)
			tell(x, &(*s)->v[i]);
	}
	free(*s);
	*s = NULL;
}

size_t modbus_noise_held(const struct modbus_noise *s)
{
	return s != NULL ? sizeof(*s) : 0;
}
