/* The test house: feeds events in and plays the relays' part. */
#include "core/test_house.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define TEN_OCLOCK_MS INT64_C(1764064800000) /* 2025-11-25T10:00:00Z */
#define ROUNDS_MAX 16

static void battery_config(struct house *house)
{
	struct battery_config *battery = &house->batteries[0];

	memset(house, 0, sizeof(*house));
	house->battery_count = 1;
	strcpy(battery->id.text, "b1");
	battery->node = battery->id;
	battery->chemistry = CHEMISTRY_LFP;
	battery->capacity_wh = 10000;
	battery->power_w = 5000;
	house->relay_count = 2;
	house->relays[SOURCE] =
	    (struct relay_config){.id = {"r1"}, .role = RELAY_SOURCE, .has_lease = true};
	house->relays[LOAD] =
	    (struct relay_config){.id = {"r2"}, .role = RELAY_LOAD, .has_lease = true};
}

void scene_begin_unread(struct scene *scene)
{
	char error[256];
	struct text text = text_in(error, sizeof(error));
	int rc;

	memset(scene, 0, sizeof(*scene));
	battery_config(&scene->house);
	rc = settings_resolve(&scene->settings[0], CHEMISTRY_LFP, NULL, NULL, NULL, NULL, &text);
	assert(rc == 0);
	scene->settings[0].value[PARAMETER_DWELL].number = 0;
	scene->settings[0].value[PARAMETER_CHARGE_MIN_TEMP].number = 5000;
	scene->settings[0].value[PARAMETER_RESERVE].number = 1000;
	scene->settings[0].value[PARAMETER_CEILING].number = 9500;
	scene->now = (struct now){{5000000}, {TEN_OCLOCK_MS}, true, 0, 1};
	for (size_t i = 0; i < 2; i++)
		scene->relays[i] =
		    (struct fake_relay){.has_lease = true, .boot = 7, .clock_factor = 1};
	core_init(&scene->site, &scene->house, scene->settings, scene->now);
}

void scene_begin(struct scene *scene)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {1}};

	scene_begin_unread(scene);
	scene_give(scene, &durable);
	scene_read(scene, SOURCE);
	scene_read(scene, LOAD);
}

void scene_set(struct scene *scene, enum parameter_id id, int64_t number)
{
	struct event event = {.kind = EVENT_SETTINGS};

	scene->settings[0].value[id].number = number;
	event.settings.settings = scene->settings[0];
	scene_give(scene, &event);
}

void scene_set_schedule(struct scene *scene, const char *line)
{
	struct event event = {.kind = EVENT_SETTINGS};
	char error[256];
	struct text text = text_in(error, sizeof(error));
	int rc =
	    schedule_parse(&scene->settings[0].value[PARAMETER_SCHEDULE].schedule, line, &text);

	assert(rc == 0);
	scene->settings[0].value[PARAMETER_LOGIC].number = LOGIC_SCHEDULE;
	event.settings.settings = scene->settings[0];
	scene_give(scene, &event);
}

static struct relay_status status_of(const struct scene *scene, size_t index)
{
	const struct fake_relay *relay = &scene->relays[index];
	int64_t left_ms = mono_since(relay->lease_ends, scene->now.mono);

	return (struct relay_status){
	    .node = scene->house.relays[index].id,
	    .is_on = relay->is_lying ? relay->is_ordered : relay->is_on,
	    .lease_left_ms = relay->is_on && relay->has_lease && left_ms > 0 ? left_ms : 0,
	    .has_switches = true,
	    .switches = relay->switches,
	    .has_number = true,
	    .number = relay->number,
	    .has_boot = true,
	    .boot = relay->boot,
	    .has_power = relay->has_power,
	    .power_mw = llround(relay->power_w * 1000),
	    .clock_factor = relay->clock_factor,
	};
}

