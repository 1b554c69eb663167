/* The plan's life in the daemon, on the loop; see pilot.h. Workers are pilot_work.c's. */
#include "daemon/pilot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/pilot_parts.h"
#include "daemon/prices.h"

#define ONE_WAY_EFFICIENCY 0.95f /* of charging and of giving back: not measured yet */
#define REPLAN_MS (10 * MS_PER_MINUTE)
#define AFTER_COMMAND_MS MS_PER_MINUTE /* at the soonest: one that fails is told again and again \
					*/
#define AGAIN_REAL_MS 30000               /* after a journal that could not be read */
#define AFTER_SLOT_MS (5 * MS_PER_MINUTE) /* that a decision outlasts its slot */
#define LEVEL_NEWS_BP 100                 /* levels that are less apart are the same */
#define PROLONG_MS (5 * MS_PER_MINUTE)
#define WISH_MS (15 * MS_PER_MINUTE)

/* ---- what is to be planned ---- */

/* A relay charges at full power or not; while the other one feeds the house only with `paths:
 * independent`. */
static struct plan_battery model_of(const struct daemon *daemon, size_t index)
{
	const struct battery_config *config = &daemon->house.batteries[index];
	const struct settings *settings = &daemon->site.settings[index];
	float capacity = (float)config->capacity_wh / 1000, power = (float)config->power_w / 1000;

	return (struct plan_battery){
	    .capacity_kwh = capacity,
	    .floor_kwh = capacity * (float)setting(settings, PARAMETER_RESERVE) / SOC_BP_MAX,
	    .ceiling_kwh = capacity * (float)setting(settings, PARAMETER_CEILING) / SOC_BP_MAX,
	    .charge_kw = power,
	    .discharge_kw = power,
	    .efficiency = ONE_WAY_EFFICIENCY,
	    .wear = (float)config->wear_micros_per_kwh / 1e6f,
	    .cycles_per_day = (float)config->cycles_per_100_days / 100,
	    .import_max_kw = INFINITY,
	    .export_max_kw = INFINITY,
	    .taper_kwh = capacity,
	    .taper_kw = power,
	    .paths = config->paths_are_independent ? PATHS_INDEPENDENT : PATHS_EXCLUSIVE,
	};
}

static bool is_same_model(const struct plan_battery *a, const struct plan_battery *b)
{
	return a->capacity_kwh == b->capacity_kwh && a->floor_kwh == b->floor_kwh &&
	       a->ceiling_kwh == b->ceiling_kwh && a->charge_kw == b->charge_kw;
}

/* ---- to the core ---- */

static void give(struct pilot *pilot, const struct plan_wish *wish, struct now now)
{
	struct event event = {.kind = EVENT_PLAN, .index = pilot->battery, .plan = *wish};

	pilot->told = *wish;
	pilot->told_at = now.mono;
	pilot->is_told = wish->number != 0;
	daemon_step(pilot->daemon, &event);
}

static void withdraw(struct pilot *pilot, struct now now)
{
	if (pilot->is_told)
		give(pilot, &(struct plan_wish){0}, now);
}

static bool is_news(const struct pilot *pilot, const struct plan_wish *wish, struct now now)
{
	return !pilot->is_told || wish->number != pilot->told.number ||
	       wish->version != pilot->told.version || wish->intent != pilot->told.intent ||
	       wish->reason.code != pilot->told.reason.code ||
	       mono_since(now.mono, pilot->told_at) >= PROLONG_MS;
}

/* What it wants now, as long as the decision is of now. */
static void want(struct pilot *pilot, struct now now)
{
	const struct battery_state *battery = &pilot->daemon->site.batteries[pilot->battery];
	struct follow_view view = {
	    .energy_kwh = follow_energy(&pilot->scale, battery->reading.soc_bp),
	    .net_kw = pilot->net.kw,
	    .intent = pilot->is_told ? pilot->told.intent : INTENT_SAFE,
	};
	struct follow_wish wish;
	struct plan_wish told = {.number = pilot->plan.number, .version = pilot->version};
	struct mono_time soon = mono_add(now.mono, WISH_MS);

	follow_act(&pilot->decision, &pilot->reach, &pilot->scale, (float)pilot->step_s / 3600,
		   &view, &wish);
	/* Without a relay to feed it by the house hangs on the battery anyway. */
	if (pilot->goes_by_log && !pilot->log.has_load && wish.intent != INTENT_CHARGE)
		wish = (struct follow_wish){INTENT_SAFE,
					    {REASON_PLAN_WAIT, battery->reading.soc_bp, 0}};
	told.intent = wish.intent;
	told.reason = wish.reason;
	told.until = pilot->until.ms < soon.ms ? pilot->until : soon;
	if (is_news(pilot, &told, now))
		give(pilot, &told, now);
}

