/* What pilot*.c share; nobody else includes it. */
#pragma once

#include <stdatomic.h>
#include <uv.h>

#include "daemon/daemon.h"
#include "daemon/pilot.h"
#include "model/price.h"
#include "plan/course.h"

#define PILOT_ENDED_MAX 8                            /* slots that ended while a worker was busy */
#define PILOT_LEARN_DAYS 21                          /* that are decided again, for experts and rules */
#define PILOT_LEARN_DAYS_AND_AHEAD (PILOT_LEARN_DAYS + 2)
#define PILOT_AHEAD_MAX (2 * PLAN_SLOTS_PER_DAY_MAX) /* prices that are asked for */

/* A slot that is over, or one ahead, by its number since 1970. */
struct pilot_slot {
	int64_t number;
	struct plan_slot slot;
};

/* What a worker is given, and gives back. */
struct pilot_job {
	bool learns; /* from the journal, before the first plan */
	size_t ended_count;
	struct pilot_slot ended[PILOT_ENDED_MAX];
	int64_t number; /* of the slot that begins or runs */
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	bool is_news; /* prices have changed */
	float energy_kwh;
	/* learning */
	int64_t from;  /* the number of the first slot of `prices` */
	size_t prices; /* how many */
	struct plan_price *price;
	/* the answer */
	bool has_failed;
	uint32_t last_number; /* of the journal's plans */
	bool is_too_early;    /* less than a day of the home is known */
	char error[160];
	struct plan_decision decision;
	struct planned plan;
};

/* A meter's energy in the slot that runs. */
struct pilot_sum {
	double wh;
	int64_t known_ms;
};

struct pilot {
	struct daemon *daemon; /* NULL: it has gone, and what is left is freed when the work ends */
	char journal[PATH_TEXT_MAX];
	size_t battery;
	int32_t step_s;
	struct follow_scale scale;
	struct plan_battery model;

	uv_work_t work;
	bool is_busy;
	atomic_bool stops;
	struct pilot_job job;

	/* the worker's while it is busy */
	struct planner planner;
	struct plan_rule_day rule_day; /* before the slot that was decided last */
	struct plan_decision decided;
	int64_t decided_number; /* 0: none */
	struct course_work course;
	bool has_sun;  /* PV was measured at some time */
	int32_t known; /* slots of the home that were measured */

	/* the loop's */
	bool has_learnt, is_due, has_failed;
	bool had_sun; /* as learnt */
	uint64_t tried_at; /* the loop's time */
	struct mono_time seen_at, followed_at, planned_at;
	int64_t running; /* the number of the slot that runs; 0: not known */
	struct pilot_sum load, sun;
	size_t ended_count;
	struct pilot_slot ended[PILOT_ENDED_MAX];
	uint32_t prices_version, version; /* that the last plan was made with */
	bool was_trusted;
	struct planned plan; /* number 0: none yet */
	struct plan_decision decision;
	struct plan_reach reach;
	int64_t decision_number;
	uint32_t last_number; /* of any plan */
	int64_t kept_number;  /* the slot of the last plan that was stored */
	uint32_t kept_version;
	struct mono_time until; /* of `decision` */
	struct follow_net net;
	bool is_told;
	struct plan_wish told;
	struct mono_time told_at;
};

/* The slot's place on the clock of the house. */
struct plan_when pilot_when(int64_t number, int32_t step_s);

/* --- pilot_past.c --- */

/* On a worker: fills the planner's past from the journal, and lets it decide the last weeks. */
void pilot_learn(struct pilot *pilot);

/* --- pilot_work.c --- */

/* On the loop: prices from slot `number` on, as the planner takes them. */
void pilot_prices(const struct pilot *pilot, int64_t number, struct plan_price *out, size_t count);

/* On the loop: begins what is due, where no worker is busy. */
void pilot_begin_learning(struct pilot *pilot);
void pilot_begin_planning(struct pilot *pilot);

/* --- pilot_house.c --- */

/* The first battery whose logic is plan, or else the first that could be; -1: none. */
int pilot_battery_of(const struct daemon *daemon);
bool pilot_has_sun_meter(const struct daemon *daemon);

/* Whether its value counts now. */
bool pilot_is_heard(const struct daemon *daemon, enum meter_kind kind);

/* Whether the sun's meter may be silent then: at night many are. */
bool pilot_is_night(const struct pilot *pilot, struct wall_time wall);

/* What the house needs and its roof does not give; NaN where nobody knows. */
float pilot_net_kw(const struct daemon *daemon, struct now now);

/* --- pilot.c --- */

/* What a worker has made is there. */
void pilot_learnt(struct pilot *pilot);
void pilot_planned(struct pilot *pilot);
