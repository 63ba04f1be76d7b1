/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots as inline SVG, drawn by us so that the page needs no script: activity over time, gaps
 * between connections, hours of the week, minutes watched. Colours come from the page's CSS
 * classes, so they follow light, dark and paper.
 */
#ifndef DWELL_REPORT_PLOTS_H
#define DWELL_REPORT_PLOTS_H

#include <stdint.h>
#include <stdio.h>

#include "base/moment.h"
#include "report/report.h"

#define PLOT_COLUMNS 120 /* bars of an activity plot */
#define PLOT_POINTS  600 /* dots of a rhythm plot */

/* Connections in equal slices of [from, to]; first marks the finding's date. */
struct activity_plot {
	struct moment from, to, first;
	double count[PLOT_COLUMNS];
};

/* Gaps between connections: when (0..1 of the span) and how long (seconds). */
struct rhythm_plot {
	struct moment from, to;
	double at[PLOT_POINTS], gap[PLOT_POINTS];
	size_t n;
	double period; /* drawn as a line; 0: none */
};

/* Connections by weekday (0 is Monday) and hour, UTC. */
struct week_plot {
	double count[7][24];
};

/* Draw one plot; title says what it shows, for those who can not see it. */
void plot_activity(FILE *out, const struct activity_plot *p, struct str title);
void plot_rhythm(FILE *out, const struct rhythm_plot *p, enum language l, struct str title);
void plot_week(FILE *out, const struct week_plot *p, enum language l, struct str title);

#endif
