#include "adapt/api_rollup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "wire/json_text.h"

/* Up to which span a level is chosen: a little longer, since "2 h ago" was said a moment ago. */
static const struct {
	int level;
	int64_t span_ms;
} spans[] = {
    {API_LEVEL_ROWS, 2 * MS_PER_HOUR + MS_PER_MINUTE},
    {ROLLUP_MINUTE, 12 * MS_PER_HOUR + MS_PER_MINUTE},
    {ROLLUP_QUARTER, 8 * MS_PER_DAY + MS_PER_HOUR},
    {ROLLUP_DAY, INT64_MAX},
};
#define LEVELS (sizeof(spans) / sizeof(spans[0]))

/* A relay has a row a minute while it is on. */
#define RELAY_ROWS_SPAN_MS (32 * MS_PER_DAY)

int api_level_find(int *out, const char *name)
{
	enum rollup_level level;

	*out = API_LEVEL_ROWS;
	if (!name || strcmp(name, "raw") == 0)
		return 0;
	*out = API_LEVEL_AUTO;
	if (strcmp(name, "auto") == 0)
		return 0;
	if (rollup_level_find(&level, name) != 0)
		return -EINVAL;
	*out = (int)level;
	return 0;
}

const char *api_level_name(int level)
{
	return level == API_LEVEL_ROWS ? "raw" : rollup_level_name((enum rollup_level)level);
}

static int64_t depth_of(const struct journal_depth *depth, int level)
{
	return level == API_LEVEL_ROWS ? depth->rows_ms : depth->rollup_ms[level];
}

/* Whether `coarse` shows more of what was asked for than the piece in which `fine` begins. */
static bool is_deeper(const struct journal_depth *depth, int coarse, int fine,
		      struct wall_time from)
{
	int64_t piece_ms = rollup_level_minutes((enum rollup_level)coarse) * (int64_t)MS_PER_MINUTE;
	int64_t fine_ms = depth_of(depth, fine);

	return fine_ms > from.ms && depth_of(depth, coarse) <= fine_ms - piece_ms;
}

/* The first place in `spans` from `at` on that shows the most of what was asked for. */
static size_t deepest_from(const struct journal_depth *depth, size_t at, struct wall_time from)
{
	while (at + 1 < LEVELS && is_deeper(depth, spans[at + 1].level, spans[at].level, from))
		at++;
	return at;
}

int api_level_choose(struct journal_reader *reader, const char *name,
		     enum journal_subject subject, struct journal_span span, int *level)
{
	struct journal_depth depth;
	size_t at = 0;
	int rc = journal_read_depth(reader, name, subject, &depth);

	if (rc != 0)
		return rc;
	while (span.to.ms - span.from.ms > spans[at].span_ms)
		at++;
	*level = spans[deepest_from(&depth, at, span.from)].level;
	return 0;
}

static bool is_finer(int level, int64_t step_ms)
{
	return rollup_level_minutes((enum rollup_level)level) * (int64_t)MS_PER_MINUTE <= step_ms;
}

int api_level_for_step(struct journal_reader *reader, const char *name,
		       enum journal_subject subject, struct journal_span span, int64_t step_ms,
		       int *level)
{
	struct journal_depth depth;
	size_t at = 0;
	int rc = journal_read_depth(reader, name, subject, &depth);

	if (rc != 0)
		return rc;
	if (subject != JOURNAL_RELAY || span.to.ms - span.from.ms > RELAY_ROWS_SPAN_MS)
		while (at + 1 < LEVELS && is_finer(spans[at + 1].level, step_ms))
			at++;
	*level = spans[deepest_from(&depth, at, span.from)].level;
	return 0;
}

static void add_value(struct json_text *row, const char *const names[4],
		      const struct rollup_value *value)
{
	json_text_real(row, names[0], value->min);
	json_text_real(row, names[1], value->mean);
	json_text_real(row, names[2], value->max);
	json_text_real(row, names[3], value->last);
}

#define VALUE_NAMES(quantity, unit)                                                   \
	(const char *const[])                                                         \
	{                                                                             \
		quantity "_min_" unit, quantity "_mean_" unit, quantity "_max_" unit, \
		    quantity "_last_" unit                                            \
	}

static void add_readings(struct json_text *row, const struct rollup_readings *readings)
{
	bool has_power = readings->power_w.count > 0;

	json_text_integer(row, "count", readings->count);
	json_text_real(row, "charged_wh", has_power ? readings->charged_wh : (double)NAN);
	json_text_real(row, "discharged_wh", has_power ? readings->discharged_wh : (double)NAN);
	add_value(row, VALUE_NAMES("soc", "pct"), &readings->soc_pct);
	add_value(row, VALUE_NAMES("temp", "c"), &readings->temp_c);
	add_value(row, VALUE_NAMES("power", "w"), &readings->power_w);
}

/* Power is there as long as anything is known. */
static void add_meter(struct json_text *row, const struct journal_rollup_row *rollup)
{
	const struct rollup_readings *minutes = rollup->readings;

	json_text_string(row, "quality", quality_name(rollup->quality));
	json_text_integer(row, "count", minutes->count);
	json_text_scaled(row, "known_s", minutes->power_w.count, MS_PER_SECOND);
	json_text_real(row, "imported_wh", minutes->charged_wh);
	json_text_real(row, "exported_wh", minutes->discharged_wh);
	add_value(row, VALUE_NAMES("power", "w"), &minutes->power_w);
}

static bool add_rollup(void *user, const struct journal_rollup_row *rollup)
{
	static const char *const KEYS[] = {
	    [JOURNAL_NODE] = "node", [JOURNAL_RELAY] = "relay", [JOURNAL_METER] = "meter"};
	struct text *text = api_page_begin(user);
	struct json_text row;

	if (!text)
		return false;
	row = json_text_open(text);
	json_text_time(&row, "from", rollup->span.from);
	json_text_time(&row, "to", rollup->span.to);
	json_text_string(&row, KEYS[rollup->subject], rollup->name);
	if (rollup->subject == JOURNAL_METER) {
		add_meter(&row, rollup);
	} else if (rollup->subject == JOURNAL_NODE) {
		add_readings(&row, rollup->readings);
	} else {
		json_text_scaled(&row, "on_s", rollup->on_ms, MS_PER_SECOND);
		json_text_integer(&row, "closings", rollup->closings);
	}
	json_text_close(&row);
	return api_page_end(user);
}

int api_rollup_read(struct journal_reader *reader, const char *name,
		    enum journal_subject subject, int level, struct journal_span span,
		    struct api_page *page)
{
	return journal_read_rollups(reader, name, subject, (enum rollup_level)level, span,
				    add_rollup, page);
}
