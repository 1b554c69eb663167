/*
 * The picture of a backtest: three charts over one axis of time, in one SVG without scripts or
 * fonts of its own. A record of up to a month is drawn slot by slot; a longer one day by day, as
 * the day's mean, with what was between the day's least and most shaded.
 */
#include "cli/backtest_show.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define WIDTH 1200
#define LEFT 70
#define RIGHT 30
#define WIDE (WIDTH - LEFT - RIGHT)
#define TOP 110
#define CHART 190 /* height */
#define GAP 60
#define DAYS_BY_SLOT 31 /* a longer record is drawn by the day */
#define LINES_MAX 3
#define TICKS 5       /* about so many on the axis of a chart */
#define LABELS 16     /* and at most so many on that of time */
#define DATE_BYTES 11 /* of "2025-09-01T": what comes before the time of day */

/* Slots that are drawn as one point. */
struct bin {
	size_t from, to;
};

struct plot {
	FILE *file;
	const struct backtest_report *report;
	const struct backtest_slot *slots;
	struct bin *bins;
	size_t count; /* of them */
	bool is_by_day;
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
	double most; /* and 0 the least; 0: as the data are */
	struct line {
		curve *of;
		const char *name, *colour;
		bool is_shaded;  /* between the day's least and most */
		bool is_stepped; /* it holds for its slot */
	} lines[LINES_MAX];
} CHARTS[] = {
    {"Price per kWh",
     0,
     {{buy_price, "import", "#b3261e", true, true},
      {sell_price, "export", "#1b7f3b", false, true}}},
    {"Power in kW (grid: above 0 is import)",
     0,
     {{grid, "grid", "#9a9a9a", false, true},
      {pv, "PV", "#d98e04", false, false},
      {load, "load", "#1f4e9c", false, false}}},
    {"State of charge in %", 100, {{soc, "battery", "#1b7f3b", true, false}}},
};

/* ---- time ---- */

/* The slot's beginning on the home's clock: 2025-09-01T00:00:00… */
static const char *clock_of(const struct plot *plot, size_t i, char out[WALL_TEXT_MAX])
{
	const struct home_slot *slot = &plot->report->home->slots[i];

	return wall_format(out, slot->start, slot->utc_offset_s);
}

static bool is_same_day(const struct plot *plot, size_t a, size_t b)
{
	char one[WALL_TEXT_MAX], other[WALL_TEXT_MAX];

	return memcmp(clock_of(plot, a, one), clock_of(plot, b, other), DATE_BYTES) == 0;
}

static int lay_bins(struct plot *plot)
{
	const struct home_record *home = plot->report->home;
	int64_t took_ms = home->slots[home->count - 1].start.ms - home->slots[0].start.ms;

	plot->is_by_day = took_ms > DAYS_BY_SLOT * MS_PER_DAY;
	plot->bins = malloc(home->count * sizeof *plot->bins);
	if (plot->bins == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < home->count; i++) {
		if (i > 0 && plot->is_by_day && is_same_day(plot, i - 1, i))
			plot->bins[plot->count - 1].to++;
		else
			plot->bins[plot->count++] = (struct bin){i, i + 1};
	}
	return 0;
}

/* Where slot `i` begins; slots follow one another without a gap. */
static double across(const struct plot *plot, size_t i)
{
	return LEFT + (double)i * WIDE / (double)plot->report->home->count;
}

/* ---- values ---- */

/* What is known of a bin; NaN where nothing is. */
struct spread {
	double least, mean, most;
};

static struct spread spread_of(const struct plot *plot, curve *of, const struct bin *bin)
{
	struct spread spread = {NAN, NAN, NAN};
	double sum = 0;
	size_t known = 0;

	for (size_t i = bin->from; i < bin->to; i++) {
		double value = of(plot, i);

		if (isnan(value))
			continue;
		sum += value;
		known++;
		spread.least = fmin(spread.least, value);
		spread.most = fmax(spread.most, value);
	}
	if (known > 0)
		spread.mean = sum / (double)known;
	return spread;
}

/* The axis of a chart: from and to a multiple of its step. */
struct axis {
	double least, most, step, top; /* `top`: where in the picture it begins */
};

/* 1, 2 or 5 times a power of ten. */
static double round_step(double step)
{
	double power = pow(10, floor(log10(step)));

	return step <= power       ? power
	       : step <= 2 * power ? 2 * power
	       : step <= 5 * power ? 5 * power
				   : 10 * power;
}

static struct axis axis_of(const struct plot *plot, const struct chart *chart, double top)
{
	struct axis axis = {.least = 0, .most = chart->most, .top = top};

