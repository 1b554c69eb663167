/*
 * What cannot be helped is told: the bounds of docs/design.md, section 4, on
 * alarms. Each is judged by what arrived at the core, and only where the fault
 * that it tells of is there in truth.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/simulate_oracle.h"

#define LEAK_READINGS 5
#define SETTLE_MS (2 * (int64_t)MS_PER_MINUTE)
#define LEAK_LEAST_MW 10000
#define RISE_BP 300
#define RISE_LEAST_MS (int64_t) MS_PER_HOUR
#define FROZEN_LEAST_MS (10 * (int64_t)MS_PER_MINUTE)
#define STEP_MOST_BP 500
#define ANSWER_MS (10 * MS_PER_SECOND)

static bool relay_has(const struct sim_relay *relay, enum alert_code code)
{
	return (relay->home->site.relays[relay->index].alert_bits >> code & 1) != 0;
}

static bool battery_has(const struct sim_home *home, size_t battery, enum alert_code code)
{
	return (home->site.batteries[battery].alert_bits >> code & 1) != 0;
}

bool sim_oracle_is_convicted(const struct sim_relay *relay)
{
	return relay_has(relay, ALERT_RELAY_WELDED) ||
	       (relay->role == RELAY_SOURCE &&
		battery_has(relay->home, relay->battery, ALERT_STILL_CHARGING));
}

/* The time that the battery's power takes to move the state of charge. */
static int64_t time_for_ms(const struct sim_home *home, size_t battery, int64_t soc_bp)
{
	const struct battery_config *config = &home->house.batteries[battery];

	return config->capacity_wh * soc_bp * (MS_PER_HOUR / SOC_BP_MAX) / config->power_w;
}

void sim_oracle_leak(struct sim_relay *relay, const struct relay_status *status)
{
	struct sim_home *home = relay->home;
	struct sim_watch *watch = &relay->watch;
	int64_t limit_mw = home->house.batteries[relay->battery].power_w / 100 * MS_PER_SECOND;
	bool is_leak = !status->is_on && relay->contact.is_closed && relay->contact.measures &&
		       status->power_mw > (limit_mw > LEAK_LEAST_MW ? limit_mw : LEAK_LEAST_MW);

	if (home->broken == SIM_BREAK_POWER)
		is_leak = !status->is_on && relay->contact.is_closed && relay->contact.measures &&
			  relay->contact.hardware == SIM_WELDED;
	if (!is_leak) {
		watch->leaks = 0;
		return;
	}
	if (watch->leaks++ == 0)
		watch->leak_since = home->now;
	watch->leak_at = home->now;
}

static void judge_leak(struct sim_relay *relay)
{
	struct sim_home *home = relay->home;
	struct sim_watch *watch = &relay->watch;

	if (watch->leaks < LEAK_READINGS || watch->leak_at - watch->leak_since < SETTLE_MS ||
	    sim_oracle_is_convicted(relay) || watch->is_judged[SIM_RULE_ALARM])
		return;
	watch->is_judged[SIM_RULE_ALARM] = true;
	sim_oracle_found(home, SIM_RULE_ALARM,
			 "%s: at %lld ms reported open, and power was seen through it %d times in "
			 "%lld ms without an alarm",
			 home->house.relays[relay->index].id.text, (long long)home->now,
			 watch->leaks, (long long)(home->now - watch->leak_since));
}

/* A contact that does not open and says so, or answers with an error. */
static void judge_stuck(struct sim_relay *relay)
{
	struct sim_home *home = relay->home;
	struct sim_watch *watch = &relay->watch;
	const struct sim_contact *contact = &relay->contact;

	if ((contact->hardware != SIM_STUCK && contact->hardware != SIM_FAILING) ||
	    !contact->is_closed || !watch->was_commanded || watch->last_sent_on ||
	    home->now - watch->off_first < ANSWER_MS || watch->off_last < contact->hardware_since ||
	    relay->path.trouble_at >= watch->off_last - ANSWER_MS ||
	    watch->said_at < watch->off_last + MS_PER_SECOND)
		return;
	if (relay_has(relay, ALERT_RELAY_MISMATCH) || relay_has(relay, ALERT_RELAY_FOREIGN) ||
	    sim_oracle_is_convicted(relay) || watch->is_judged[SIM_RULE_ALARM])
		return;
	watch->is_judged[SIM_RULE_ALARM] = true;
	sim_oracle_found(
	    home, SIM_RULE_ALARM,
	    "%s: at %lld ms it says that it is on, OFF was sent %lld ms ago, and there "
	    "is no alarm",
	    home->house.relays[relay->index].id.text, (long long)home->now,
	    (long long)(home->now - watch->off_last));
}

