/*
 * The table of parameters, their text, and how the layers become the settings
 * of one battery. What they mean for decisions is core/control's and
 * core/safety's affair.
 */
#include "model/parameter.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define PCT(value) ((int64_t)(value)*100)
#define CELSIUS(value) ((int64_t)(value)*1000)
#define SECONDS(value) ((int64_t)(value)*1000)

/* What a reading may miss before it is stale: at least this many intervals. */
#define INTERVALS_TO_STALE 2

static const char *const logics[] = {"monitor", "threshold", "schedule", "plan", NULL};

static const struct parameter table[PARAMETER_COUNT] = {
    [PARAMETER_LOGIC] = {.name = "logic",
			 .kind = KIND_CHOICE,
			 .unit = "",
			 .scale = 1,
			 .min = LOGIC_MONITOR,
			 .max = LOGIC_PLAN,
			 .preset = LOGIC_THRESHOLD,
			 .choices = logics,
			 .help = "Who decides: monitor (watch only), threshold (by state of "
				 "charge), schedule (by the clock), plan (by prices and the home's habits)."},
    [PARAMETER_CHARGE_BELOW] = {"charge_below_pct", KIND_NUMBER, "%", 100, PCT(0), PCT(100),
				PCT(30), NULL,
				"Charging from the source starts below this state of charge."},
    [PARAMETER_CHARGE_UNTIL] = {"charge_until_pct", KIND_NUMBER, "%", 100, PCT(0), PCT(100),
				PCT(80), NULL,
				"Charging that has started goes on up to this state of charge."},
    [PARAMETER_DISCHARGE_ABOVE] = {"discharge_above_pct", KIND_NUMBER, "%", 100, PCT(0), PCT(100),
				   PCT(60), NULL,
				   "The battery begins to feed the house at this state of charge."},
    [PARAMETER_DISCHARGE_UNTIL] = {"discharge_until_pct", KIND_NUMBER, "%", 100, PCT(0), PCT(100),
				   PCT(35), NULL,
				   "The battery feeds the house down to this state of charge."},
    [PARAMETER_SCHEDULE] =
	{.name = "schedule",
	 .kind = KIND_SCHEDULE,
	 .unit = "",
	 .scale = 1,
	 .help = "Daily windows of local time: `charge 00:30-04:30, discharge 18:00-22:00`."},
    [PARAMETER_RESERVE] = {"reserve_pct", KIND_NUMBER, "%", 100, PCT(0), PCT(95), PCT(10), NULL,
			   "Safety: no discharging at or below this state of charge."},
    [PARAMETER_CEILING] = {"ceiling_pct", KIND_NUMBER, "%", 100, PCT(5), PCT(100), PCT(95), NULL,
			   "Safety: no charging at or above this state of charge."},
    [PARAMETER_CHARGE_MIN_TEMP] = {"charge_min_c", KIND_NUMBER, "°C", 1000, CELSIUS(-60),
				   CELSIUS(100), CELSIUS(5), NULL,
				   "Safety: no charging with a colder sensor."},
    [PARAMETER_CHARGE_MAX_TEMP] = {"charge_max_c", KIND_NUMBER, "°C", 1000, CELSIUS(-60),
				   CELSIUS(100), CELSIUS(45), NULL,
				   "Safety: no charging with a hotter sensor."},
    [PARAMETER_DISCHARGE_MIN_TEMP] = {"discharge_min_c", KIND_NUMBER, "°C", 1000, CELSIUS(-60),
				      CELSIUS(100), CELSIUS(0), NULL,
				      "Safety: no discharging with a colder sensor."},
    [PARAMETER_DISCHARGE_MAX_TEMP] = {"discharge_max_c", KIND_NUMBER, "°C", 1000, CELSIUS(-60),
				      CELSIUS(100), CELSIUS(50), NULL,
				      "Safety: no discharging with a hotter sensor."},
    [PARAMETER_SOC_HYSTERESIS] =
	{"hysteresis_pct", KIND_NUMBER, "%", 100, 50, PCT(20), PCT(2), NULL,
	 "How far the state of charge must come back before a limit that tripped releases."},
    [PARAMETER_TEMP_HYSTERESIS] =
	{"hysteresis_c", KIND_NUMBER, "°C", 1000, 500, CELSIUS(20), CELSIUS(2), NULL,
	 "How far the temperature must come back before a limit that tripped releases."},
    [PARAMETER_DWELL] =
	{"dwell_s", KIND_NUMBER, "s", 1000, SECONDS(0), SECONDS(86400), SECONDS(300), NULL,
	 "How long a battery's relays stay open before one closes again; opening never waits."},
    [PARAMETER_SWITCHES_PER_DAY] =
	{"switches_per_day", KIND_NUMBER, "", 1, 1, 1000, 40, NULL,
	 "How often each relay may close in a day; opening is never counted against it."},
    [PARAMETER_TRIPS_PER_DAY] = {"trips_per_day", KIND_NUMBER, "", 1, 1, 100, 6, NULL,
				 "After so many trips of a limit in a day the battery is locked "
				 "out until a person acknowledges."},
    [PARAMETER_STALE_AFTER] =
	{"stale_after_s", KIND_NUMBER, "s", 1000, SECONDS(5), SECONDS(3600), SECONDS(90), NULL,
	 "How old a reading may be before its battery goes to the safe state."},
    [PARAMETER_INTERVAL] = {"interval_s", KIND_NUMBER, "s", 1000, SECONDS(1), SECONDS(1800),
			    SECONDS(10), NULL,
			    "How often the sensor is to send; told to the node once it is set."},
};

