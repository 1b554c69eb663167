/*
 * A home that nobody measures, as the battery's own log has it: the state of charge, and how long
 * its relays were closed. From the journal on a worker, live as slots end; plan/seen learns from it
 * what charging brings and what the house draws. Without prices a plan is about when that charging
 * usually brings most, as the sun does.
 */
#include <math.h>
#include <stdlib.h>

#include "adapt/journal_read.h"
#include "daemon/pilot_parts.h"

#define ROWS_MAX 40000
#define LATE_MS (5 * MS_PER_MINUTE) /* after a reading the battery's charge is not known any more \
				     */
#define HOUSE_PRICE 1.0f            /* without prices: what the house's need counts, */
#define CHARGE_RANGE 0.9f           /* and how much less where charging brings most */
#define LEAST_OF_BEST 0.05f

/* ---- which node and relays ---- */

struct pilot_log pilot_log_of(const struct daemon *daemon, size_t battery)
{
	struct pilot_log log = {.node = daemon->house.batteries[battery].node};

	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		const struct relay_config *relay = &daemon->house.relays[i];

		if (relay->battery != battery)
			continue;
		log.has_load = log.has_load || relay->role == RELAY_LOAD;
		log.roles[log.count] = relay->role;
		log.relays[log.count] = relay->id;
		log.at[log.count++] = i;
	}
	return log;
}

/* ---- live ---- */

static float soc_now(const struct pilot *pilot, struct now now)
{
	const struct battery_state *battery = &pilot->daemon->site.batteries[pilot->battery];

	if (!battery->has_reading || battery->quality != QUALITY_GOOD ||
	    mono_since(now.mono, battery->arrived_at) > LATE_MS)
		return NAN;
	return (float)battery->reading.soc_bp / SOC_BP_MAX;
}

void pilot_log_begin(struct pilot *pilot, struct now now)
{
	pilot->on_ms[RELAY_SOURCE] = pilot->on_ms[RELAY_LOAD] = 0;
	pilot->soc_at_begin = soc_now(pilot, now);
}

void pilot_log_pass(struct pilot *pilot, int64_t passed_ms)
{
	bool is_on[2] = {false, false};

	for (size_t i = 0; i < pilot->log.count; i++) {
		const struct relay_state *relay = &pilot->daemon->site.relays[pilot->log.at[i]];

		if (relay->is_heard && relay->status.is_on)
			is_on[pilot->log.roles[i]] = true;
	}
	for (int role = 0; role < 2; role++)
		pilot->on_ms[role] += is_on[role] ? passed_ms : 0;
}

static float share_of(const struct pilot *pilot, int64_t on_ms)
{
	return fminf((float)on_ms / ((float)pilot->step_s * MS_PER_SECOND), 1);
}

void pilot_log_end(const struct pilot *pilot, struct now now, struct seen_slot *out)
{
	*out = (struct seen_slot){
	    .when = pilot_when(pilot->running, pilot->step_s),
	    .risen_kwh = (soc_now(pilot, now) - pilot->soc_at_begin) * pilot->model.capacity_kwh,
	    .source_share = share_of(pilot, pilot->on_ms[RELAY_SOURCE]),
	    .load_share = pilot->log.has_load ? share_of(pilot, pilot->on_ms[RELAY_LOAD]) : 1,
	};
}

/* ---- the past ---- */

/* Where a slot of the journal is read into. */
struct reading_log {
	struct pilot_past_slot *slots;
	size_t count;
	int64_t from, step_ms; /* `from`: the number of the first */
	enum relay_role role;
};

static struct pilot_past_slot *slot_of(const struct reading_log *log, int64_t at_ms)
{
	int64_t number = at_ms / log->step_ms;

	if (number < log->from || number >= log->from + (int64_t)log->count)
		return NULL;
	return &log->slots[number - log->from];
}

/* The charge at a slot's end is that of its last quarter. */
static bool add_charge(void *user, const struct journal_rollup_row *row)
{
	const struct reading_log *log = user;
	struct pilot_past_slot *slot = slot_of(log, row->span.from.ms);

	if (slot != NULL && row->span.to.ms % log->step_ms == 0 && row->readings->soc_pct.count > 0)
		slot->soc_at_end = (float)row->readings->soc_pct.last / 100;
	return true;
}

static bool add_time_on(void *user, const struct journal_rollup_row *row)
{
	const struct reading_log *log = user;
	struct pilot_past_slot *slot = slot_of(log, row->span.from.ms);

	if (slot != NULL)
		slot->on_ms[log->role] += row->on_ms;
	return true;
}

int pilot_log_read(struct pilot *pilot, struct journal_reader *reader, int64_t from, size_t count,
		   struct pilot_past_slot *slots)
{
	struct reading_log log = {slots, count, from, pilot->step_s * MS_PER_SECOND, RELAY_SOURCE};
	struct journal_span span = {
	    {from * log.step_ms}, {(from + (int64_t)count) * log.step_ms}, ROWS_MAX, false};
	int result;