/* What the house needs now: as its meters say, or as it usually does by the battery's log. */
static void follow_house(struct pilot *pilot, struct now now)
{
	int64_t passed_ms = mono_since(now.mono, pilot->followed_at);

	pilot->followed_at = now.mono;
	if (pilot->goes_by_log)
		pilot->net = (struct follow_net){.is_known = true, .kw = pilot->draw_kw};
	else
		follow_net(&pilot->net, pilot_net_kw(pilot->daemon, now),
			   (float)passed_ms / MS_PER_SECOND);
}

void pilot_follow(struct daemon *daemon)
{
	struct pilot *pilot = daemon->pilot;
	struct now now = daemon_now(daemon);

	if (pilot == NULL || daemon->phase != DAEMON_RUNS)
		return;
	follow_house(pilot, now);
	if (setting(&daemon->site.settings[pilot->battery], PARAMETER_LOGIC) != LOGIC_PLAN ||
	    !now.wall_is_trusted || !pilot->net.is_known)
		withdraw(pilot, now);
	else if (pilot->plan.number != 0 &&
		 daemon->site.batteries[pilot->battery].plan_version == pilot->version &&
		 daemon->site.batteries[pilot->battery].quality == QUALITY_GOOD &&
		 mono_since(pilot->until, now.mono) > 0)
		want(pilot, now);
}

/* ---- slots ---- */

static struct pilot_sum *sum_of(struct pilot *pilot, enum meter_kind kind)
{
	return kind == METER_LOAD ? &pilot->load : &pilot->sun;
}

static void add_up(struct pilot *pilot, enum meter_kind kind, int64_t passed_ms)
{
	struct pilot_sum *sum = sum_of(pilot, kind);

	if (!pilot_is_heard(pilot->daemon, kind))
		return;
	sum->wh +=
	    (double)pilot->daemon->status.meters[kind].power_w * (double)passed_ms / MS_PER_HOUR;
	sum->known_ms += passed_ms;
}

static float energy_of(const struct pilot *pilot, const struct pilot_sum *sum)
{
	double whole_ms = (double)pilot->step_s * MS_PER_SECOND;

	return (double)sum->known_ms * 2 < whole_ms
		   ? NAN
		   : (float)(sum->wh / 1000 * whole_ms / (double)sum->known_ms);
}

/* The slot that ran is over: its energies wait for the worker. */
static void end_slot(struct pilot *pilot, struct now now)
{
	struct pilot_slot ended = {
	    .number = pilot->running,
	    .slot = {.when = pilot_when(pilot->running, pilot->step_s),
		     .price = pilot->decision.price,
		     .load_kwh = energy_of(pilot, &pilot->load),
		     .pv_kwh = energy_of(pilot, &pilot->sun)},
	};

	if (isnan(ended.slot.pv_kwh) &&
	    (!pilot_has_sun_meter(pilot->daemon) ||
	     pilot_is_night(pilot,
			    (struct wall_time){ended.number * pilot->step_s * MS_PER_SECOND})))
		ended.slot.pv_kwh = 0;
	pilot_log_end(pilot, now, &ended.seen);
	pilot->metered += !isnan(ended.slot.load_kwh);
	if (pilot->ended_count < PILOT_ENDED_MAX)
		pilot->ended[pilot->ended_count++] = ended;
	pilot->load = pilot->sun = (struct pilot_sum){0};
}

/* Time passes: what flowed in it, and whether a slot has ended. */
static void go_on(struct pilot *pilot, struct now now)
{
	int64_t number = now.wall.ms / MS_PER_SECOND / pilot->step_s;
	int64_t passed_ms = mono_since(now.mono, pilot->seen_at);

	pilot->seen_at = now.mono;
	if (pilot->running == 0) {
		pilot->running = number;
		pilot_log_begin(pilot, now);
		return;
	}
	pilot_log_pass(pilot, passed_ms);
	add_up(pilot, METER_LOAD, passed_ms);
	add_up(pilot, METER_PV, passed_ms);
	if (number == pilot->running)
		return;
	if (number > pilot->running && (pilot->has_learnt || pilot->is_busy))
		end_slot(pilot, now);
	pilot_log_begin(pilot, now);
	pilot->load = pilot->sun = (struct pilot_sum){0};
	pilot->running = number;
	pilot->is_due = true;
}