const struct parameter *parameter_get(enum parameter_id id)
{
	return &table[id];
}

/* Whether `name` is `full` without its unit. */
static bool is_short_for(const char *name, const char *full)
{
	const char *unit = strrchr(full, '_');
	size_t len = strlen(name);

	return unit != NULL && (size_t)(unit - full) == len && memcmp(name, full, len) == 0;
}

int parameter_find(enum parameter_id *out, const char *name)
{
	int found = -1;

	for (int id = 0; id < PARAMETER_COUNT; id++) {
		if (strcmp(table[id].name, name) == 0) {
			*out = (enum parameter_id)id;
			return 0;
		}
		if (!is_short_for(name, table[id].name))
			continue;
		if (found >= 0)
			return -EEXIST;
		found = id;
	}
	if (found < 0)
		return -ENOENT;
	*out = (enum parameter_id)found;
	return 0;
}

/* Whether `name` is `full` without its unit, or with another. */
static bool is_alike(const char *name, const char *full)
{
	const char *unit = strrchr(full, '_');
	size_t stem = unit != NULL ? (size_t)(unit - full) : 0;

	return stem > 0 && strncmp(name, full, stem) == 0 &&
	       (name[stem] == '\0' || name[stem] == '_');
}

size_t parameter_write_alike(const char *name, struct text *out)
{
	size_t count = 0;

	for (int id = 0; id < PARAMETER_COUNT; id++) {
		if (table[id].unit[0] == '\0' || !is_alike(name, table[id].name))
			continue;
		text_add(out, "%s%s (%s)", count > 0 ? " or " : "", table[id].name, table[id].unit);
		count++;
	}
	return count;
}

static void say_allowed(const struct parameter *parameter, struct text *error)
{
	if (parameter->kind == KIND_CHOICE) {
		for (size_t i = 0; parameter->choices[i] != NULL; i++)
			text_add(error, "%s%s", i > 0 ? ", " : "one of ", parameter->choices[i]);
		return;
	}
	text_add_scaled(error, parameter->min, parameter->scale);
	text_add(error, " to ");
	text_add_scaled(error, parameter->max, parameter->scale);
	if (parameter->unit[0] != '\0')
		text_add(error, " %s", parameter->unit);
}

static int refuse(const struct parameter *parameter, const char *text, int result,
		  struct text *error)
{
	text_add(error, "%s: \"%.40s\" is not allowed: ", parameter->name, text);
	say_allowed(parameter, error);
	return result;
}

