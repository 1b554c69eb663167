/* What pilot*.c share; nobody else includes it. */
#pragma once

#include <stdatomic.h>
#include <uv.h>

#include "daemon/daemon.h"
#include "daemon/pilot.h"
#include "model/price.h"
#include "plan/course.h"
#include "plan/seen.h"
#include "plan/warmth.h"

#define PILOT_ENDED_MAX 8                            /* slots that ended while a worker was busy */
#define PILOT_LEARN_DAYS 21                          /* that are decided again, for experts and rules */
#define PILOT_LEARN_DAYS_AND_AHEAD (PILOT_LEARN_DAYS + 2)
#define PILOT_AHEAD_MAX (2 * PLAN_SLOTS_PER_DAY_MAX) /* prices that are asked for */

/* A slot that is over, or one ahead, by its number since 1970. */
struct pilot_slot {
	int64_t number;
	struct plan_slot slot;
	struct seen_slot seen; /* what the battery's own log has of it */
};

/* Whose log it is: of the battery's node, and the relays that are its. */
struct pilot_log {
	struct ident node;
	bool has_load; /* a relay by which the battery feeds the house */
	size_t count;
	size_t at[RELAYS_MAX]; /* index in the house */
	enum relay_role roles[RELAYS_MAX];
	struct ident relays[RELAYS_MAX];
};

/* A slot of the journal, as far as the log goes. */
struct pilot_past_slot {
	float soc_at_end; /* 0..1; NaN: not measured */
	int64_t on_ms[2]; /* by role */
};

/* How the battery is as a plan is begun, and within what its cells may work. */
struct pilot_warmth {
	struct wall_time now;
	float soc_pct, temp_c;
	struct warmth_limits limits;
};

/* Why there is no plan although all is there that it is made from. */
enum pilot_lack {
	PILOT_LACKS_NOTHING,
	PILOT_LACKS_DAYS,   /* less than a day of the home is known */
	PILOT_LACKS_LOG,    /* it was not seen what charging brings, or what the house draws */
	PILOT_LACKS_PRICES, /* charging brings the same at every hour */
};

/* What a worker is given, and gives back. */
struct pilot_job {
	bool learns; /* from the journal, before the first plan */
	struct ident battery; /* whose plans it reads then */
	size_t ended_count;
	struct pilot_slot ended[PILOT_ENDED_MAX];
	int64_t number; /* of the slot that begins or runs */
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	bool is_news; /* prices have changed, or a forecast of the sun */
	bool has_prices;
	bool is_asked;                      /* there is somebody outside who foresees the sun */
	float said_kwh[LATTICE_STAGES_MAX]; /* by that, from slot `number` on; NaN: not known */
	struct plan_share shares[LATTICE_STAGES_MAX];
	struct pilot_warmth warmth;
	float energy_kwh;
	float given_kwh; /* of the battery, in the slot that runs */
	/* learning */
	float efficiency; /* one way; taken for measured where the battery's log says one */
	int64_t from;  /* the number of the first slot of `prices` */
	size_t prices; /* how many */
	struct plan_price *price;
	/* the answer */
	bool has_failed;
	uint32_t last_number; /* of the journal's plans */
	enum pilot_lack lack;
	float draw_kw; /* of the house, where the log alone tells */
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
	struct pilot_log log;

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
	bool is_by_log; /* no meter of its load has a day, or there is no price: by the log */
	struct seen seen;
	struct foresight foresight; /* of the battery */
	struct foresight_view view;
	bool was_limited; /* by temperature, in the last plan */

