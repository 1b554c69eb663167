/*
 * One battery's decision. Takes what is wanted (control.h), asks the gate for
 * each relay that would have to close (safety.h), has every relay driven
 * (relay.h), and keeps the decision with winner, losers and the binding limit.
 * Paths break before they make: what must open is told so in the same step in
 * which the gate still refuses the other path.
 */
#include "core/decide.h"

#include <string.h>

#include "core/control.h"
#include "core/limits.h"
#include "core/override.h"
#include "core/relay.h"

/* What is the same for all relays of a battery in one decision. */
struct question {
	const struct turn *turn;
	size_t battery;
	struct gate_battery gate_battery;
	struct gate_limits limits;
	enum intent wanted;
	enum decider winner;
	enum decider ruler; /* who decides for relays that no person has taken over */
	enum intent ruled;  /* and what that wants */
};

struct gate_battery decide_gate_battery(const struct turn *turn, size_t index)
{
	const struct battery_state *battery = &turn->site->batteries[index];

	return (struct gate_battery){
	    .is_configured = battery_is_commanded(&turn->house->batteries[index]),
	    .is_locked_out = battery->is_locked_out,
	    .has_reading = battery->has_reading,
	    .is_refused = battery->last_was_refused,
	    .is_suspect = battery->quality == QUALITY_SUSPECT,
	    .is_frozen = battery->quality == QUALITY_FROZEN,
	    .good_in_a_row = battery->good_in_a_row,
	    .age_ms = turn_age_ms(turn, battery),
	    .soc_bp = battery->reading.soc_bp,
	    .temp_min_mc = battery->reading.temp_min_mc,
	    .temp_max_mc = battery->reading.temp_max_mc,
	    .ceiling_latch = battery->ceiling_latch,
	    .reserve_latch = battery->reserve_latch,
	    .charge_cold_latch = battery->charge_cold_latch,
	    .charge_hot_latch = battery->charge_hot_latch,
	    .discharge_cold_latch = battery->discharge_cold_latch,
	    .discharge_hot_latch = battery->discharge_hot_latch,
	};
}

/*
 * On by its own word, unless we have just told it to open or its lease has run
 * out since; or told to close, whatever came of it.
 */
static bool is_on(const struct relay_state *relay, struct now now)
{
	if (relay->wished_on)
		return relay->has_command ||
		       (relay->status.is_on && !relay_lease_is_over(relay, now));
	return relay->status.is_on && !relay->has_command;
}

static struct gate_path path_of(const struct turn *turn, size_t index)
{
	const struct relay_state *relay = &turn->site->relays[index];
	int32_t factor = relay->status.clock_factor;

	return (struct gate_path){
	    .is_on = is_on(relay, turn->now),
	    .may_be_on = relay->may_be_on,
	    .is_unread = !relay->is_heard && !relay->is_blind,
	    .has_lease = turn->house->relays[index].has_lease,
	    .epoch_is_pending = !turn->site->epoch_is_durable,
	    .open_for_ms = relay_open_for_ms(relay, turn->now),
	    .switches_today = relay->switches_today,
	    .clock_factor = relay->is_heard && factor != 0 ? factor : turn_clock_factor(turn),
	    .our_clock_factor = turn_clock_factor(turn),
	};
}

struct gate_switching decide_gate_switching(const struct turn *turn, size_t index)
{
	const struct relay_config *own = &turn->house->relays[index];
	struct gate_switching switching = {.is_stopping = turn->site->is_stopping};
	struct gate_path *path = own->role == RELAY_SOURCE ? &switching.source : &switching.load;
	struct gate_path *other = own->role == RELAY_SOURCE ? &switching.load : &switching.source;

	*path = path_of(turn, index);
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct relay_config *config = &turn->house->relays[i];

		if (config->battery == own->battery && config->role != own->role)
			other->may_be_on = other->may_be_on || turn->site->relays[i].may_be_on;
	}
	return switching;
}

/* Whether the relay may close. The gate is asked for each path by itself, also where both are
 * wanted. */