static int parse_choice(struct parameter_value *out, const struct parameter *parameter,
			const char *text, struct text *error)
{
	for (size_t i = 0; parameter->choices[i] != NULL; i++) {
		if (strcmp(parameter->choices[i], text) == 0) {
			*out = (struct parameter_value){.number = (int64_t)i};
			return 0;
		}
	}
	return refuse(parameter, text, -EINVAL, error);
}

static int parse_number(struct parameter_value *out, const struct parameter *parameter,
			const char *text, struct text *error)
{
	double plain, scaled;

	if (number_parse(&plain, text, strlen(text)) != 0) {
		refuse(parameter, text, -EINVAL, error);
		text_add(error, ", as a number alone, with a dot");
		return -EINVAL;
	}
	scaled = plain * parameter->scale;
	if (scaled < (double)parameter->min || scaled > (double)parameter->max)
		return refuse(parameter, text, -ERANGE, error);
	/* Finer than the core's unit is not kept, so it is not silently taken either. */
	if (fabs(scaled - round(scaled)) > 1e-6) {
		text_add(error, "%s: \"%.40s\" is finer than 1/%d %s", parameter->name, text,
			 (int)parameter->scale, parameter->unit);
		return -EINVAL;
	}
	*out = (struct parameter_value){.number = (int64_t)round(scaled)};
	return 0;
}

int parameter_parse(struct parameter_value *out, enum parameter_id id, const char *text,
		    struct text *error)
{
	const struct parameter *parameter = &table[id];
	struct schedule schedule;

	switch (parameter->kind) {
	case KIND_CHOICE:
		return parse_choice(out, parameter, text, error);
	case KIND_NUMBER:
		return parse_number(out, parameter, text, error);
	case KIND_SCHEDULE:
		break;
	}
	text_add(error, "%s: ", parameter->name);
	if (schedule_parse(&schedule, text, error) != 0)
		return -EINVAL;
	*out = (struct parameter_value){.schedule = schedule};
	return 0;
}

void parameter_format(enum parameter_id id, const struct parameter_value *value, struct text *out)
{
	const struct parameter *parameter = &table[id];

	switch (parameter->kind) {
	case KIND_CHOICE:
		text_add(out, "%s", parameter->choices[value->number]);
		break;
	case KIND_NUMBER:
		text_add_scaled(out, value->number, parameter->scale);
		break;
	case KIND_SCHEDULE:
		schedule_format(&value->schedule, out);
		break;
	}
}

const char *layer_place_name(enum layer_place place)
{
	static const char *const names[] = {"preset", "house file", "house set", "battery file",
					    "battery set"};

	return names[place];
}

/* Which parameters an envelope bounds, and where it holds them. */
static const struct {
	enum parameter_id id;
	size_t offset;
	bool is_lower; /* a lower bound is narrowed upwards */
} bounds[] = {
    {PARAMETER_RESERVE, offsetof(struct envelope, reserve_bp), true},
    {PARAMETER_CEILING, offsetof(struct envelope, ceiling_bp), false},
    {PARAMETER_CHARGE_MIN_TEMP, offsetof(struct envelope, charge_min_mc), true},
    {PARAMETER_CHARGE_MAX_TEMP, offsetof(struct envelope, charge_max_mc), false},
    {PARAMETER_DISCHARGE_MIN_TEMP, offsetof(struct envelope, discharge_min_mc), true},
    {PARAMETER_DISCHARGE_MAX_TEMP, offsetof(struct envelope, discharge_max_mc), false},
};

static int32_t bound_of(const struct envelope *envelope, size_t index)
{
	return *(const int32_t *)((const char *)envelope + bounds[index].offset);
}

static void start_from_preset(struct settings *settings, const struct chemistry_preset *preset)
{
	for (int id = 0; id < PARAMETER_COUNT; id++) {
		settings->value[id] = (struct parameter_value){.number = table[id].preset};
		settings->place[id] = LAYER_PRESET;
	}
	for (size_t i = 0; preset != NULL && i < ARRAY_LENGTH(bounds); i++)
		settings->value[bounds[i].id].number = bound_of(&preset->usual, i);
}

