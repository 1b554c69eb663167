/* The daemon's part of meter_check and meter_still: what they are told, and what is said then. */
#include "daemon/meters_doubt.h"

#include <inttypes.h>

#include "daemon/daemon.h"

/* ---- the house added up ---- */

/* Of what nobody measures only 0 is known: through relays that are read open. */
static bool are_relays_open(const struct daemon *daemon, size_t battery)
{
	bool is_any = false;

	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		const struct relay_state *relay = &daemon->site.relays[i];

		if (daemon->house.relays[i].battery != battery)
			continue;
		if (!relay->is_heard || relay->status.is_on)
			return false;
		is_any = true;
	}
	return is_any;
}

static bool battery_power(const struct daemon *daemon, struct mono_time mono, double *power_w)
{
	*power_w = 0;
	for (size_t i = 0; i < daemon->house.battery_count; i++) {
		const struct battery_state *battery = &daemon->site.batteries[i];
		bool is_measured = battery->has_reading && battery->quality == QUALITY_GOOD &&
				   battery->reading.has_power &&
				   mono_since(mono, battery->measured_at) <= METER_HOLD_MS;

		if (!is_measured && !are_relays_open(daemon, i))
			return false;
		*power_w += is_measured ? (double)battery->reading.power_mw / 1000 : 0;
	}
	return true;
}

/* Adds up all that is known for sure. Returns whether there is a new verdict. */
static bool check_balance(struct daemon *daemon, struct now now, int64_t took_ms)
{
	struct meters *meters = &daemon->meters;
	double power_w[METER_COUNT], battery_w;

	meters->is_balanced = false;
	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		struct meter_total total =
		    meter_group_total(&daemon->status.meters[kind].group, now.mono);

		if (total.quality != QUALITY_GOOD)
			return false;
		power_w[kind] = total.power_w;
	}
	meters->is_balanced = battery_power(daemon, now.mono, &battery_w);
	return meters->is_balanced && meter_check_add(&meters->check, power_w, battery_w, took_ms);
}

/* ---- who stands still ---- */

static enum meter_witness witness_of(const struct meters *meters)
{
	if (!meters->is_balanced || !meters->check.is_judged)
		return METER_WITNESS_NONE;
	return meters->check.is_off ? METER_WITNESS_CONTRADICTS : METER_WITNESS_AGREES;
}

void meters_doubt_hear(struct daemon *daemon, enum meter_kind kind, const struct ident *name,
		       double power_w, struct now now)
{
	int index = meter_group_expect(&daemon->status.meters[kind].group, name);

	if (index >= 0)
		meter_still_hear(&daemon->meters.still[kind][index], power_w, now.mono);
}

/* The one that is found frozen, and its name; NULL: none. */
static const struct meter_still *frozen_one(const struct daemon *daemon, const char **name)
{
	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		const struct meter_group *group = &daemon->status.meters[kind].group;

		for (size_t i = 0; i < group->count; i++) {
			if (!daemon->meters.still[kind][i].is_frozen)
				continue;
			*name = group->members[i].name.text;
			return &daemon->meters.still[kind][i];
		}
	}
	return NULL;
}

/* One at a time: what does not balance because of one is no word against another. */
static void judge_still(struct daemon *daemon)
{
	static const enum meter_kind order[] = {METER_LOAD, METER_PV, METER_GRID};
	enum meter_witness witness = witness_of(&daemon->meters);

	for (size_t k = 0; k < ARRAY_LENGTH(order); k++) {
		struct meter_still *still = daemon->meters.still[order[k]];

		for (size_t i = 0; i < daemon->status.meters[order[k]].group.count; i++) {
			if (meter_still_judge(&still[i], order[k], witness))
				return;
		}
	}
}

void meters_doubt_total(const struct daemon *daemon, enum meter_kind kind, struct mono_time mono,
			struct meter_total *total)
{
	const struct meter_group *group = &daemon->status.meters[kind].group;

	if (total->live == 0)
		return;
	if (meter_fault_kind(daemon->meters.check.fault) == kind)
		total->quality = QUALITY_SUSPECT;
	for (size_t i = 0; i < group->count; i++) {
		if (daemon->meters.still[kind][i].is_frozen &&
		    meter_member_is_live(&group->members[i], mono))
			total->quality = QUALITY_FROZEN;
	}
}

/* ---- what is said ---- */

static void say(struct daemon *daemon, const struct meter_still *frozen, const char *name)
{
	char data[ALERT_DETAIL_MAX] = "";
	struct text words = text_in(data, sizeof data);

	meter_check_format(&daemon->meters.check, &words);
	if (frozen != NULL && words.length == 0)
		text_add(&words,
			 "%s: it has said %.0f W and nothing else for %" PRId64
			 " minutes, though the house did not stand still",
			 name, frozen->value_w, meter_still_ms(frozen) / MS_PER_MINUTE);
	daemon_condition(daemon, ALERT_METER_WRONG, words.length > 0, data);
}

void meters_doubt_second(struct daemon *daemon, struct now now)
{
	struct meters *meters = &daemon->meters;
	int64_t took_ms = mono_since(now.mono, meters->checked_at);
	const struct meter_still *frozen;
	const char *name = "";
	bool is_new;

	meters->checked_at = now.mono;
	if (!meters->is_checking) {
		meters->is_checking = true;
		return;
	}
	is_new = check_balance(daemon, now, took_ms);
	frozen = frozen_one(daemon, &name);
	if (frozen == NULL && meters->frozen != NULL) {
		/* It moves again. That the house did not add up with it is no word against others.
		 */
		meters->check = (struct meter_check){0};
	} else if (frozen == NULL) {
		judge_still(daemon);
		frozen = frozen_one(daemon, &name);
	}
	if (!is_new && frozen == meters->frozen)
		return;
	meters->frozen = frozen;
	say(daemon, frozen, name);
}

void meters_doubt_refused(struct daemon *daemon, const struct meter_topic *topic, double power_w)
{
	char data[ALERT_DETAIL_MAX];
	struct text words = text_in(data, sizeof data);

	if (topic->kind == METER_GRID || !(power_w < 0))
		return;
	text_add(&words, "%s: it says %.0f W, and is never below 0: its sign is turned",
		 topic->name.text, power_w);
	daemon_condition(daemon, ALERT_METER_WRONG, true, data);
}