static struct gate_answer ask(const struct question *question, size_t relay)
{
	struct gate_switching switching = decide_gate_switching(question->turn, relay);
	enum intent own = turn_intent_of(question->turn->house->relays[relay].role);

	return safety_permit(&question->gate_battery, &question->limits, &switching, own);
}

static bool may_close(const struct question *question, size_t relay,
		      const struct gate_answer *answer)
{
	return question->turn->house->relays[relay].role == RELAY_SOURCE ? answer->source_is_on
									 : answer->load_is_on;
}

/* Whether the relay belongs to the battery and its path to what is wanted of it. */
static bool is_on_path(const struct question *question, size_t relay)
{
	const struct relay_config *config = &question->turn->house->relays[relay];

	return config->battery == question->battery && turn_wants(question->wanted, config->role);
}

/* Whether it is to close, the gate willing: by a person's word on it, or by whoever rules. */
static bool is_to_close(const struct question *question, size_t relay)
{
	const struct override *override = &question->turn->site->relays[relay].override;

	if (!is_on_path(question, relay))
		return false;
	return override->is_active
		   ? override->is_on
		   : turn_wants(question->ruled, question->turn->house->relays[relay].role);
}

/* What keeps the relay from closing: the gate's limit, or that it does not follow. */
static struct reason limit_of(const struct question *question, size_t relay,
			      const struct gate_answer *answer)
{
	const struct relay_state *state = &question->turn->site->relays[relay];

	if (answer->reason.code == REASON_NONE && state->wished_on && state->on_is_given_up)
		return (struct reason){REASON_RELAY_GIVEN_UP, state->on_attempts, ON_ATTEMPTS_MAX};
	return answer->reason;
}

static struct hindrance hindrance_of(const struct question *question, struct reason limit)
{
	return (struct hindrance){limit, limits_flip(limit, &question->limits)};
}

/* Why what is wanted may not be: the first relay's reason, unless another may close. */
static struct reason refusal_of(const struct question *question)
{
	const struct turn *turn = question->turn;
	struct reason reason = safety_fault(&question->gate_battery, &question->limits);
	bool is_first = true;

	if (reason.code != REASON_NONE)
		return reason;
	reason = (struct reason){REASON_NO_RELAY, 0, 0};
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		struct gate_answer answer;
		struct reason limit;

		if (!is_to_close(question, i))
			continue;
		answer = ask(question, i);
		limit = limit_of(question, i, &answer);
		if (limit.code == REASON_NONE)
			return limit;
		if (is_first)
			reason = limit;
		is_first = false;
	}
	return reason;
}

/* What is left of wanting both, some relay of which may close: where a limit forbids one, the
 * other. */
static enum intent part_of_both(const struct question *question)
{
	bool may[2] = {false, false};

	for (size_t i = 0; i < question->turn->house->relay_count; i++) {
		struct gate_answer answer;

		if (!is_to_close(question, i))
			continue;
		answer = ask(question, i);
		if (limit_of(question, i, &answer).code == REASON_NONE)
			may[question->turn->house->relays[i].role] = true;
	}
	if (may[RELAY_SOURCE] && may[RELAY_LOAD])
		return INTENT_BOTH;
	return may[RELAY_SOURCE] ? INTENT_CHARGE : INTENT_DISCHARGE;
}

/* What a decision for nothing is really due to: a fault hides what the rules would say. */
static struct reason refusal_of_idle(const struct question *question)
{
	if (question->turn->site->is_stopping)
		return (struct reason){REASON_SHUTDOWN, 0, 0};
	if (question->winner == DECIDER_OVERRIDE || question->winner == DECIDER_MONITOR)
		return (struct reason){REASON_NONE, 0, 0};
	return safety_fault(&question->gate_battery, &question->limits);
}

static void apply_gate(const struct question *question, struct decision *decision)
{
	struct reason refusal =
	    question->wanted == INTENT_SAFE ? refusal_of_idle(question) : refusal_of(question);

	if (question->turn->site->is_stopping)
		refusal = (struct reason){REASON_SHUTDOWN, 0, 0};
	decision->intent = decision->wanted;
	if (refusal.code == REASON_NONE) {
		if (decision->wanted == INTENT_BOTH)
			decision->intent = part_of_both(question);
		return;
	}
	decision->intent = INTENT_SAFE;
	decision->winner = DECIDER_SAFETY;
	decision->reason = refusal;
	decision->wishes[DECIDER_SAFETY] = (struct wish){true, INTENT_SAFE, refusal};
}

