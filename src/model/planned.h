/*
 * A plan as it is shown and kept: what each slot is to bring, with what was
 * expected of it. Made by plan/course from the planner's own values; energies
 * are states of charge here, and prices are per kWh in the house's currency.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "model/ident.h"
#include "model/price.h"
#include "model/quantity.h"
#include "model/reason.h"

#define PLANNED_SLOTS_MAX 96 /* a day of quarters of an hour */

/* What a slot's decision is, as people call it. */
enum planned_mode {
	PLANNED_HOLD,         /* nothing */
	PLANNED_SELF_CONSUME, /* feeds the house, down to the level; keeps surplus where it is worth
				 it */
	PLANNED_CHARGE_FROM_SUN, /* keeps surplus, up to the level, and feeds nobody */
	PLANNED_CHARGE_TO,       /* from the grid too, up to the level */
	PLANNED_DISCHARGE_TO,    /* feeds the grid too, down to the level */
	PLANNED_MODES
};

/* "hold", … */
const char *planned_mode_name(enum planned_mode mode);

/* 0.1, 0.5, 0.9 */
enum planned_quantile { PLANNED_P10, PLANNED_P50, PLANNED_P90, PLANNED_QUANTILES };

/* How far a plan goes by a forecast of PV from outside. */
enum planned_sun {
	PLANNED_SUN_OWN,      /* nobody is asked */
	PLANNED_SUN_LEARNING, /* compared with too few days of the roof so far */
	PLANNED_SUN_STALE, /* nothing new has come for long, or it says nothing of the hours ahead
			    */
	PLANNED_SUN_ODD,   /* more than the roof can give, or sun at night */
	PLANNED_SUN_NO_BETTER, /* on the days so far it was no better than the plan's own days */
	PLANNED_SUN_USED,      /* in part, as it was better */
	PLANNED_SUNS
};

/* "own", "learning", … */
const char *planned_sun_name(enum planned_sun sun);

struct planned_outside {
	enum planned_sun sun;
	int32_t share_pct; /* of what counts of the sun ahead that is its own word; 0 unless used */
	int32_t days;      /* of sun that it was compared on */
	int32_t own_off_w, said_off_w; /* in the mean, six hours ahead: the plan's days, and it */
};

struct planned_slot {
	enum planned_mode mode;
	int32_t level_bp;
	bool price_is_assumed, is_known; /* load and PV are: else they mean nothing */
	float buy, sell;
	int32_t load_w[PLANNED_QUANTILES], pv_w[PLANNED_QUANTILES];
	int32_t soc_bp[PLANNED_QUANTILES]; /* at its end */
	int32_t said_w;                    /* PV as foreseen outside; -1: not */
	float bill;                        /* expected */
	bool has_temp;
	int32_t temp_mc; /* at its end, as is likely */
	/* What the other modes would cost more than the best one, with what is left valued; NaN:
	 * not to be had. */
	float more[PLANNED_MODES];
};

/* The rules that the plan is compared with. */
enum planned_rule {
	PLANNED_RULE_NONE,
	PLANNED_RULE_SELF_USE,
	PLANNED_RULE_TOU,
	PLANNED_RULE_TOPUP,
	PLANNED_RULES
};

/* "none", "self-use", "tou", "topup" */
const char *planned_rule_name(enum planned_rule rule);

/* Why a plan was made when it was. */
enum planned_cause {
	PLANNED_FOR_SLOT,   /* one began, or it is the first */
	PLANNED_FOR_PRICES, /* they changed */
	PLANNED_FOR_CHANGE, /* a lockout, a person or a leap of the charge made the last one void */
	PLANNED_FOR_COMMAND, /* a relay did not do as it was told */
	PLANNED_FOR_TIME,    /* some minutes have passed */
	PLANNED_CAUSES
};

/* "slot", "prices", "change", "command", "time" */
const char *planned_cause_name(enum planned_cause cause);

/* Within what a plan was made: the battery and its settings as they were then. */
struct planned_limits {
	bool are_known;     /* else of an older version, which did not keep them */
	bool are_exclusive; /* the paths */
	int32_t reserve_bp, ceiling_bp, power_w;
	int32_t charge_min_mc, charge_max_mc;
};

/* An amount lies between these in eight of ten of the home's days; NaN: too few are known. */
struct planned_between {
	float low, high;
};

/* So many whole days have to be known before it is said. */
#define PLANNED_BETWEEN_DAYS 5

struct planned {
	uint32_t number; /* grows; 0: none */
	struct ident battery;
	struct wall_time made_at, from, valid_until;
	int32_t slot_s, days_known;
	enum planned_cause cause;
	bool is_by_rule; /* a rule leads for now, having been the cheaper one */
	bool is_by_log; /* no meter of the home: from the battery's own log; its sun is not known */
	bool has_no_prices; /* then by when charging usually brings most, and no money is said */
	char currency[PRICE_CURRENCY_MAX]; /* of all money in it; "" where it is not known */
	struct planned_limits limits;
	float bill, saved, rule_bill[PLANNED_RULES]; /* of all slots, with what is left valued */
	struct planned_between bill_between, saved_between;
	/* With exclusive paths: what the plan and self-consumption would come to on the same days
	 * if charging could follow the sun; NaN where it can. */
	float free_bill, free_self_use;
	struct planned_outside outside;
	int32_t count;
	struct planned_slot slots[PLANNED_SLOTS_MAX];
};

/* Most plans are not stored: of so many in a row one is. */
#define PLANNED_UNSTORED_MAX 16

/*
 * From which number on none was given yet, where the newest in the journal is `stored` (0: none).
 * Those after it were shown to people, also one whose row a crash took.
 */
uint32_t planned_number_beyond(uint32_t stored);

/* The slot that `at` is in, or NULL. */
const struct planned_slot *planned_at(const struct planned *plan, struct wall_time at);

/* How a plan stands. */
enum planned_state {
	PLANNED_IN_FORCE,
	PLANNED_EXPIRED,
	PLANNED_VOID,
	PLANNED_NOT_ASKED, /* `logic` is another */
};

/* "in-force", … */
const char *planned_state_name(enum planned_state state);

#define PLANNED_NEEDS_MAX 8
#define PLANNED_WHY_MAX 200

/* What is to be said of the plan of a battery. */
struct plan_status {
	const struct planned *plan; /* NULL: there is none, and `needs` says why; borrowed */
	enum planned_state state;
	char why[PLANNED_WHY_MAX];
	struct reason reason; /* what `why` says, where it is one; REASON_NONE: it is not */
	const char *meter;    /* or the meter that it says is of no use, static; NULL: none */
	enum quality meter_quality;
	size_t need_count;
	const char *needs[PLANNED_NEEDS_MAX]; /* "meters.load", … static */
};
