/*
 * The gate that every command passes, whoever asked for it.
 *
 * It decides what is allowed, not what is wanted (control.h), and moves no
 * relay (relay.h). It is a pure function of integers: no loop, no pointer
 * kept, nothing called but the helpers beside it. What it promises is written
 * below as a contract, in ACSL, and proved by scripts/prove for every input;
 * docs/safety.md says under which assumptions, and what that does not cover.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/decision.h"
#include "model/quantity.h"

/* Good readings in a row before a path may be on, after a start or any fault. */
#define GOOD_READINGS_NEEDED 2

/* Leases are whole seconds on the wire. */
#define LEASE_STEP_MS 1000

/* What is known of a battery. */
struct gate_battery {
	bool is_configured; /* chemistry, capacity and power are */
	bool is_locked_out;
	bool has_reading;
	bool is_refused; /* the last message was out of range or contradictory */
	bool is_suspect;
	bool is_frozen;
	int32_t good_in_a_row;            /* >= 0 */
	int64_t age_ms;                   /* of the last good reading; < 0 is refused as stale */
	int32_t soc_bp;                   /* 0..SOC_BP_MAX */
	int32_t temp_min_mc, temp_max_mc; /* coldest and hottest */
	bool ceiling_latch, reserve_latch;
	bool charge_cold_latch, charge_hot_latch;
	bool discharge_cold_latch, discharge_hot_latch;
};

/* What it is judged by. */
struct gate_limits {
	int64_t stale_after_ms; /* >= 0 */
	int32_t reserve_bp, ceiling_bp;
	int32_t charge_min_mc, charge_max_mc;
	int32_t discharge_min_mc, discharge_max_mc;
	int32_t soc_hysteresis_bp, temp_hysteresis_mc; /* >= 0; only for the reason of a latch */
	bool paths_are_independent;
	int64_t dwell_ms;
	int32_t switches_per_day;
};

/* How the relay of one path stands. */
struct gate_path {
	bool is_on;     /* on, or ON is on its way: dwell and budget are behind it */
	bool may_be_on; /* not confirmed open */
	bool is_unread; /* not heard since we started */
	bool has_lease;
	bool epoch_is_pending; /* our command numbers are not durable yet */
	int64_t open_for_ms;
	int32_t switches_today;
	int32_t clock_factor, our_clock_factor; /* unequal: its lease means nothing to us */
};

struct gate_switching {
	bool is_stopping;
	struct gate_path source, load;
};

/* What may happen now. */
struct gate_answer {
	bool source_is_on, load_is_on;
	int64_t lease_ms;     /* for the path that is on; 0 where it has no lease */
	struct reason reason; /* the limit that binds; REASON_NONE where what was wanted may be */
};

/*
 * The words of the contract. A battery is in order while nothing is wrong with
 * it or its reading whatever is wanted; a path may close when its relay can be
 * believed and has rested.
 */
/*@ predicate in_order(struct gate_battery *b, struct gate_limits *l) =
  @     b->is_configured && !b->is_locked_out && b->has_reading && !b->is_refused &&
  @     !b->is_suspect && !b->is_frozen && 0 <= b->age_ms <= l->stale_after_ms;
  @ predicate fresh(struct gate_battery *b, struct gate_limits *l) =
  @     in_order(b, l) && b->good_in_a_row >= GOOD_READINGS_NEEDED;
  @ predicate charge_is_safe(struct gate_battery *b, struct gate_limits *l) =
  @     b->soc_bp < l->ceiling_bp && !b->ceiling_latch &&
  @     l->charge_min_mc <= b->temp_min_mc && !b->charge_cold_latch &&
  @     b->temp_max_mc <= l->charge_max_mc && !b->charge_hot_latch;
  @ predicate discharge_is_safe(struct gate_battery *b, struct gate_limits *l) =
  @     b->soc_bp > l->reserve_bp && !b->reserve_latch &&
  @     l->discharge_min_mc <= b->temp_min_mc && !b->discharge_cold_latch &&
  @     b->temp_max_mc <= l->discharge_max_mc && !b->discharge_hot_latch;
  @ predicate may_close(struct gate_path *p, struct gate_limits *l) =
  @     !p->is_unread && !p->epoch_is_pending &&
  @     p->switches_today < l->switches_per_day && p->open_for_ms >= l->dwell_ms;
  @ predicate lease_fits(struct gate_path *p, struct gate_battery *b, struct gate_limits *l) =
  @     p->clock_factor == p->our_clock_factor &&
  @     (p->has_lease ==> l->stale_after_ms - b->age_ms >= LEASE_STEP_MS);
  @ predicate path_is_free(struct gate_path *p, struct gate_path *other, struct gate_battery *b,
  @                        struct gate_limits *l) =
  @     (l->paths_are_independent || !other->may_be_on) && lease_fits(p, b, l) &&
  @     (p->is_on || may_close(p, l));
  @ predicate lease_is_valid(integer lease_ms, struct gate_battery *b, struct gate_limits *l) =
  @     0 < lease_ms <= l->stale_after_ms - b->age_ms < lease_ms + LEASE_STEP_MS &&
  @     lease_ms % LEASE_STEP_MS == 0;
  @*/