/* Someone else's closing stands while nobody here wants anything and the gate would allow it. */
static bool is_tolerated(const struct question *question, size_t relay)
{
	struct gate_answer answer;

	if (!question->turn->site->relays[relay].is_foreign_on || question->wanted != INTENT_SAFE ||
	    question->ruled != INTENT_SAFE)
		return false;
	answer = ask(question, relay);
	return may_close(question, relay, &answer);
}

/* Whether only watching is wanted, nothing of ours is to be undone, and no person's ON needs it
 * open.
 */
static bool is_only_watched(const struct question *question, size_t relay)
{
	return question->ruler == DECIDER_MONITOR &&
	       !question->turn->site->relays[relay].is_ours_to_open &&
	       (question->wanted == INTENT_SAFE || is_on_path(question, relay));
}

/* By a person's word, also one of before a restart that waits for the clock. */
static bool is_taken_over(const struct override *override)
{
	return override->is_active || override->waits_for_clock;
}

/* A sensor's fault costs no budget: what it opens was closed for nothing. */
static void refund(const struct question *question, size_t relay)
{
	const struct relay_state *state = &question->turn->site->relays[relay];
	bool is_sensor = question->gate_battery.is_refused || question->gate_battery.is_suspect;

	if (is_sensor && state->wished_on)
		relay_refund(question->turn, relay);
}

static void drive(const struct question *question, size_t relay)
{
	const struct turn *turn = question->turn;
	struct override *override = &turn->site->relays[relay].override;
	struct gate_answer answer = {0};
	enum relay_wish wish = RELAY_OPEN;

	override->held_by = (struct hindrance){0};
	if (is_to_close(question, relay)) {
		answer = ask(question, relay);
		override->held_by = hindrance_of(question, limit_of(question, relay, &answer));
	}
	if (may_close(question, relay, &answer))
		wish = RELAY_CLOSE;
	else if (!is_taken_over(override) &&
		 (is_only_watched(question, relay) || is_tolerated(question, relay)))
		wish = RELAY_LEAVE;
	else
		refund(question, relay);
	relay_drive(turn, relay, wish, answer.lease_ms, question->limits.stale_after_ms);
}

static void keep_reason(struct reason *to, const struct reason *from)
{
	to->code = from->code;
	to->value = from->value;
	to->limit = from->limit;
}

/*
 * Member by member into what is all zero: what lies between them in `from` is
 * whatever the stack held, and the state is compared byte by byte (trace, replay).
 */
static void keep_bytes(struct decision *to, const struct decision *from)
{
	memset(to, 0, sizeof(*to));
	to->id = from->id;
	to->at = from->at;
	to->wall_is_trusted = from->wall_is_trusted;
	to->at_mono = from->at_mono;
	to->intent = from->intent;
	to->winner = from->winner;
	keep_reason(&to->reason, &from->reason);
	keep_reason(&to->flip, &from->flip);
	to->wanted = from->wanted;
	for (int i = 0; i < DECIDER_COUNT; i++) {
		to->wishes[i].is_given = from->wishes[i].is_given;
		to->wishes[i].intent = from->wishes[i].intent;
		keep_reason(&to->wishes[i].reason, &from->wishes[i].reason);
	}
	to->quality = from->quality;
	to->age_ms = from->age_ms;
	to->soc_bp = from->soc_bp;
	to->temp_min_mc = from->temp_min_mc;
	to->temp_max_mc = from->temp_max_mc;
}

static void keep(const struct turn *turn, size_t index, struct decision *next)
{
	struct battery_state *battery = &turn->site->batteries[index];
	const struct decision *last = &battery->decision;
	bool is_new = last->id == 0 || last->intent != next->intent ||
		      last->winner != next->winner || last->reason.code != next->reason.code ||
		      last->wanted != next->wanted;

	next->id = is_new ? ++turn->site->next_decision_id : last->id;
	next->at = is_new ? turn->now.wall : last->at;
	next->at_mono = is_new ? turn->now.mono : last->at_mono;
	next->wall_is_trusted = is_new ? turn->now.wall_is_trusted : last->wall_is_trusted;
	keep_bytes(&battery->decision, next);
	if (is_new)
		turn_note(turn, NOTE_DECISION, index);
}