static void turn_relay(struct scene *scene, size_t index, bool is_on)
{
	struct fake_relay *relay = &scene->relays[index];

	relay->is_ordered = is_on;
	if (relay->is_stuck || relay->is_lying || relay->is_on == is_on)
		return;
	relay->is_on = is_on;
	relay->switches++;
	if (is_on)
		scene->closings[index]++;
}

static void obey(struct scene *scene, const struct command *command)
{
	struct fake_relay *relay = &scene->relays[command->index];
	int64_t lease_ms = command->relay.lease_ms;

	if (command->relay.is_on && !command->is_renewal)
		relay->on_received++;
	if (!command->relay.is_on)
		relay->off_received++;
	relay->renewals += command->is_renewal;
	if (relay->is_deaf_to_commands || relay->is_silent ||
	    (command->relay.is_on && command->relay.number <= relay->number))
		return;
	relay->number = command->relay.number;
	if (relay->longest_ms > 0 && lease_ms > relay->longest_ms)
		lease_ms = relay->longest_ms;
	relay->lease_ends = mono_add(scene->now.mono, lease_ms);
	turn_relay(scene, command->index, command->relay.is_on);
}

/* What happens to it right after `command`. */
static void disturb(struct scene *scene, const struct command *command)
{
	struct fake_relay *relay = &scene->relays[command->index];

	if (command->kind == COMMAND_READ && relay->is_opened_after_read) {
		relay->is_opened_after_read = false;
		turn_relay(scene, command->index, false);
	}
	if (command->is_renewal && relay->is_deaf_after_renewal) {
		relay->is_deaf_after_renewal = false;
		relay->is_deaf_to_commands = true;
	}
}

static void step(struct scene *scene, const struct event *event)
{
	core_step(&scene->site, &scene->house, event, scene->now, &scene->outcome);
	for (size_t i = 0; i < scene->outcome.note_count; i++)
		scene->notes[scene->outcome.notes[i].kind]++;
	for (size_t i = 0; i < scene->outcome.command_count; i++) {
		assert(scene->sent_count < SENT_MAX);
		scene->sent[scene->sent_count++] = scene->outcome.commands[i];
	}
}

static struct event read_answer(const struct scene *scene, size_t relay)
{
	if (scene->relays[relay].is_silent)
		return (struct event){.kind = EVENT_RELAY_FAILED,
				      .index = relay,
				      .failed = {false, 0, false, "gone"}};
	return (struct event){.kind = EVENT_RELAY_STATUS,
			      .index = relay,
			      .relay = {ANSWER_READBACK, status_of(scene, relay), 0}};
}

/* The relay's answer to `command`: took it, and how it stands; or silence. */
static size_t answers_to(struct scene *scene, const struct command *command,
			 struct event answers[2])
{
	const struct fake_relay *relay = &scene->relays[command->index];

	if (relay->is_blind && !relay->is_silent) {
		answers[0] = (struct event){.kind = EVENT_RELAY_STATUS,
					    .index = command->index,
					    .relay = {.answer = ANSWER_BLIND,
						      .number = command->relay.number}};
		return command->kind == COMMAND_READ ? 0 : 1;
	}
	if (command->kind == COMMAND_READ) {
		answers[0] = read_answer(scene, command->index);
		return 1;
	}
	if (relay->is_mute)
		return 0;
	if (relay->is_silent || relay->is_deaf_to_commands) {
		answers[0] = (struct event){.kind = EVENT_RELAY_FAILED,
					    .index = command->index,
					    .failed = {true, command->relay.number, false, "gone"}};
		return 1;
	}
	for (size_t i = 0; i < 2; i++)
		answers[i] = (struct event){.kind = EVENT_RELAY_STATUS,
					    .index = command->index,
					    .relay = {i == 0 ? ANSWER_COMMAND : ANSWER_READBACK,
						      status_of(scene, command->index),
						      command->relay.number}};
	return 2;
}

