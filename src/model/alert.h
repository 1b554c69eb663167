/* What a person should know: codes, their words, and the entry in the book of alerts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "model/ident.h"

enum alert_code {
	ALERT_NONE,
	/* sensors */
	ALERT_SENSOR_STALE,
	ALERT_READING_OUT_OF_RANGE,
	ALERT_READING_CONTRADICTORY, /* the message against itself */
	ALERT_SOC_IMPLAUSIBLE,
	ALERT_TEMP_IMPLAUSIBLE,
	ALERT_POWER_CONTRADICTION, /* V x A against W */
	ALERT_CELLS_CONTRADICTION,
	ALERT_SIGN_CONTRADICTION, /* current against the SoC's trend */
	ALERT_SENSOR_FROZEN,
	ALERT_SENSOR_CLOCK, /* its time stamps are far from ours */
	ALERT_SEQUENCE_GAP,
	ALERT_INTERVAL_IGNORED, /* the node does not do what it was set to */
	/* relays */
	ALERT_RELAY_TIMEOUT,
	ALERT_RELAY_MISMATCH,
	ALERT_RELAY_FOREIGN, /* someone else switched it */
	ALERT_RELAY_REBOOTED,
	ALERT_RELAY_CLOCK,    /* its clock's factor is not ours */
	ALERT_RELAY_IMPOSTOR, /* answers under another name */
	ALERT_RELAY_NO_LEASE,
	ALERT_RELAY_WELDED,   /* reported open, and power flows through it */
	ALERT_STILL_CHARGING, /* every source relay is reported open, and the SoC rises */
	ALERT_NO_EFFECT,
	/* limits */
	ALERT_LIMIT_TRIPPED,
	ALERT_LOCKED_OUT,
	/* the daemon's surroundings */
	ALERT_BROKER_AWAY,
	ALERT_BROKER_TAKEN_OVER,
	ALERT_BROKER_SESSION_LOST,
	ALERT_MARKER_SILENT,
	ALERT_STORE_FAILED,
	ALERT_JOURNAL_SET_ASIDE,
	ALERT_SERVER_AWAY,
	ALERT_SERVER_REFUSED,
	ALERT_CLOCK_UNTRUSTED,
	ALERT_STORE_NEARLY_FULL,
	ALERT_CONTROL_AWAY, /* the second connection to the broker, while the first one stands */
	ALERT_WEB_AWAY,     /* browsers cannot reach us: the port is taken, a certificate is bad */
	ALERT_METER_WRONG,  /* its sign or unit contradicts the others, or it stands still */
	ALERT_PRICES_OLD,   /* what energy costs now is assumed, or not known at all */
	ALERT_OUTLET_FAILING, /* alerts do not leave the house by it, try after try */
	ALERT_COUNT
};

enum alert_level { ALERT_NOTICE, ALERT_WARNING, ALERT_ALARM };

/* "sensor-stale", … */
const char *alert_name(enum alert_code code);
enum alert_level alert_level(enum alert_code code);
const char *alert_level_name(enum alert_level level);

#define ALERT_DETAIL_MAX 160

struct alert {
	uint32_t id; /* grows; 0 = free entry */
	enum alert_code code;
	struct ident subject;          /* battery, relay or node; may be empty */
	int64_t value, limit;          /* in the code's units, for the words */
	char detail[ALERT_DETAIL_MAX]; /* a name or message, may be empty */
	bool is_active;
	bool is_acknowledged;
	uint32_t count; /* how often it was raised since it began */
	struct wall_time raised, cleared;
	struct mono_time last_at; /* raised last: what only happened fades an hour after */
};

/* The numbers of an alert's sentence, for who says it in a language of its own. */
struct alert_values {
	bool has_value, has_limit;
	double value, limit; /* in `unit` */
	const char *unit;    /* "%", "°C", "s", "W", "V"; "" where they are counts */
};

struct alert_values alert_values(const struct alert *alert);

/* Writes one sentence: what is wrong with what, and what can be done. */
void alert_format(const struct alert *alert, struct text *out);

/* Writes one sentence: that it is not so any more. */
void alert_format_over(const struct alert *alert, struct text *out);
