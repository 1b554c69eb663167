/*
 * The gate that every command passes, whoever asked for it.
 *
 * It decides what is allowed, not what is wanted (control.h), and moves no
 * relay (relay.h). It is a pure function of integers: no loop, no pointer
 * kept, nothing called but the helpers beside it, so that what it promises can
 * be proved.
 *
 * What it promises, for every input:
 *  S1 the source is on only below the ceiling, inside the charge window, with
 *     none of charging's latches set, on a fresh reading;
 *  S2 the load is on only above the reserve, inside the discharge window, with
 *     none of discharging's latches set, on a fresh reading;
 *  S3 without a fresh reading (age 0..stale_after_ms, not refused, suspect or
 *     frozen, enough good ones in a row, not locked out) both are off;
 *  S4 with INTENT_SAFE both are off, and dwell and budget never keep one on;
 *  S5 the source is on only for INTENT_CHARGE, the load only for
 *     INTENT_DISCHARGE;
 *  S6 a latch that is set keeps its path off (limits.h sets and releases);
 *  S7 a path with a lease is on only with 0 < lease_ms <= stale_after_ms - age_ms,
 *     whole seconds;
 *  S8 never both on; and with exclusive paths one is on only while the other
 *     is confirmed open.
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
 * What of `wanted` may happen: it, or both paths open with the first limit
 * that forbids it. Reads its arguments; neither blocks nor allocates.
 */
struct gate_answer safety_permit(const struct gate_battery *battery,
				 const struct gate_limits *limits,
				 const struct gate_switching *switching, enum intent wanted);

/*
 * What is wrong with the battery or its reading whatever is wanted: the part
 * of the gate that both paths share, but for settling. REASON_NONE if nothing.
 */
struct reason safety_fault(const struct gate_battery *battery, const struct gate_limits *limits);
