/*
 * Everything that can be set while Amphora runs: one table, from which the
 * file, the command line, the API, the documentation and the checks come.
 *
 * A value is held in the core's unit (basis points, milli-degrees, ms) and
 * shown in the plain unit that its name ends with. A parameter can be set for
 * the house and for one battery, in the file and at run time. For a battery
 * the first that is set counts: run time for it, file for it, run time for the
 * house, file for the house, what the chemistry says, the default.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/chemistry.h"
#include "model/schedule.h"

enum parameter_id {
	PARAMETER_LOGIC,
	PARAMETER_CHARGE_BELOW,
	PARAMETER_CHARGE_UNTIL,
	PARAMETER_DISCHARGE_ABOVE,
	PARAMETER_DISCHARGE_UNTIL,
	PARAMETER_SCHEDULE,
	PARAMETER_RESERVE,
	PARAMETER_CEILING,
	PARAMETER_CHARGE_MIN_TEMP,
	PARAMETER_CHARGE_MAX_TEMP,
	PARAMETER_DISCHARGE_MIN_TEMP,
	PARAMETER_DISCHARGE_MAX_TEMP,
	PARAMETER_SOC_HYSTERESIS,
	PARAMETER_TEMP_HYSTERESIS,
	PARAMETER_DWELL,
	PARAMETER_SWITCHES_PER_DAY,
	PARAMETER_TRIPS_PER_DAY,
	PARAMETER_STALE_AFTER,
	PARAMETER_INTERVAL,
	PARAMETER_COUNT
};

enum logic { LOGIC_MONITOR, LOGIC_THRESHOLD, LOGIC_SCHEDULE, LOGIC_PLAN };

enum parameter_kind {
	KIND_NUMBER,
	KIND_CHOICE,   /* the value is the index in `choices` */
	KIND_SCHEDULE, /* the value is in `schedule` */
};

struct parameter {
	const char *name; /* with its unit: "reserve_pct" */
	enum parameter_kind kind;
	const char *unit;     /* "%", "°C", "s", "" */
	int32_t scale;        /* core units in one plain unit: 100, 1000 */
	int64_t min, max;     /* in core units */
	int64_t preset;       /* the default, in core units, where no chemistry says better */
	const char *const *choices; /* NULL-terminated, for KIND_CHOICE */
	const char *help;     /* one sentence */
};

/* The row of `id`; static. */
const struct parameter *parameter_get(enum parameter_id id);

/*
 * Finds a parameter by name; the unit may be left out where that stays clear
 * (`reserve`). Returns 0, -ENOENT, or -EEXIST where it could be several
 * (`hysteresis`); writes `out` only on 0.
 */
int parameter_find(enum parameter_id *out, const char *name) MUST_CHECK;

/*
 * Writes the parameters that `name` may mean, as "hysteresis_pct (%) or hysteresis_c (°C)": those
 * that it names but for the unit, left out or another. Returns how many.
 */
size_t parameter_write_alike(const char *name, struct text *out);

struct parameter_value {
	int64_t number; /* core units, or the index of a choice */
	struct schedule schedule;
};

/*
 * Reads `text` as a value of `id`. Returns 0, or -EINVAL / -ERANGE with a
 * sentence in `error` that says what is allowed, and leaves `out` alone.
 */
int parameter_parse(struct parameter_value *out, enum parameter_id id, const char *text,
                    struct text *error) MUST_CHECK;

/* Writes the value as parameter_parse() reads it, without the unit. */
void parameter_format(enum parameter_id id, const struct parameter_value *value, struct text *out);

/* What is set at one place: the house or a battery, in the file or at run time. */
struct parameter_layer {
	bool is_set[PARAMETER_COUNT];
	struct parameter_value value[PARAMETER_COUNT];
};

enum layer_place { LAYER_PRESET, LAYER_HOUSE_FILE, LAYER_HOUSE_RUN, LAYER_BATTERY_FILE, LAYER_BATTERY_RUN };

/* "preset", "file", "set", "file for b1"-like words are the reader's affair: "preset", "house file", … */
const char *layer_place_name(enum layer_place place);

/* What holds for one battery, resolved and checked. */
struct settings {
	struct parameter_value value[PARAMETER_COUNT];
	enum layer_place place[PARAMETER_COUNT];
};

/*
 * Resolves the four layers (any may be NULL) for a battery of `chemistry`, and checks
 * the outcome as a whole: within the preset's widest envelope, thresholds in
 * order. Returns 0, or -ERANGE with a sentence in `error` that names the
 * parameter and what is allowed, and leaves `out` alone.
 */
int settings_resolve(struct settings *out, enum chemistry chemistry,
                     const struct parameter_layer *house_file,
                     const struct parameter_layer *house_run,
                     const struct parameter_layer *battery_file,
                     const struct parameter_layer *battery_run, struct text *error) MUST_CHECK;

static inline int64_t setting(const struct settings *settings, enum parameter_id id)
{
	return settings->value[id].number;
}
