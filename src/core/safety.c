/*
 * The gate: the last word before every command. First what is wrong with the
 * battery whatever is wanted, then the limits of the wanted path, then the
 * other path, then what only holds back closing. What wants, and what sends,
 * is elsewhere; a wrong answer here is the one that can do harm.
 */
#include "core/safety.h"

/*@ assigns \nothing;
  @ ensures \result.code == code && \result.value == value && \result.limit == limit;
  @*/
static struct reason because(enum reason_code code, int64_t value, int64_t limit)
{
	return (struct reason){code, value, limit};
}

/*@ assigns \nothing;
  @ ensures \result.code == REASON_NONE;
  @*/
static struct reason allowed(void)
{
	return because(REASON_NONE, 0, 0);
}

/* The path that charges: S1 and its half of S6. */
/*@ requires \valid_read(battery) && \valid_read(limits);
  @ assigns  \nothing;
  @ ensures  \result.code == REASON_NONE <==> charge_is_safe(battery, limits);
  @*/
static struct reason charge_limit(const struct gate_battery *battery,
				  const struct gate_limits *limits)
{
	if (battery->soc_bp >= limits->ceiling_bp)
		return because(REASON_CEILING, battery->soc_bp, limits->ceiling_bp);
	if (battery->temp_min_mc < limits->charge_min_mc)
		return because(REASON_CHARGE_COLD, battery->temp_min_mc, limits->charge_min_mc);
	if (battery->temp_max_mc > limits->charge_max_mc)
		return because(REASON_CHARGE_HOT, battery->temp_max_mc, limits->charge_max_mc);
	if (battery->ceiling_latch)
		return because(REASON_CEILING_LATCHED, battery->soc_bp,
			       (int64_t)limits->ceiling_bp - limits->soc_hysteresis_bp);
	if (battery->charge_cold_latch)
		return because(REASON_CHARGE_COLD_LATCHED, battery->temp_min_mc,
			       (int64_t)limits->charge_min_mc + limits->temp_hysteresis_mc);
	if (battery->charge_hot_latch)
		return because(REASON_CHARGE_HOT_LATCHED, battery->temp_max_mc,
			       (int64_t)limits->charge_max_mc - limits->temp_hysteresis_mc);
	return allowed();
}

/* The path that discharges: S2 and its half of S6. */
/*@ requires \valid_read(battery) && \valid_read(limits);
  @ assigns  \nothing;
  @ ensures  \result.code == REASON_NONE <==> discharge_is_safe(battery, limits);
  @*/
static struct reason discharge_limit(const struct gate_battery *battery,
				     const struct gate_limits *limits)
{
	if (battery->soc_bp <= limits->reserve_bp)
		return because(REASON_RESERVE, battery->soc_bp, limits->reserve_bp);
	if (battery->temp_min_mc < limits->discharge_min_mc)
		return because(REASON_DISCHARGE_COLD, battery->temp_min_mc,
			       limits->discharge_min_mc);
	if (battery->temp_max_mc > limits->discharge_max_mc)
		return because(REASON_DISCHARGE_HOT, battery->temp_max_mc,
			       limits->discharge_max_mc);
	if (battery->reserve_latch)
		return because(REASON_RESERVE_LATCHED, battery->soc_bp,
			       (int64_t)limits->reserve_bp + limits->soc_hysteresis_bp);
	if (battery->discharge_cold_latch)
		return because(REASON_DISCHARGE_COLD_LATCHED, battery->temp_min_mc,
			       (int64_t)limits->discharge_min_mc + limits->temp_hysteresis_mc);
	if (battery->discharge_hot_latch)
		return because(REASON_DISCHARGE_HOT_LATCHED, battery->temp_max_mc,
			       (int64_t)limits->discharge_max_mc - limits->temp_hysteresis_mc);
	return allowed();
}

/* What holds back closing, and never opens a relay that is on: S4. */
/*@ requires \valid_read(path) && \valid_read(limits);
  @ assigns  \nothing;
  @ ensures  \result.code == REASON_NONE <==> may_close(path, limits);
  @*/
static struct reason closing_limit(const struct gate_path *path, const struct gate_limits *limits)
{
	if (path->is_unread)
		return because(REASON_RELAY_UNREAD, 0, 0);
	if (path->epoch_is_pending)
		return because(REASON_EPOCH, 0, 0);
	if (path->switches_today >= limits->switches_per_day)
		return because(REASON_BUDGET, path->switches_today, limits->switches_per_day);
	if (path->open_for_ms < limits->dwell_ms)
		return because(REASON_DWELL, path->open_for_ms, limits->dwell_ms);
	return allowed();
}

/* How long the reading stays valid, in whole steps of a lease; only for a fresh one. */
/*@ requires \valid_read(battery) && \valid_read(limits);
  @ requires 0 <= battery->age_ms <= limits->stale_after_ms;
  @ assigns  \nothing;
  @ ensures  0 <= \result <= limits->stale_after_ms - battery->age_ms;
  @ ensures  limits->stale_after_ms - battery->age_ms < \result + LEASE_STEP_MS;
  @ ensures  \result % LEASE_STEP_MS == 0;
  @*/
static int64_t validity_ms(const struct gate_battery *battery, const struct gate_limits *limits)
{
	int64_t left_ms = limits->stale_after_ms - battery->age_ms;

	return left_ms - left_ms % LEASE_STEP_MS;
}

