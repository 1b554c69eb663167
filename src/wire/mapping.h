/*
 * Where in somebody's message each of a battery's values stands, as data.
 *
 * A mapping is a topic and a table of rows; one function reads any message by
 * it. Amphora's own sensor message is one instance (mapping_amphora), other
 * people's messages are further tables and no further code.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/ident.h"
#include "model/reading.h"
#include "wire/json_message.h"

enum quantity {
	QUANTITY_NODE,
	QUANTITY_SOC,      /* % */
	QUANTITY_TEMP,     /* °C, coldest */
	QUANTITY_TEMP_MAX, /* °C, hottest */
	QUANTITY_VOLTAGE,  /* V */
	QUANTITY_CURRENT,  /* A, + = charging */
	QUANTITY_POWER,    /* W, + = charging */
	QUANTITY_SOH,      /* % */
	QUANTITY_INTERVAL, /* s */
	QUANTITY_SEQUENCE,
	QUANTITY_TIME,
	QUANTITY_CELLS, /* V each */
	QUANTITY_COUNT
};

/* A time from here on is in ms, below it in s: as s the year 5138, as ms 1973. */
#define MAPPING_EPOCH_MS_FROM 1e11

enum quantity_kind {
	QUANTITY_IS_NUMBER,
	QUANTITY_IS_WHOLE,   /* a number without a fraction */
	QUANTITY_IS_NAME,    /* a name, or a whole number taken as one */
	QUANTITY_IS_TIME,    /* ISO 8601, or epoch s or ms by its size */
	QUANTITY_IS_NUMBERS, /* a list of numbers */
};

/* What a quantity is and what it can be, whoever sends it: plain units. */
struct quantity_range {
	enum quantity_kind kind;
	double min, max; /* both allowed */
	const char *unit;
};

/* The row of `quantity`; static. */
const struct quantity_range *quantity_range(enum quantity quantity);

/* One value of a message. */
struct mapping_row {
	enum quantity quantity;
	/*
	 * A JSON Pointer (RFC 6901) where it begins with `/`; otherwise a member of
	 * the outermost object, in upper or lower case as the sender likes.
	 */
	const char *place;
	double scale; /* what is read times this is in plain units and our sign */
	bool is_required;
};

struct mapping {
	const char *topic; /* pattern with one `+` where the node stands */
	size_t row_count;
	const struct mapping_row *rows;
};

/* Amphora's own sensor message (docs/protocol.md); static. */
const struct mapping *mapping_amphora(void);

/* What was read, in plain units and within the bounds of quantity_range(). */
struct mapped {
	bool has[QUANTITY_COUNT];
	double number[QUANTITY_COUNT]; /* of those that are numbers */
	struct ident node;
	struct wall_time time;
	size_t cell_count;
	double cells_v[CELLS_MAX];
};

/*
 * Reads `payload` by `mapping`. `expected_node` (may be NULL) is the node that
 * the topic or address names: another in the message is REFUSAL_NODE_MISMATCH.
 * One bad value refuses the whole message: the first that cannot be read, or
 * else the first that is out of range, so that a readable refusal means that
 * all of it could be read. Writes `out` only on REFUSAL_NONE, `detail` (may be
 * NULL) only on refusal. Allocates within the bounds of json_message.h.
 */
enum refusal mapping_read(struct mapped *out, const struct mapping *mapping,
			  const struct ident *expected_node, const void *payload, size_t len,
			  struct refusal_detail *detail) MUST_CHECK;
