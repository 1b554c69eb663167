/*
 * What the home has been doing, from the journal's meters: quarters of an hour as far
 * as they are rolled up, and minutes after that. The last weeks are decided too, without
 * acting, so that experts and rules have something to be compared by. On a worker.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/journal_read.h"
#include "base/zone.h"
#include "daemon/pilot_parts.h"
#include "model/stamina.h"
#include "wire/meter_message.h"

#define ROWS_MAX 40000  /* of one meter and level */
#define KNOWN_SHARE 0.5 /* of a slot: less is not measured */
#define EFFICIENCY_DAYS 90

/* One meter's slots. */
struct course {
	struct pilot_sum *slots;
	size_t count;
	int64_t from, step_s; /* number of the first */
};

struct plan_when pilot_when(int64_t number, int32_t step_s)
{
	int64_t at_s = number * step_s;
	int64_t local_s = at_s + zone_offset_s((struct wall_time){at_s * MS_PER_SECOND});

	return (struct plan_when){(int32_t)(local_s / SECONDS_PER_DAY),
				  (int32_t)(local_s % SECONDS_PER_DAY / step_s)};
}

static bool add_row(void *user, const struct journal_rollup_row *row)
{
	const struct course *course = user;
	int64_t number = row->span.from.ms / MS_PER_SECOND / course->step_s;
	struct pilot_sum *slot;

	if (number < course->from || number >= course->from + (int64_t)course->count ||
	    quality_is_doubted(row->quality))
		return true;
	slot = &course->slots[number - course->from];
	slot->wh += row->readings->charged_wh - row->readings->discharged_wh;
	slot->known_ms += row->readings->power_w.count;
	return true;
}

static int read_level(struct journal_reader *reader, enum meter_kind kind, enum rollup_level level,
		      int64_t from_ms, int64_t to_ms, struct course *course)
{
	struct journal_span span = {{from_ms}, {to_ms}, ROWS_MAX, false};

	if (from_ms >= to_ms)
		return 0;
	return journal_read_rollups(reader, meter_kind_name(kind), JOURNAL_METER, level, span,
				    add_row, course);
}

static int read_meter(struct journal_reader *reader, enum meter_kind kind, struct course *course)
{
	int64_t from_ms = course->from * course->step_s * MS_PER_SECOND;
	int64_t to_ms = (course->from + (int64_t)course->count) * course->step_s * MS_PER_SECOND;
	struct wall_time rolled_up;
	int result = journal_read_rolled_up(reader, JOURNAL_METER, &rolled_up);

	if (result != 0)
		return result;
	/* Whole slots of each. */
	rolled_up.ms -= rolled_up.ms % (PRICE_STEP_MAX_S * MS_PER_SECOND);
	if (rolled_up.ms < from_ms)
		rolled_up.ms = from_ms;
	if (rolled_up.ms > to_ms)
		rolled_up.ms = to_ms;
	result = read_level(reader, kind, ROLLUP_QUARTER, from_ms, rolled_up.ms, course);
	if (result == 0)
		result = read_level(reader, kind, ROLLUP_MINUTE, rolled_up.ms, to_ms, course);
	return result;
}

/* Energy of a slot in kWh, NaN where too little of it was measured. */
static float energy_of(const struct pilot_sum *sum, int64_t step_s)
{
	int64_t whole_ms = step_s * MS_PER_SECOND;

	if ((double)sum->known_ms < KNOWN_SHARE * (double)whole_ms)
		return NAN;
	return (float)(fmax(sum->wh, 0) / 1000 * (double)whole_ms / (double)sum->known_ms);
}

/* The prices that are told with the job, from slot `number` on. */
static void look_ahead(const struct pilot *pilot, int64_t number, struct plan_slot *ahead)
{
	const struct pilot_job *job = &pilot->job;
	int count = planner_slots_ahead(&pilot->planner);

	for (int i = 0; i < count; i++) {
		int64_t at = number + i - job->from;

		ahead[i] = (struct plan_slot){.when = pilot_when(number + i, pilot->step_s),
					      .price = {NAN, NAN}};
		if (at >= 0 && at < (int64_t)job->prices)
			ahead[i].price = job->price[at];
	}
}

/* ---- what others foresaw then ---- */

/* What plans that were kept say of it, by the slot that each was made for first; -1: nothing. */
struct said {
	int64_t from, step_s; /* number of the first */
	size_t count;
	int32_t (*w)[PLANNED_SLOTS_MAX];
};

