/*
 * The first part of a step for a sensor's message. It decides whether the
 * message may act (none that is older than what is held; what is retained or
 * queued only by a time of its own; in a burst it may open and renews nothing;
 * late, with newer ones behind it, it renews and opens and closes nothing:
 * decision 0014), since when it holds, and its quality; the latches and the
 * threshold rule follow from here. Whether anything may be on is for the gate.
 */
#include "core/intake.h"

#include "core/alerts.h"
#include "core/control.h"
#include "core/frozen.h"
#include "core/judge.h"
#include "core/limits.h"
#include "core/planned.h"
#include "core/sequence.h"
#include "core/watch.h"

#define STAMP_OLDEST_MS MS_PER_DAY
#define STAMP_AHEAD_MS (int64_t) MS_PER_MINUTE
#define STAMP_SHOWN_MAX_MS (100 * 365 * MS_PER_DAY)
#define GOOD_IN_A_ROW_MAX 1000
#define REFUSED_VALUE_MAX 1e12
#define UNDER_WAY_MAX_MS (2 * (int64_t)MS_PER_SECOND) /* from a sensor to us, with nothing queued \
						       */

/* Where a message stands in the order of its node's messages. */
enum order {
	ORDER_NEWER,
	ORDER_OLDER,     /* than the one that is held, or the same */
	ORDER_RESTARTED, /* the node counts anew, or this is a very late copy: the next one tells */
};

/* When a message was measured, and how that is known. */
struct arrival {
	bool is_own_time;
	struct mono_time measured_at;
};

/* How far a stamp is from our clock, for the words: never so far that it would overflow. */
static int64_t stamp_offset_ms(struct wall_time stamp, struct wall_time now)
{
	if (stamp.ms > now.ms + STAMP_SHOWN_MAX_MS)
		return STAMP_SHOWN_MAX_MS;
	if (stamp.ms < now.ms - STAMP_SHOWN_MAX_MS)
		return -STAMP_SHOWN_MAX_MS;
	return stamp.ms - now.ms;
}

/* By the message's own stamp where it is near our trusted clock, else by its arrival. */
static struct arrival when_measured(const struct turn *turn, size_t index,
				    const struct reading *reading, bool is_live)
{
	struct arrival arrival = {.measured_at = turn->now.mono};
	int64_t now_ms = turn->now.wall.ms, age_ms;

	if (!reading->has_time || !turn->now.wall_is_trusted)
		return arrival;
	if (reading->measured.ms < now_ms - STAMP_OLDEST_MS ||
	    reading->measured.ms > now_ms + STAMP_AHEAD_MS) {
		if (is_live)
			alerts_battery(turn, index, ALERT_SENSOR_CLOCK,
				       stamp_offset_ms(reading->measured, turn->now.wall),
				       STAMP_AHEAD_MS, NULL);
		return arrival;
	}
	alerts_battery_clear(turn, index, ALERT_SENSOR_CLOCK);
	age_ms = now_ms - reading->measured.ms;
	arrival.is_own_time = true;
	arrival.measured_at = mono_add(turn->now.mono, age_ms > 0 ? -age_ms : 0);
	return arrival;
}

static bool is_stale(const struct turn *turn, size_t index)
{
	return turn_age_ms(turn, &turn->site->batteries[index]) >
	       setting(&turn->site->settings[index], PARAMETER_STALE_AFTER);
}

static enum order by_sequence(const struct battery_state *battery, int64_t sequence)
{
	int64_t held = battery->reading.sequence, restarted = battery->restarted_sequence;

	if (sequence > held)
		return ORDER_NEWER;
	if (battery->has_restarted && sequence > restarted &&
	    sequence - restarted <= SEQUENCE_REORDER_MAX)
		return ORDER_NEWER;
	return held - sequence > SEQUENCE_REORDER_MAX ? ORDER_RESTARTED : ORDER_OLDER;
}

/* By the times of measurement where both are known, else by the node's numbers. */
static enum order order_of(const struct turn *turn, size_t index, const struct reading *reading,
			   const struct arrival *arrival)
{
	const struct battery_state *battery = &turn->site->batteries[index];
	const struct reading *held = &battery->reading;
	bool has_sequences = reading->has_sequence && held->has_sequence;

	if (!battery->has_reading)
		return ORDER_NEWER;
	if (arrival->is_own_time && battery->measured_is_own) {
		if (reading->measured.ms != held->measured.ms)
			return reading->measured.ms < held->measured.ms ? ORDER_OLDER : ORDER_NEWER;
		return has_sequences && reading->sequence > held->sequence ? ORDER_NEWER
									   : ORDER_OLDER;
	}
	if (!has_sequences || is_stale(turn, index))
		return ORDER_NEWER;
	return by_sequence(battery, reading->sequence);
}