static void deliver(struct scene *scene, int rounds)
{
	struct command commands[4];
	size_t count = scene->outcome.command_count;

	assert(count <= 4);
	memcpy(commands, scene->outcome.commands, count * sizeof(commands[0]));
	for (size_t i = 0; i < count; i++) {
		struct event answers[2];
		size_t answer_count;

		if (commands[i].kind == COMMAND_RELAY)
			obey(scene, &commands[i]);
		answer_count = answers_to(scene, &commands[i], answers);
		disturb(scene, &commands[i]);
		assert(rounds > 0);
		for (size_t j = 0; j < answer_count; j++) {
			step(scene, &answers[j]);
			deliver(scene, rounds - 1);
		}
	}
}

void scene_give_undelivered(struct scene *scene, const struct event *event)
{
	core_step(&scene->site, &scene->house, event, scene->now, &scene->outcome);
}

size_t scene_ons_sent(const struct scene *scene)
{
	size_t count = 0;

	for (size_t i = 0; i < scene->outcome.command_count; i++)
		count += scene->outcome.commands[i].relay.is_on;
	return count;
}

size_t scene_reads_asked(const struct scene *scene)
{
	size_t count = 0;

	for (size_t i = 0; i < scene->outcome.command_count; i++)
		count += scene->outcome.commands[i].kind == COMMAND_READ;
	return count;
}

void scene_hear(struct scene *scene, enum relay_answer answer, bool is_on, uint64_t number,
		int64_t lease_left_ms)
{
	struct fake_relay *relay = &scene->relays[SOURCE];
	struct event event = {.kind = EVENT_RELAY_STATUS,
			      .index = SOURCE,
			      .relay = {answer,
					{.node = scene->house.relays[SOURCE].id,
					 .is_on = is_on,
					 .lease_left_ms = lease_left_ms,
					 .has_switches = true,
					 .has_number = true,
					 .number = number,
					 .has_boot = true,
					 .boot = relay->boot,
					 .clock_factor = 1},
					number}};

	relay->switches += relay->is_on != is_on;
	relay->is_on = is_on;
	event.relay.status.switches = relay->switches;
	scene_give_undelivered(scene, &event);
}

void scene_give(struct scene *scene, const struct event *event)
{
	struct outcome first;

	scene->sent_count = 0;
	step(scene, event);
	first = scene->outcome;
	deliver(scene, ROUNDS_MAX);
	scene->outcome = first;
}

struct event scene_reading(double soc_pct, double temp_c)
{
	struct event event = {.kind = EVENT_READING};
	struct reading *reading = &event.reading.reading;

	strcpy(reading->node.text, "b1");
	reading->soc_bp = (int32_t)lround(soc_pct * 100);
	reading->temp_min_mc = (int32_t)lround(temp_c * 1000);
	reading->temp_max_mc = reading->temp_min_mc;
	return event;
}

void scene_say(struct scene *scene, double soc_pct, double temp_c)
{
	struct event event = scene_reading(soc_pct, temp_c);

	scene_give(scene, &event);
}

static void open_by_lease(struct scene *scene, size_t index)
{
	struct fake_relay *relay = &scene->relays[index];

	if (!relay->is_on || !relay->has_lease ||
	    mono_since(scene->now.mono, relay->lease_ends) < 0)
		return;
	turn_relay(scene, index, false);
	scene_read(scene, index);
}

void scene_pass(struct scene *scene, int64_t ms)
{
	struct event tick = {.kind = EVENT_TICK};

	while (ms > 0) {
		int64_t part_ms = ms < MS_PER_SECOND ? ms : MS_PER_SECOND;

		scene->now.mono.ms += part_ms;
		scene->now.wall.ms += part_ms;
		ms -= part_ms;
		open_by_lease(scene, SOURCE);
		open_by_lease(scene, LOAD);
		scene_give(scene, &tick);
	}
}

void scene_say_event(struct scene *scene, const struct event *event)
{
	scene_pass(scene, 10 * MS_PER_SECOND);
	scene_give(scene, event);
}