static void lay_over(struct settings *settings, const struct parameter_layer *layer,
		     enum layer_place place)
{
	for (int id = 0; layer != NULL && id < PARAMETER_COUNT; id++) {
		if (!layer->is_set[id])
			continue;
		settings->value[id] = layer->value[id];
		settings->place[id] = place;
	}
}

static int check_within_preset(const struct settings *settings,
			       const struct chemistry_preset *preset, struct text *error)
{
	for (size_t i = 0; preset != NULL && i < ARRAY_LENGTH(bounds); i++) {
		const struct parameter *parameter = &table[bounds[i].id];
		int64_t value = setting(settings, bounds[i].id);
		int64_t widest = bound_of(&preset->widest, i);

		if (bounds[i].is_lower ? value >= widest : value <= widest)
			continue;
		text_add(error, "%s: ", parameter->name);
		text_add_scaled(error, value, parameter->scale);
		text_add(error, " is wider than %s allows: %s ", preset->name,
			 bounds[i].is_lower ? "at least" : "at most");
		text_add_scaled(error, widest, parameter->scale);
		text_add(error, " %s (chemistry: custom lifts this)", parameter->unit);
		return -ERANGE;
	}
	return 0;
}

/* Pairs of which the first must be below the second. */
static const enum parameter_id in_order[][2] = {
    {PARAMETER_CHARGE_BELOW, PARAMETER_CHARGE_UNTIL},
    {PARAMETER_DISCHARGE_UNTIL, PARAMETER_DISCHARGE_ABOVE},
    {PARAMETER_RESERVE, PARAMETER_CEILING},
    {PARAMETER_CHARGE_MIN_TEMP, PARAMETER_CHARGE_MAX_TEMP},
    {PARAMETER_DISCHARGE_MIN_TEMP, PARAMETER_DISCHARGE_MAX_TEMP},
};

static int check_order(const struct settings *settings, struct text *error)
{
	for (size_t i = 0; i < ARRAY_LENGTH(in_order); i++) {
		const struct parameter *low = &table[in_order[i][0]],
				       *high = &table[in_order[i][1]];
		int64_t low_value = setting(settings, in_order[i][0]);
		int64_t high_value = setting(settings, in_order[i][1]);

		if (low_value < high_value)
			continue;
		text_add(error, "%s: ", low->name);
		text_add_scaled(error, low_value, low->scale);
		text_add(error, " %s must be below %s, which is ", low->unit, high->name);
		text_add_scaled(error, high_value, high->scale);
		text_add(error, " %s", high->unit);
		return -ERANGE;
	}
	return 0;
}

static int check_stale_after(const struct settings *settings, struct text *error)
{
	int64_t stale_ms = setting(settings, PARAMETER_STALE_AFTER);
	int64_t least_ms = INTERVALS_TO_STALE * setting(settings, PARAMETER_INTERVAL);

	if (stale_ms >= least_ms)
		return 0;
	text_add(error, "stale_after_s: ");
	text_add_scaled(error, stale_ms, 1000);
	text_add(error, " s must be at least twice interval_s: ");
	text_add_scaled(error, least_ms, 1000);
	text_add(error, " s or more");
	return -ERANGE;
}

int settings_resolve(struct settings *out, enum chemistry chemistry,
		     const struct parameter_layer *house_file,
		     const struct parameter_layer *house_run,
		     const struct parameter_layer *battery_file,
		     const struct parameter_layer *battery_run, struct text *error)
{
	const struct chemistry_preset *preset = chemistry_preset(chemistry);
	struct settings settings;
	int result;

	start_from_preset(&settings, preset);
	lay_over(&settings, house_file, LAYER_HOUSE_FILE);
	lay_over(&settings, house_run, LAYER_HOUSE_RUN);
	lay_over(&settings, battery_file, LAYER_BATTERY_FILE);
	lay_over(&settings, battery_run, LAYER_BATTERY_RUN);
	if ((result = check_within_preset(&settings, preset, error)) != 0 ||
	    (result = check_order(&settings, error)) != 0 ||
	    (result = check_stale_after(&settings, error)) != 0)
		return result;
	*out = settings;
	return 0;
}