static bool take_said(void *user, const struct planned *plan)
{
	const struct said *said = user;
	int64_t at = plan->from.ms / MS_PER_SECOND / said->step_s - said->from;

	if (plan->slot_s != said->step_s || at < 0 || at >= (int64_t)said->count)
		return true;
	for (int i = 0; i < plan->count; i++)
		said->w[at][i] = plan->slots[i].said_w;
	return true;
}

/* Without any it is an empty one, and nothing was foreseen. */
static int read_said(struct journal_reader *reader, const struct pilot *pilot, struct said *said)
{
	int64_t day = SECONDS_PER_DAY / pilot->step_s;
	struct journal_span span = {{pilot->job.from * pilot->step_s * MS_PER_SECOND},
				    {pilot->job.number * pilot->step_s * MS_PER_SECOND},
				    2 * PILOT_LEARN_DAYS * PLANNED_SLOTS_MAX,
				    false};

	if (!pilot->job.is_asked)
		return 0;
	said->from = pilot->job.from;
	said->step_s = pilot->step_s;
	said->w = malloc(PILOT_LEARN_DAYS * (size_t)day * sizeof(*said->w));
	if (said->w == NULL)
		return -ENOMEM;
	said->count = PILOT_LEARN_DAYS * (size_t)day;
	memset(said->w, 0xff, said->count * sizeof(*said->w));
	return journal_read_plans(reader, pilot->job.battery.text, span, take_said, said);
}

static void hear(struct pilot *pilot, const struct said *said, int64_t number)
{
	float kwh[PLANNED_SLOTS_MAX];
	int64_t at = number - said->from;

	if (at < 0 || at >= (int64_t)said->count)
		return;
	for (int i = 0; i < PLANNED_SLOTS_MAX; i++)
		kwh[i] = said->w[at][i] < 0
			     ? NAN
			     : (float)said->w[at][i] * (float)said->step_s / (3600 * 1000.0f);
	outside_hear(&pilot->planner.outside, kwh, pilot->planner.past.slots_per_day);
}

/* ---- going through ---- */

/* All that is known of the past, from slot `from` on. */
struct home_past {
	size_t count;
	int64_t from;
	struct course load, sun;
	struct pilot_past_slot *log;
	struct said said;
};

/* Slot `i` as the planner takes it. */
static struct plan_slot slot_of(struct pilot *pilot, const struct home_past *past, size_t i)
{
	int64_t number = past->from + (int64_t)i;
	struct plan_slot slot = {.when = pilot_when(number, pilot->step_s)};
	struct seen_slot seen;

	if (pilot->is_by_log) {
		pilot_log_past(pilot, past->log, i, number, &seen);
		pilot_log_take(pilot, &seen, &slot);
		return slot;
	}
	slot.load_kwh = energy_of(&past->load.slots[i], pilot->step_s);
	slot.pv_kwh = pilot->has_sun ? energy_of(&past->sun.slots[i], pilot->step_s) : 0;
	pilot->known += !isnan(slot.load_kwh) && !isnan(slot.pv_kwh);
	return slot;
}

/* Decides a slot of the last weeks with what was known of it then. */
static void decide_again(struct pilot *pilot, const struct said *said, int64_t number,
			 struct plan_slot *slot)
{
	struct plan_slot *ahead = pilot->job.ahead;
	struct plan_decision decision;

	look_ahead(pilot, number, ahead);
	if (pilot->is_by_log) {
		pilot_log_expect(pilot, ahead, pilot->job.shares);
		planner_expect(&pilot->planner, pilot->job.shares);
	}
	slot->price = ahead[0].price;
	hear(pilot, said, number);
	planner_decide(&pilot->planner, ahead, false, &decision);
	planner_take(&pilot->planner, &decision, slot);
}

/* What a day's cap was spent on, also before a restart. */
static void give_again(struct pilot *pilot, const struct home_past *past, size_t i)
{
	struct seen_slot seen;

	pilot_log_past(pilot, past->log, i, past->from + (int64_t)i, &seen);
	planner_give(&pilot->planner, seen_given_kwh(&seen));
}

