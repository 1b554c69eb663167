/*
 * The bounds on being on: which relay must be open, since when, and what may
 * hold it up. See simulate_oracle.h.
 */
#include "sim/simulate_oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define READBACK_MS (45 * MS_PER_SECOND)  /* a relay that someone else closed is heard within */
#define TROUBLE_MS (5 * MS_PER_SECOND)    /* a command's own time, before the fault that it met */
#define FINDINGS_PER_HOME 3

void sim_oracle_found(struct sim_home *home, enum sim_rule rule, const char *format, ...)
{
	struct sim_tally *tally = home->tally;
	struct sim_finding *finding;
	va_list arguments;

	tally->unsafe++;
	sim_trace(home, "UNSAFE %s", sim_rule_name(rule));
	tally->by_rule[rule]++;
	if (tally->finding_count == SIM_FINDINGS_MAX || home->findings == FINDINGS_PER_HOME)
		return;
	home->findings++;
	finding = &tally->findings[tally->finding_count++];
	finding->seed = home->seed;
	finding->day = (int32_t)(home->now / MS_PER_DAY) + 1;
	finding->rule = rule;
	va_start(arguments, format);
	vsnprintf(finding->words, sizeof(finding->words), format, arguments);
	va_end(arguments);
}

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool is_closed(const struct sim_home *home, size_t battery, enum relay_role role)
{
	for (size_t i = 0; i < home->house.relay_count; i++)
		if (home->relays[i].battery == battery && home->relays[i].role == role &&
		    home->relays[i].contact.is_closed)
			return true;
	return false;
}

/* A relay that must be open since `since` and at the latest at `by`; SIM_NEVER: it need not. */
struct duty {
	int64_t since, by;
	bool is_helpless;   /* nobody outside the sensor, or the other relay, could know */
	int64_t trouble_at; /* besides that on the relay's own way */
};

static struct duty no_duty(void)
{
	return (struct duty){SIM_NEVER, SIM_NEVER, false, 0};
}

/* Lost, late or spoilt readings since shortly before it left the envelope. */
static bool had_trouble(const struct sim_battery *at, int64_t since)
{
	return at->trouble_at >= since - 2 * at->interval_ms || at->is_silent || at->broker_is_away;
}

static struct duty outside_duty(const struct sim_relay *relay)
{
	const struct sim_battery *at = &relay->home->batteries[relay->battery];
	const struct settings *settings = &relay->home->settings[relay->battery];
	const struct sim_known *known = &at->known;
	int64_t since = relay->watch.outside_since;
	int64_t by, stale_at;

	if (since == SIM_NEVER)
		return no_duty();
	if (relay->watch.outside_told != SIM_NEVER)
		return (struct duty){since, relay->watch.outside_told + SIM_GRACE_MS, false,
				     relay->home->daemon.started_at};
	by = since + at->interval_ms;
	stale_at = known->measured_true + setting(settings, PARAMETER_STALE_AFTER);
	if (had_trouble(at, since) || known->measured != known->measured_true)
		by = later_of(by, stale_at);
	return (struct duty){since, by + SIM_GRACE_MS, known->measured != known->measured_true,
			     relay->home->daemon.started_at};
}

static struct duty stale_duty(const struct sim_relay *relay)
{
	const struct sim_home *home = relay->home;
	const struct sim_known *known = &home->batteries[relay->battery].known;
	int64_t since =
	    known->measured + setting(&home->settings[relay->battery], PARAMETER_STALE_AFTER);

	if (!known->has_good)
		since = home->daemon.started_at;
	since = later_of(since, later_of(known->settings_at, known->good_at));
	return (struct duty){since, since + SIM_GRACE_MS, false, 0};
}

static struct duty bad_duty(const struct sim_relay *relay)
{
	const struct sim_known *known = &relay->home->batteries[relay->battery].known;

	if (!known->is_bad)
		return no_duty();
	return (struct duty){known->bad_since, known->bad_since + SIM_GRACE_MS, false, 0};
}

/*
 * When it can be known to be on: someone else's closing when it was heard of, by
 * the next readback where nothing was in the way, else by its lease's end.
 */
