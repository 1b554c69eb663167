/*
 * Plans in a simulated home: nobody makes them, they are drawn. Most say
 * something that a plan could say, others come late, are void, have expired,
 * last for ever or want what no plan can want. Safety must not notice; and a
 * plan may only decide while it counts.
 */
#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

#define MARGIN_MS 2 /* a tick at its end may come with another event */

/* How a plan comes. */
enum kind { SOUND, NONE, OF_BEFORE, EXPIRED, ENDLESS, ABSURD, KINDS };

static enum kind draw_kind(struct random *random)
{
	return sim_happens(random, 0.6) ? SOUND : (enum kind)sim_between(random, NONE, KINDS - 1);
}

/* What the core should make of it. */
static void expect(struct sim_home *home, size_t battery, const struct plan_wish *wish,
		   enum kind kind)
{
	struct sim_plan *plan = &home->batteries[battery].plan;
	bool is_for_other_paths =
	    wish->intent == INTENT_BOTH && home->batteries[battery].is_exclusive;

	if (kind == OF_BEFORE || kind == ABSURD || (kind != NONE && is_for_other_paths))
		return;
	plan->told_at = home->now;
	plan->intent = wish->intent;
	plan->until = 0;
	if (kind == SOUND)
		plan->until = home->now + (wish->until.ms - sim_daemon_now(home).mono.ms);
	else if (kind == ENDLESS)
		plan->until = home->now + PLAN_WISH_MAX_MS;
}

static struct plan_wish draw(struct sim_home *home, size_t battery, enum kind kind)
{
	struct random *random = &home->plans;
	struct mono_time now = sim_daemon_now(home).mono;
	struct plan_wish wish = {
	    .number = (uint32_t)sim_between(random, 1, 1000000),
	    .version = home->site.batteries[battery].plan_version,
	    .intent = (enum intent)sim_between(random, INTENT_SAFE, INTENT_BOTH),
	    .reason = {(enum reason_code)sim_between(random, REASON_PLAN_CHARGE, REASON_PLAN_KEEP),
		       sim_between(random, 0, SOC_BP_MAX), sim_between(random, 0, SOC_BP_MAX)},
	    .until = mono_add(now, sim_between(random, MS_PER_MINUTE, PLAN_WISH_MAX_MS)),
	};

	if (kind == NONE)
		wish.number = 0;
	else if (kind == OF_BEFORE)
		wish.version--;
	else if (kind == EXPIRED)
		wish.until = mono_add(now, -sim_between(random, 0, MS_PER_DAY));
	else if (kind == ENDLESS)
		wish.until.ms = INT64_MAX;
	else if (kind == ABSURD)
		wish.reason.code =
		    (enum reason_code)sim_between(random, REASON_NONE, REASON_BETWEEN);
	return wish;
}

void sim_plan_comes(struct sim_home *home)
{
	struct random *random = &home->plans;
	size_t battery = (size_t)sim_between(random, 0, (int64_t)home->house.battery_count - 1);
	enum kind kind = draw_kind(random);
	struct plan_wish wish = draw(home, battery, kind);

	sim_after(home, sim_gap(random, MS_PER_HOUR), SIM_EV_PLAN, 0);
	if (!home->daemon.is_up)
		return;
	sim_trace(home, "plan %u of %s, kind %d: %s", wish.number,
		  home->house.batteries[battery].id.text, (int)kind, intent_name(wish.intent));
	expect(home, battery, &wish, kind);
	if (home->broken == SIM_BREAK_PLAN) {
		wish.version = home->site.batteries[battery].plan_version;
		wish.until = mono_add(sim_daemon_now(home).mono, PLAN_WISH_MAX_MS);
	}
	sim_daemon_event(home, EVENT_PLAN, battery)->plan = wish;
	sim_daemon_step(home);
}

/* Whether this step of the core made the plans of `battery` void. */
static bool is_made_void(const struct sim_home *home, size_t battery)
{
	const struct override_wish *wish = &home->event.override;

	if (home->site.batteries[battery].is_locked_out &&
	    !home->batteries[battery].plan.was_locked)
		return true;
	return home->event.kind == EVENT_OVERRIDE &&
	       home->outcome.refusal.reason.code == REASON_NONE &&
	       battery == (wish->is_by_relay ? home->relays[wish->index].battery : wish->index);
}

void sim_plan_judge(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.battery_count; i++) {
		struct sim_battery *at = &home->batteries[i];
		const struct decision *decision = &home->site.batteries[i].decision;
		bool decides = decision->winner == DECIDER_PLAN;

		if (is_made_void(home, i))
			at->plan.until = 0;
		at->plan.was_locked = home->site.batteries[i].is_locked_out;
		if (!decides || (home->now <= at->plan.until + MARGIN_MS &&
				 home->daemon.is_trusted && decision->wanted == at->plan.intent)) {
			at->is_plan_judged = false;
		} else if (!at->is_plan_judged) {
			at->is_plan_judged = true;
			sim_oracle_found(
			    home, SIM_RULE_PLAN,
			    "%s: a plan decides that was told at %lld s and ends at %lld s",
			    home->house.batteries[i].id.text,
			    (long long)(at->plan.told_at / MS_PER_SECOND),
			    (long long)(at->plan.until / MS_PER_SECOND));
		}
	}
}