/*
 * What of `wanted` may happen: it, or both paths open with the first limit
 * that forbids it. Reads its arguments; neither blocks nor allocates.
 *
 * In the contract S1 to S8 are the rules of docs/design.md, section 4. Dwell
 * and budget stand in `closing` alone, and there beside `is_on`: they can hold
 * back a path that is off and can keep none on. `useful` is the other
 * direction, that the gate forbids no more than that.
 */
/*@ requires \valid_read(battery) && \valid_read(limits) && \valid_read(switching) &&
  @          \valid_read(&switching->source) && \valid_read(&switching->load);
  @ assigns  \nothing;
  @ ensures S1: \result.source_is_on ==> charge_is_safe(battery, limits);
  @ ensures S2: \result.load_is_on ==> discharge_is_safe(battery, limits);
  @ ensures S3: !fresh(battery, limits) ==> !\result.source_is_on && !\result.load_is_on;
  @ ensures S4: wanted == INTENT_SAFE || switching->is_stopping ==>
  @             !\result.source_is_on && !\result.load_is_on;
  @ ensures S5: (\result.source_is_on ==> wanted == INTENT_CHARGE) &&
  @             (\result.load_is_on ==> wanted == INTENT_DISCHARGE);
  @ ensures S6: (battery->ceiling_latch || battery->charge_cold_latch ||
  @              battery->charge_hot_latch ==> !\result.source_is_on) &&
  @             (battery->reserve_latch || battery->discharge_cold_latch ||
  @              battery->discharge_hot_latch ==> !\result.load_is_on);
  @ ensures S7: \result.source_is_on && switching->source.has_lease ==>
  @             lease_is_valid(\result.lease_ms, battery, limits);
  @ ensures S7: \result.load_is_on && switching->load.has_lease ==>
  @             lease_is_valid(\result.lease_ms, battery, limits);
  @ ensures S7: (\result.source_is_on && switching->source.has_lease) ||
  @             (\result.load_is_on && switching->load.has_lease) || \result.lease_ms == 0;
  @ ensures S8: !(\result.source_is_on && \result.load_is_on) &&
  @             (!limits->paths_are_independent ==>
  @                 (\result.source_is_on ==> !switching->load.may_be_on) &&
  @                 (\result.load_is_on ==> !switching->source.may_be_on));
  @ ensures closing:
  @     (\result.source_is_on ==>
  @         switching->source.is_on || may_close(&switching->source, limits)) &&
  @     (\result.load_is_on ==>
  @         switching->load.is_on || may_close(&switching->load, limits));
  @ ensures clock: (\result.source_is_on ==> lease_fits(&switching->source, battery, limits)) &&
  @                (\result.load_is_on ==> lease_fits(&switching->load, battery, limits));
  @ ensures useful_charge: wanted == INTENT_CHARGE && !switching->is_stopping &&
  @     fresh(battery, limits) && charge_is_safe(battery, limits) &&
  @     path_is_free(&switching->source, &switching->load, battery, limits) ==>
  @     \result.source_is_on;
  @ ensures useful_discharge: wanted == INTENT_DISCHARGE && !switching->is_stopping &&
  @     fresh(battery, limits) && discharge_is_safe(battery, limits) &&
  @     path_is_free(&switching->load, &switching->source, battery, limits) ==>
  @     \result.load_is_on;
  @ ensures explained: wanted == INTENT_CHARGE || wanted == INTENT_DISCHARGE ==>
  @     (\result.reason.code == REASON_NONE <==> \result.source_is_on || \result.load_is_on);
  @*/
struct gate_answer safety_permit(const struct gate_battery *battery,
				 const struct gate_limits *limits,
				 const struct gate_switching *switching, enum intent wanted);

/*
 * What is wrong with the battery or its reading whatever is wanted: the part
 * of the gate that both paths share, but for settling. REASON_NONE if nothing.
 */
/*@ requires \valid_read(battery) && \valid_read(limits);
  @ assigns  \nothing;
  @ ensures  \result.code == REASON_NONE <==> in_order(battery, limits);
  @*/
struct reason safety_fault(const struct gate_battery *battery, const struct gate_limits *limits);