static int64_t known_at(const struct sim_relay *relay)
{
	int64_t closed_at = relay->contact.closed_at, told_on = relay->watch.told_on;

	if (relay->path.trouble_at < closed_at - TROUBLE_MS)
		return sooner_of(told_on, closed_at + READBACK_MS);
	if (told_on == SIM_NEVER && relay->home->house.relays[relay->index].has_lease)
		return relay->unit.state.lease_ends.ms;
	return told_on;
}

/*
 * What is on the other path: closed by a contact that nobody knows to be closed,
 * or not heard of for want of a way.
 */
static struct duty both_duty(const struct sim_relay *relay)
{
	const struct sim_home *home = relay->home;
	int64_t since = relay->watch.both_since;
	struct duty duty = {since, since, false, home->daemon.started_at};

	if (since == SIM_NEVER)
		return no_duty();
	for (size_t i = 0; i < home->house.relay_count; i++) {
		const struct sim_relay *other = &home->relays[i];

		if (other->battery != relay->battery || other->role == relay->role ||
		    !other->contact.is_closed)
			continue;
		if (known_at(other) == SIM_NEVER)
			return no_duty();
		duty.by = later_of(duty.by, known_at(other));
		duty.trouble_at = later_of(duty.trouble_at, other->path.trouble_at);
		duty.is_helpless = duty.is_helpless || other->contact.hardware != SIM_SOUND;
	}
	duty.by += SIM_GRACE_MS;
	return duty;
}

static struct duty duty_of(const struct sim_relay *relay, enum sim_rule rule)
{
	switch (rule) {
	case SIM_RULE_OUTSIDE:
		return outside_duty(relay);
	case SIM_RULE_STALE:
		return stale_duty(relay);
	case SIM_RULE_BAD:
		return bad_duty(relay);
	default:
		return both_duty(relay);
	}
}

/*
 * Its OFF met trouble on its way, however long ago, and is sent again with
 * back-off; or it has just been sent again, in time, and is on its way.
 */
static bool waits_for_off(const struct sim_relay *relay)
{
	const struct sim_watch *watch = &relay->watch;
	int64_t trouble_at = relay->path.trouble_at, now = relay->home->now;

	if (!watch->was_commanded || watch->last_sent_on)
		return false;
	if (trouble_at >= watch->off_last)
		return now <= watch->off_last + OFF_AGAIN_MS;
	return watch->off_before < watch->off_last && trouble_at >= watch->off_before &&
	       watch->off_last <= watch->off_before + OFF_AGAIN_MS &&
	       now <= watch->off_last + SIM_GRACE_MS;
}

/* Whether commands or answers met trouble, and the lease has not ended yet. */
static bool is_out_of_reach(const struct sim_relay *relay, const struct duty *duty)
{
	const struct sim_home *home = relay->home;

	return home->house.relays[relay->index].has_lease &&
	       (duty->trouble_at >= duty->since - TROUBLE_MS || waits_for_off(relay)) &&
	       home->now <= relay->unit.state.lease_ends.ms;
}

static bool is_leaseless(const struct sim_relay *relay, const struct duty *duty)
{
	if (relay->home->house.relays[relay->index].has_lease)
		return false;
	return waits_for_off(relay) ||
	       (duty->trouble_at >= duty->since - TROUBLE_MS &&
		relay->home->now <= duty->trouble_at + OFF_AGAIN_MS + TROUBLE_MS);
}

static bool is_monitored(const struct sim_home *home, size_t battery)
{
	return setting(&home->settings[battery], PARAMETER_LOGIC) == LOGIC_MONITOR;
}

/* In monitor mode, and without chemistry, someone else's switching is only watched. */
static bool is_only_watched(const struct sim_relay *relay)
{
	const struct sim_home *home = relay->home;

	return relay->contact.is_foreign &&
	       (!battery_is_commanded(&home->house.batteries[relay->battery]) ||
		is_monitored(home, relay->battery));
}

/* What someone else closed was nobody's business until then. */
static int64_t watched_till(const struct sim_relay *relay)
{
	return relay->contact.is_foreign ? relay->home->batteries[relay->battery].known.watched_till
					 : -MS_PER_DAY;
}

