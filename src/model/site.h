/*
 * The state of the site: all that decisions rest on besides the event and the
 * time. The core owns and changes it (core/step); adapters only read it, to
 * show it. Plain data: a copy is a snapshot. A new member is named in site.c too.
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

#define ALERTS_MAX 128
#define RISE_MARKS 13

/* A person's word on a relay, which beats plan and rules for a while. It always ends. */
struct override {
	bool is_active;
	bool waits_for_clock; /* kept over a restart: how much is left is not known yet */
	uint32_t id;          /* the same for all relays that were taken over together */
	bool is_on;
	struct mono_time ends;
	struct wall_time ends_wall; /* for people and for a restart */
	struct hindrance held_by;   /* the limit that an ON waits for; REASON_NONE for none */
};

/* A state of charge that later ones are measured against. */
struct rise_mark {
	struct mono_time at;
	int32_t soc_bp;
};

struct battery_state {
	/* what was heard */
	bool has_reading;
	struct reading reading;       /* the last that was accepted, good or not */
	bool measured_is_own;         /* its own time stamp could be used */
	struct mono_time measured_at; /* of the last good one: its age is counted from here */
	struct mono_time arrived_at;  /* of the last that was not a burst */
	enum quality quality;         /* of the reading; age is judged by the gate */
	bool last_was_refused;        /* a readable message was refused since the last good one */
	int32_t good_in_a_row;        /* saturates */
	int64_t interval_seen_ms;     /* between the last two readings; 0 = unknown */
	struct mono_time heard_at;  /* the last message that was looked at, whatever became of it */
	bool has_restarted;         /* the node's numbers fell, and may go on from there */
	int64_t restarted_sequence; /* where they fell to */
	uint32_t ignored;           /* retained, backlog or older than what is held */

	/* what it is judged by (core/intake) */
	bool has_anchor; /* what SoC and temperature are measured against */
	int32_t anchor_soc_bp, anchor_temp_mc, anchor_temp_max_mc;
	struct mono_time anchor_at, anchor_temp_at;
	bool has_suspect; /* the last reading was suspect: the next may agree with it */
	int32_t suspect_soc_bp, suspect_temp_mc, suspect_temp_max_mc;
	struct mono_time suspect_at;
	bool is_distrusted; /* implausible again and again: agreeing needs much longer */
	bool has_leapt;     /* implausible at least once, last at `leapt_at` */
	struct mono_time leapt_at;
	bool has_trend; /* SoC against the integral of the current */
	int32_t trend_soc_bp;
	int64_t trend_charge_mas;               /* mA s since then, + = charging */
	struct mono_time trend_since, trend_at; /* its beginning, and what it is summed up to */

	/* what is latched (core/control, core/safety) */
	bool wants_charge, wants_discharge; /* the threshold rule's hysteresis */
	bool ceiling_latch, reserve_latch;
	bool charge_cold_latch, charge_hot_latch;
	bool discharge_cold_latch, discharge_hot_latch;
	int32_t trips_today;
	bool is_locked_out;

	/* whether its values should have moved (core/frozen): what good readings showed */
	bool has_shown;
	int32_t shown_soc_bp, shown_temp_mc, shown_temp_max_mc; /* the last */
	bool is_found_frozen;         /* until one of them moves, whatever comes between */
	struct mono_time still_since; /* since when none of them has moved at all */
	int64_t still_energy_uj;      /* in use since then, + = charging */
	struct mono_time still_summed_at;
	int32_t soc_step_bp; /* the smallest that the sensor has shown; 0: none yet */

	/* whether charging has an effect (core/watch) */
	bool is_effect_watched;          /* the source was closed at the last good reading */
	struct mono_time effect_seen_at; /* when that was, and its state of charge */
	int32_t effect_soc_bp;
	int64_t effect_ms;        /* for how long it was closed, short pauses left out */
	int64_t effect_gained_bp; /* what that has brought */

	/* whether it charges although its source relays are reported open (core/contact) */
	int32_t rise_count;                      /* 0: not watched */
	struct rise_mark rise_marks[RISE_MARKS]; /* the oldest and lowest first */

	/* the plan (core/planned) */
	struct plan_wish plan;      /* the last that was told; number 0: none */
	uint32_t plan_version;      /* grows with whatever a plan of before does not know */
	enum reason_code plan_void; /* what made the last plan void */

