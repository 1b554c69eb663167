/*
 * What the plan would come to in other circumstances: the home's past is learnt with the battery
 * and the prices as they are, and once more with those that are asked for, and the same hours are
 * planned. On a worker, with copies; one at a time. Nothing acts on it.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pilot_parts.h"
#include "daemon/prices.h"

struct comparing {
	uv_work_t work;
	struct daemon *daemon; /* NULL: it has gone */
	struct plan_change change;
	struct plan_battery is, would;
	struct ident battery;
	bool is_asked; /* as in a job */
	float said_kwh[LATTICE_STAGES_MAX];
	int32_t soc_bp, slots_per_day;
	int64_t number, from; /* of the slot that runs, and of the first price */
	size_t prices;
	struct plan_price *price;
	struct pilot *scratch; /* plans, and is nobody's else */
	bool has_failed;
	struct plan_compared compared;
	plan_compared_done *done;
	void *call;
};

static void free_comparing(struct comparing *comparing)
{
	free(comparing->scratch);
	free(comparing->price);
	free(comparing);
}

/* ---- on the worker ---- */

static void change_prices(struct comparing *comparing)
{
	const struct plan_change *change = &comparing->change;

	for (size_t i = 0; i < comparing->prices; i++) {
		if (change->has_buy)
			comparing->price[i].buy = (float)change->buy;
		if (change->has_sell)
			comparing->price[i].sell = (float)change->sell;
	}
}

static void look_ahead(const struct comparing *comparing, struct plan_slot *ahead, int count)
{
	for (int i = 0; i < count; i++) {
		size_t at = (size_t)(comparing->number - comparing->from) + (size_t)i;

		ahead[i] = (struct plan_slot){
		    .when = pilot_when(comparing->number + i, comparing->scratch->step_s),
		    .price = at < comparing->prices ? comparing->price[at]
						    : (struct plan_price){NAN, NAN},
		    .load_kwh = NAN,
		    .pv_kwh = NAN};
	}
}

static void sum_up(const struct planned *plan, int32_t soc_bp, struct plan_sum *out)
{
	int64_t moved_bp = 0;
	int32_t before_bp = soc_bp;

	for (int32_t i = 0; i < plan->count; i++) {
		int32_t now_bp = plan->slots[i].soc_bp[PLANNED_P50];

		moved_bp += now_bp > before_bp ? now_bp - before_bp : before_bp - now_bp;
		before_bp = now_bp;
	}
	*out = (struct plan_sum){.bill = (double)plan->bill,
				 .saved = (double)plan->saved,
				 .cycles = (double)moved_bp / (2 * SOC_BP_MAX),
				 .soc_end_pct = (double)before_bp / 100};
}

/* Learns and plans with that battery and the prices as they stand. */
static void plan_with(struct comparing *comparing, const struct plan_battery *battery,
		      struct plan_sum *out)
{
	struct pilot *scratch = comparing->scratch;
	struct pilot_job *job = &scratch->job;
	struct course_of of = {.planner = &scratch->planner,
			       .decision = &job->decision,
			       .ahead = job->ahead,
			       .scale = &scratch->scale};

	scratch->model = *battery;
	scratch->scale = (struct follow_scale){battery->capacity_kwh, battery->floor_kwh};
	scratch->has_sun = false;
	scratch->known = 0;
	*job = (struct pilot_job){
	    .learns = true,
	    .has_prices = true,
	    .warmth = {.now = {comparing->number * scratch->step_s * MS_PER_SECOND}},
	    .battery = comparing->battery,
	    .is_asked = comparing->is_asked,
	    .efficiency = battery->efficiency,
	    .number = comparing->number,
	    .from = comparing->from,
	    .prices = comparing->prices,
	    .price = comparing->price};
	pilot_learn(scratch);
	if (job->has_failed || pilot_lack(scratch) != PILOT_LACKS_NOTHING) {
		comparing->has_failed = true;
		return;
	}
	of.energy_kwh = follow_energy(&scratch->scale, comparing->soc_bp);
	look_ahead(comparing, job->ahead, planner_slots_ahead(&scratch->planner));
	if (scratch->is_by_log) {
		pilot_log_expect(scratch, job->ahead, job->shares);
		planner_expect(&scratch->planner, job->shares);
	}
	outside_hear(&scratch->planner.outside, comparing->said_kwh,
		     planner_slots_ahead(&scratch->planner));
	planner_decide(&scratch->planner, job->ahead, true, &job->decision);
	of.given_kwh = scratch->planner.ration.given_kwh;
	planner_hold(&scratch->planner, of.energy_kwh, 0, &job->decision);
	course_write(&of, &scratch->course, &job->plan);
	comparing->compared.slots = job->plan.count;
	sum_up(&job->plan, comparing->soc_bp, out);
}

static void work(uv_work_t *request)
{
	struct comparing *comparing = request->data;

	plan_with(comparing, &comparing->is, &comparing->compared.is);
	change_prices(comparing);
	if (!comparing->has_failed)
		plan_with(comparing, &comparing->would, &comparing->compared.would);
}

