/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plots.h"

#include <math.h>

#include "report/markup.h"
#include "report/words.h"

/* In SVG units, about the pixels of a usual screen. */
#define WIDE   820.0 /* of a plot as wide as the page */
#define HALF   400.0 /* of one of two side by side */
#define LEFT   64.0  /* room for the labels of the vertical axis */
#define TOP    12.0
#define BOTTOM 20.0 /* room for the labels of the horizontal axis */
#define TEXT   4.0  /* from the middle of a line of text to its foot */

#define LABELS_ARENA 65536 /* bytes of the labels of one plot */

/* The drawing area: x from LEFT to right, y from TOP to foot. */
struct frame {
	double right, foot;
	struct arena arena;
};

static struct frame open_svg(FILE *out, double width, double height, struct str title)
{
	struct frame f = {.right = width - 2, .foot = height - BOTTOM};
	arena_init(&f.arena, LABELS_ARENA);
	fprintf(
	    out, "<svg role=\"img\" viewBox=\"0 0 %.0f %.0f\"><title>", width, height);
	markup_text(out, title);
	fputs("</title>\n", out);
	return f;
}

static void close_svg(FILE *out, struct frame *f)
{
	fputs("</svg>\n", out);
	arena_fini(&f->arena);
}

static void label(FILE *out, double x, double y, const char *anchor, struct str text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	markup_text(out, text);
	fputs("</text>\n", out);
}

/* Dates at equal steps below a plot: minutes too where the whole is short. */
static void time_axis(FILE *out, struct frame *f, const struct slices *s, int steps)
{
	double width = f->right - LEFT;
	int64_t all = moment_diff(s->from, slices_end(s));
	fprintf(out, "<path class=\"axis\" d=\"M%.0f %.1fH%.0f\"/>\n", LEFT, f->foot,
	    f->right);
	for (int i = 0; i <= steps; i++) {
		char text[MOMENT_TEXT_MAX];
		struct moment at = moment_add(s->from, all / steps * i);
		size_t n = all > 4 * NS_PER_DAY ? moment_text_day(at, text)
						: moment_text_minute(at, text);
		label(out, LEFT + width * i / steps, f->foot + 15,
		    i == 0       ? "start"
		    : i == steps ? "end"
				 : "middle",
		    (struct str){text, n});
	}
}

static double place_x(const struct frame *f, const struct slices *s, struct moment at)
{
	return LEFT + (f->right - LEFT) * slices_place(s, at);
}

static void bars(FILE *out, const struct frame *f, const struct time_plot *p, double most)
{
	double step = (f->right - LEFT) / (double)p->slices.n,
	       width = fmax(step - 1, 0.6 * step);
	fputs("<path class=\"bar\" d=\"", out);
	for (size_t i = 0; i < p->slices.n; i++) {
		double h = p->count[i] / most * (f->foot - TOP);
		if (p->count[i] > 0)
			fprintf(out, "M%.1f %.1fv-%.1fh%.1fv%.1fz",
			    LEFT + step * (double)i, f->foot, fmax(h, 1.5), width,
			    fmax(h, 1.5));
	}
	fputs("\"/>\n", out);
}

/* Slices in which the capture lost packets, as a line of marks under the axis. */
static void losses(FILE *out, const struct frame *f, const struct time_plot *p)
{
	double step = (f->right - LEFT) / (double)p->slices.n;
	fputs("<path class=\"loss\" d=\"", out);
	for (size_t i = 0; p->lost != NULL && i < p->slices.n; i++) {
		if (p->lost[i] > 0)
			fprintf(out, "M%.1f %.1fh%.1f", LEFT + step * (double)i,
			    f->foot + 2.5, step);
	}
	fputs("\"/>\n", out);
}

void plot_time(FILE *out, const struct time_plot *p, struct str title)
{
	double most = 1;
	for (size_t i = 0; i < p->slices.n; i++)
		most = fmax(most, p->count[i]);
	struct frame f = open_svg(out, WIDE, 120, title);
	fprintf(
	    out, "<path class=\"grid\" d=\"M%.0f %.1fH%.0f\"/>\n", LEFT, TOP, f.right);
	bars(out, &f, p, most);
	losses(out, &f, p);
	label(out, LEFT - 8, TOP + TEXT, "end", words_count(most, &f.arena));
	label(out, LEFT - 8, f.foot + TEXT, "end", STR("0"));
	if (p->mark.ns != MOMENT_NONE.ns) {
		double x = place_x(&f, &p->slices, p->mark);
		fprintf(out, "<path class=\"mark\" d=\"M%.1f 1V%.1f\"/>\n", x, f.foot);
		fprintf(out, "<path class=\"flag\" d=\"M%.1f 1l9 4.5l-9 4.5z\"/>\n", x);
	}
	time_axis(out, &f, &p->slices, 4);
	close_svg(out, &f);
}