void sim_oracle_moved(struct sim_home *home, size_t battery)
{
	struct sim_known *known = &home->batteries[battery].known;
	int64_t late_ms = home->now - known->measured;

	known->still_since = known->still_at = home->now;
	known->still_wh = 0;
	/* What has flowed since it was measured it does not show: the core counts that, up to a
	 * minute. */
	known->before_wh = known->flow_w *
			   (double)(late_ms < MS_PER_MINUTE ? late_ms : MS_PER_MINUTE) /
			   MS_PER_HOUR;
	known->is_frozen_judged = false;
}

/* From one believed reading to the next; never called for what is suspect. */
static void learn_step(struct sim_known *known)
{
	int32_t step_bp = abs(known->soc_bp - known->shown_soc_bp);

	if (!known->has_good)
		return;
	if (known->has_shown && step_bp > 0 && step_bp <= STEP_MOST_BP &&
	    (known->step_bp == 0 || step_bp < known->step_bp))
		known->step_bp = step_bp;
	known->has_shown = true;
	known->shown_soc_bp = known->soc_bp;
}

/* Since when a relay of the battery has said that it is on; SIM_NEVER: none does. */
static int64_t used_since(const struct sim_home *home, size_t battery)
{
	int64_t since = SIM_NEVER;

	for (size_t i = 0; i < home->house.relay_count; i++) {
		const struct sim_watch *watch = &home->relays[i].watch;

		if (home->relays[i].battery == battery && watch->has_said && watch->said_on &&
		    watch->said_since < since)
			since = watch->said_since;
	}
	return since;
}

/* What flows for all that the core can know; + = charging, 0 where it may be neither. */
static double least_flow_w(const struct sim_home *home, size_t battery)
{
	double most_w = home->house.batteries[battery].power_w;
	double least_in_w = 0, most_in_w = 0; /* net: what is not measured is between */

	for (size_t i = 0; i < home->house.relay_count; i++) {
		const struct relay_status *status = &home->site.relays[i].status;
		bool is_source = home->relays[i].role == RELAY_SOURCE;
		double measured_w = (double)status->power_mw / 1000;
		double from_w = status->has_power ? measured_w : most_w / (is_source ? 5 : 50);
		double to_w = status->has_power ? measured_w : most_w;

		if (home->relays[i].battery != battery || !home->relays[i].watch.has_said ||
		    !home->relays[i].watch.said_on)
			continue;
		least_in_w += is_source ? from_w : -to_w;
		most_in_w += is_source ? to_w : -from_w;
	}
	return least_in_w > 0 ? least_in_w : most_in_w < 0 ? most_in_w : 0;
}

/* Of two flows the least that may have been between; 0 where they are opposite. */
static double lesser_flow(double a, double b)
{
	if ((a > 0) != (b > 0))
		return 0;
	return fabs(a) < fabs(b) ? a : b;
}

/*
 * A frozen sensor must be told of when it stood still for 10 min in use, and the
 * energy that flowed would have moved it by two of its steps; by the next reading.
 */
static void judge_frozen(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];
	struct sim_known *known = &at->known;
	double flow_w = least_flow_w(home, battery), due_wh;

	/* After a pause it counts anew; after one that the core did not see, with what was. */
	if (flow_w != 0 && !known->was_used) {
		known->before_wh += known->still_wh;
		known->still_wh = 0;
	}
	if (flow_w != 0 || used_since(home, battery) == SIM_NEVER)
		known->was_used = flow_w != 0;
	known->still_wh += lesser_flow(known->flow_w, flow_w) *
			   (double)(home->now - known->still_at) / MS_PER_HOUR;
	known->flow_w = flow_w;
	known->still_at = home->now;
	/* What is suspect has an alarm of its own; once it is believed it counts anew. */
	if (home->site.batteries[battery].quality == QUALITY_SUSPECT) {
		known->still_since = home->now;
		known->still_wh = known->before_wh = 0;
	} else {
		learn_step(known);
	}
	if (flow_w == 0 || !known->has_good ||
	    home->site.batteries[battery].quality == QUALITY_SUSPECT ||
	    /* told already */ known->measured == known->measured_true || known->is_bad ||
	    !battery_is_commanded(&home->house.batteries[battery])) {
		known->is_still_due = false;
		return;
	}
	due_wh = 2.0 * (known->step_bp > 0 ? known->step_bp : 100) / SOC_BP_MAX *
		 home->house.batteries[battery].capacity_wh;
	if (fabs(known->still_wh) < 1.2 * due_wh ||
	    fabs(known->before_wh + known->still_wh) < 1.2 * due_wh ||
	    home->now - known->still_since < FROZEN_LEAST_MS ||
	    home->now - used_since(home, battery) < FROZEN_LEAST_MS) {
		known->is_still_due = false;
		return;
	}
	if (!known->is_still_due) {
		known->is_still_due = true;
		known->still_due_at = home->now;
	}
	if (home->now - known->still_due_at <= at->interval_ms + SIM_GRACE_MS ||
	    known->good_at < known->still_due_at || /* silent: that is told */
	    battery_has(home, battery, ALERT_SENSOR_FROZEN) || known->is_frozen_judged)
		return;
	known->is_frozen_judged = true;
	sim_oracle_found(home, SIM_RULE_ALARM,
			 "%s: at %lld ms in use with a frozen sensor for %lld ms and %.0f Wh, and "
			 "there is no alarm",
			 home->house.batteries[battery].id.text, (long long)home->now,
			 (long long)(home->now - known->still_since), known->still_wh);
}