void scene_say_times(struct scene *scene, double soc_pct, double temp_c, int count)
{
	for (int i = 0; i < count; i++) {
		scene_pass(scene, 10 * MS_PER_SECOND);
		scene_say(scene, soc_pct, temp_c);
	}
}

void scene_ramp(struct scene *scene, double from_pct, double to_pct, double temp_c)
{
	int count = (int)lround(fabs(to_pct - from_pct) * 10);

	for (int i = 0; i <= count; i++)
		scene_say_times(scene, from_pct + (to_pct > from_pct ? i : -i) / 10.0, temp_c, 1);
}

void scene_refuse(struct scene *scene)
{
	struct event event = {.kind = EVENT_READING_REFUSED,
			      .refused = {REFUSAL_OUT_OF_RANGE, 186.0, "SoC"}};

	scene_give(scene, &event);
}

void scene_override(struct scene *scene, enum intent intent, int64_t duration_ms)
{
	struct event event = {.kind = EVENT_OVERRIDE,
			      .override = {.intent = intent, .duration_ms = duration_ms}};

	scene_give(scene, &event);
}

void scene_override_relay(struct scene *scene, size_t relay, bool is_on, int64_t duration_ms)
{
	struct event event = {
	    .kind = EVENT_OVERRIDE,
	    .override = {
		.is_by_relay = true, .index = relay, .is_on = is_on, .duration_ms = duration_ms}};

	scene_give(scene, &event);
}

void scene_override_cancel(struct scene *scene, size_t relay)
{
	struct event event = {.kind = EVENT_OVERRIDE_CANCEL,
			      .cancel = {scene->site.relays[relay].override.id}};

	scene_give(scene, &event);
}

bool scene_is_overridden(const struct scene *scene, size_t relay)
{
	return scene->site.relays[relay].override.is_active;
}

void scene_read(struct scene *scene, size_t relay)
{
	struct event event = read_answer(scene, relay);

	scene_give(scene, &event);
}

void scene_acknowledge(struct scene *scene, enum alert_code code)
{
	struct event event = {.kind = EVENT_ACKNOWLEDGE};

	event.acknowledge.alert_id = scene_alert(scene, code)->id;
	scene_give(scene, &event);
}

void scene_show_power(struct scene *scene, size_t relay, double power_w, int count)
{
	scene->relays[relay].has_power = true;
	scene->relays[relay].power_w = power_w;
	for (int i = 0; i < count; i++) {
		scene_say_times(scene, 50, 20, 3);
		scene_read(scene, relay);
	}
}

void scene_switch(struct scene *scene, size_t relay, bool is_on)
{
	scene->relays[relay].lease_ends = mono_add(scene->now.mono, 90 * MS_PER_SECOND);
	turn_relay(scene, relay, is_on);
	scene_read(scene, relay);
}

bool scene_charges(const struct scene *scene)
{
	return scene->relays[SOURCE].is_on;
}

void scene_charge(struct scene *scene)
{
	scene_say_times(scene, 20, 20, 2);
	assert(scene_charges(scene));
}

bool scene_discharges(const struct scene *scene)
{
	return scene->relays[LOAD].is_on;
}

const struct battery_state *scene_battery(const struct scene *scene)
{
	return &scene->site.batteries[0];
}

enum reason_code scene_reason(const struct scene *scene)
{
	return scene->site.batteries[0].decision.reason.code;
}

void scene_words(const struct scene *scene, struct text *out)
{
	decision_format(&scene_battery(scene)->decision, NULL, out);
}

const struct alert *scene_alert(const struct scene *scene, enum alert_code code)
{
	for (size_t i = 0; i < ALERTS_MAX; i++)
		if (scene->site.alerts[i].id != 0 && scene->site.alerts[i].code == code &&
		    scene->site.alerts[i].is_active)
			return &scene->site.alerts[i];
	return NULL;
}
