/*
 * A plan as a small picture of text: hours from left to right, a row of blocks for the price and
 * one for the state of charge, and a letter for what is done. A column stands for some slots.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#include "cli/plan_view.h"
#include "cli/show.h"

#define HEAD 10 /* columns of a row's name */
#define COLUMNS_MAX 96
#define TICK_HOURS 6

static const char *const BLOCKS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/* The slots as columns. */
struct picture {
	const json_t *slots;
	size_t each, count; /* slots of a column, and columns */
};

static struct picture picture_of(const json_t *slots, size_t columns)
{
	size_t all = json_array_size(slots);
	size_t room = columns > HEAD + 26 ? columns - HEAD - 16 : 10;
	size_t each;

	if (room > COLUMNS_MAX)
		room = COLUMNS_MAX;
	each = (all + room - 1) / room;
	return (struct picture){slots, each ? each : 1, each ? (all + each - 1) / each : 0};
}

static const json_t *slot_at(const struct picture *picture, size_t column)
{
	return json_array_get(picture->slots, column * picture->each);
}

/* ---- rows of blocks ---- */

/* The mean over a column of what `of` gives; NAN where nothing is known. */
static double column_value(const struct picture *picture, size_t column,
			   double of(const json_t *slot))
{
	double sum = 0;
	int count = 0;

	for (size_t i = 0; i < picture->each; i++) {
		double value = of(json_array_get(picture->slots, column * picture->each + i));

		if (!isnan(value)) {
			sum += value;
			count++;
		}
	}
	return count ? sum / count : NAN;
}

static double number_or_nan(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) : NAN;
}

static double price_of(const json_t *slot)
{
	return number_or_nan(json_object_get(slot, "buy"));
}

static double charge_of(const json_t *slot)
{
	return number_or_nan(json_array_get(json_object_get(slot, "soc_pct"), 1));
}

static bool is_assumed(const struct picture *picture, size_t column)
{
	return member_is_true(slot_at(picture, column), "price_assumed");
}

static void show_blocks(const struct plan_view *view, FILE *out, const struct picture *picture,
			double of(const json_t *slot), double low, double high, bool marks_assumed)
{
	for (size_t i = 0; i < picture->count; i++) {
		double value = column_value(picture, i, of);
		double share = high > low ? (value - low) / (high - low) : 0.5;
		bool is_dim = marks_assumed && is_assumed(picture, i);

		if (isnan(value)) {
			fputc(' ', out);
			continue;
		}
		fprintf(out, "%s%s%s", is_dim ? colour_begin(view->cli, COLOUR_DIM) : "",
			BLOCKS[(size_t)fmin(7, fmax(0, floor(share * 8)))],
			is_dim ? colour_end(view->cli) : "");
	}
}

static void bounds(const json_t *slots, double of(const json_t *slot), double *low, double *high)
{
	const json_t *slot;
	size_t index;

	*low = INFINITY;
	*high = -INFINITY;
	json_array_foreach(slots, index, slot)
	{
		*low = fmin(*low, of(slot));
		*high = fmax(*high, of(slot));
	}
}

static void show_price(const struct plan_view *view, FILE *out, const struct picture *picture)
{
	char buffer[64];
	struct text range = text_in(buffer, sizeof(buffer));
	double low, high;

	bounds(picture->slots, price_of, &low, &high);
	fprintf(out, "%-*s", HEAD, "price");
	if (low > high) {
		fprintf(out, "not known\n");
		return;
	}
	show_blocks(view, out, picture, price_of, low, high, true);
	plan_price_add(view, &range, low);
	text_add(&range, "–");
	plan_price_add(view, &range, high);
	fprintf(out, " %s\n", buffer);
}

static void show_charge(const struct plan_view *view, FILE *out, const struct picture *picture)
{
	double low, high;

	bounds(picture->slots, charge_of, &low, &high);
	if (low > high)
		return;
	fprintf(out, "%-*s", HEAD, "SoC");
	show_blocks(view, out, picture, charge_of, 0, 100, false);
	fprintf(out, " %.0f–%.0f %%\n", low, high);
}

/* ---- what is done, and when ---- */

static char letter_of(const char *mode)
{
	static const struct {
		const char *mode;
		char letter;
	} LETTERS[] = {{"hold", '.'},
		       {"self-consume", 'h'},
		       {"charge-from-sun", 's'},
		       {"charge-to", 'G'},
		       {"discharge-to", 'e'}};

	for (size_t i = 0; i < ARRAY_LENGTH(LETTERS); i++) {
		if (strcmp(LETTERS[i].mode, mode) == 0)
			return LETTERS[i].letter;
	}
	return '?';
}

static void show_modes(FILE *out, const struct picture *picture)
{
	fprintf(out, "%-*s", HEAD, "does");
	for (size_t i = 0; i < picture->count; i++)
		fputc(letter_of(member_text(slot_at(picture, i), "mode")), out);
	fprintf(out, "\n%-*ss sun  G from the grid  h home  e to the grid  . rest\n", HEAD, "");
}

/* The hour of the house where a column begins; -1: of none. */
static int hour_at(const struct plan_view *view, const struct picture *picture, size_t column)
{
	const char *iso = member_text(slot_at(picture, column), "at");
	struct wall_time at;
	time_t seconds;
	struct tm broken;

	if (wall_parse(&at, iso, strlen(iso)) < 0)
		return -1;
	seconds = (time_t)(at.ms / MS_PER_SECOND) + house_offset_s(view->cli, at);
	gmtime_r(&seconds, &broken);
	return broken.tm_hour;
}

/* "12", "18", "00", "06" above the columns in which these hours begin. */
static void show_hours(const struct plan_view *view, FILE *out, const struct picture *picture)
{
	char line[COLUMNS_MAX + 4];
	int first = hour_at(view, picture, 0);
	int before = first % TICK_HOURS == 0 ? -1 : first;
	size_t length = 0;

	memset(line, ' ', sizeof(line));
	for (size_t i = 0; i < picture->count; i++) {
		int hour = hour_at(view, picture, i);

		if (hour >= 0 && (before < 0 || hour / TICK_HOURS != before / TICK_HOURS) &&
		    i >= length) {
			line[i] = (char)('0' + (hour - hour % TICK_HOURS) / 10);
			line[i + 1] = (char)('0' + (hour - hour % TICK_HOURS) % 10);
			length = i + 3;
		}
		before = hour;
	}
	line[length ? length - 1 : 0] = '\0';
	fprintf(out, "%-*s%s\n", HEAD, "hour", line);
}

void plan_picture_show(const struct plan_view *view, FILE *out, const json_t *slots)
{
	struct picture picture = picture_of(slots, view->columns);

	if (picture.count == 0)
		return;
	show_hours(view, out, &picture);
	show_price(view, out, &picture);
	show_charge(view, out, &picture);
	show_modes(out, &picture);
}
