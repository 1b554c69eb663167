/*
 * What a worker does for the pilot: learn once, then decide slot by slot and write
 * the day ahead out. It is given all that it needs; of the daemon it sees nothing.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pilot_parts.h"
#include "daemon/prices.h"

/* ---- on the loop ---- */

void pilot_prices(const struct pilot *pilot, int64_t number, struct plan_price *out, size_t count)
{
	struct price_slot slots[PILOT_AHEAD_MAX];
	size_t done = 0;

	while (done < count) {
		size_t wanted = count - done < PILOT_AHEAD_MAX ? count - done : PILOT_AHEAD_MAX;
		int64_t from_s = (number + (int64_t)done) * pilot->step_s;
		size_t got =
		    prices_at(pilot->daemon, pilot->step_s, from_s,
			      from_s + (int64_t)wanted * pilot->step_s, slots, PILOT_AHEAD_MAX);

		for (size_t i = 0; i < wanted; i++) {
			bool is_known = i < got && slots[i].mark == PRICE_KNOWN;

			out[done + i] = is_known ? (struct plan_price){(float)slots[i].buy,
								       (float)slots[i].sell}
						 : (struct plan_price){NAN, NAN};
		}
		done += wanted;
	}
}

void pilot_said(const struct pilot *pilot, int64_t number, float *out, size_t count)
{
	bool is_fresh = prices_pv_is_fresh(pilot->daemon);

	for (size_t i = 0; i < count; i++) {
		int64_t from_s = (number + (int64_t)i) * pilot->step_s;

		out[i] = is_fresh
			     ? (float)(prices_pv_w(pilot->daemon, from_s, from_s + pilot->step_s) *
				       pilot->step_s / (3600 * 1000.0))
			     : NAN;
	}
}

static void work(uv_work_t *request);
static void after(uv_work_t *request, int status);

static void begin(struct pilot *pilot)
{
	pilot->work.data = pilot;
	pilot->is_busy = uv_queue_work(pilot->daemon->loop, &pilot->work, work, after) == 0;
}

void pilot_begin_learning(struct pilot *pilot)
{
	struct pilot_job *job = &pilot->job;
	int64_t day = SECONDS_PER_DAY / pilot->step_s;

	*job = (struct pilot_job){.learns = true,
				  .battery = pilot->daemon->house.batteries[pilot->battery].id,
				  .number = pilot->running,
				  .has_prices = prices_are_configured(pilot->daemon),
				  .is_asked = prices_pv_is_asked(pilot->daemon),
				  .efficiency = pilot->model.efficiency};
	pilot_warmth_hand(pilot, &job->warmth);
	job->from = job->number - PILOT_LEARN_DAYS * day;
	job->prices = (size_t)(PILOT_LEARN_DAYS_AND_AHEAD * day);
	job->price = calloc(job->prices, sizeof *job->price);
	if (job->price == NULL)
		return;
	pilot_prices(pilot, job->from, job->price, job->prices);
	begin(pilot);
	if (!pilot->is_busy)
		free(job->price);
}

void pilot_begin_planning(struct pilot *pilot)
{
	const struct battery_state *battery = &pilot->daemon->site.batteries[pilot->battery];
	struct pilot_job *job = &pilot->job;
	struct plan_price prices[LATTICE_STAGES_MAX];
	int count = LATTICE_HOURS * SECONDS_PER_DAY / 24 / pilot->step_s;
	uint32_t version = prices_version(pilot->daemon);
	struct seen_slot so_far;

	*job = (struct pilot_job){.number = pilot->running,
				  .has_prices = prices_are_configured(pilot->daemon),
				  .is_asked = prices_pv_is_asked(pilot->daemon)};
	memcpy(job->ended, pilot->ended, sizeof pilot->ended);
	job->ended_count = pilot->ended_count;
	pilot_prices(pilot, job->number, prices, (size_t)count);
	for (int i = 0; i < count; i++)
		job->ahead[i] =
		    (struct plan_slot){.when = pilot_when(job->number + i, pilot->step_s),
				       .price = prices[i],
				       .load_kwh = NAN,
				       .pv_kwh = NAN};
	pilot_said(pilot, job->number, job->said_kwh, (size_t)count);
	job->is_news = version != pilot->prices_version;
	job->energy_kwh = follow_energy(&pilot->scale, battery->reading.soc_bp);
	pilot_log_end(pilot, daemon_now(pilot->daemon), &so_far);
	job->given_kwh = seen_given_kwh(&so_far);
	pilot_warmth_hand(pilot, &job->warmth);
	begin(pilot);
	if (!pilot->is_busy)
		return;
	pilot->ended_count = 0;
	pilot->prices_version = version;
	pilot->version = battery->plan_version;
	pilot->failures = pilot_failures(pilot);
	pilot->is_due = false;
}

