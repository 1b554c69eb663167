/*
 * Wires the world to its nodes and keeps it in step with the clock. Between two
 * turns of the loop the world stands still; before anybody looks at it or
 * moves a contact it is brought up to now. What is broken is decided in
 * sim/faults.c and takes effect in virtual_house_nodes.c; reports are made in
 * virtual_house_report.c.
 */
#include "sim/virtual_house.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim/virtual_house_parts.h"
#include "wire/meter_message.h"
#include "wire/topic.h"

#define TICK_MS 50 /* real */
#define GRACE_REAL_MS 2000
#define KEEPALIVE_S 30

void virtual_house_catch_up(struct virtual_house *house, struct mono_time now)
{
	int64_t elapsed_ms = mono_since(now, house->started);

	while (house->world.elapsed_ms + WORLD_STEP_MS <= elapsed_ms)
		world_step(&house->world, &house->faults);
}

/* Tells the account what the sensor has sent since the last look. */
static void audit_sensor(struct virtual_house *house, size_t battery, struct mono_time now)
{
	struct probe *probe = &house->probes[battery];
	struct sensor_counters counters = sensor_counters(probe->sensor);
	int64_t interval_ms = sensor_interval_ms(probe->sensor);

	while (probe->sent < counters.sent)
		account_sent(&house->account, battery, (int64_t)++probe->sent, interval_ms, now);
	while (probe->confirmed < counters.confirmed)
		account_acknowledged(&house->account, battery, (int64_t)++probe->confirmed);
}

static void audit_battery(struct virtual_house *house, size_t battery, struct mono_time now)
{
	const struct world_battery *at = &house->world.batteries[battery];
	const struct contact *pair = house->contacts[battery];
	struct account_truth truth = {
	    .soc_pct = battery_soc_pct(&at->traits, &at->battery),
	    .temp_c = at->battery.temp_c,
	    .soc_tolerance_pct = WORLD_SENSED_SOC_PCT,
	    .temp_tolerance_c = WORLD_SENSED_TEMP_C,
	    .is_silent = virtual_house_is_silent(house, battery),
	    .is_frozen = fault_is_active(&house->faults, FAULT_SENSOR_FROZEN, battery),
	};

	for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++)
		truth.relay_is_broken[role] = contact_is_broken(&pair[role]);
	account_observe(&house->account, battery, &truth, now);
}

static void audit(struct virtual_house *house, struct mono_time now)
{
	for (size_t i = 0; i < house->options.world.battery_count; i++) {
		audit_sensor(house, i, now);
		audit_battery(house, i, now);
	}
	account_observed(&house->account, now);
}