	for (size_t i = 0; i < count; i++)
		slots[i] = (struct pilot_past_slot){.soc_at_end = NAN};
	result = journal_read_rollups(reader, pilot->log.node.text, JOURNAL_NODE, ROLLUP_QUARTER,
				      span, add_charge, &log);
	for (size_t i = 0; i < pilot->log.count && result == 0; i++) {
		log.role = pilot->log.roles[i];
		result = journal_read_rollups(reader, pilot->log.relays[i].text, JOURNAL_RELAY,
					      ROLLUP_QUARTER, span, add_time_on, &log);
	}
	return result;
}

void pilot_log_past(const struct pilot *pilot, const struct pilot_past_slot *slots, size_t i,
		    int64_t number, struct seen_slot *out)
{
	float begin = i > 0 ? slots[i - 1].soc_at_end : NAN;

	*out = (struct seen_slot){
	    .when = pilot_when(number, pilot->step_s),
	    .risen_kwh = (slots[i].soc_at_end - begin) * pilot->model.capacity_kwh,
	    .source_share = share_of(pilot, slots[i].on_ms[RELAY_SOURCE]),
	    .load_share = pilot->log.has_load ? share_of(pilot, slots[i].on_ms[RELAY_LOAD]) : 1,
	};
}

/* ---- what follows from it ---- */

/* Where a slot does not tell, the house is taken to have drawn what it usually does then. */
void pilot_log_take(struct pilot *pilot, const struct seen_slot *seen, struct plan_slot *slot)
{
	float usual_kwh = seen_draw_kw(&pilot->seen, seen->when) * pilot->seen.slot_hours;
	float drawn_kwh = seen_take(&pilot->seen, seen);

	slot->load_kwh = (isnan(drawn_kwh) ? usual_kwh : drawn_kwh) * pilot->planner.battery.efficiency;
	slot->pv_kwh = 0;
}

/* What charging brings then, in kW into the cells; of hours that were never seen the mean with
 * prices. */
static float charge_kw(const struct pilot *pilot, struct plan_when when)
{
	float kw = seen_charge_kw(&pilot->seen, when);

	if (!isnan(kw))
		return kw;
	return pilot->job.has_prices ? seen_charge_mean_kw(&pilot->seen) : 0;
}

void pilot_log_expect(struct pilot *pilot, struct plan_slot *ahead, struct plan_share *shares)
{
	float whole_kw = pilot->model.charge_kw * pilot->planner.battery.efficiency;
	float best_kw = seen_charge_best_kw(&pilot->seen);

	for (int i = 0; i < planner_slots_ahead(&pilot->planner); i++) {
		float kw = charge_kw(pilot, ahead[i].when), of_best = kw / best_kw;

		shares[i] = (struct plan_share){isnan(kw) ? 1 : fminf(kw / whole_kw, 1), 1};
		if (pilot->job.has_prices) {
			/* Nothing of the sun is known: there is none to sell. */
			ahead[i].price.sell = fminf(ahead[i].price.sell, ahead[i].price.buy);
			continue;
		}
		if (!(of_best >= LEAST_OF_BEST))
			shares[i].charge = of_best = 0;
		ahead[i].price = (struct plan_price){HOUSE_PRICE - CHARGE_RANGE * of_best, 0};
	}
}

enum pilot_lack pilot_log_lack(const struct pilot *pilot)
{
	const struct seen *seen = &pilot->seen;

	if (seen->measured < seen->slots_per_day)
		return PILOT_LACKS_DAYS;
	if (!(seen_charge_best_kw(seen) > 0) || isnan(seen_draw_kw(seen, (struct plan_when){0, 0})))
		return PILOT_LACKS_LOG;
	return pilot->job.has_prices || seen_is_by_hour(seen) ? PILOT_LACKS_NOTHING
							      : PILOT_LACKS_PRICES;
}

/* ---- what is said of it ---- */

static void forget_money(struct planned *plan)
{
	plan->bill = plan->saved = NAN;
	plan->bill_between = plan->saved_between = (struct planned_between){NAN, NAN};
	for (int rule = 0; rule < PLANNED_RULES; rule++)
		plan->rule_bill[rule] = NAN;
	for (int i = 0; i < plan->count; i++) {
		struct planned_slot *slot = &plan->slots[i];

		slot->buy = slot->sell = slot->bill = NAN;
		slot->price_is_assumed = false;
		for (int mode = 0; mode < PLANNED_MODES; mode++)
			slot->more[mode] = NAN;
		if (slot->mode == PLANNED_CHARGE_TO)
			slot->mode = PLANNED_CHARGE_FROM_SUN;
	}
}

void pilot_log_tell(const struct pilot *pilot, struct planned *plan)
{
	plan->is_by_log = true;
	plan->has_no_prices = !pilot->job.has_prices;
	for (int i = 0; i < plan->count && !pilot->log.has_load; i++) {
		struct planned_slot *slot = &plan->slots[i];

		if (slot->mode != PLANNED_CHARGE_TO)
			slot->mode = PLANNED_HOLD;
		slot->more[PLANNED_HOLD] = slot->more[PLANNED_SELF_CONSUME];
		slot->more[PLANNED_SELF_CONSUME] = slot->more[PLANNED_CHARGE_FROM_SUN] = NAN;
	}
	if (plan->has_no_prices)
		forget_money(plan);
}
