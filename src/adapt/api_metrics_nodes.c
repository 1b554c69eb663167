/*
 * The metrics of batteries and relays: a row of values for each, and then family by family,
 * as the format wants it.
 */
#include "adapt/api_metrics.h"

#define GAUGE METRICS_GAUGE
#define COUNTER METRICS_COUNTER

/* A metric that each battery or relay has. */
struct family {
	const char *name;
	enum metrics_kind kind;
	const char *help;
};

/* ---- batteries ---- */

enum {
	B_LIVE,
	B_SOC,
	B_TEMP,
	B_TEMP_MAX,
	B_POWER,
	B_VOLTAGE,
	B_CURRENT,
	B_AGE,
	B_STALE,
	B_RESERVE,
	B_CEILING,
	B_LOCKED,
	B_CAPACITY,
	B_MISSING,
	B_INTERVAL,
	B_COUNT
};

_Static_assert((int)B_COUNT + (int)INTENT_BOTH < METRICS_BATTERY_LINES, "room for each");

static const struct family BATTERY[B_COUNT] = {
    [B_LIVE] = {"amphora_battery_reading_live", GAUGE,
		"Whether the last reading is good and young enough to decide by."},
    [B_SOC] = {"amphora_battery_soc_ratio", GAUGE, "State of charge, 0 to 1."},
    [B_TEMP] = {"amphora_battery_temperature_celsius", GAUGE, "The coldest that was measured."},
    [B_TEMP_MAX] = {"amphora_battery_temperature_max_celsius", GAUGE, "The warmest."},
    [B_POWER] = {"amphora_battery_power_watts", GAUGE, "Power; positive while charging."},
    [B_VOLTAGE] = {"amphora_battery_voltage_volts", GAUGE, "Voltage."},
    [B_CURRENT] = {"amphora_battery_current_amperes", GAUGE, "Current; positive while charging."},
    [B_AGE] = {"amphora_battery_reading_age_seconds", GAUGE,
	       "Age of the last good reading, by the daemon's clock."},
    [B_STALE] = {"amphora_battery_stale_after_seconds", GAUGE,
		 "Age from which a reading does not count any more."},
    [B_RESERVE] = {"amphora_battery_reserve_ratio", GAUGE, "State of charge that is kept."},
    [B_CEILING] = {"amphora_battery_ceiling_ratio", GAUGE, "State of charge where charging ends."},
    [B_LOCKED] = {"amphora_battery_locked_out", GAUGE,
		  "Whether it is locked out until a person acknowledges."},
    [B_CAPACITY] = {"amphora_battery_capacity_joules", GAUGE, "Capacity as configured."},
    [B_MISSING] = {"amphora_battery_readings_missing", GAUGE,
		   "Readings whose number never came, of the newest and since the start."},
    [B_INTERVAL] = {"amphora_battery_reading_interval_seconds", GAUGE,
		    "Between its last two readings."},
};

static void read_battery(const struct metrics_view *view, size_t index, double out[B_COUNT])
{
	const struct battery_state *battery = &view->site->batteries[index];
	const struct settings *settings = &view->site->settings[index];
	const struct reading *reading = &battery->reading;
	bool is_live = api_reading_is_live(view->api, index, view->now);

	out[B_LIVE] = is_live && battery->quality == QUALITY_GOOD;
	out[B_SOC] = metrics_known(is_live, reading->soc_bp / 10000.0);
	out[B_TEMP] = metrics_known(is_live, reading->temp_min_mc / 1000.0);
	out[B_TEMP_MAX] = metrics_known(is_live, reading->temp_max_mc / 1000.0);
	out[B_POWER] =
	    metrics_known(is_live && reading->has_power, (double)reading->power_mw / 1000);
	out[B_VOLTAGE] =
	    metrics_known(is_live && reading->has_voltage, (double)reading->voltage_mv / 1000);
	out[B_CURRENT] =
	    metrics_known(is_live && reading->has_current, (double)reading->current_ma / 1000);
	out[B_AGE] =
	    metrics_known(battery->has_reading,
			  metrics_seconds(mono_since(view->now.mono, battery->measured_at)));
	out[B_STALE] = metrics_seconds(setting(settings, PARAMETER_STALE_AFTER));
	out[B_RESERVE] = (double)setting(settings, PARAMETER_RESERVE) / 10000;
	out[B_CEILING] = (double)setting(settings, PARAMETER_CEILING) / 10000;
	out[B_LOCKED] = battery->is_locked_out;
	out[B_CAPACITY] = metrics_known(view->house->batteries[index].capacity_wh > 0,
					view->house->batteries[index].capacity_wh * 3600.0);
	out[B_MISSING] = (double)view->status->missing[index];
	out[B_INTERVAL] = metrics_known(view->status->intervals[index].seen_ms > 0,
					metrics_seconds(view->status->intervals[index].seen_ms));
}

static void add_intents(const struct metrics_view *view)
{
	static const char name[] = "amphora_battery_intent";

	metrics_family(view->out, name, GAUGE, "1 for what the decision in force wants, else 0.");
	for (size_t i = 0; i < view->house->battery_count; i++) {
		const struct decision *decision = &view->site->batteries[i].decision;

		for (int intent = 0; intent < INTENT_COUNT; intent++)
			metrics_sample(view->out, name,
				       (const struct metrics_label[]){
					   {"battery", view->house->batteries[i].id.text},
					   {"intent", intent_name((enum intent)intent)}},
				       2,
				       decision->id > 0 && decision->intent == (enum intent)intent);
	}
}

