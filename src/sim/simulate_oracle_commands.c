/*
 * Each command, as it is sent: that ON rests on what counts (simulate_oracle_inputs.c),
 * keeps its lease, dwell, budget and the other path, and that OFF is not given up.
 */
#include "sim/simulate_oracle.h"

/* An ON that is not answered is sent again after less than this, twice. */
#define ON_AGAIN_MS (15 * (int64_t)MS_PER_SECOND)

static void check_lease(struct sim_home *home, const struct sim_relay *relay,
			const struct relay_command *command)
{
	int64_t valid_ms = home->batteries[relay->battery].known.measured +
			   setting(&home->settings[relay->battery], PARAMETER_STALE_AFTER) -
			   home->now;
	int64_t lease_ms = command->lease_ms + (home->broken == SIM_BREAK_LEASE_LONG ? 5000 : 0);

	if (!home->house.relays[relay->index].has_lease)
		return;
	if (!command->has_lease || lease_ms > valid_ms)
		sim_oracle_found(home, SIM_RULE_LEASE,
				 "%s: ON with a lease of %lld ms, and the reading is valid for "
				 "%lld ms",
				 home->house.relays[relay->index].id.text, (long long)lease_ms,
				 (long long)valid_ms);
}

/* Whether the core cannot know that the contact has opened, or that it was closed at all. */
static bool opened_unknown(const struct sim_relay *relay)
{
	const struct sim_contact *contact = &relay->contact;
	bool is_unseen = !contact->closing_was_told || contact->opener == SIM_BY_REBOOT ||
			 contact->opener == SIM_BY_OTHERS;

	return contact->opener == SIM_BY_MENDING ||
	       (is_unseen && relay->watch.said_at < contact->opened_at);
}

/* It was told so already, has not closed since, and is told again for want of an answer. */
static bool is_on_again(const struct sim_home *home, const struct sim_relay *relay)
{
	const struct sim_watch *watch = &relay->watch;

	return watch->was_commanded && watch->last_sent_on &&
	       home->now - watch->on_first <= ON_AGAIN_MS &&
	       relay->contact.closed_at < watch->on_first;
}

/* What holds for a closing is what held as it was first told: an ON sent again is the same one. */
static void follow_closing(struct sim_home *home, struct sim_relay *relay)
{
	const struct settings *settings = &home->settings[relay->battery];
	struct sim_watch *watch = &relay->watch;

	if (is_on_again(home, relay))
		return;
	watch->on_first = home->now;
	watch->dwell_ms = setting(settings, PARAMETER_DWELL);
	watch->closings_allowed = setting(settings, PARAMETER_SWITCHES_PER_DAY);
}

/* An ON that would truly close the contact. */
static void check_closing(struct sim_home *home, const struct sim_relay *relay)
{
	const struct sim_contact *contact = &relay->contact;
	const char *id = home->house.relays[relay->index].id.text;
	int64_t dwell_ms = relay->watch.dwell_ms;
	int64_t allowed = relay->watch.closings_allowed;
	int64_t since = home->daemon.started_at;

	if (since < contact->opened_at)
		since = contact->opened_at;
	if (opened_unknown(relay) || contact->hardware != SIM_SOUND)
		return;
	if (home->now - since < dwell_ms && contact->opener != SIM_BY_REBOOT)
		sim_oracle_found(home, SIM_RULE_DWELL,
				 "%s: at %lld ms ON after it was open for %lld ms of %lld ms; "
				 "trouble %lld ms ago",
				 id, (long long)home->now, (long long)(home->now - since),
				 (long long)dwell_ms,
				 (long long)(home->now - relay->path.trouble_at));
	if (relay->watch.closings_today >= allowed)
		sim_oracle_found(home, SIM_RULE_BUDGET,
				 "%s: at %lld ms ON after %d closings today, %lld are allowed", id,
				 (long long)home->now, relay->watch.closings_today,
				 (long long)allowed);
}

/* Exclusive paths: whatever is on the other one must be open, as far as could be known. */
static void check_other(struct sim_home *home, const struct sim_relay *relay)
{
	for (size_t i = 0; i < home->house.relay_count; i++) {
		const struct sim_relay *other = &home->relays[i];
		bool is_unheard = other->contact.is_foreign && other->watch.told_on == SIM_NEVER;
		bool is_hidden = other->contact.hardware != SIM_SOUND && other->watch.has_said &&
				 !other->watch.said_on && !sim_oracle_is_convicted(other);

		if (other->battery != relay->battery || other->role == relay->role ||
		    !other->contact.is_closed || is_unheard || is_hidden)
			continue;
		sim_oracle_found(home, SIM_RULE_BOTH, "%s: at %lld ms ON while %s is on",
				 home->house.relays[relay->index].id.text, (long long)home->now,
				 home->house.relays[i].id.text);
	}
}

