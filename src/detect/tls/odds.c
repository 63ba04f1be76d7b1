/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tls/odds.h"

#include <math.h>
#include <stddef.h>

static const unsigned levels[ODDS_FAMILIES] = {4, 4, 3, 3, 3};

/*
 * Shares of an ordinary site, at this level and above. No name asked for: 12 of 139 (B8).
 * The others are set, on the safe side, above what the logs and captures of benign sites
 * show (doc/detect/tls_odd.md), where hardly any has such a mark.
 */
static const double prior[ODDS_FAMILIES][ODDS_LEVELS] = {
    [ODDS_CERT] = {1, 0.10, 0.05, 0.02},
    [ODDS_NAME] = {1, 0.09, 0.03, 0.01},
    [ODDS_PORT] = {1, 0.05, 0.02, 0},
    [ODDS_CLIENT] = {1, 0.05, 0.02, 0},
    [ODDS_CHANGE] = {1, 0.02, 0.01, 0},
};

unsigned odds_levels(enum odds_family f)
{
	return levels[f];
}

void odds_count(struct odds *o, const uint8_t level[static ODDS_FAMILIES])
{
	for (size_t f = 0; f < ODDS_FAMILIES; f++) {
		for (unsigned l = 1; l <= level[f] && l < levels[f]; l++)
			o->at_least[f][l]++;
	}
}

/* q among the others of a server with these levels. */
static double share(
    const struct odds *o, const uint8_t own[static ODDS_FAMILIES], size_t f, unsigned l)
{
	if (l == 0)
		return 1;
	if (l >= levels[f])
		return 0;
	double n = (double)o->at_least[f][l], others = (double)o->servers;
	n = n >= 1 && own[f] >= l ? n - 1 : n;
	others = others >= 1 ? others - 1 : 0;
	return fmin(1, (n + ODDS_PRIOR * prior[f][l]) / (others + ODDS_PRIOR));
}

static size_t cell_of(const uint8_t level[static ODDS_FAMILIES])
{
	size_t cell = 0;
	for (size_t f = 0; f < ODDS_FAMILIES; f++)
		cell = cell * levels[f] + (level[f] < levels[f] ? level[f] : 0);
	return cell;
}

#define SAME_W (1 + 1e-9) /* equal but for rounding */

/* The sum over all combinations that are as unusual as this one. */
static double sum_cells(const struct odds *o, const uint8_t own[static ODDS_FAMILIES])
{
	double q[ODDS_FAMILIES][ODDS_LEVELS + 1] = {{0}}, wanted = 1, sum = 0;
	for (size_t f = 0; f < ODDS_FAMILIES; f++) {
		for (unsigned l = 0; l < levels[f]; l++)
			q[f][l] = share(o, own, f, l);
		wanted *= q[f][own[f] < levels[f] ? own[f] : 0];
	}
	for (size_t i = 0; i < ODDS_CELLS; i++) {
		size_t rest = i;
		double w = 1, chance = 1;
		for (size_t f = ODDS_FAMILIES; f-- > 0; rest /= levels[f]) {
			unsigned l = (unsigned)(rest % levels[f]);
			w *= q[f][l];
			chance *= q[f][l] - q[f][l + 1];
		}
		if (w <= wanted * SAME_W)
			sum += fmax(0, chance);
	}
	return fmin(1, sum);
}

double odds_p(struct odds *o, const uint8_t level[static ODDS_FAMILIES])
{
	double *p = &o->p[cell_of(level)];
	if (*p <= 0)
		*p = fmax(sum_cells(o, level), 1e-300);
	return *p;
}

uint64_t odds_as_odd(const struct odds *o, enum odds_family f, unsigned level)
{
	return level > 0 && level < levels[f] ? o->at_least[f][level] : 0;
}