/* ---- what the worker made ---- */

void pilot_learnt(struct pilot *pilot)
{
	const struct pilot_job *job = &pilot->job;

	if (job->has_failed && !pilot->has_failed)
		log_warning("the plan cannot learn from the journal: %s", job->error);
	pilot->has_failed = job->has_failed;
	pilot->has_learnt = !job->has_failed;
	pilot->had_sun = pilot->has_sun;
	pilot->goes_by_log = pilot->is_by_log;
	pilot->metered = 0;
	pilot->lack = PILOT_LACKS_DAYS;
	if (pilot->last_number == 0)
		pilot->last_number = planned_number_beyond(job->last_number);
	pilot->is_due = true;
	pilot->tried_at = uv_now(pilot->daemon->loop);
	if (pilot->has_learnt)
		pilot_second(pilot->daemon);
}

/* Whether the slot that runs is to bring what it was to bring by the plan that is kept. */
static bool does_as_kept(const struct pilot *pilot)
{
	const struct planned_slot *now = &pilot->plan.slots[0];

	return now->mode == pilot->kept_mode &&
	       abs(now->level_bp - pilot->kept_level_bp) < LEVEL_NEWS_BP;
}

/*
 * One of each slot, what comes after one that became void or does something else, and of many in
 * a row one: what is kept last tells what the one in force does.
 */
static void keep(struct pilot *pilot)
{
	struct record record = daemon_new_record(pilot->daemon, RECORD_PLAN);

	if (pilot->kept_number == pilot->decision_number && pilot->kept_version == pilot->version &&
	    does_as_kept(pilot) && pilot->plan.number - pilot->kept_plan < PLANNED_UNSTORED_MAX)
		return;
	record.plan = &pilot->plan;
	if (!daemon_record(pilot->daemon, &record))
		return;
	pilot->kept_number = pilot->decision_number;
	pilot->kept_version = pilot->version;
	pilot->kept_plan = pilot->plan.number;
	pilot->kept_mode = pilot->plan.slots[0].mode;
	pilot->kept_level_bp = pilot->plan.slots[0].level_bp;
}

/* What the plan was made within, and what its money is of. */
static void tell_circumstances(const struct pilot *pilot, struct planned *plan)
{
	const struct house *house = &pilot->daemon->house;
	const struct battery_config *config = &house->batteries[pilot->battery];
	const struct settings *settings = &pilot->daemon->site.settings[pilot->battery];

	plan->limits = (struct planned_limits){
	    .are_known = true,
	    .are_exclusive = !config->paths_are_independent,
	    .reserve_bp = (int32_t)setting(settings, PARAMETER_RESERVE),
	    .ceiling_bp = (int32_t)setting(settings, PARAMETER_CEILING),
	    .power_w = config->power_w,
	    .charge_min_mc = (int32_t)setting(settings, PARAMETER_CHARGE_MIN_TEMP),
	    .charge_max_mc = (int32_t)setting(settings, PARAMETER_CHARGE_MAX_TEMP),
	};
	memcpy(plan->currency, house->prices.currency, sizeof plan->currency);
}

void pilot_planned(struct pilot *pilot)
{
	struct daemon *daemon = pilot->daemon;
	struct now now = daemon_now(daemon);
	int64_t from_ms = pilot->job.number * pilot->step_s * MS_PER_SECOND;
	int64_t until_ms = from_ms + pilot->step_s * MS_PER_SECOND + AFTER_SLOT_MS;

	pilot->planned_at = now.mono;
	pilot->lack = pilot->job.lack;
	if (pilot->lack != PILOT_LACKS_NOTHING)
		return;
	pilot->draw_kw = pilot->job.draw_kw;
	pilot->plan = pilot->job.plan;
	pilot->plan.number = ++pilot->last_number;
	pilot->plan.battery = daemon->house.batteries[pilot->battery].id;
	pilot->plan.cause = pilot->cause;
	pilot->plan.made_at = now.wall;
	pilot->plan.from.ms = from_ms;
	pilot->plan.valid_until.ms = until_ms;
	pilot->plan.slot_s = pilot->step_s;
	tell_circumstances(pilot, &pilot->plan);
	pilot->decision = pilot->job.decision;
	pilot->decision_number = pilot->job.number;
	pilot->reach = pilot->planner.reach;
	pilot->until = mono_add(now.mono, until_ms - now.wall.ms);
	keep(pilot);
	pilot_follow(daemon);
}

/* ---- life ---- */

