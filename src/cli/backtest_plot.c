/*
 * The picture of a backtest: three charts over one axis of time, in one SVG
 * without scripts or fonts of its own. So many slots share a column of pixels
 * that a long record is drawn by means.
 */
#include "cli/backtest_show.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 1200
#define LEFT 60
#define RIGHT 20
#define CHART 180 /* height */
#define GAP 50
#define TOP 40
#define POINTS_MAX (WIDTH - LEFT - RIGHT)

struct plot {
	FILE *file;
	const struct backtest_report *report;
	const struct backtest_slot *slots;
};

/* What a line shows of slot `i`; NaN where it is not known. */
typedef double curve(const struct plot *plot, size_t i);

static double kw(const struct plot *plot, double kwh)
{
	return kwh * 60 / plot->report->home->step_minutes;
}

static double buy_price(const struct plot *plot, size_t i)
{
	return (double)plot->report->home->slots[i].plan.price.buy;
}

static double sell_price(const struct plot *plot, size_t i)
{
	return (double)plot->report->home->slots[i].plan.price.sell;
}

static double load(const struct plot *plot, size_t i)
{
	return kw(plot, (double)plot->report->home->slots[i].plan.load_kwh);
}

static double pv(const struct plot *plot, size_t i)
{
	return kw(plot, (double)plot->report->home->slots[i].plan.pv_kwh);
}

static double grid(const struct plot *plot, size_t i)
{
	return kw(plot, (double)plot->slots[i].grid_kwh);
}

static double soc(const struct plot *plot, size_t i)
{
	return (double)plot->slots[i].energy_kwh * 100 / plot->report->capacity_kwh;
}

static const struct chart {
	const char *title;
	double least, most; /* both 0: as the data are */
	struct line {
		curve *of;
		const char *name, *colour;
	} lines[3];
} CHARTS[] = {
    {"price per kWh", 0, 0, {{buy_price, "import", "#b3261e"}, {sell_price, "export", "#1b7f3b"}}},
    {"kW", 0, 0, {{load, "load", "#1f4e9c"}, {pv, "PV", "#d98e04"}, {grid, "grid", "#888888"}}},
    {"state of charge, %", 0, 100, {{soc, "battery", "#1b7f3b"}}},
};

/* The mean of what is known of column `at` of `points`. */
static double mean(const struct plot *plot, curve *of, size_t at, size_t points)
{
	size_t count = plot->report->home->count, known = 0;
	size_t from = at * count / points, to = (at + 1) * count / points;
	double sum = 0;

	for (size_t i = from; i < to; i++) {
		double value = of(plot, i);

		if (!isnan(value)) {
			sum += value;
			known++;
		}
	}
	return known > 0 ? sum / (double)known : NAN;
}

static void find_bounds(const struct plot *plot, const struct chart *chart, size_t points,
			double *least, double *most)
{
	*least = chart->least;
	*most = chart->most;
	for (size_t l = 0; l < 3 && chart->lines[l].of && chart->most <= chart->least; l++) {
		for (size_t x = 0; x < points; x++) {
			double value = mean(plot, chart->lines[l].of, x, points);

			*least = fmin(*least, value);
			*most = fmax(*most, value);
		}
	}
	if (!(*most > *least))
		*most = *least + 1;
}

static void draw_line(const struct plot *plot, const struct line *line, size_t points, double top,
		      double least, double most)
{
	double wide = (double)POINTS_MAX / (double)points;
	bool is_open = false;

	fprintf(plot->file, "<path fill='none' stroke='%s' d='", line->colour);
	for (size_t x = 0; x < points; x++) {
		double value = mean(plot, line->of, x, points);

		if (!isnan(value))
			fprintf(plot->file, "%c%.1f %.1f", is_open ? 'L' : 'M',
				LEFT + ((double)x + 0.5) * wide,
				top + CHART * (most - value) / (most - least));
		is_open = !isnan(value);
	}
	fputs("'/>\n", plot->file);
}

static void draw_chart(const struct plot *plot, const struct chart *chart, double top)
{
	size_t points = plot->report->home->count;
	double least, most;

	points = points > POINTS_MAX ? POINTS_MAX : points;
	find_bounds(plot, chart, points, &least, &most);
	fprintf(plot->file,
		"<rect x='%d' y='%.0f' width='%d' height='%d' fill='none' stroke='#cccccc'/>\n"
		"<text x='%d' y='%.0f' text-anchor='end'>%.3g</text>\n"
		"<text x='%d' y='%.0f' text-anchor='end'>%.3g</text>\n"
		"<text x='%d' y='%.0f'>%s",
		LEFT, top, POINTS_MAX, CHART, LEFT - 5, top + 10, most, LEFT - 5, top + CHART,
		least, LEFT, top - 6, chart->title);
	for (size_t l = 0; l < 3 && chart->lines[l].of; l++)
		fprintf(plot->file, "<tspan dx='20' fill='%s'>%s</tspan>", chart->lines[l].colour,
			chart->lines[l].name);
	fputs("</text>\n", plot->file);
	for (size_t l = 0; l < 3 && chart->lines[l].of; l++)
		draw_line(plot, &chart->lines[l], points, top, least, most);
}

static void draw(const struct plot *plot)
{
	const struct home_record *home = plot->report->home;
	const struct home_slot *first = &home->slots[0], *last = &home->slots[home->count - 1];
	size_t charts = ARRAY_LENGTH(CHARTS);
	double height = TOP + (double)charts * (CHART + GAP);
	char from[WALL_TEXT_MAX], to[WALL_TEXT_MAX];

	fprintf(plot->file,
		"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %.0f' "
		"font-family='sans-serif' font-size='13'>\n<rect width='100%%' height='100%%' "
		"fill='white'/>\n",
		WIDTH, height);
	for (size_t i = 0; i < charts; i++)
		draw_chart(plot, &CHARTS[i], TOP + (double)i * (CHART + GAP));
	fprintf(
	    plot->file,
	    "<text x='%d' y='%.0f'>%s</text>\n<text x='%d' y='%.0f' text-anchor='end'>%s</text>\n"
	    "<text x='%d' y='%.0f' text-anchor='middle'>%s: bill %.2f, without a battery %.2f"
	    "</text>\n</svg>\n",
	    LEFT, height - 20, wall_format(from, first->start, first->utc_offset_s), WIDTH - RIGHT,
	    height - 20, wall_format(to, last->start, last->utc_offset_s), WIDTH / 2, height - 20,
	    strategy_name(plot->report->strategy), plot->report->result.bill,
	    plot->report->none.bill);
}

int backtest_plot(const struct backtest_report *report, const struct backtest_slot *slots,
		  const char *path)
{
	struct plot plot = {fopen(path, "we"), report, slots};
	bool is_bad;

	if (plot.file == NULL) {
		complain("%s: it cannot be written: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	draw(&plot);
	is_bad = ferror(plot.file) != 0;
	if (fclose(plot.file) != 0 || is_bad) {
		complain("%s: it cannot be written: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