static int64_t interval_of(const struct turn *turn, size_t index, const struct reading *reading)
{
	return reading->has_interval ? reading->interval_ms
				     : setting(&turn->site->settings[index], PARAMETER_INTERVAL);
}

/* Sooner than half the interval, with no time of its own: it may be a queue that empties. */
static bool is_burst(const struct turn *turn, size_t index, const struct reading *reading,
		     bool is_own_time)
{
	const struct battery_state *battery = &turn->site->batteries[index];

	return battery->has_reading && !is_own_time &&
	       mono_since(turn->now.mono, battery->arrived_at) <
		   interval_of(turn, index, reading) / 2;
}

/*
 * So late that the next was measured already, and not as late as the one before: a queue that
 * empties, or its head. A sensor that is always as late has nothing newer on its way.
 */
static bool is_of_queue(const struct turn *turn, size_t index, const struct reading *reading,
			const struct arrival *arrival)
{
	const struct battery_state *battery = &turn->site->batteries[index];
	int64_t interval_ms = interval_of(turn, index, reading);
	int64_t age_ms = mono_since(turn->now.mono, arrival->measured_at);
	int64_t arrived_ms, measured_ms; /* since the one before */

	if (!battery->has_reading || !arrival->is_own_time || age_ms < interval_ms ||
	    age_ms < UNDER_WAY_MAX_MS)
		return false;
	if (!battery->measured_is_own)
		return true;
	arrived_ms = mono_since(turn->now.mono, battery->arrived_at);
	measured_ms = reading->measured.ms - battery->reading.measured.ms;
	return arrived_ms < measured_ms / 2 || arrived_ms > measured_ms + interval_ms / 2;
}

static struct limit_values values_of(const struct reading *reading)
{
	return (struct limit_values){reading->soc_bp, reading->temp_min_mc, reading->temp_max_mc};
}

static void clear_reading_alerts(const struct turn *turn, size_t index)
{
	static const enum alert_code codes[] = {
	    ALERT_SENSOR_STALE,        ALERT_READING_OUT_OF_RANGE, ALERT_READING_CONTRADICTORY,
	    ALERT_SOC_IMPLAUSIBLE,     ALERT_TEMP_IMPLAUSIBLE,     ALERT_POWER_CONTRADICTION,
	    ALERT_CELLS_CONTRADICTION, ALERT_SIGN_CONTRADICTION,
	};

	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++)
		alerts_battery_clear(turn, index, codes[i]);
}

static void hold(const struct turn *turn, size_t index, const struct reading *reading,
		 const struct arrival *arrival)
{
	struct battery_state *battery = &turn->site->batteries[index];

	battery->has_reading = true;
	battery->reading = *reading;
	/* For the record, and not for the core: the trace has it not, and a replay would differ. */
	battery->reading.received = (struct reading_received){0};
	battery->measured_is_own = arrival->is_own_time;
	battery->arrived_at = turn->now.mono;
	battery->has_restarted = false;
}

/* The next number has to go on from here, and come no sooner than a node measures again. */
static void begin_restart(struct battery_state *battery, const struct reading *reading,
			  struct now now)
{
	battery->has_restarted = true;
	battery->restarted_sequence = reading->sequence;
	battery->arrived_at = now.mono;
}

/* Opens at once, and touches no latch: what is not believed never counts as a trip. */
static void take_suspect(const struct turn *turn, size_t index, const struct reading *reading,
			 const struct arrival *arrival, const struct verdict *verdict)
{
	struct battery_state *battery = &turn->site->batteries[index];

	if (!battery->has_reading) /* it renews nothing: there is no good one yet */
		battery->measured_at = arrival->measured_at;
	judge_remember(battery, &turn->house->batteries[index], reading, arrival->measured_at,
		       verdict->code);
	hold(turn, index, reading, arrival);
	battery->quality = QUALITY_SUSPECT;
	battery->good_in_a_row = 0;
	if (verdict->code == ALERT_SOC_IMPLAUSIBLE)
		planned_void(turn, index, REASON_PLAN_LEAPT);
	alerts_battery(turn, index, verdict->code, verdict->value, verdict->limit, NULL);
}