/* Without prices nobody looks at a plan unless it is to be followed. */
static bool is_wanted(const struct daemon *daemon, int battery)
{
	return battery >= 0 && daemon->phase == DAEMON_RUNS &&
	       (prices_are_configured(daemon) ||
		setting(&daemon->site.settings[battery], PARAMETER_LOGIC) == LOGIC_PLAN);
}

static void make(struct daemon *daemon, int battery)
{
	struct pilot *pilot = calloc(1, sizeof *pilot);
	struct plan_battery model = model_of(daemon, (size_t)battery);

	if (pilot == NULL)
		return;
	if (plan_battery_fault(&model) != NULL) {
		free(pilot);
		return;
	}
	pilot->daemon = daemon;
	pilot->battery = (size_t)battery;
	pilot->model = model;
	pilot->scale = (struct follow_scale){model.capacity_kwh, model.floor_kwh};
	pilot->step_s = prices_step_s(daemon);
	pilot->log = pilot_log_of(daemon, (size_t)battery);
	pilot->seen_at = pilot->followed_at = daemon_now(daemon).mono;
	(void)snprintf(pilot->journal, sizeof pilot->journal, "%s", daemon->house.store.path);
	daemon->pilot = pilot;
}

void pilot_close(struct daemon *daemon)
{
	struct pilot *pilot = daemon->pilot;

	daemon->pilot = NULL;
	if (pilot == NULL)
		return;
	atomic_store(&pilot->stops, true);
	pilot->daemon = NULL;
	if (!pilot->is_busy)
		free(pilot);
}

/* Another battery, other limits, or slots of another length: all is learnt anew. */
static bool is_outdated(const struct pilot *pilot, int battery)
{
	struct plan_battery model = model_of(pilot->daemon, (size_t)battery);
	struct pilot_log log = pilot_log_of(pilot->daemon, (size_t)battery);

	return pilot->battery != (size_t)battery || !is_same_model(&pilot->model, &model) ||
	       pilot->step_s != prices_step_s(pilot->daemon) || pilot->log.count != log.count;
}

/* Whether a plan is to be made, and why. */
static bool is_plan_due(const struct pilot *pilot, struct now now, enum planned_cause *cause)
{
	const struct battery_state *battery = &pilot->daemon->site.batteries[pilot->battery];

	if (!battery->has_reading || battery->quality != QUALITY_GOOD)
		return false;
	if (pilot->is_due)
		*cause = PLANNED_FOR_SLOT;
	else if (pilot->prices_version != prices_version(pilot->daemon))
		*cause = PLANNED_FOR_PRICES;
	else if (pilot->version != battery->plan_version)
		*cause = PLANNED_FOR_CHANGE;
	else if (pilot->failures != pilot_failures(pilot) &&
		 mono_since(now.mono, pilot->planned_at) >= AFTER_COMMAND_MS)
		*cause = PLANNED_FOR_COMMAND;
	else if (mono_since(now.mono, pilot->planned_at) >= REPLAN_MS)
		*cause = PLANNED_FOR_TIME;
	else
		return false;
	return true;
}

static void do_what_is_due(struct pilot *pilot, struct now now)
{
	if (pilot->is_busy)
		return;
	/* A meter has been heard for a day: from now on it is gone by. */
	if (pilot->goes_by_log && prices_are_configured(pilot->daemon) &&
	    pilot->metered >= SECONDS_PER_DAY / pilot->step_s)
		pilot->has_learnt = false;
	if (pilot->has_learnt) {
		if (is_plan_due(pilot, now, &pilot->cause))
			pilot_begin_planning(pilot);
	} else if (!pilot->has_failed ||
		   uv_now(pilot->daemon->loop) - pilot->tried_at >= AGAIN_REAL_MS) {
		pilot_begin_learning(pilot);
	}
}

void pilot_second(struct daemon *daemon)
{
	int battery = pilot_battery_of(daemon);
	struct now now = daemon_now(daemon);

	if (daemon->pilot != NULL &&
	    (!is_wanted(daemon, battery) || is_outdated(daemon->pilot, battery))) {
		withdraw(daemon->pilot, now);
		pilot_close(daemon);
	}
	if (daemon->pilot == NULL && is_wanted(daemon, battery))
		make(daemon, battery);
	if (daemon->pilot == NULL)
		return;
	if (now.wall_is_trusted) {
		go_on(daemon->pilot, now);
		do_what_is_due(daemon->pilot, now);
	} else {
		daemon->pilot->running = 0;
	}
	pilot_follow(daemon);
}