/* ---- on the worker ---- */

/* What was decided for it is judged by it; others are only remembered. */
static void take_ended(struct pilot *pilot)
{
	for (size_t i = 0; i < pilot->job.ended_count; i++) {
		struct pilot_slot *ended = &pilot->job.ended[i];

		planner_give(&pilot->planner, seen_given_kwh(&ended->seen));
		if (pilot->is_by_log)
			pilot_log_take(pilot, &ended->seen, &ended->slot);
		if (ended->number == pilot->decided_number)
			planner_take(&pilot->planner, &pilot->decided, &ended->slot);
		else
			plan_past_take(&pilot->planner.past, &ended->slot);
		pilot->known += !isnan(ended->slot.load_kwh) && !isnan(ended->slot.pv_kwh);
	}
}

enum pilot_lack pilot_lack(const struct pilot *pilot)
{
	if (pilot->is_by_log)
		return pilot_log_lack(pilot);
	return pilot->known < pilot->planner.past.slots_per_day ? PILOT_LACKS_DAYS
								: PILOT_LACKS_NOTHING;
}

static void decide(struct pilot *pilot)
{
	struct pilot_job *job = &pilot->job;
	bool is_again = job->number == pilot->decided_number;
	bool is_next = job->number == pilot->decided_number + 1;
	struct course_of of = {.planner = &pilot->planner,
			       .decision = &job->decision,
			       .ahead = job->ahead,
			       .scale = &pilot->scale,
			       .energy_kwh = job->energy_kwh};

	take_ended(pilot);
	job->lack = pilot_lack(pilot);
	if (job->lack != PILOT_LACKS_NOTHING)
		return;
	for (int i = 0; i < planner_slots_ahead(&pilot->planner); i++)
		job->shares[i] = (struct plan_share){1, 1};
	if (pilot->is_by_log) {
		pilot_log_expect(pilot, job->ahead, job->shares);
		job->draw_kw =
		    seen_draw_kw(&pilot->seen, job->ahead[0].when) *
		    pilot->planner.battery.efficiency;
	}
	pilot_warmth_expect(pilot, job->shares);
	planner_expect(&pilot->planner, job->shares);
	if (is_again)
		pilot->planner.rule_day = pilot->rule_day;
	pilot->rule_day = pilot->planner.rule_day;
	outside_hear(&pilot->planner.outside, job->said_kwh, planner_slots_ahead(&pilot->planner));
	planner_decide(&pilot->planner, job->ahead, job->is_news || !is_next, &job->decision);
	planner_hold(&pilot->planner, job->energy_kwh, job->given_kwh, &job->decision);
	of.given_kwh = pilot->planner.ration.given_kwh + job->given_kwh;
	pilot->decided = job->decision;
	pilot->decided_number = job->number;
	course_write(&of, &pilot->course, &job->plan);
	pilot_warmth_tell(pilot, &job->plan);
	if (!job->is_asked || pilot->is_by_log)
		job->plan.outside.sun = PLANNED_SUN_OWN;
	if (pilot->is_by_log)
		pilot_log_tell(pilot, &job->plan);
}

static void work(uv_work_t *request)
{
	struct pilot *pilot = request->data;

	if (pilot->job.learns)
		pilot_learn(pilot);
	else
		decide(pilot);
}

static void after(uv_work_t *request, int status)
{
	struct pilot *pilot = request->data;

	(void)status;
	free(pilot->job.price);
	pilot->job.price = NULL;
	pilot->is_busy = false;
	if (pilot->daemon == NULL)
		free(pilot);
	else if (pilot->job.learns)
		pilot_learnt(pilot);
	else
		pilot_planned(pilot);
}