static void tell(struct sim_relay *relay, enum sim_rule rule, const struct duty *duty)
{
	struct sim_home *home = relay->home;
	const struct sim_battery *at = &home->batteries[relay->battery];

	sim_oracle_found(
	    home, rule,
	    "%s (%s): at %lld.%03lld s on for %lld ms longer than it may be (%s, since %lld ms, "
	    "closed %lld ms ago by %s); SoC %.2f %% shown limits %.2f/%.2f, %.2f C, last counted "
	    "reading %lld ms ago, lease ends in %lld ms, last trouble on its way %lld ms ago",
	    home->house.relays[relay->index].id.text, relay_role_name(relay->role),
	    (long long)(home->now / MS_PER_SECOND), (long long)(home->now % MS_PER_SECOND),
	    (long long)(home->now - duty->by), sim_rule_name(rule),
	    (long long)(home->now - duty->since), (long long)(home->now - relay->contact.closed_at),
	    relay->contact.is_foreign ? "someone else" : "us",
	    battery_soc_pct(&at->traits, &at->battery) + at->gauge_bp / 100,
	    at->border.reserve_bp / 100, at->border.ceiling_bp / 100, at->battery.temp_c,
	    (long long)(home->now - at->known.measured),
	    (long long)(relay->unit.state.lease_ends.ms - home->now),
	    (long long)(home->now - relay->path.trouble_at));
}

static void judge_rule(struct sim_relay *relay, enum sim_rule rule)
{
	struct duty duty = duty_of(relay, rule);
	struct sim_home *home = relay->home;
	int64_t by;

	if (duty.by == SIM_NEVER || home->now <= duty.by)
		return;
	by = known_at(relay);
	if (by == SIM_NEVER)
		return;
	by = later_of(duty.by, later_of(by, watched_till(relay)) + SIM_GRACE_MS);
	/* A mended contact moves when the node tries the next time. */
	if (relay->watch.mended_at > 0)
		by = later_of(by, relay->watch.mended_at + SIM_RETRY_MS + SIM_GRACE_MS);
	if (home->now <= by || relay->watch.is_judged[rule] || is_only_watched(relay))
		return;
	duty.by = by;
	duty.since = later_of(duty.since, later_of(relay->contact.closed_at, watched_till(relay)));
	duty.trouble_at = later_of(duty.trouble_at, relay->path.trouble_at);
	if (is_out_of_reach(relay, &duty))
		return;
	if (relay->contact.hardware != SIM_SOUND || duty.is_helpless ||
	    is_leaseless(relay, &duty)) {
		home->tally->unavoidable++;
		relay->watch.is_judged[rule] = true;
		return;
	}
	relay->watch.is_judged[rule] = true;
	tell(relay, rule, &duty);
}

void sim_oracle_judge(struct sim_relay *relay)
{
	if (!relay->contact.is_closed || !relay->home->daemon.is_up)
		return;
	judge_rule(relay, SIM_RULE_OUTSIDE);
	judge_rule(relay, SIM_RULE_STALE);
	judge_rule(relay, SIM_RULE_BAD);
	judge_rule(relay, SIM_RULE_BOTH);
}

void sim_oracle_envelope(struct sim_home *home, size_t battery, enum relay_role role,
			 bool is_outside, int64_t since)
{
	for (size_t i = 0; i < home->house.relay_count; i++) {
		struct sim_relay *relay = &home->relays[i];
		struct sim_watch *watch = &relay->watch;

		if (relay->battery != battery || relay->role != role || !relay->contact.is_closed)
			continue;
		if (!is_outside) {
			watch->outside_since = SIM_NEVER;
			watch->outside_told = SIM_NEVER;
			watch->is_judged[SIM_RULE_OUTSIDE] = false;
		} else if (watch->outside_since == SIM_NEVER) {
			watch->outside_since = later_of(since, relay->contact.closed_at);
			watch->outside_told = SIM_NEVER;
		}
	}
}

static void follow_both(struct sim_home *home, size_t battery)
{
	bool is_both = home->batteries[battery].is_exclusive &&
		       is_closed(home, battery, RELAY_SOURCE) &&
		       is_closed(home, battery, RELAY_LOAD);

	for (size_t i = 0; i < home->house.relay_count; i++) {
		struct sim_watch *watch = &home->relays[i].watch;

		if (home->relays[i].battery != battery)
			continue;
		if (!is_both)
			watch->both_since = SIM_NEVER;
		else if (watch->both_since == SIM_NEVER)
			watch->both_since = home->now;
		if (!is_both)
			watch->is_judged[SIM_RULE_BOTH] = false;
	}
}

