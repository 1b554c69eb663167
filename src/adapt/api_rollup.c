#include "adapt/api_rollup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "adapt/api_internal.h"

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

int api_level_choose(struct journal_reader *reader, const char *name, bool is_relay,
		     struct journal_span span, int *level)
{
	struct journal_depth depth;
	size_t at = 0;
	int rc = journal_read_depth(reader, name, is_relay, &depth);

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

int api_level_for_step(struct journal_reader *reader, const char *name, bool is_relay,
		       struct journal_span span, int64_t step_ms, int *level)
{
	struct journal_depth depth;
	size_t at = 0;
	int rc = journal_read_depth(reader, name, is_relay, &depth);

	if (rc != 0)
		return rc;
	if (!is_relay || span.to.ms - span.from.ms > RELAY_ROWS_SPAN_MS)
		while (at + 1 < LEVELS && is_finer(spans[at + 1].level, step_ms))
			at++;
	*level = spans[deepest_from(&depth, at, span.from)].level;
	return 0;
}

static int set_value(json_t *row, const char *quantity, const char *unit,
		     const struct rollup_value *value)
{
	static const char *const kinds[] = {"min", "mean", "max", "last"};
	const double numbers[] = {value->min, value->mean, value->max, value->last};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		char name[32];
		struct text text = text_in(name, sizeof(name));

		text_add(&text, "%s_%s_%s", quantity, kinds[i], unit);
		rc |= json_object_set_new(row, name, api_number(numbers[i]));
	}
	return rc;
}

static json_t *readings_row(const struct journal_rollup_row *row)
{
	const struct rollup_readings *readings = row->readings;
	bool has_power = readings->power_w.count > 0;
	json_t *out = json_pack(
	    "{s:o, s:o, s:s, s:I, s:o, s:o}", "from", api_wall(row->span.from), "to",
	    api_wall(row->span.to), "node", row->name, "count", (json_int_t)readings->count,
	    "charged_wh", api_number(has_power ? readings->charged_wh : (double)NAN),
	    "discharged_wh", api_number(has_power ? readings->discharged_wh : (double)NAN));

	if (out && (set_value(out, "soc", "pct", &readings->soc_pct) != 0 ||
		    set_value(out, "temp", "c", &readings->temp_c) != 0 ||
		    set_value(out, "power", "w", &readings->power_w) != 0)) {
		json_decref(out);
		return NULL;
	}
	return out;
}

static bool add_rollup(void *user, const struct journal_rollup_row *row)
{
	if (row->readings)
		return api_page_add(user, readings_row(row));
	return api_page_add(user, json_pack("{s:o, s:o, s:s, s:o, s:I}", "from",
					    api_wall(row->span.from), "to",
					    api_wall(row->span.to), "relay", row->name, "on_s",
					    api_seconds(row->on_ms), "closings",
					    (json_int_t)row->closings));
}

int api_rollup_read(struct journal_reader *reader, const char *name, bool is_relay, int level,
		    struct journal_span span, struct api_page *page)
{
	return journal_read_rollups(reader, name, is_relay, (enum rollup_level)level, span,
				    add_rollup, page);
}