static void go_through(struct pilot *pilot, const struct home_past *past)
{
	for (size_t i = 0; i < past->count && !atomic_load(&pilot->stops); i++) {
		int64_t number = past->from + (int64_t)i;
		bool is_known = !pilot->is_by_log || pilot_log_lack(pilot) == PILOT_LACKS_NOTHING;
		struct plan_slot slot = slot_of(pilot, past, i);

		if (pilot->planner.past.is_empty && isnan(slot.load_kwh))
			continue;
		if (number < pilot->job.from || !is_known)
			plan_past_take(&pilot->planner.past, &slot);
		else
			decide_again(pilot, &past->said, number, &slot);
		give_again(pilot, past, i);
	}
}

static int32_t known_slots(const struct course *course)
{
	int32_t known = 0;

	for (size_t i = 0; i < course->count; i++)
		known += !isnan(energy_of(&course->slots[i], course->step_s));
	return known;
}

static bool add_quarter(void *user, const struct journal_rollup_row *row)
{
	stamina_add(user, row->span, row->readings);
	return true;
}

/* What the battery's log says of its efficiency, at the powers that it is used with. */
static int read_efficiency(struct pilot *pilot, struct journal_reader *reader)
{
	int64_t to_ms = pilot->job.number * pilot->step_s * MS_PER_SECOND;
	struct journal_span span = {{to_ms - EFFICIENCY_DAYS * MS_PER_DAY}, {to_ms}, ROWS_MAX, false};
	struct stamina stamina = {0};
	struct stamina_learned learned;
	int result = journal_read_rollups(reader, pilot->log.node.text, JOURNAL_NODE,
					  ROLLUP_QUARTER, span, add_quarter, &stamina);

	if (result != 0)
		return result;
	learned = stamina_learn(&stamina);
	pilot->job.efficiency = stamina_one_way(&learned, pilot->job.efficiency);
	return 0;
}

static int read_past(struct pilot *pilot, struct home_past *past)
{
	struct journal_reader *reader = NULL;
	int result = journal_reader_new(&reader, pilot->journal);

	if (result == 0)
		result = read_meter(reader, METER_LOAD, &past->load);
	if (result == 0)
		result = read_meter(reader, METER_PV, &past->sun);
	pilot->is_by_log =
	    !pilot->job.has_prices || known_slots(&past->load) < SECONDS_PER_DAY / pilot->step_s;
	if (result == 0 && (pilot->is_by_log || pilot->model.cycles_per_day > 0))
		result = pilot_log_read(pilot, reader, past->from, past->count, past->log);
	if (result == 0)
		result = read_efficiency(pilot, reader);
	if (result == 0)
		result = pilot_warmth_learn(pilot, reader);
	if (result == 0)
		result = read_said(reader, pilot, &past->said);
	if (result == 0)
		result = journal_read_plan_number(reader, &pilot->job.last_number);
	if (result != 0)
		(void)snprintf(pilot->job.error, sizeof pilot->job.error, "%s",
			       reader != NULL ? journal_reader_error(reader)
					      : "the journal cannot be read");
	journal_reader_free(reader);
	return result;
}

/* The house hangs on a battery that has no relay to feed it by, as far as its log tells. */
static void begin(struct pilot *pilot, int slots_per_day)
{
	struct plan_battery model = pilot->model;

	model.efficiency = pilot->job.efficiency;
	if (pilot->is_by_log) {
		model.paths = PATHS_INDEPENDENT; /* no surplus is known: nothing to follow */
		model.always_serves = !pilot->log.has_load;
	}
	planner_init(&pilot->planner, &model, slots_per_day);
	seen_init(&pilot->seen, slots_per_day);
	pilot->known = 0;
}

void pilot_learn(struct pilot *pilot)
{
	struct pilot_job *job = &pilot->job;
	int64_t day = SECONDS_PER_DAY / pilot->step_s, from = job->number - (PLAN_DAYS - 2) * day;
	size_t count = (size_t)(job->number - from);
	struct pilot_sum *slots = calloc(2 * count, sizeof *slots);
	struct home_past past = {.count = count,
				 .from = from,
				 .load = {slots, count, from, pilot->step_s},
				 .sun = {slots + count, count, from, pilot->step_s},
				 .log = calloc(count, sizeof *past.log)};

	job->has_failed = slots == NULL || past.log == NULL || read_past(pilot, &past) != 0;
	begin(pilot, (int)day);
	for (size_t i = 0; !job->has_failed && i < count; i++)
		pilot->has_sun = pilot->has_sun || past.sun.slots[i].wh > 0;
	if (!job->has_failed)
		go_through(pilot, &past);
	free(past.said.w);
	free(slots);
	free(past.log);
}