	for (size_t l = 0; l < LINES_MAX && chart->lines[l].of && chart->most <= 0; l++) {
		const struct line *line = &chart->lines[l];

		for (size_t b = 0; b < plot->count; b++) {
			struct spread spread = spread_of(plot, line->of, &plot->bins[b]);

			axis.least = fmin(axis.least, line->is_shaded ? spread.least : spread.mean);
			axis.most = fmax(axis.most, line->is_shaded ? spread.most : spread.mean);
		}
	}
	if (!(axis.most > axis.least))
		axis.most = axis.least + 1;
	axis.step = round_step((axis.most - axis.least) / TICKS);
	axis.least = axis.step * floor(axis.least / axis.step + 1e-9);
	axis.most = axis.step * ceil(axis.most / axis.step - 1e-9);
	return axis;
}

static double down(const struct axis *axis, double value)
{
	return axis->top + CHART * (axis->most - value) / (axis->most - axis->least);
}

/* ---- drawing ---- */

static void draw_shade(const struct plot *plot, const struct line *line, const struct axis *axis)
{
	fprintf(plot->file, "<path class='shade' stroke='none' fill='%s' fill-opacity='.18' d='",
		line->colour);
	for (size_t b = 0; b < plot->count; b++) {
		struct spread spread = spread_of(plot, line->of, &plot->bins[b]);

		if (!isnan(spread.mean))
			fprintf(plot->file, "M%.1f %.1fH%.1fV%.1fH%.1fZ",
				across(plot, plot->bins[b].from), down(axis, spread.most),
				across(plot, plot->bins[b].to), down(axis, spread.least),
				across(plot, plot->bins[b].from));
	}
	fputs("'/>\n", plot->file);
}

static void draw_line(const struct plot *plot, const struct line *line, const struct axis *axis)
{
	bool is_open = false;

	fprintf(plot->file,
		"<path class='line' fill='none' stroke='%s' stroke-width='1.5' "
		"stroke-linejoin='round' d='",
		line->colour);
	for (size_t b = 0; b < plot->count; b++) {
		double from = across(plot, plot->bins[b].from), to = across(plot, plot->bins[b].to);
		double value = spread_of(plot, line->of, &plot->bins[b]).mean;

		if (isnan(value)) {
			is_open = false;
			continue;
		}
		if (line->is_stepped)
			fprintf(plot->file, "%c%.1f %.1fH%.1f", is_open ? 'L' : 'M', from,
				down(axis, value), to);
		else
			fprintf(plot->file, "%c%.1f %.1f", is_open ? 'L' : 'M', (from + to) / 2,
				down(axis, value));
		is_open = true;
	}
	fputs("'/>\n", plot->file);
}

static void draw_scale(const struct plot *plot, const struct axis *axis)
{
	int count = (int)lround((axis->most - axis->least) / axis->step);
	int decimals = axis->step < 1 ? (int)ceil(-log10(axis->step) - 1e-9) : 0;

	for (int i = 0; i <= count; i++) {
		double value = axis->least + i * axis->step;
		bool is_zero = fabs(value) < axis->step / 2;

		fprintf(plot->file,
			"<path d='M%d %.1fH%d' stroke='%s'/>\n"
			"<text x='%d' y='%.1f' text-anchor='end'>%.*f</text>\n",
			LEFT, down(axis, value), LEFT + WIDE, is_zero ? "#888" : "#e4e4e4",
			LEFT - 8, down(axis, value) + 4, decimals, is_zero ? 0 : value);
	}
}

static void draw_title(const struct plot *plot, const struct chart *chart, double top)
{
	fprintf(plot->file, "<text x='%d' y='%.0f'><tspan font-weight='bold'>%s</tspan>", LEFT,
		top - 12, chart->title);
	for (size_t l = 0; l < LINES_MAX && chart->lines[l].of; l++)
		fprintf(plot->file, "<tspan dx='22' fill='%s'>&#9644; %s</tspan>",
			chart->lines[l].colour, chart->lines[l].name);
	fputs("</text>\n", plot->file);
}

/* What stands at slot `i` on the axis of time, if a label does: "1 Sep", "06:00". */
enum ticks { TICKS_HOURS, TICKS_DAYS, TICKS_WEEKS, TICKS_MONTHS };

