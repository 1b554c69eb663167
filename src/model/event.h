/*
 * What happens to the core, and what it answers: the one way in and out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "model/alert.h"
#include "model/decision.h"
#include "model/house.h"
#include "model/reading.h"
#include "model/relay.h"

/* The present, as the core is told it. */
struct now {
	struct mono_time mono;
	struct wall_time wall;
	bool wall_is_trusted;
	int32_t utc_offset_s; /* of the house's zone at `wall` */
	int32_t clock_factor; /* of our clock; 0 is taken as 1. A relay on another is not closed */
};

enum event_kind {
	EVENT_TICK,    /* time has passed; at least once a second on the scaled clock's real side */
	EVENT_READING, /* an accepted reading of a configured battery */
	EVENT_READING_REFUSED, /* a readable message of a configured battery was refused */
	EVENT_RELAY_STATUS,    /* a relay answered, notified or was read */
	EVENT_RELAY_FAILED,    /* a command or read got no answer by its deadline, or an error */
	EVENT_OVERRIDE,        /* a person takes over a relay, or all of a battery, for a while */
	EVENT_OVERRIDE_CANCEL,
	EVENT_SETTINGS,      /* the settings of a battery changed */
	EVENT_ACKNOWLEDGE,   /* a person has seen an alert; ends a lockout with ALERT_LOCKED_OUT */
	EVENT_EPOCH_DURABLE, /* the epoch asked for is in the journal */
	EVENT_CONDITION,     /* the daemon's surroundings: raise or clear an alert */
	EVENT_RESTORE,       /* at the start: what the journal kept of a battery, relay or alert */
	EVENT_STOP,          /* all to the safe state */
	EVENT_PLAN,          /* what the plan wants of a battery; number 0: there is none any more */
	EVENT_TRIAL,         /* a relay is tried by us, beside the core; or is so no more */
};

enum relay_answer {
	ANSWER_COMMAND,  /* the reply to a PUT: took it */
	ANSWER_READBACK, /* GET or observe: how it stands */
	/* of a relay of another make, which says no more than that: nothing of the status counts */
	ANSWER_TAKEN, /* took it; how it stands is to be read */
	ANSWER_BLIND, /* took it; how it stands can not be read at all */
};

/* What survives a restart; see core/step.h. */
struct kept_battery {
	int32_t trips_today;
	bool is_locked_out;
	int64_t day;
};

struct kept_relay {
	int32_t switches_today;
	int64_t day;
	bool has_switches;
	uint32_t switches; /* the node's own counter when last heard */
	bool is_ours;      /* an ON of ours may hold it: also where it is only watched we open it */
	struct override_kept {
		bool is_active;
		uint32_t id;
		bool is_on;
		struct wall_time ends_wall;
	} override;
};

/* What a person asks for: one relay on or off, or what a whole battery is to do. */
struct override_wish {
	bool is_by_relay;
	size_t index;        /* of the relay, or else of the battery */
	bool is_on;          /* by relay */
	enum intent intent;  /* by battery; INTENT_SAFE holds all its relays open */
	int64_t duration_ms; /* 1 s..OVERRIDE_MAX_MS */
};

/* Whether it asks for any relay to close. */
bool override_wish_asks_on(const struct override_wish *wish);

struct event {
	enum event_kind kind;
	size_t index; /* the battery or relay it is about */
	union {
		struct {
			struct reading reading;
			bool is_retained;
			bool is_backlog; /* arrived before the marker's echo */
		} reading;
		struct {
			enum refusal refusal;
			double value; /* the number that was refused, NaN where it is not one */
			char field[16];
		} refused;
		struct {
			enum relay_answer answer;
			struct relay_status status;
			uint64_t number; /* with ANSWER_COMMAND: of the command that it answers */
		} relay;
		struct {
			bool is_command; /* else a readback */
			uint64_t number;
			bool is_refused; /* the device answered with an error */
			char detail[ALERT_DETAIL_MAX];
		} failed;
		struct override_wish override;
		struct {
			uint32_t id;
		} cancel;
		struct {
			struct settings settings;
		} settings;
		struct {
			uint32_t alert_id;
		} acknowledge;
		struct {
			uint32_t epoch;
		} epoch;
		struct {
			enum alert_code code;
			bool is_active;
			struct ident subject;
			int64_t value, limit;
			char detail[ALERT_DETAIL_MAX];
		} condition;
		struct {
			bool has_battery;
			struct kept_battery battery; /* `index` is a battery */
			bool has_relay;
			struct kept_relay relay; /* `index` is a relay */
			bool has_alert;
			struct alert alert; /* was active; to be restored before all else */
		} restore;
		struct plan_wish plan;
		struct {
			bool is_under_way;
		} trial;
	};
};

#define OVERRIDE_MAX_MS (24 * (int64_t)MS_PER_HOUR)

/* What an actuator is told, or asked. A relay today; a power set-point may join. */
enum command_kind {
	COMMAND_RELAY,
	COMMAND_READ, /* how does it stand? nothing else counts */
};

struct command {
	enum command_kind kind;
	size_t index;    /* the relay */
	bool is_renewal; /* only prolongs a lease */
	union {
		struct relay_command relay;
	};
};

/* What has happened within the core, for the journal and for people who watch. */
enum note_kind {
	NOTE_DECISION,     /* battery `index` has a new decision in force */
	NOTE_RELAY,        /* relay `index`: phase, reported state or counters changed */
	NOTE_ALERT,        /* an alert was raised, cleared or acknowledged */
	NOTE_OVERRIDE,     /* relay `index`: override began or ended */
	NOTE_KEEP_BATTERY, /* kept_battery of `index` changed: make it durable */
	NOTE_KEEP_RELAY,   /* kept_relay of `index` changed: make it durable */
	NOTE_EPOCH,        /* make site.epoch durable, then send EVENT_EPOCH_DURABLE */
};

struct note {
	enum note_kind kind;
	size_t index; /* of the battery, relay or entry in site.alerts */
};

#define COMMANDS_MAX (2 * RELAYS_MAX)
#define NOTES_MAX 512

/* What one step answers. Emptied by core_step(); the caller owns it. */
struct outcome {
	size_t command_count;
	struct command commands[COMMANDS_MAX];
	struct hindrance refusal; /* of an EVENT_OVERRIDE: why it was not taken; REASON_NONE else */
	size_t note_count;
	struct note notes[NOTES_MAX];
};