/* Whether every source says that it is open, for a while, and one is not. */
static bool charges_in_hiding(const struct sim_home *home, size_t battery)
{
	bool is_hidden = false;

	for (size_t i = 0; i < home->house.relay_count; i++) {
		const struct sim_relay *relay = &home->relays[i];
		const struct sim_watch *watch = &relay->watch;

		if (relay->battery != battery || relay->role != RELAY_SOURCE)
			continue;
		if (!watch->has_said || watch->said_on || sim_oracle_is_convicted(relay) ||
		    home->batteries[battery].known.measured - watch->said_since < SETTLE_MS ||
		    relay->path.trouble_at >= watch->said_since)
			return false;
		is_hidden = is_hidden || relay->contact.is_closed;
	}
	return is_hidden;
}

static void judge_rise(struct sim_home *home, size_t battery)
{
	struct sim_known *known = &home->batteries[battery].known;
	int64_t window_ms = time_for_ms(home, battery, RISE_BP) * 5;

	if (window_ms < RISE_LEAST_MS)
		window_ms = RISE_LEAST_MS;
	window_ms -= window_ms / 12; /* the core looks back in steps of that */
	if (!charges_in_hiding(home, battery) || known->is_bad || !known->has_good ||
	    known->measured != known->measured_true || known->leapt_at == home->now ||
	    home->site.batteries[battery].quality != QUALITY_GOOD || /* has an alarm of its own */
	    !battery_is_commanded(&home->house.batteries[battery])) {
		known->is_rise_watched = false;
		return;
	}
	if (known->good_at != home->now)
		return;
	if (!known->is_rise_watched || known->soc_bp <= known->rise_soc_bp ||
	    home->now - known->rise_since > window_ms) {
		known->is_rise_watched = true;
		known->rise_since = home->now;
		known->rise_soc_bp = known->soc_bp;
		return;
	}
	if (known->soc_bp - known->rise_soc_bp < RISE_BP ||
	    battery_has(home, battery, ALERT_STILL_CHARGING) || known->is_rise_judged)
		return;
	known->is_rise_judged = true;
	sim_oracle_found(
	    home, SIM_RULE_ALARM,
	    "%s: at %lld ms every source says that it is open, the SoC rose by %d bp in "
	    "%lld ms, and there is no alarm",
	    home->house.batteries[battery].id.text, (long long)home->now,
	    known->soc_bp - known->rise_soc_bp, (long long)(home->now - known->rise_since));
}

void sim_oracle_anew(struct sim_home *home, size_t battery)
{
	home->batteries[battery].known.is_rise_watched = false;
	home->batteries[battery].known.is_rise_judged = false;
	for (size_t i = 0; i < home->house.relay_count; i++) {
		struct sim_watch *watch = &home->relays[i].watch;

		if (home->relays[i].battery != battery)
			continue;
		watch->leaks = 0;
		watch->said_since = home->now; /* it is believed from here on */
	}
}

void sim_oracle_alarms(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.battery_count; i++) {
		judge_frozen(home, i);
		judge_rise(home, i);
	}
	for (size_t i = 0; i < home->house.relay_count; i++) {
		judge_leak(&home->relays[i]);
		judge_stuck(&home->relays[i]);
	}
}
