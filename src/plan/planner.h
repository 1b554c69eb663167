/*
 * The planner: what the battery is to do in the slot that begins now.
 *
 * It learns from slots that are over (planner_take) and decides for the next
 * one (planner_decide) from prices ahead, its own past and nothing else: no
 * clock, no file, no allocation. The same calls give the same decisions, bit
 * for bit. Its memory is the caller's: some 3 MB, of which slots of an hour
 * touch a third.
 */
#pragma once

#include "plan/gauge.h"
#include "plan/lattice.h"
#include "plan/outside.h"
#include "plan/panel.h"
#include "plan/ration.h"

struct planner {
	struct plan_battery battery;
	struct plan_reach reach; /* of the slot that is decided */
	bool has_shares;         /* then `reaches` are of the slots ahead */
	struct plan_reach reaches[LATTICE_STAGES_MAX];
	struct plan_past past;
	struct lattice lattice;
	struct panel panel;
	struct rivals rivals;
	struct gauge gauge; /* of what outlook.h lays open */
	struct outside outside;
	struct plan_ration ration;
	struct plan_rule_day rule_day;
	struct plan_row
	    saved[PLAN_SLOTS_PER_DAY_MAX]; /* value at the beginning of a place, last time */
	bool is_saved[PLAN_SLOTS_PER_DAY_MAX];
	struct plan_price last_price[PLAN_SLOTS_PER_DAY_MAX]; /* at a place, for prices that stop */
	bool has_price[PLAN_SLOTS_PER_DAY_MAX], has_any_price;
	struct plan_price any_price; /* the last at all */
	int stage;                   /* slots since the lattice was built; 0: none stands */
};

/* What is decided for a slot. Valid until the next planner_decide(). */
struct plan_decision {
	struct plan_mode mode;
	struct plan_row value; /* of what is left after the slot */
	struct plan_rule_view view;
	struct plan_price price; /* of the slot: assumed where it is not known */
	bool price_is_assumed;
	bool is_rule; /* then `rule`, which fills up to `level`, is followed: not the plan */
	enum plan_rule rule;
	float level;
	float give_to; /* kWh: it gives nothing below that, whatever is decided; planner_hold() */
};

/*
 * Begins with an empty past. `battery` is copied and must have no plan_battery_fault();
 * `slots_per_day` is 24, 48 or 96.
 */
void planner_init(struct planner *planner, const struct plan_battery *battery, int slots_per_day);

/* How many slots ahead planner_decide() wants, the one that begins now included. */
int planner_slots_ahead(const struct planner *planner);

/*
 * What of its power the battery will have in each of planner_slots_ahead() slots, for the
 * decisions that follow; all of it to begin with.
 */
void planner_expect(struct planner *planner, const struct plan_share *shares);

/* The reach of the slot `i` ahead of the one that is decided. */
const struct plan_reach *planner_reach(const struct planner *planner, int i);

/*
 * Decides for `ahead[0]`, which begins now. `ahead` has planner_slots_ahead() slots with their
 * places on the clock; a price that is not known is NaN and is taken to be that of the day before.
 * Load and PV in it are not looked at; what others foresee of the sun is told by outside_hear()
 * of planner->outside before each call, or is not known. `is_news` says that prices or that
 * have changed, and builds anew.
 */
void planner_decide(struct planner *planner, const struct plan_slot *ahead, bool is_news,
		    struct plan_decision *decision);

/* Likewise, but one rule decides, come what may: without learning, and with nothing to be taken. */
void planner_decide_rule(struct planner *planner, const struct plan_slot *ahead,
			 enum plan_rule rule, struct plan_decision *decision);

/*
 * Holds `decision`, from `energy_kwh` on, to what the battery may still give on that day
 * (ration.h), less `given_kwh` of the running slot. Without a cap, and before, nothing is held.
 */
void planner_hold(const struct planner *planner, float energy_kwh, float given_kwh,
		  struct plan_decision *decision);

/* The battery has given so much on the day that was decided for last. */
void planner_give(struct planner *planner, float kwh);

/* The move in kWh of the cells that follows, with what the house really needs; settle it next. */
float planner_act(const struct plan_decision *decision, const struct plan_reach *reach,
		  float energy_kwh, float net_kwh);

/* The slot of `decision` is over; load and PV are NaN where they were not measured. */
void planner_take(struct planner *planner, const struct plan_decision *decision,
		  const struct plan_slot *slot);