/* Steps that people know, for a logarithmic axis of gaps. */
static const double marks[] = {0.001, 0.01, 0.1, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800,
    3600, 2 * 3600.0, 6 * 3600.0, 12 * 3600.0, 86400, 2 * 86400.0, 7 * 86400.0,
    30 * 86400.0, 90 * 86400.0, 365.25 * 86400};

#define MARKS    (sizeof(marks) / sizeof(marks[0]))
#define GAP_LOW  1e-6 /* s: what the memory's times can tell apart */
#define MARKS_AT 13.0 /* least distance between two labels */

struct gap_axis {
	double low, high, scale, foot;
};

/* At least a factor of 16, so that small jitter looks small. */
static struct gap_axis gap_axis(const struct rhythm_plot *p, double foot)
{
	double low = INFINITY, high = GAP_LOW;
	for (size_t i = 0; i < p->n; i++) {
		low = fmin(low, fmax(p->gap[i], GAP_LOW));
		high = fmax(high, p->gap[i]);
	}
	double middle = sqrt(low * high);
	struct gap_axis a = {
	    fmin(low / 1.5, middle / 4), fmax(high * 1.5, middle * 4), 0, foot};
	a.scale = (foot - TOP) / log(a.high / a.low);
	return a;
}

static double gap_y(const struct gap_axis *a, double gap)
{
	return a->foot - log(fmin(fmax(gap, a->low), a->high) / a->low) * a->scale;
}

static void gap_marks(
    FILE *out, struct frame *f, const struct gap_axis *a, enum language l)
{
	double last = INFINITY;
	for (size_t i = 0; i < MARKS; i++) {
		double y = gap_y(a, marks[i]);
		if (marks[i] < a->low || marks[i] > a->high || last - y < MARKS_AT)
			continue;
		fprintf(out, "<path class=\"grid\" d=\"M%.0f %.1fH%.0f\"/>\n", LEFT, y,
		    f->right);
		label(out, LEFT - 8, y + TEXT, "end", words_span(marks[i], l, &f->arena));
		last = y;
	}
}

void plot_rhythm(
    FILE *out, const struct rhythm_plot *p, enum language l, struct str title)
{
	if (p->n == 0)
		return;
	struct frame f = open_svg(out, HALF, 150, title);
	struct gap_axis a = gap_axis(p, f.foot);
	gap_marks(out, &f, &a, l);
	if (p->period > a.low && p->period < a.high) {
		double top = gap_y(&a, p->period * (1 + p->jitter));
		double foot = gap_y(&a, p->period * fmax(1 - p->jitter, 0.01));
		fprintf(out, "<path class=\"band\" d=\"M%.0f %.1fH%.1fV%.1fH%.0fz\"/>\n",
		    LEFT, top, f.right, fmax(foot, top + 1), LEFT);
	}
	fputs("<path class=\"dots\" d=\"", out);
	for (size_t i = 0; i < p->n; i++)
		fprintf(out, "M%.1f %.1fh0", place_x(&f, &p->slices, p->at[i]),
		    gap_y(&a, p->gap[i]));
	fputs("\"/>\n", out);
	time_axis(out, &f, &p->slices, 1);
	close_svg(out, &f);
}

const char *plot_weekday(int day, enum language l)
{
	static const char *const days[LANGUAGES][7] = {
	    {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
	    {"周一", "周二", "周三", "周四", "周五", "周六", "周日"},
	};
	return days[l][day];
}

static int level_of(double count, double most)
{
	int level = (int)ceil(count / most * PLOT_LEVELS);
	return level > PLOT_LEVELS ? PLOT_LEVELS : level;
}

void plot_week(FILE *out, const struct week_plot *p, enum language l, struct str title)
{
	double most = 1;
	struct frame f = open_svg(out, HALF, 150, title);
	double cell = (f.right - LEFT) / 24, row = (f.foot - TOP + 6) / 7;
	for (int i = 0; i < 7 * 24; i++)
		most = fmax(most, p->count[i / 24][i % 24]);
	for (int level = 0; level <= PLOT_LEVELS; level++) {
		fprintf(out, "<path class=\"week w%d\" d=\"", level);
		for (int i = 0; i < 7 * 24; i++) {
			int day = i / 24, hour = i % 24;
			if (level_of(p->count[day][hour], most) == level)
				fprintf(out, "M%.1f %.1fh%.1fv%.1fh-%.1fz",
				    LEFT + cell * hour, TOP - 6 + row * day, cell - 1,
				    row - 1, cell - 1);
		}
		fputs("\"/>\n", out);
	}
	for (int d = 0; d < 7; d++)
		label(out, LEFT - 8, TOP - 6 + row * (d + 0.5) + TEXT, "end",
		    str_of(plot_weekday(d, l)));
	for (int h = 0; h < 24; h += 6)
		label(out, LEFT + cell * h, f.foot + 15, "start",
		    str_format(&f.arena, "%02d:00", h));
	close_svg(out, &f);
}