void sim_oracle_switched(struct sim_relay *relay)
{
	struct sim_home *home = relay->home;
	struct sim_contact *contact = &relay->contact;
	struct sim_watch *watch = &relay->watch;

	sim_trace(home, "%s: the contact %s; node lease ends %lld",
		  home->house.relays[relay->index].id.text, contact->is_closed ? "closes" : "opens",
		  (long long)relay->unit.state.lease_ends.ms);
	if (contact->is_closed) {
		contact->closed_at = home->now;
		watch->told_on = SIM_NEVER;
		home->tally->switches++;
	} else {
		contact->is_closed = true;
		if (contact->mover != SIM_BY_MENDING)
			sim_oracle_judge(relay);
		contact->is_closed = false;
		contact->opened_at = home->now;
		/* A late copy of OFF after our ON is nobody's will. */
		contact->opener = contact->mover == SIM_BY_US && watch->last_sent_on
				      ? SIM_BY_OTHERS
				      : contact->mover;
		contact->closing_was_told = watch->has_said && watch->said_at >= contact->closed_at;
		for (int i = 0; i < SIM_RULE_COUNT; i++)
			watch->is_judged[i] = false;
	}
	watch->outside_since = SIM_NEVER;
	watch->outside_told = SIM_NEVER;
	follow_both(home, relay->battery);
}

void sim_oracle_closed_by(struct sim_relay *relay, bool is_foreign)
{
	relay->contact.is_foreign = is_foreign;
	relay->watch.told_on = is_foreign ? SIM_NEVER : relay->home->now;
	relay->watch.closing_is_refundable = !is_foreign;
	if (!is_foreign)
		relay->watch.closings_today++;
}

void sim_oracle_mended(struct sim_relay *relay)
{
	relay->path.trouble_at = relay->home->now;
	relay->watch.mended_at = relay->home->now;
}

void sim_oracle_start(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.battery_count; i++) {
		struct sim_known *known = &home->batteries[i].known;
		bool was_locked_out =
		    home->journal.has_battery[i] && home->journal.batteries[i].is_locked_out;

		home->batteries[i].trouble_at = home->now;
		home->batteries[i].plan = (struct sim_plan){0};
		*known = (struct sim_known){
		    .measured = -MS_PER_DAY,
		    .measured_true = -MS_PER_DAY,
		    .settings_at = -MS_PER_DAY,
		    .is_watched = is_monitored(home, i),
		    .watched_till = -MS_PER_DAY,
		    .since_frozen = SIM_RECENT_RUN,
		    .is_locked_out = was_locked_out,
		};
	}
	for (size_t i = 0; i < home->house.relay_count; i++) {
		struct sim_watch *watch = &home->relays[i].watch;

		watch->was_commanded = false;
		watch->has_said = false;
		watch->leaks = 0;
		/* One that has not been read may be on for all that the core knows. */
		watch->told_on = home->now;
	}
}

void sim_oracle_stop(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.relay_count; i++)
		home->relays[i].path.trouble_at = home->now;
}

void sim_oracle_settings(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];

	at->known.settings_at = home->now;
	if (at->known.is_watched)
		at->known.watched_till = home->now;
	at->known.is_watched = is_monitored(home, battery);
	for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++)
		sim_oracle_envelope(home, battery, (enum relay_role)role,
				    sim_world_is_outside(at, (enum relay_role)role), home->now);
	sim_oracle_limits(home, battery);
}

void sim_oracle_gauge(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];

	for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++)
		sim_oracle_envelope(home, battery, (enum relay_role)role,
				    sim_world_is_outside(at, (enum relay_role)role), home->now);
}

void sim_oracle_step(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.battery_count; i++) {
		struct sim_known *known = &home->batteries[i].known;

		if (home->site.batteries[i].is_locked_out)
			known->is_locked_out = true;
		/* A reading that is suspect never counts as a trip. */
		if (home->site.batteries[i].quality == QUALITY_SUSPECT)
			memcpy(known->latched, known->latched_before, sizeof(known->latched));
	}
	for (size_t i = 0; i < home->house.relay_count; i++) {
		sim_oracle_judge(&home->relays[i]);
		sim_oracle_off(&home->relays[i]);
	}
	sim_plan_judge(home);
	sim_oracle_alarms(home);
}