/* ---- on the loop ---- */

static void after(uv_work_t *request, int status)
{
	struct comparing *comparing = request->data;

	(void)status;
	if (comparing->daemon != NULL) {
		comparing->daemon->comparing = NULL;
		if (comparing->has_failed)
			comparing->done(comparing->call, NULL,
					"the home's past could not be read from the journal");
		else
			comparing->done(comparing->call, &comparing->compared, "");
	}
	free_comparing(comparing);
}

/* The battery as it is asked for. Returns NULL or what is wrong with it. */
static const char *change_battery(const struct plan_change *change, const struct plan_battery *is,
				  struct plan_battery *would)
{
	float floor = is->floor_kwh / is->capacity_kwh,
	      ceiling = is->ceiling_kwh / is->capacity_kwh;

	*would = *is;
	if (change->has_capacity)
		would->capacity_kwh = (float)change->capacity_wh / 1000;
	if (change->has_power)
		would->charge_kw = would->discharge_kw = would->taper_kw =
		    (float)change->power_w / 1000;
	if (change->has_reserve)
		floor = (float)change->reserve_bp / SOC_BP_MAX;
	if (change->has_ceiling)
		ceiling = (float)change->ceiling_bp / SOC_BP_MAX;
	if (floor >= ceiling)
		return "the reserve must be below the ceiling";
	would->floor_kwh = floor * would->capacity_kwh;
	would->ceiling_kwh = ceiling * would->capacity_kwh;
	would->taper_kwh = would->capacity_kwh;
	return plan_battery_fault(would);
}

static struct comparing *make(const struct pilot *pilot)
{
	struct comparing *comparing = calloc(1, sizeof *comparing);

	if (comparing == NULL)
		return NULL;
	comparing->scratch = calloc(1, sizeof *comparing->scratch);
	comparing->slots_per_day = SECONDS_PER_DAY / pilot->step_s;
	comparing->prices = PILOT_LEARN_DAYS_AND_AHEAD * (size_t)comparing->slots_per_day;
	comparing->price = calloc(comparing->prices, sizeof *comparing->price);
	if (comparing->scratch != NULL && comparing->price != NULL)
		return comparing;
	free_comparing(comparing);
	return NULL;
}

int pilot_compare(struct daemon *daemon, size_t battery, const struct plan_change *change,
		  plan_compared_done *done, void *call, struct text *error)
{
	const struct pilot *pilot = daemon->pilot;
	struct comparing *comparing;
	const char *fault;
	struct plan_battery would;

	if (pilot == NULL || pilot->plan.number == 0 || pilot->battery != battery) {
		text_add(error, "there is no plan to compare with; GET /plan says what it needs");
		return -ENOENT;
	}
	if (daemon->comparing != NULL) {
		text_add(error, "another comparison is being made; ask again in a second");
		return -EBUSY;
	}
	if (pilot->plan.has_no_prices) {
		text_add(error, "without prices there is no bill to compare; configure `prices`");
		return -ENOENT;
	}
	fault = change_battery(change, &pilot->model, &would);
	if (fault != NULL) {
		text_add(error, "%s", fault);
		return -ERANGE;
	}
	comparing = make(pilot);
	if (comparing == NULL) {
		text_add(error, "no memory to plan");
		return -ENOMEM;
	}
	comparing->daemon = daemon;
	comparing->change = *change;
	comparing->is = pilot->model;
	comparing->would = would;
	comparing->soc_bp = daemon->site.batteries[battery].reading.soc_bp;
	comparing->number = pilot->running;
	comparing->from = pilot->running - PILOT_LEARN_DAYS * comparing->slots_per_day;
	comparing->compared.slot_s = pilot->step_s;
	comparing->scratch->step_s = pilot->step_s;
	comparing->scratch->log = pilot->log;
	memcpy(comparing->scratch->journal, pilot->journal, sizeof pilot->journal);
	comparing->battery = daemon->house.batteries[battery].id;
	comparing->is_asked = prices_pv_is_asked(daemon);
	pilot_said(pilot, comparing->number, comparing->said_kwh, LATTICE_STAGES_MAX);
	pilot_prices(pilot, comparing->from, comparing->price, comparing->prices);
	comparing->done = done;
	comparing->call = call;
	comparing->work.data = comparing;
	if (uv_queue_work(daemon->loop, &comparing->work, work, after) != 0) {
		free_comparing(comparing);
		text_add(error, "no worker is to be had");
		return -ENOMEM;
	}
	daemon->comparing = comparing;
	return 0;
}

void pilot_compare_close(struct daemon *daemon)
{
	struct comparing *comparing = daemon->comparing;

	daemon->comparing = NULL;
	if (comparing == NULL)
		return;
	comparing->daemon = NULL;
	atomic_store(&comparing->scratch->stops, true);
	comparing->done(comparing->call, NULL, "the daemon is stopping");
}
