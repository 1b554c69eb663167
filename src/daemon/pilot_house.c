/* What of the house there is to plan with, what is missing, and what is said of the plan. */
#include <math.h>

#include "core/planned.h"
#include "daemon/pilot_parts.h"
#include "daemon/prices.h"

#define NIGHT_W 30 /* of sun expected at most: then a silent meter of it is no news */

int pilot_battery_of(const struct daemon *daemon)
{
	int first = -1;

	for (size_t i = 0; i < daemon->house.battery_count; i++) {
		if (!battery_is_commanded(&daemon->house.batteries[i]))
			continue;
		if (setting(&daemon->site.settings[i], PARAMETER_LOGIC) == LOGIC_PLAN)
			return (int)i;
		if (first < 0)
			first = (int)i;
	}
	return first;
}

uint32_t pilot_failures(const struct pilot *pilot)
{
	uint32_t failures = 0;

	for (size_t i = 0; i < pilot->log.count; i++) {
		const struct relay_state *relay = &pilot->daemon->site.relays[pilot->log.at[i]];

		failures += relay->mismatches + relay->timeouts;
	}
	return failures;
}

/* ---- what it takes ---- */

bool pilot_has_sun_meter(const struct daemon *daemon)
{
	return daemon->status.meters[METER_PV].group.count > 0 ||
	       (daemon->pilot != NULL && daemon->pilot->had_sun);
}

bool pilot_is_heard(const struct daemon *daemon, enum meter_kind kind)
{
	enum quality quality = daemon->status.meters[kind].quality;

	return quality == QUALITY_GOOD || quality == QUALITY_ASSUMED;
}

bool pilot_is_night(const struct pilot *pilot, struct wall_time wall)
{
	const struct planned_slot *slot =
	    pilot->plan.number != 0 ? planned_at(&pilot->plan, wall) : NULL;

	return slot != NULL && slot->is_known && slot->pv_w[PLANNED_P90] <= NIGHT_W;
}

float pilot_net_kw(const struct daemon *daemon, struct now now)
{
	float load_w = (float)daemon->status.meters[METER_LOAD].power_w;
	float sun_w = (float)daemon->status.meters[METER_PV].power_w;

	if (!pilot_is_heard(daemon, METER_LOAD))
		return NAN;
	if (!pilot_is_heard(daemon, METER_PV)) {
		if (pilot_has_sun_meter(daemon) && !pilot_is_night(daemon->pilot, now.wall))
			return NAN;
		sun_w = 0;
	}
	return (load_w - sun_w) / 1000;
}

static size_t needs_of(const struct daemon *daemon, int battery, const char **out)
{
	const struct pilot *pilot = daemon->pilot;
	size_t count = 0;
	bool goes_by_log = pilot != NULL && pilot->has_learnt && pilot->goes_by_log;

	if (battery < 0)
		out[count++] = "battery";
	if (pilot == NULL ? !prices_are_configured(daemon) : pilot->lack == PILOT_LACKS_PRICES)
		out[count++] = "prices";
	if (!daemon->trust.is_trusted)
		out[count++] = "clock";
	if (!pilot_is_heard(daemon, METER_LOAD) && !goes_by_log)
		out[count++] = "meters.load";
	if (goes_by_log && pilot->lack == PILOT_LACKS_LOG)
		out[count++] = "log";
	if (!goes_by_log && !pilot_is_heard(daemon, METER_PV) && pilot_has_sun_meter(daemon) &&
	    (pilot == NULL || !pilot_is_night(pilot, clock_wall(&daemon->clock))))
		out[count++] = "meters.pv";
	if (battery >= 0 && !daemon->site.batteries[battery].has_reading)
		out[count++] = "reading";
	return count;
}

/* ---- what is told ---- */

static const char *trouble_of(const struct daemon *daemon, enum meter_kind kind)
{
	switch (daemon->status.meters[kind].quality) {
	case QUALITY_FROZEN:
		return "stands still, though the house does not";
	case QUALITY_SUSPECT:
		return "cannot be right";
	default:
		return "is silent";
	}
}

static void say_meter(const struct daemon *daemon, enum meter_kind kind, struct plan_status *out)
{
	struct text why = text_in(out->why, sizeof out->why);

	out->meter = kind == METER_LOAD ? "load" : "pv";
	out->meter_quality = daemon->status.meters[kind].quality;
	text_add(&why, "the meter of the %s %s", kind == METER_LOAD ? "home's load" : "sun",
		 trouble_of(daemon, kind));
}

static void say_state(const struct daemon *daemon, const struct pilot *pilot,
		      struct plan_status *out)
{
	struct text why = text_in(out->why, sizeof out->why);
	struct now now = {.mono = clock_mono(&daemon->clock),
			  .wall = clock_wall(&daemon->clock),
			  .wall_is_trusted = daemon->trust.is_trusted};
	struct wish wish = planned_wish(&daemon->site.batteries[pilot->battery], now);
	int64_t logic = setting(&daemon->site.settings[pilot->battery], PARAMETER_LOGIC);

	out->state = PLANNED_IN_FORCE;
	if (logic != LOGIC_PLAN) {
		out->state = PLANNED_NOT_ASKED;
		text_add(&why, "logic is %s", parameter_get(PARAMETER_LOGIC)->choices[logic]);
		return;
	}
	if (reason_is_without_plan(wish.reason.code))
		out->state =
		    wish.reason.code == REASON_PLAN_EXPIRED ? PLANNED_EXPIRED : PLANNED_VOID;
	if (wish.reason.code == REASON_PLAN_NONE && !pilot->goes_by_log &&
	    !pilot_is_heard(daemon, METER_LOAD)) {
		say_meter(daemon, METER_LOAD, out);
	} else if (wish.reason.code == REASON_PLAN_NONE && !pilot->goes_by_log &&
		   !pilot->net.is_known) {
		say_meter(daemon, METER_PV, out);
	} else {
		out->reason = wish.reason;
		reason_format(&wish.reason, NULL, &why);
	}
}

void pilot_tell(const struct daemon *daemon, size_t battery, struct plan_status *out)
{
	const struct pilot *pilot = daemon->pilot;
	int planned = pilot_battery_of(daemon);

	*out = (struct plan_status){0};
	if (planned >= 0 && (size_t)planned != battery) {
		out->needs[out->need_count++] = "one-battery";
		return;
	}
	if (pilot != NULL && pilot->plan.number != 0) {
		out->plan = &pilot->plan;
		say_state(daemon, pilot, out);
		return;
	}
	out->need_count = needs_of(daemon, planned, out->needs);
	if (out->need_count == 0)
		out->needs[out->need_count++] = "days";
}