static void check_on(struct sim_home *home, struct sim_relay *relay,
		     const struct relay_command *command)
{
	const char *why = sim_oracle_unexplained(home, relay);
	const char *id = home->house.relays[relay->index].id.text;

	if (why != NULL)
		sim_oracle_found(home, SIM_RULE_EXPLAINED, "%s (%s): at %lld ms ON although %s", id,
				 relay_role_name(relay->role), (long long)home->now, why);
	if (home->batteries[relay->battery].known.is_locked_out)
		sim_oracle_found(home, SIM_RULE_LOCKOUT, "%s: at %lld ms ON while locked out", id,
				 (long long)home->now);
	check_lease(home, relay, command);
	if (home->batteries[relay->battery].is_exclusive)
		check_other(home, relay);
	follow_closing(home, relay);
	if (!relay->contact.is_closed)
		check_closing(home, relay);
}

/*
 * A sensor's fault costs no budget, whatever else is said of the opening: a person's word on the
 * other relay may be what decides once the plan is void by that same message.
 */
static void refund(const struct sim_home *home, struct sim_relay *relay)
{
	const struct battery_state *battery = &home->site.batteries[relay->battery];
	bool is_in_doubt = battery->last_was_refused || battery->quality == QUALITY_SUSPECT;

	if (!is_in_doubt || !relay->watch.closing_is_refundable ||
	    relay->watch.closings_today == 0)
		return;
	relay->watch.closings_today--;
	relay->watch.closing_is_refundable = false;
}

void sim_oracle_command(struct sim_home *home, const struct command *command)
{
	struct sim_relay *relay = &home->relays[command->index];
	struct sim_watch *watch = &relay->watch;

	sim_trace(home, "%s: %s%s, lease %lld ms, n %llx; %s; closings %d, by its count %d",
		  home->house.relays[command->index].id.text, command->relay.is_on ? "ON" : "OFF",
		  command->is_renewal ? " (renewal)" : "", (long long)command->relay.lease_ms,
		  (unsigned long long)command->relay.number,
		  reason_name(home->site.batteries[relay->battery].decision.reason.code),
		  watch->closings_today, home->site.relays[command->index].switches_today);
	if (command->relay.is_on) {
		check_on(home, relay, &command->relay);
	} else {
		if (!watch->was_commanded || watch->last_sent_on) {
			watch->off_first = watch->off_last = home->now;
			refund(home, relay);
		}
		watch->off_before = watch->off_last;
		watch->off_last = home->now;
	}
	if (command->relay.is_on)
		watch->last_on_number = command->relay.number;
	watch->was_commanded = true;
	watch->last_sent_on = command->relay.is_on;
}

/* It is to be on again, with reason: the core asks the relay before it sends ON. */
static bool is_wanted_again(const struct sim_relay *relay)
{
	return relay->home->site.relays[relay->index].wished_on &&
	       sim_oracle_unexplained(relay->home, relay) == NULL;
}

void sim_oracle_off(struct sim_relay *relay)
{
	struct sim_home *home = relay->home;
	struct sim_watch *watch = &relay->watch;
	bool is_believed = watch->has_said && !watch->said_on && !sim_oracle_is_convicted(relay);

	if (!relay->contact.is_closed || !watch->was_commanded || watch->last_sent_on ||
	    relay->contact.closed_at > watch->off_first || is_believed ||
	    watch->is_judged[SIM_RULE_OFF] || home->now - watch->off_last <= OFF_AGAIN_MS)
		return;
	if (setting(&home->settings[relay->battery], PARAMETER_LOGIC) == LOGIC_MONITOR ||
	    is_wanted_again(relay))
		return;
	watch->is_judged[SIM_RULE_OFF] = true;
	sim_oracle_found(home, SIM_RULE_OFF, "%s: closed, and OFF was last sent %lld ms ago",
			 home->house.relays[relay->index].id.text,
			 (long long)(home->now - watch->off_last));
}