static void run_plans(struct virtual_house *house)
{
	for (size_t i = 0; i < house->options.plan_count; i++) {
		struct fault_plan *plan = &house->options.plans[i];
		char said[128];
		struct text error = text_in(said, sizeof(said));

		if (plan->is_done || plan->at_ms > house->world.elapsed_ms)
			continue;
		plan->is_done = true;
		if (virtual_house_break(house, plan->text, &error))
			log_error("%s", said);
		else
			log_info("%s", plan->text);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct virtual_house *house = timer->data;
	struct mono_time now = clock_mono(house->clock);

	virtual_house_catch_up(house, now);
	run_plans(house);
	audit(house, now);
}

static void publish_meter(struct virtual_house *house, enum meter_kind kind, double power_w)
{
	char topic[TOPIC_MAX], payload[METER_MESSAGE_MAX];
	struct text name = text_in(topic, sizeof(topic));
	struct text value = text_in(payload, sizeof(payload));

	topic_build(&name, TOPIC_METER_KIND, meter_kind_name(kind));
	meter_message_format(&value, round(power_w));
	if (mqtt_link_publish(house->meters, topic, payload, value.length, 0, false))
		log_debug("the meter %s could not be published", meter_kind_name(kind));
}

static bool meters_are_silent(const struct virtual_house *house)
{
	return house->sensors_are_stopped ||
	       fault_is_active(&house->faults, FAULT_BROKER_GONE, 0) ||
	       fault_is_active(&house->faults, FAULT_METERS_SILENT, 0);
}

static void on_meter_tick(uv_timer_t *timer)
{
	struct virtual_house *house = timer->data;

	if (!mqtt_link_is_up(house->meters) || meters_are_silent(house))
		return;
	virtual_house_catch_up(house, clock_mono(house->clock));
	publish_meter(house, METER_GRID, house->world.grid_w);
	publish_meter(house, METER_PV, house->world.surroundings.pv_w);
	publish_meter(house, METER_LOAD, house->world.surroundings.load_w);
}

static int start_meters(struct virtual_house *house, struct text *error)
{
	struct mqtt_link_options options = {
	    .port = house->options.broker_port,
	    .keepalive_s = KEEPALIVE_S,
	};
	struct mqtt_link_events events = {.user = house};
	struct text host = text_in(options.host, sizeof(options.host));
	struct text client = text_in(options.client_id, sizeof(options.client_id));

	text_add(&host, "%s", house->options.broker_host);
	text_add(&client, "amphora-house-%d", (int)uv_os_getpid());
	int result = mqtt_link_new(&house->meters, house->loop, &options, &events);

	if (result)
		text_add(error, "the meters cannot publish: %s", strerror(-result));
	return result;
}

static int start_gate(struct virtual_house *house, struct text *error)
{
	int result = house->options.has_gate
			 ? broker_gate_new(&house->gate, house->loop, house->options.broker_host,
					   house->options.broker_port)
			 : 0;

	if (result)
		text_add(error, "no gate to the broker: %s", strerror(-result));
	return result;
}

static void start_timers(struct virtual_house *house)
{
	int64_t interval_ms = house->options.interval_s * (int64_t)MS_PER_SECOND;
	uint64_t real_ms = clock_real_ms(house->clock, interval_ms);

	uv_timer_init(house->loop, &house->tick);
	uv_timer_init(house->loop, &house->meter_tick);
	house->tick.data = house;
	house->meter_tick.data = house;
	house->has_timers = true;
	uv_timer_start(&house->tick, on_tick, TICK_MS, TICK_MS);
	uv_timer_start(&house->meter_tick, on_meter_tick, real_ms, real_ms);
}

int virtual_house_new(struct virtual_house **out, uv_loop_t *loop, const struct clock *clock,
		      const struct virtual_house_options *options, struct text *error)
{
	struct virtual_house *house = calloc(1, sizeof(*house));
	struct account_bounds bounds = {
	    .stale_after_ms = options->stale_after_ms,
	    .grace_ms = GRACE_REAL_MS * (int64_t)clock->factor,
	};

	*out = house;
	if (!house) {
		text_add(error, "out of memory");
		return -ENOMEM;
	}
	house->loop = loop;
	house->clock = clock;
	house->options = *options;
	house->started = clock_mono(clock);
	world_init(&house->world, &options->world);
	account_init(&house->account, options->world.battery_count, &options->envelope, &bounds);
	house->sensors_are_stopped = options->is_held;
	int result = virtual_house_start_nodes(house, error);

	if (!result)
		result = start_gate(house, error);
	if (!result)
		result = start_meters(house, error);
	house->options.broker_host = NULL; /* was borrowed */
	if (result)
		return result;
	start_timers(house);
	virtual_house_apply_faults(house);
	return 0;
}

void virtual_house_stop(struct virtual_house *house)
{
	if (!house)
		return;
	virtual_house_stop_nodes(house);
	broker_gate_free(house->gate);
	house->gate = NULL;
	mqtt_link_free(house->meters);
	house->meters = NULL;
	if (house->has_timers) {
		uv_close((uv_handle_t *)&house->tick, NULL);
		uv_close((uv_handle_t *)&house->meter_tick, NULL);
		house->has_timers = false;
	}
}

void virtual_house_free(struct virtual_house *house)
{
	free(house);
}

static void note_begin(struct virtual_house *house, const struct faults *before,
		       struct mono_time now)
{
	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		if (!fault_is_anywhere(before, (enum fault)fault))
			house->broken_since[fault] = now;
	}
}

int virtual_house_break(struct virtual_house *house, const char *text, struct text *error)
{
	size_t battery_count = house->options.world.battery_count;
	struct faults before = house->faults;
	struct mono_time now = clock_mono(house->clock);
	bool is_named_break = strncmp(text, "break ", 6) == 0;
	int result = 0;

	virtual_house_catch_up(house, now);
	if (strcmp(text, "clear") == 0)
		faults_clear(&house->faults);
	else if (strncmp(text, "mend ", 5) == 0)
		result = faults_mend(&house->faults, text + 5, battery_count, error);
	else
		result =
		    faults_set(&house->faults, text + 6 * is_named_break, battery_count, error);
	if (result)
		return result;
	note_begin(house, &before, now);
	virtual_house_apply_faults(house);
	return 0;
}

void virtual_house_start_sensors(struct virtual_house *house)
{
	house->sensors_are_stopped = false;
	virtual_house_apply_faults(house);
}

void virtual_house_stop_sensors(struct virtual_house *house)
{
	house->sensors_are_stopped = true;
	virtual_house_apply_faults(house);
}

int virtual_house_write_account(struct virtual_house *house, const char *path)
{
	struct mono_time now = clock_mono(house->clock);
	int64_t wall_offset_ms = clock_wall(house->clock).ms - now.ms;

	virtual_house_catch_up(house, now);
	audit(house, now);
	return account_write(&house->account, path, wall_offset_ms, now);
}
