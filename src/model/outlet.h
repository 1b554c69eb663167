/*
 * What one outlet (webhook, ntfy, e-mail, MQTT topic) has yet to tell: a letter
 * when an alert begins and one when it ends, in order, tried one at a time until
 * each arrives or its time is over.
 *
 * An alert that comes and goes is no storm: what began and ended before anybody
 * was told is not told, what ends and begins again before its end was told goes
 * on, and a beginning is told at most once in OUTLET_PAUSE_MS.
 *
 * Pure: times come as arguments, in ms of one clock that never steps.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/alert.h"

#define OUTLET_LETTERS_MAX 32
#define OUTLET_TOLD_MAX 32
#define OUTLET_BACK_OFF_MIN_MS 10000
#define OUTLET_BACK_OFF_MAX_MS 600000
#define OUTLET_PAUSE_MS (15 * MS_PER_MINUTE)
#define OUTLET_GIVES_UP_MS MS_PER_DAY
#define OUTLET_FAILING_AFTER 5 /* tries in a row; of letters these take two minutes and a half */

enum letter_kind { LETTER_BEGINS, LETTER_ENDS, LETTER_TRIAL };

struct letter {
	enum letter_kind kind;
	struct alert alert; /* as it was last; of a trial only when it was raised */
	bool was_tried;     /* so that it may have arrived, whatever we were told */
	int64_t written_ms, due_ms;
};

/* A beginning that arrived. */
struct outlet_told {
	enum alert_code code; /* ALERT_NONE: free */
	struct ident subject;
	int64_t at_ms;
};

/* All zero at the beginning, but for `minimum`. */
struct outlet {
	enum alert_level minimum; /* of what is told */
	bool is_busy;             /* `current` is under way */
	struct letter current;
	size_t count;
	struct letter letters[OUTLET_LETTERS_MAX]; /* in the order of writing */
	uint32_t failures;                         /* of letters, in a row: what the wait grows by */
	uint32_t misses;                           /* the same, of tests too */
	int64_t retry_ms;                          /* no letter goes before; 0: at once */
	size_t told_next;
	struct outlet_told told[OUTLET_TOLD_MAX];
	uint64_t lost; /* letters given up, or pushed out of a full queue */
};

/* Writes a letter; in a full queue the oldest that waits gives way and is lost. */
void outlet_begins(struct outlet *outlet, const struct alert *alert, int64_t now_ms);

/* Likewise; it is not due for `wait_ms`, within which the alert may begin again. */
void outlet_ends(struct outlet *outlet, const struct alert *alert, int64_t wait_ms, int64_t now_ms);

/*
 * The letter to send now, which is under way then until outlet_done(); borrowed.
 * NULL: none is due, or one is under way.
 */
const struct letter *outlet_take(struct outlet *outlet, int64_t now_ms);

/* What became of it: it goes when it arrived or is given up, else it is tried again later. */
void outlet_done(struct outlet *outlet, bool has_arrived, int64_t now_ms);

/* The other end was reached in another way: what waits is tried without delay. */
void outlet_is_well(struct outlet *outlet);

/* A test did not arrive: it is not tried again, and hurries nothing. */
void outlet_missed(struct outlet *outlet);

/* Whether so many tries in a row have failed that people are to be told. */
bool outlet_is_failing(const struct outlet *outlet);

/* After a restart: a letter that waited, behind those that are back already. */
void outlet_put_back(struct outlet *outlet, const struct letter *letter);

/* Letters that have not arrived, the one under way included. */
size_t outlet_waiting(const struct outlet *outlet);
