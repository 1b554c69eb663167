/*
 * What a battery sensor said, once it has been read and found within bounds.
 *
 * A reading holds the numbers twice: as received, for the record, and as
 * integers, for decisions. A reading that exists is valid by construction;
 * whether it is believable is for core/intake to say.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "model/ident.h"
#include "model/quantity.h"

#define CELLS_MAX 32

/* As received, in plain units. What the message did not have is NaN. */
struct reading_received {
	double soc_pct;
	double temp_c;     /* coldest sensor of the pack */
	double temp_max_c; /* hottest; NaN where there is only one */
	double voltage_v;
	double current_a; /* + = charging */
	double power_w;   /* + = charging */
	double soh_pct;
	double interval_s; /* between two readings, as the node says */
};

struct reading {
	struct ident node;
	int32_t soc_bp;      /* 0..SOC_BP_MAX */
	int32_t temp_min_mc; /* TEMP_MC_MIN..TEMP_MC_MAX, rounded down */
	int32_t temp_max_mc; /* >= temp_min_mc, rounded up */
	bool has_time;
	struct wall_time measured; /* by the node's clock */
	bool has_sequence;
	int64_t sequence;
	bool has_voltage, has_current, has_power, has_interval;
	int64_t voltage_mv;
	int64_t current_ma;
	int64_t power_mw;
	int64_t interval_ms;
	uint8_t cell_count;
	uint16_t cell_mv[CELLS_MAX];
	struct reading_received received;
};

/* Why a message was refused. The names are those of reading_refusal_name(). */
enum refusal {
	REFUSAL_NONE,
	REFUSAL_NOT_JSON,
	REFUSAL_BAD_UTF8,
	REFUSAL_TOO_LARGE,
	REFUSAL_TOO_DEEP,
	REFUSAL_DUPLICATE_KEY,
	REFUSAL_MISSING_FIELD,
	REFUSAL_WRONG_TYPE,
	REFUSAL_NOT_FINITE,
	REFUSAL_OUT_OF_RANGE,  /* readable, so a known battery's relays open */
	REFUSAL_CONTRADICTORY, /* likewise: TempMax < Temp, say */
	REFUSAL_EMPTY,
	REFUSAL_NODE_MISMATCH, /* topic and payload name different nodes */
	REFUSAL_UNKNOWN_NODE,
	REFUSAL_RETAINED_COMMAND,
	/* of what devices of other makes say; none of it opens a relay by itself */
	REFUSAL_BAD_NUMBER,
	REFUSAL_NULL_VALUE, /* null, or a number that is agreed to mean none */
	REFUSAL_UNKNOWN_STATE,
	REFUSAL_NOT_USABLE, /* means something else than what is asked of it */
	REFUSAL_BAD_LENGTH,
	REFUSAL_BAD_TLV,
	REFUSAL_UNSUPPORTED_VERSION, /* demands more of us than we know */
	REFUSAL_UNAVAILABLE, /* it says itself that it has no value */
	REFUSAL_RETAINED,
	REFUSAL_STALE,
	REFUSAL_CLOCK_SKEW, /* of a time that has not come yet */
	REFUSAL_REFUSED,    /* the device did not take our request */
	REFUSAL_TEMPLATE_UNSUPPORTED,
	REFUSAL_NO_READBACK, /* nothing would say how it stands */
	REFUSAL_COUNT
};

/* "not-json", "out-of-range", … */
const char *refusal_name(enum refusal refusal);

/* Whether the message could be read, so that what it says is a reason to open relays at once. */
bool refusal_is_readable(enum refusal refusal);