	uint64_t alert_bits; /* by code: which alerts of this battery are active */

	struct decision decision; /* the one in force; id 0 before the first */
};

struct relay_state {
	/* what we wish */
	struct override override;
	enum relay_phase phase;
	bool wished_on;
	bool has_command;             /* something was sent since the wish last changed */
	struct relay_command command; /* the last sent */
	struct mono_time sent_at;
	uint64_t first_on_number; /* of the ONs sent for this wish */
	struct mono_time first_on_at;
	int32_t on_attempts;        /* ON sent for this wish, ON_ATTEMPTS_MAX at most */
	bool on_is_given_up;        /* until the wish or the device's answer changes */
	struct mono_time resend_at; /* when OFF is due again, while not confirmed open */
	int64_t backoff_ms;
	struct mono_time lease_ends; /* of the last ON, as we know it */
	int64_t own_longest_ms;      /* it gave that where more was asked for; 0 = not seen */
	uint32_t command_count;      /* lower half of the last number */

	/* what it says */
	bool is_heard; /* at least one status since we started */
	bool is_blind; /* takes commands and can not be read: nothing of it is ever confirmed */
	struct relay_status status;
	struct mono_time heard_at;
	struct mono_time read_at; /* its last readback */
	struct mono_time ask_at;  /* not asked for one before */
	bool may_be_on; /* not confirmed open: S8 counts it as closed */
	bool has_rebooted;
	struct mono_time rebooted_at;

	/* what is counted */
	bool is_open;               /* as last confirmed */
	struct mono_time opened_at; /* begins anew at our start */
	int32_t switches_today;     /* closings counted against the budget */
	int32_t switches_undated;   /* of those, while no clock could tell the day */
	bool closing_is_counted;    /* the one that holds now */
	int64_t day;                /* local day that `switches_today` and trips belong to */
	uint32_t commands, confirmed, mismatches, timeouts;
	bool has_kept_switches; /* the node's counter when it was last heard, also before our start */
	uint32_t kept_switches;

	/* how it came to be so */
	bool is_on_trial;          /* what it does is neither a wish's nor someone else's */
	bool is_foreign_on;        /* someone else closed it after it was confirmed open */
	bool is_foreign_off;       /* someone else opened it after it was confirmed on */
	bool has_undone_off;       /* and a renewal of ours closed it again: OFF is owed */
	bool is_ours_to_open;      /* we sent ON since it was last confirmed open; kept */
	bool is_silent;            /* the last command or read got no answer */
	uint64_t wish_number;      /* of the last command for this wish, renewals aside; or 0 */
	uint64_t on_number;        /* of the last ON sent, renewals included; or 0 */
	bool renewal_is_pending;   /* a lease renewal is under way, number in `command` */
	struct mono_time renew_at; /* not before; after a renewal that failed */
	struct mono_time on_since; /* confirmed on since then, while status.is_on */

	/* whether its contact is open in truth when it is reported open (core/contact) */
	bool is_welded;              /* it is not; until a person acknowledges */
	int32_t leak_count;          /* readings that showed power nevertheless; saturates */
	int32_t tight_count;         /* readings since then that showed none; saturates */
	struct mono_time leak_since; /* the first of `leak_count` */

	uint64_t alert_bits; /* by code: which alerts of this relay are active */
};

struct site {
	struct settings settings[BATTERIES_MAX];
	struct battery_state batteries[BATTERIES_MAX];
	struct relay_state relays[RELAYS_MAX];
	uint32_t epoch; /* of our command numbers */
	bool epoch_is_durable;
	bool is_stopping;  /* all to the safe state, nothing more */
	int64_t local_day; /* on which trips are counted; 0 = not known yet */
	struct mono_time
	    day_since; /* when it began or was first seen, for want of a trusted clock */
	uint32_t next_override_id, next_decision_id, next_alert_id;
	struct alert alerts[ALERTS_MAX];
};

/*
 * Whether all members are the same; memcmp() would compare what is between them
 * too, which C leaves open.
 */
bool site_is_same(const struct site *a, const struct site *b);

/* Copies each member, with 0 between them: to be written byte by byte. `to` is another one. */
void site_copy_members(struct site *to, const struct site *from);