	/* the loop's */
	bool has_learnt, is_due, has_failed;
	bool had_sun; /* as learnt */
	uint64_t tried_at; /* the loop's time */
	struct mono_time seen_at, followed_at, planned_at;
	int64_t running; /* the number of the slot that runs; 0: not known */
	struct pilot_sum load, sun;
	int64_t on_ms[2];   /* of the slot that runs, by the relays' roles */
	float soc_at_begin; /* of it, 0..1; NaN: not known */
	int32_t metered;    /* slots that a meter of the load measured since it was learnt by log */
	bool goes_by_log;   /* as learnt */
	enum pilot_lack lack;
	float draw_kw;
	size_t ended_count;
	struct pilot_slot ended[PILOT_ENDED_MAX];
	uint32_t prices_version, version; /* that the last plan was made with */
	uint32_t failures;                /* of the battery's relays, as it was made */
	enum planned_cause cause;
	bool was_trusted;
	struct planned plan; /* number 0: none yet */
	struct plan_decision decision;
	struct plan_reach reach;
	int64_t decision_number;
	uint32_t last_number; /* of any plan */
	int64_t kept_number;  /* the slot of the last plan that was stored */
	uint32_t kept_version, kept_plan; /* what it was made with, and its number */
	enum planned_mode kept_mode;      /* of that slot */
	int32_t kept_level_bp;
	struct mono_time until; /* of `decision` */
	struct follow_net net;
	bool is_told;
	struct plan_wish told;
	struct mono_time told_at;
};

/* The slot's place on the clock of the house. */
struct plan_when pilot_when(int64_t number, int32_t step_s);

/* --- pilot_log.c --- */

struct pilot_log pilot_log_of(const struct daemon *daemon, size_t battery);

/* On the loop: a slot begins, time passes in it, it ends. */
void pilot_log_begin(struct pilot *pilot, struct now now);
void pilot_log_pass(struct pilot *pilot, int64_t passed_ms);
void pilot_log_end(const struct pilot *pilot, struct now now, struct seen_slot *out);

/* On a worker: the log of `count` slots from the number `from` on; slot `i` of it as it was seen.
 */
int pilot_log_read(struct pilot *pilot, struct journal_reader *reader, int64_t from, size_t count,
		   struct pilot_past_slot *slots) MUST_CHECK;
void pilot_log_past(const struct pilot *pilot, const struct pilot_past_slot *slots, size_t i,
		    int64_t number, struct seen_slot *out);

/* Learns a slot, and fills in what the house is taken to have needed in it. */
void pilot_log_take(struct pilot *pilot, const struct seen_slot *seen, struct plan_slot *slot);

/* What charging will bring in each slot, and what stands for prices where there are none. */
void pilot_log_expect(struct pilot *pilot, struct plan_slot *ahead, struct plan_share *shares);

enum pilot_lack pilot_log_lack(const struct pilot *pilot);

/* Marks a plan as made so, and takes out of it what is not known. */
void pilot_log_tell(const struct pilot *pilot, struct planned *plan);

/* --- pilot_warmth.c --- */

/* On the loop: what the next three go by; its reading means nothing before the first. */
void pilot_warmth_hand(const struct pilot *pilot, struct pilot_warmth *out);

/* On a worker: learns the battery's log; takes from the shares; says how warm a plan makes it. */
int pilot_warmth_learn(struct pilot *pilot, struct journal_reader *reader) MUST_CHECK;
void pilot_warmth_expect(struct pilot *pilot, struct plan_share *shares);
void pilot_warmth_tell(struct pilot *pilot, struct planned *plan);

/* --- pilot_past.c --- */

/* On a worker: fills the planner's past from the journal, and lets it decide the last weeks. */
void pilot_learn(struct pilot *pilot);

/* --- pilot_work.c --- */

/* On the loop: prices from slot `number` on, as the planner takes them. */
void pilot_prices(const struct pilot *pilot, int64_t number, struct plan_price *out, size_t count);

/* On the loop: the sun that others foresee from slot `number` on, in kWh; NaN: not known. */
void pilot_said(const struct pilot *pilot, int64_t number, float *out, size_t count);

/* On a worker: what is missing of the past. */
enum pilot_lack pilot_lack(const struct pilot *pilot);

/* On the loop: begins what is due, where no worker is busy. */
void pilot_begin_learning(struct pilot *pilot);
void pilot_begin_planning(struct pilot *pilot);

/* --- pilot_house.c --- */

bool pilot_has_sun_meter(const struct daemon *daemon);

/* How often the battery's relays have not done as they were told; grows, and anew after a start. */
uint32_t pilot_failures(const struct pilot *pilot);

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
