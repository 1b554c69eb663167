/*
 * Keeps and judges; takes no part in what happens. A relay is outside where it
 * is truly closed while charging (source) or discharging (load) is not allowed
 * by the battery's true state, or where both are. That may last as long as the
 * design says, since a sensor speaks only now and then. Written out by
 * sim/account_file.c.
 */
#include "sim/account.h"

#include <string.h>

#include "model/relay.h"

void account_init(struct account *account, size_t battery_count, const struct envelope *envelope,
		  const struct account_bounds *bounds)
{
	*account = (struct account){
	    .bounds = *bounds,
	    .envelope = *envelope,
	    .battery_count = battery_count,
	};
}

void account_sent(struct account *account, size_t battery, int64_t sequence, int64_t interval_ms,
		  struct mono_time now)
{
	struct account_sensor *sensor = &account->sensors[battery];

	if (!sensor->has_sent) {
		sensor->has_sent = true;
		sensor->first = sequence;
		sensor->acknowledged_through = sequence - 1;
	}
	sensor->last = sequence;
	sensor->interval_ms = interval_ms;
	sensor->last_at = now;
}

static uint64_t *acknowledged_word(struct account_sensor *sensor, int64_t sequence, uint64_t *bit)
{
	uint64_t place = (uint64_t)sequence % ACCOUNT_WINDOW;

	*bit = UINT64_C(1) << place % 64;
	return &sensor->acknowledged[place / 64];
}

void account_acknowledged(struct account *account, size_t battery, int64_t sequence)
{
	struct account_sensor *sensor = &account->sensors[battery];
	int64_t ahead = sequence - sensor->acknowledged_through;
	uint64_t bit;

	if (!sensor->has_sent || ahead < 1 || ahead > ACCOUNT_WINDOW)
		return;
	*acknowledged_word(sensor, sequence, &bit) |= bit;
	for (;;) {
		uint64_t *word = acknowledged_word(sensor, sensor->acknowledged_through + 1, &bit);

		if (!(*word & bit))
			break;
		*word &= ~bit;
		sensor->acknowledged_through++;
	}
}

void account_ordered(struct account *account, size_t battery, enum relay_role role)
{
	account->relays[battery][role].orders++;
}

void account_switched(struct account *account, size_t battery, enum relay_role role, bool is_on,
		      struct mono_time now)
{
	struct account_relay *relay = &account->relays[battery][role];

	if (relay->is_on == is_on)
		return;
	relay->is_on = is_on;
	if (is_on) {
		relay->on_since = now;
		relay->switches++;
		return;
	}
	relay->intervals[relay->interval_count++ % ACCOUNT_INTERVALS_MAX] =
	    (struct account_interval){relay->on_since, now};
	relay->on_ms += mono_since(now, relay->on_since);
}

static bool is_allowed(const struct envelope *envelope, const struct account_truth *truth,
		       enum relay_role role)
{
	bool charges = role == RELAY_SOURCE;
	int32_t min_mc = charges ? envelope->charge_min_mc : envelope->discharge_min_mc;
	int32_t max_mc = charges ? envelope->charge_max_mc : envelope->discharge_max_mc;
	double soc_bp = truth->soc_pct * 100;
	double soc_tolerance_bp = truth->soc_tolerance_pct * 100;
	double temp_mc = truth->temp_c * 1000;
	double temp_tolerance_mc = truth->temp_tolerance_c * 1000;

	if (temp_mc + temp_tolerance_mc < min_mc || temp_mc - temp_tolerance_mc > max_mc)
		return false;
	return charges ? soc_bp - soc_tolerance_bp < envelope->ceiling_bp
		       : soc_bp + soc_tolerance_bp > envelope->reserve_bp;
}

/* By when the relay must have opened. */
static struct mono_time deadline(const struct account *account, size_t battery,
				 const struct account_relay *relay, bool is_silent)
{
	const struct account_sensor *sensor = &account->sensors[battery];
	struct mono_time by = mono_add(relay->outside_since, sensor->interval_ms);

	if (is_silent) {
		struct mono_time stale = mono_add(sensor->last_at, account->bounds.stale_after_ms);

		if (mono_since(stale, by) > 0)
			by = stale;
	}
	return mono_add(by, account->bounds.grace_ms);
}

static void judge(struct account *account, size_t battery, struct account_relay *relay,
		  bool is_silent, struct mono_time now)
{
	int64_t outside_ms = mono_since(now, relay->outside_since);

	if (outside_ms > relay->longest_outside_ms)
		relay->longest_outside_ms = outside_ms;
	if (relay->verdict != ACCOUNT_FINE ||
	    mono_since(now, deadline(account, battery, relay, is_silent)) <= 0)
		return;
	relay->verdict = relay->is_unavoidable ? ACCOUNT_UNAVOIDABLE : ACCOUNT_UNSAFE;
	if (relay->is_unavoidable)
		account->unavoidable++;
	else
		account->unsafe++;
}

void account_observe(struct account *account, size_t battery, const struct account_truth *truth,
		     struct mono_time now)
{
	struct account_relay *pair = account->relays[battery];
	bool both_on = pair[RELAY_SOURCE].is_on && pair[RELAY_LOAD].is_on;
	int64_t gap_ms = account->has_observed ? mono_since(now, account->observed_at) : 0;

	for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++) {
		struct account_relay *relay = &pair[role];

		if (!relay->is_on ||
		    (!both_on && is_allowed(&account->envelope, truth, (enum relay_role)role))) {
			relay->is_outside = false;
			continue;
		}
		if (!relay->is_outside) {
			relay->is_outside = true;
			relay->outside_since = now;
			relay->is_unavoidable = false;
			relay->verdict = ACCOUNT_FINE;
		} else if (gap_ms > account->bounds.grace_ms) {
			relay->outside_since = mono_add(relay->outside_since, gap_ms);
		}
		if (truth->is_frozen || truth->relay_is_broken[role] ||
		    (both_on && truth->relay_is_broken[!role]))
			relay->is_unavoidable = true;
		judge(account, battery, relay, truth->is_silent, now);
	}
}

void account_observed(struct account *account, struct mono_time now)
{
	account->has_observed = true;
	account->observed_at = now;
}
