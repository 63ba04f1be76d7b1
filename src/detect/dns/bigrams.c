/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/bigrams.h"

#include <math.h>

#include "base/hash.h"

#define END    (BIGRAM_SYMBOLS - 1)
#define SMOOTH 0.5                   /* a pair that was never seen counts as half a one */
#define STEP   (10.0 / BIGRAM_STEPS) /* nats a letter: from 0 to -10 */

static unsigned symbol(char c)
{
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a');
	return c >= '0' && c <= '9' ? 26 + (unsigned)(c - '0') : 36;
}

bool bigrams_teaches(struct str label)
{
	return (hash_bytes(&hash_key_public, label.p, label.n) >> 32 & 1) != 0;
}

void bigrams_teach(struct bigrams *b, struct str label)
{
	unsigned before = END;
	for (size_t i = 0; i <= label.n; i++) {
		unsigned next = i < label.n ? symbol(label.p[i]) : END;
		b->pair[before][next]++;
		b->from[before]++;
		before = next;
	}
	b->taught++;
}

/* The likelihood of a label as a step: 0 is the likeliest. */
static size_t step_of(const struct bigrams *b, struct str label)
{
	double sum = 0;
	unsigned before = END;
	for (size_t i = 0; i <= label.n; i++) {
		unsigned next = i < label.n ? symbol(label.p[i]) : END;
		sum -= log((b->pair[before][next] + SMOOTH) /
			   (b->from[before] + SMOOTH * BIGRAM_SYMBOLS));
		before = next;
	}
	double step = sum / (double)(label.n + 1) / STEP;
	return step < BIGRAM_STEPS - 1 ? (size_t)step : BIGRAM_STEPS - 1;
}

void bigrams_test(struct bigrams *b, struct str label)
{
	b->scored[step_of(b, label)]++;
	b->tested++;
}

double bigrams_p(const struct bigrams *b, struct str label)
{
	uint64_t as_odd = 1;
	for (size_t i = step_of(b, label); i < BIGRAM_STEPS; i++)
		as_odd += b->scored[i];
	return (double)as_odd / ((double)b->tested + 1);
}