/* What a reading `of_queue` does not: begin a wish, let a limit go, be one of the good in a row. */
static void take_good(const struct turn *turn, size_t index, const struct reading *reading,
		      const struct arrival *arrival, const struct verdict *verdict, bool of_queue)
{
	struct battery_state *battery = &turn->site->batteries[index];
	bool is_frozen;

	if (battery->has_reading && is_stale(turn, index))
		battery->good_in_a_row = 0;
	hold(turn, index, reading, arrival);
	frozen_follow(battery, reading, arrival->measured_at);
	is_frozen = battery->is_found_frozen;
	battery->measured_at = arrival->measured_at;
	battery->last_was_refused = false;
	battery->quality = is_frozen ? QUALITY_FROZEN : QUALITY_GOOD;
	if (!is_frozen && !of_queue && battery->good_in_a_row < GOOD_IN_A_ROW_MAX)
		battery->good_in_a_row++;
	judge_anchor(battery, &turn->house->batteries[index], reading, arrival->measured_at,
		     verdict->is_recalibrated);
	if (verdict->is_recalibrated) {
		watch_anew(battery);
		planned_void(turn, index, REASON_PLAN_LEAPT);
	}
	clear_reading_alerts(turn, index);
	/* A leap that was just believed may be a message that came twice: the next one releases. */
	limits_follow(turn, index, values_of(reading),
		      !is_frozen && !of_queue && !verdict->is_recalibrated);
	control_follow(battery, &turn->site->settings[index], reading->soc_bp, !of_queue);
	watch_battery(turn, index);
}

bool intake_reading(const struct turn *turn, size_t index, const struct event *event)
{
	struct battery_state *battery = &turn->site->batteries[index];
	const struct reading *reading = &event->reading.reading;
	bool is_live = !event->reading.is_retained && !event->reading.is_backlog;
	struct arrival arrival = when_measured(turn, index, reading, is_live);
	enum order order = order_of(turn, index, reading, &arrival);
	struct verdict verdict, trend = {.code = ALERT_NONE};
	bool is_provisional; /* it may open, renews nothing and closes nothing */
	bool of_queue;       /* it may open, renews and closes nothing */

	if ((!is_live && !arrival.is_own_time) || order == ORDER_OLDER) {
		battery->ignored++;
		return false;
	}
	is_provisional =
	    order == ORDER_RESTARTED || is_burst(turn, index, reading, arrival.is_own_time);
	of_queue = is_of_queue(turn, index, reading, &arrival);
	if (battery->has_reading)
		battery->interval_seen_ms = mono_since(turn->now.mono, battery->heard_at);
	battery->heard_at = turn->now.mono;
	verdict = judge_reading(turn, index, reading, arrival.measured_at);
	if (!is_provisional)
		trend = judge_trend(battery, &turn->house->batteries[index], reading,
				    arrival.measured_at);
	if (verdict.code == ALERT_NONE && trend.code != ALERT_NONE)
		verdict = trend;
	if (verdict.code != ALERT_NONE)
		take_suspect(turn, index, reading, &arrival, &verdict);
	else if (is_provisional)
		limits_follow(turn, index, values_of(reading), false);
	else
		take_good(turn, index, reading, &arrival, &verdict, of_queue);
	if (order == ORDER_RESTARTED)
		begin_restart(battery, reading, turn->now);
	return true;
}

/* "SoC 186": what was refused, for the words only. */
static void describe(struct text *out, const struct event *event)
{
	double value = event->refused.value;

	text_add(out, "%.15s", event->refused.field);
	if (value >= -REFUSED_VALUE_MAX && value <= REFUSED_VALUE_MAX) {
		text_add(out, " ");
		text_add_scaled(out, (int64_t)(value * 1000), 1000);
	}
}

static enum alert_code refused_code(enum refusal refusal)
{
	switch (refusal) {
	case REFUSAL_OUT_OF_RANGE:
		return ALERT_READING_OUT_OF_RANGE;
	case REFUSAL_UNAVAILABLE: /* its device says that it is gone */
		return ALERT_SENSOR_STALE;
	default:
		return ALERT_READING_CONTRADICTORY;
	}
}

void intake_refused(const struct turn *turn, size_t index, const struct event *event)
{
	struct battery_state *battery = &turn->site->batteries[index];
	enum alert_code code = refused_code(event->refused.refusal);
	char detail[ALERT_DETAIL_MAX];
	struct text text = text_in(detail, sizeof(detail));

	describe(&text, event);
	battery->last_was_refused = true;
	battery->good_in_a_row = 0;
	battery->heard_at = turn->now.mono;
	alerts_battery(turn, index, code, 0, 0, detail);
}

void intake_believe(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];

	battery->has_anchor = false;
	battery->has_suspect = false;
	battery->has_leapt = false;
	battery->is_distrusted = false;
	battery->has_trend = false;
	watch_anew(battery);
}