void api_metrics_batteries(const struct metrics_view *view)
{
	double values[BATTERIES_MAX][B_COUNT];

	for (size_t i = 0; i < view->house->battery_count; i++)
		read_battery(view, i, values[i]);
	for (size_t metric = 0; metric < B_COUNT; metric++) {
		const struct family *family = &BATTERY[metric];

		metrics_family(view->out, family->name, family->kind, family->help);
		for (size_t i = 0; i < view->house->battery_count; i++)
			metrics_sample(view->out, family->name,
				       (const struct metrics_label[]){
					   {"battery", view->house->batteries[i].id.text},
					   {"node", view->house->batteries[i].node.text}},
				       2, values[i][metric]);
	}
	add_intents(view);
}

/* ---- relays ---- */

enum {
	R_ON,
	R_WISHED,
	R_CONFIRMED,
	R_LEASE,
	R_AGE,
	R_POWER,
	R_OVERRIDDEN,
	R_CLOSINGS,
	R_COMMANDS,
	R_COUNT
};

_Static_assert(R_COUNT + 3 <= METRICS_RELAY_LINES, "room for each");

static const struct family RELAY[R_COUNT] = {
    [R_ON] = {"amphora_relay_on", GAUGE, "Whether it is closed, by its own word."},
    [R_WISHED] = {"amphora_relay_wished_on", GAUGE, "Whether it is to be closed."},
    [R_CONFIRMED] = {"amphora_relay_confirmed", GAUGE,
		     "Whether its readback agrees with what is wished."},
    [R_LEASE] = {"amphora_relay_lease_left_seconds", GAUGE,
		 "After this it opens by itself; only while it is closed under a lease."},
    [R_AGE] = {"amphora_relay_heard_age_seconds", GAUGE,
	       "Since it was heard, by the daemon's clock."},
    [R_POWER] = {"amphora_relay_power_watts", GAUGE, "Power through it, where it measures that."},
    [R_OVERRIDDEN] = {"amphora_relay_overridden", GAUGE, "Whether a person has taken it over."},
    [R_CLOSINGS] = {"amphora_relay_closings_today", GAUGE,
		    "Closings that count against the day's budget."},
    [R_COMMANDS] = {"amphora_relay_commands_total", COUNTER, "Commands that were sent to it."},
};

static void read_relay(const struct metrics_view *view, size_t index, double out[R_COUNT])
{
	const struct relay_state *relay = &view->site->relays[index];
	bool is_known = api_relay_is_known(view->api, index, view->now);
	bool is_on = is_known && relay->status.is_on;
	int64_t left_ms = api_lease_left_ms(relay, view->now);

	out[R_ON] = metrics_known(is_known, relay->status.is_on);
	out[R_WISHED] = relay->wished_on;
	out[R_CONFIRMED] = is_known && relay->phase == RELAY_CONFIRMED;
	out[R_LEASE] = metrics_known(is_on && view->house->relays[index].has_lease,
				     metrics_seconds(left_ms > 0 ? left_ms : 0));
	out[R_AGE] = metrics_known(relay->is_heard,
				   metrics_seconds(mono_since(view->now.mono, relay->heard_at)));
	out[R_POWER] = metrics_known(is_known && relay->status.has_power,
				     (double)relay->status.power_mw / 1000);
	out[R_OVERRIDDEN] = relay->override.is_active;
	out[R_CLOSINGS] = relay->switches_today;
	out[R_COMMANDS] = relay->commands;
}

/* The labels of a relay, and a fourth thing that it may be counted by. */
static void add_relay_sample(const struct metrics_view *view, size_t index, const char *name,
			     const struct metrics_label *last, double value)
{
	const struct relay_config *config = &view->house->relays[index];
	const struct metrics_label labels[] = {
	    {"relay", config->id.text},
	    {"battery", view->house->batteries[config->battery].id.text},
	    {"role", relay_role_name(config->role)},
	    last ? *last : (struct metrics_label){NULL, NULL},
	};

	metrics_sample(view->out, name, labels, last ? 4 : 3, value);
}

static void add_command_ends(const struct metrics_view *view)
{
	static const char name[] = "amphora_relay_command_ends_total";

	metrics_family(view->out, name, COUNTER, "How commands ended: by the relay's readback.");
	for (size_t i = 0; i < view->house->relay_count; i++) {
		const struct relay_state *relay = &view->site->relays[i];
		const struct {
			const char *end;
			uint32_t count;
		} ends[] = {{"confirmed", relay->confirmed},
			    {"mismatch", relay->mismatches},
			    {"timeout", relay->timeouts}};

		for (size_t end = 0; end < ARRAY_LENGTH(ends); end++)
			add_relay_sample(view, i, name,
					 &(struct metrics_label){"end", ends[end].end},
					 ends[end].count);
	}
}

void api_metrics_relays(const struct metrics_view *view)
{
	double values[RELAYS_MAX][R_COUNT];

	for (size_t i = 0; i < view->house->relay_count; i++)
		read_relay(view, i, values[i]);
	for (size_t metric = 0; metric < R_COUNT; metric++) {
		metrics_family(view->out, RELAY[metric].name, RELAY[metric].kind,
			       RELAY[metric].help);
		for (size_t i = 0; i < view->house->relay_count; i++)
			add_relay_sample(view, i, RELAY[metric].name, NULL, values[i][metric]);
	}
	add_command_ends(view);
}