/* The lease of a path that may be on. */
/*@ requires \valid_read(path) && \valid_read(battery) && \valid_read(limits);
  @ requires 0 <= battery->age_ms <= limits->stale_after_ms && lease_fits(path, battery, limits);
  @ assigns  \nothing;
  @ ensures  path->has_lease ? lease_is_valid(\result, battery, limits) : \result == 0;
  @*/
static int64_t lease_for(const struct gate_path *path, const struct gate_battery *battery,
			 const struct gate_limits *limits)
{
	return path->has_lease ? validity_ms(battery, limits) : 0;
}

/* What concerns the wanted path itself, once the battery allows it. */
/*@ requires \valid_read(battery) && \valid_read(limits);
  @ requires \valid_read(path) && \valid_read(other);
  @ requires 0 <= battery->age_ms <= limits->stale_after_ms;
  @ assigns  \nothing;
  @ ensures  \result.code == REASON_NONE <==> path_is_free(path, other, battery, limits);
  @*/
static struct reason path_limit(const struct gate_battery *battery,
				const struct gate_limits *limits, const struct gate_path *path,
				const struct gate_path *other)
{
	if (!limits->paths_are_independent && other->may_be_on)
		return because(REASON_OTHER_PATH, 0, 0);
	if (path->clock_factor != path->our_clock_factor)
		return because(REASON_RELAY_CLOCK, path->clock_factor, path->our_clock_factor);
	if (path->has_lease && validity_ms(battery, limits) < LEASE_STEP_MS)
		return because(REASON_LEASE_SHORT, limits->stale_after_ms - battery->age_ms,
			       LEASE_STEP_MS);
	if (!path->is_on)
		return closing_limit(path, limits);
	return allowed();
}

struct reason safety_fault(const struct gate_battery *battery, const struct gate_limits *limits)
{
	if (!battery->is_configured)
		return because(REASON_NOT_CONFIGURED, 0, 0);
	if (battery->is_locked_out)
		return because(REASON_LOCKED_OUT, 0, 0);
	if (!battery->has_reading)
		return because(REASON_NO_READING, 0, 0);
	if (battery->is_refused)
		return because(REASON_REFUSED, 0, 0);
	if (battery->is_suspect)
		return because(REASON_SUSPECT, 0, 0);
	if (battery->is_frozen)
		return because(REASON_FROZEN, 0, 0);
	if (battery->age_ms < 0 || battery->age_ms > limits->stale_after_ms)
		return because(REASON_STALE, battery->age_ms, limits->stale_after_ms);
	return allowed();
}

/* What concerns the battery alone, on the way that is wanted. */
/*@ requires \valid_read(battery) && \valid_read(limits);
  @ assigns  \nothing;
  @ ensures  \result.code == REASON_NONE <==> fresh(battery, limits) &&
  @     (wanted == INTENT_CHARGE ? charge_is_safe(battery, limits)
  @                              : discharge_is_safe(battery, limits));
  @*/
static struct reason battery_limit(const struct gate_battery *battery,
				   const struct gate_limits *limits, enum intent wanted)
{
	struct reason reason = safety_fault(battery, limits);

	if (reason.code != REASON_NONE)
		return reason;
	if (wanted == INTENT_CHARGE)
		reason = charge_limit(battery, limits);
	else
		reason = discharge_limit(battery, limits);
	if (reason.code != REASON_NONE)
		return reason;
	if (battery->good_in_a_row < GOOD_READINGS_NEEDED)
		return because(REASON_SETTLING, battery->good_in_a_row, GOOD_READINGS_NEEDED);
	return allowed();
}

/* All that binds, the first of it. */
/*@ requires \valid_read(battery) && \valid_read(limits) && \valid_read(switching) &&
  @          \valid_read(&switching->source) && \valid_read(&switching->load);
  @ assigns  \nothing;
  @ ensures  wanted == INTENT_CHARGE ==>
  @     (\result.code == REASON_NONE <==>
  @         !switching->is_stopping && fresh(battery, limits) && charge_is_safe(battery, limits) &&
  @         path_is_free(&switching->source, &switching->load, battery, limits));
  @ ensures  wanted != INTENT_CHARGE ==>
  @     (\result.code == REASON_NONE <==>
  @         !switching->is_stopping && fresh(battery, limits) &&
  @         discharge_is_safe(battery, limits) &&
  @         path_is_free(&switching->load, &switching->source, battery, limits));
  @*/
static struct reason binding(const struct gate_battery *battery, const struct gate_limits *limits,
			     const struct gate_switching *switching, enum intent wanted)
{
	struct reason reason = battery_limit(battery, limits, wanted);

	if (switching->is_stopping)
		return because(REASON_SHUTDOWN, 0, 0);
	if (reason.code != REASON_NONE)
		return reason;
	if (wanted == INTENT_CHARGE)
		return path_limit(battery, limits, &switching->source, &switching->load);
	return path_limit(battery, limits, &switching->load, &switching->source);
}

struct gate_answer safety_permit(const struct gate_battery *battery,
				 const struct gate_limits *limits,
				 const struct gate_switching *switching, enum intent wanted)
{
	struct gate_answer answer = {.reason = {REASON_NONE, 0, 0}};

	if (wanted != INTENT_CHARGE && wanted != INTENT_DISCHARGE)
		return answer;
	answer.reason = binding(battery, limits, switching, wanted);
	if (answer.reason.code != REASON_NONE)
		return answer;
	if (wanted == INTENT_CHARGE) {
		answer.source_is_on = true;
		answer.lease_ms = lease_for(&switching->source, battery, limits);
	} else {
		answer.load_is_on = true;
		answer.lease_ms = lease_for(&switching->load, battery, limits);
	}
	return answer;
}