static bool label_of(const struct plot *plot, size_t i, enum ticks ticks, struct text *out)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char clock[WALL_TEXT_MAX];
	int year, month, day, hour, minute;
	bool is_midnight, is_monday = (plot->report->home->slots[i].plan.when.day + 3) % 7 == 0;

	if (sscanf(clock_of(plot, i, clock), "%d-%d-%dT%d:%d", &year, &month, &day, &hour,
		   &minute) != 5 ||
	    month < 1 || month > 12 || minute != 0)
		return false;
	is_midnight = hour == 0;
	if (ticks == TICKS_HOURS && !is_midnight) {
		text_add(out, "%02d:00", hour);
		return hour % 6 == 0;
	}
	if (!is_midnight || (ticks == TICKS_WEEKS && !is_monday) ||
	    (ticks == TICKS_MONTHS && day != 1))
		return false;
	if (ticks == TICKS_MONTHS)
		text_add(out, "%s %d", months[month - 1], year);
	else
		text_add(out, "%d %s", day, months[month - 1]);
	return true;
}

static void draw_time(const struct plot *plot, double bottom)
{
	const struct home_record *home = plot->report->home;
	double days = (double)home->count * home->step_minutes / (24 * 60);
	enum ticks ticks = days <= 3            ? TICKS_HOURS
			   : days <= LABELS     ? TICKS_DAYS
			   : days <= 7 * LABELS ? TICKS_WEEKS
						: TICKS_MONTHS;

	for (size_t i = 0; i < home->count; i++) {
		char data[32];
		struct text label = text_in(data, sizeof data);

		if (!label_of(plot, i, ticks, &label))
			continue;
		for (size_t c = 0; c < ARRAY_LENGTH(CHARTS); c++)
			fprintf(plot->file, "<path d='M%.1f %dv%d' stroke='#e4e4e4'/>\n",
				across(plot, i), TOP + (int)c * (CHART + GAP), CHART);
		fprintf(plot->file, "<text x='%.1f' y='%.0f'>%s</text>\n", across(plot, i),
			bottom + 18, data);
	}
}

static void draw_head(const struct plot *plot)
{
	const struct backtest_report *report = plot->report;
	const struct home_record *home = report->home;
	char from[WALL_TEXT_MAX], to[WALL_TEXT_MAX];

	fprintf(plot->file,
		"<text x='%d' y='34' font-size='20' font-weight='bold'>%s: bill %.2f</text>\n"
		"<text x='%d' y='58'>without a battery %.2f, with hindsight %.2f; %.4g kWh, %.1f "
		"full cycles; %.10s to %.10s",
		LEFT, strategy_name(report->strategy), report->result.bill, LEFT, report->none.bill,
		report->perfect.bill, report->capacity_kwh, report->result.efc,
		clock_of(plot, 0, from), clock_of(plot, home->count - 1, to));
	if (plot->is_by_day)
		fputs("; lines: means of a day, shaded: the day's least to most", plot->file);
	if (home->unknown > 0)
		fprintf(plot->file, "; %zu slots not known", home->unknown);
	fputs("</text>\n", plot->file);
}

static void draw(const struct plot *plot)
{
	size_t charts = ARRAY_LENGTH(CHARTS);
	int bottom = TOP + (int)charts * (CHART + GAP) - GAP;

	fprintf(plot->file,
		"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img' "
		"font-family='sans-serif' font-size='13' fill='#222'>\n"
		"<title>What the battery did</title>\n"
		"<rect width='100%%' height='100%%' fill='white'/>\n",
		WIDTH, bottom + 40);
	draw_head(plot);
	draw_time(plot, bottom);
	for (size_t c = 0; c < charts; c++) {
		const struct chart *chart = &CHARTS[c];
		struct axis axis = axis_of(plot, chart, TOP + (double)c * (CHART + GAP));

		draw_title(plot, chart, axis.top);
		draw_scale(plot, &axis);
		for (size_t l = 0; l < LINES_MAX && chart->lines[l].of; l++) {
			if (plot->is_by_day && chart->lines[l].is_shaded)
				draw_shade(plot, &chart->lines[l], &axis);
			draw_line(plot, &chart->lines[l], &axis);
		}
	}
	fputs("</svg>\n", plot->file);
}

int backtest_plot(const struct backtest_report *report, const struct backtest_slot *slots,
		  const char *path)
{
	struct plot plot = {.report = report, .slots = slots};
	bool is_bad;

	if (lay_bins(&plot) != 0) {
		complain("there is not enough memory for the picture");
		return EXIT_FAILED;
	}
	plot.file = fopen(path, "we");
	if (plot.file != NULL)
		draw(&plot);
	free(plot.bins);
	is_bad = plot.file == NULL || ferror(plot.file) != 0;
	if (plot.file != NULL && fclose(plot.file) != 0)
		is_bad = true;
	if (!is_bad)
		return EXIT_OK;
	complain("%s: it cannot be written: %s", path, strerror(errno));
	return EXIT_FAILED;
}
