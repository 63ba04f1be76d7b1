/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much a label looks like those that this site's own names are made of: the mean log
 * likelihood of its pairs of letters. Half of the site's labels teach the pairs, the
 * other half say how likely a site's label mostly is, so that each new label has an exact
 * p-value as long as it is like them (split conformal prediction, Vovk et al. 2005).
 */
#ifndef DWELL_DETECT_DNS_BIGRAMS_H
#define DWELL_DETECT_DNS_BIGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define BIGRAM_SYMBOLS 38   /* a-z, 0-9, hyphen and everything else, the ends */
#define BIGRAM_STEPS   1024 /* of the likelihoods that are counted */

struct bigrams {
	uint32_t pair[BIGRAM_SYMBOLS][BIGRAM_SYMBOLS], from[BIGRAM_SYMBOLS];
	uint32_t scored[BIGRAM_STEPS]; /* labels of the other half, by likelihood */
	uint32_t taught, tested;
};

/* Whether the label is of the half that teaches. */
bool bigrams_teaches(struct str label);

/* Learn from a label of that half; all of them before any other call. */
void bigrams_teach(struct bigrams *b, struct str label);

/* Count a label of the other half. */
void bigrams_test(struct bigrams *b, struct str label);

/* Share of the other half that is no likelier than the label; 1 for none tested. */
double bigrams_p(const struct bigrams *b, struct str label);

#endif