static void see(const struct turn *turn, size_t index, struct decision *decision)
{
	const struct battery_state *battery = &turn->site->batteries[index];

	decision->quality = battery->has_reading ? battery->quality : QUALITY_MISSING;
	decision->age_ms = battery->has_reading ? turn_age_ms(turn, battery) : 0;
	decision->soc_bp = battery->reading.soc_bp;
	decision->temp_min_mc = battery->reading.temp_min_mc;
	decision->temp_max_mc = battery->reading.temp_max_mc;
}

static struct question question_about(const struct turn *turn, size_t index)
{
	return (struct question){
	    .turn = turn,
	    .battery = index,
	    .gate_battery = decide_gate_battery(turn, index),
	    .limits = limits_of(&turn->house->batteries[index], &turn->site->settings[index]),
	};
}

void decide_battery(const struct turn *turn, size_t index)
{
	const struct battery_config *config = &turn->house->batteries[index];
	struct question question = question_about(turn, index);
	struct decision next = {0};

	override_follow(turn, index);
	question.ruler = control_wish(turn, index, &next);
	question.ruled = next.wishes[question.ruler].intent;
	question.wanted = next.wanted;
	question.winner = next.winner;
	see(turn, index, &next);
	apply_gate(&question, &next);
	next.flip = limits_flip(control_flip(next.reason, &turn->site->settings[index]),
				&question.limits);
	if (battery_is_commanded(config))
		for (size_t i = 0; i < turn->house->relay_count; i++)
			if (turn->house->relays[i].battery == index)
				drive(&question, i);
	keep(turn, index, &next);
}

/* Whether the limit will have let go before the person's word ends. */
static bool ends_in_time(const struct reason *limit, int64_t duration_ms)
{
	return reason_passes(limit->code) &&
	       (limit->code != REASON_DWELL || limit->limit - limit->value < duration_ms);
}

/* What the gate says of one relay's ON, with the other path as it will then be: open. */
static struct reason limit_on(const struct question *question, size_t relay)
{
	struct gate_switching switching = decide_gate_switching(question->turn, relay);
	bool is_source = question->turn->house->relays[relay].role == RELAY_SOURCE;
	struct gate_answer answer;

	*(is_source ? &switching.load : &switching.source) = (struct gate_path){0};
	answer =
	    safety_permit(&question->gate_battery, &question->limits, &switching, question->wanted);
	return limit_of(question, relay, &answer);
}

/* The first relay's reason, unless another may close now or in a moment. */
static struct reason refusal_of_wish(struct question *question, const struct override_wish *wish)
{
	const struct turn *turn = question->turn;
	struct reason refusal = {REASON_NO_RELAY, 0, 0};
	bool is_found = false, is_on;

	if (turn->site->is_stopping)
		return (struct reason){REASON_SHUTDOWN, 0, 0};
	if (!question->gate_battery.is_configured)
		return (struct reason){REASON_NOT_CONFIGURED, 0, 0};
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		struct reason limit = {REASON_NONE, 0, 0};

		if (!override_concerns(turn, wish, i, &is_on) ||
		    is_on != override_wish_asks_on(wish))
			continue;
		question->wanted = turn_intent_of(turn->house->relays[i].role);
		if (is_on)
			limit = limit_on(question, i);
		if (limit.code == REASON_NONE || ends_in_time(&limit, wish->duration_ms))
			return (struct reason){REASON_NONE, 0, 0};
		if (!is_found)
			refusal = limit;
		is_found = true;
	}
	return refusal;
}

struct hindrance decide_refusal(const struct turn *turn, size_t battery,
				const struct override_wish *wish)
{
	struct question question = question_about(turn, battery);

	return hindrance_of(&question, refusal_of_wish(&question, wish));
}
