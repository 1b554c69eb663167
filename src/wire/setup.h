/*
 * The first configuration of a house: what was answered, on the terminal (cli/setup.c) or on the
 * page (adapt/setup_body.c), and the file that comes of it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

#define SETUP_SOURCES_MAX 4
#define SETUP_RELAYS_MAX 2
#define SETUP_SOURCE_TEXT_MAX 1536
#define SETUP_TEXT_MAX (16 * 1024) /* enough for any answers */
#define SETUP_VALUE_MAX 64

/* What a device's own timer may be set to, to be of use: a lease is 90 s less the age of the reading. */
#define SETUP_TIMER_MIN_S 5
#define SETUP_TIMER_MAX_S 60

/* What may be answered; the reserve is at least that of the chemistry. */
#define SETUP_CAPACITY_MIN_KWH 0.1
#define SETUP_CAPACITY_MAX_KWH 1000
#define SETUP_POWER_MIN_KW 0.05
#define SETUP_POWER_MAX_KW 100
#define SETUP_RESERVE_MAX_PCT 90
#define SETUP_RESERVE_PCT 20 /* proposed, where the chemistry allows it */

struct setup_relay {
	char id[IDENT_MAX + 1];
	enum relay_role role;
	char source[IDENT_MAX + 1]; /* empty: it has a `uri` */
	char uri[PATH_TEXT_MAX];
	bool is_leaseless; /* with the owner's word */
};

struct setup_answers {
	char zone[64];
	struct broker_config broker;
	bool broker_is_kept; /* it is that of the file that is replaced */
	char journal[PATH_TEXT_MAX], socket[PATH_TEXT_MAX]; /* empty: where the system keeps them */
	size_t source_count;
	char sources[SETUP_SOURCES_MAX][SETUP_SOURCE_TEXT_MAX]; /* entries of `sources` */
	char battery[IDENT_MAX + 1];
	char battery_source[IDENT_MAX + 1]; /* empty: one of our own sensors */
	enum chemistry chemistry;
	double capacity_kwh, power_kw, reserve_pct;
	size_t relay_count;
	struct setup_relay relays[SETUP_RELAYS_MAX];
};

/* Kinds of CoAP nodes; those that are not ours have one thing more to be asked. */
struct setup_kind {
	const char *profile; /* NULL: ours, or one that speaks as ours do */
	const char *words, *key, *question, *otherwise;
};

#define SETUP_KINDS 4
extern const struct setup_kind setup_kinds[SETUP_KINDS];

/* The kind with that profile; NULL where there is none. */
const struct setup_kind *setup_find_kind(const char *profile);

/*
 * The device `id`, found by wire/detect.h with `source` as its entry, is the battery. False where
 * its lines are too long.
 */
bool setup_take_battery(struct setup_answers *answers, const char *id, const char *source) MUST_CHECK;

/*
 * `relay`, whose role is set, becomes the device `id` found likewise. It is in the answers only
 * with setup_add_relay(), after the owner's word where `is_leaseless` is set by this.
 */
void setup_take_relay(struct setup_relay *relay, const char *id, bool opens_by_itself);

/* A timer that only the owner can set up on the device, and how its profile is told of it. */
struct setup_timer {
	const char *profile, *words, *keys; /* `keys` stand before the number of seconds */
};

/* That of the profile; NULL where it has none. */
const struct setup_timer *setup_find_timer(const char *profile);

/* Whether it may be set to that: whole seconds within the bounds. */
bool setup_is_timer(double timer_s);

/*
 * The device's `source`, as it was found, with its timer set to `timer_s`. The relay is one that
 * opens by itself then; the trial proves it.
 */
void setup_take_timer(struct setup_relay *relay, struct text *out, const char *source,
		      const struct setup_timer *timer, unsigned timer_s);

/* Likewise a node at `uri`; its name goes by its role. */
bool setup_take_node(struct setup_relay *relay, const struct setup_kind *kind,
		     const char *uri) MUST_CHECK;

/* `text`, UTF-8, as a quoted text of YAML: whatever is in it is read back as it is. */
void setup_write_quoted(struct text *out, const char *text);

/* The entry of a node that is not ours, with `value` for what its kind asks. */
void setup_write_node(struct text *out, const struct setup_relay *relay,
		      const struct setup_kind *kind, const char *value);

/* Whether `text` may stand in the file as what is asked of a node: no quote, no space. */
bool setup_is_plain(const char *text);

/* Adds the relay with its entry; false where there is no room, or its name is taken. */
bool setup_add_relay(struct setup_answers *answers, const struct setup_relay *relay,
		     const char *source) MUST_CHECK;

/* Adds the entry `source` once, however many use it; false where there is no room. */
bool setup_add_source(struct setup_answers *answers, const char *source) MUST_CHECK;

/*
 * Writes the file; `day` says when, for its first line. `old` is the text of the file that it
 * replaces, or NULL: what that says beyond setup's own keys is kept as it stands, and so are
 * `store`, `api` and, with `broker_is_kept`, `mqtt`.
 */
void setup_write(struct text *out, const struct setup_answers *answers, const char *day,
		 const char *old);
