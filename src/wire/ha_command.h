/*
 * What Home Assistant asks of us: a topic and a payload become one command.
 * What is done about it is the daemon's affair (daemon/home_command.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "model/ident.h"

enum ha_command_kind {
	HA_COMMAND_NONE,
	HA_COMMAND_MODE,    /* `choice` */
	HA_COMMAND_RESERVE, /* `number`, % */
	HA_COMMAND_MINUTES, /* `number`: how long the next three last */
	HA_COMMAND_CHARGE,
	HA_COMMAND_DISCHARGE,
	HA_COMMAND_HOLD,
	HA_COMMAND_AUTO,
	HA_COMMAND_ENABLE, /* `is_on` */
	HA_COMMAND_ACKNOWLEDGE,
};

struct ha_command {
	enum ha_command_kind kind;
	struct ident battery; /* empty: the site */
	double number;
	size_t choice;
	bool is_on;
};

/* What a command may say. */
struct ha_bounds {
	double reserve_min_pct, reserve_max_pct;
	const char *const *modes; /* NULL-terminated */
};

enum ha_answer {
	HA_TAKEN,
	HA_NOT_OURS, /* no topic of a command */
	HA_RETAINED_COMMAND,
	HA_EMPTY,
	HA_BAD_NUMBER,
	HA_OUT_OF_RANGE,
	HA_UNKNOWN_STATE, /* a word that none of those allowed is, exactly */
	HA_ANSWER_COUNT
};

/* "retained-command", "bad-number", …; of interop.md's reasons. */
const char *ha_answer_name(enum ha_answer answer);

#define HA_MINUTES_MAX 1440

/*
 * Reads the command that `payload` of `len` bytes is on `topic`; `base` is what our topics
 * begin with. Writes `out` on HA_TAKEN whole, on every other but HA_NOT_OURS its kind and
 * battery. Does not allocate.
 */
enum ha_answer ha_command_read(struct ha_command *out, const char *base, const char *topic,
			       bool is_retained, const void *payload, size_t len,
			       const struct ha_bounds *bounds) MUST_CHECK;
