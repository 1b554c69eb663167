/*
 * What is inside a simulated home, and what its parts ask of each other. For
 * simulate*.c alone.
 *
 *   simulate.c          the home from its first to its last moment; sums
 *   simulate_draw.c     what a home is like
 *   simulate_queue.c    what happens next
 *   simulate_world.c    the batteries' true state
 *   simulate_sensor.c   what their sensors say, and how it arrives
 *   simulate_relay.c    relay nodes, their contacts
 *   simulate_path.c     commands and answers on their way
 *   simulate_daemon.c   the core, its clocks, restarts
 *   simulate_journal.c  what of its state is durable
 *   simulate_faults.c   what breaks, and when
 *   simulate_people.c   overrides, settings, acknowledgements
 *   simulate_plan.c     plans: random, late, expired, absurd; and whether what decides counts
 *   simulate_oracle*.c  whether all of it was as the design says
 *
 * `at` and `now` are ms of the home's true time, which begins at 0 and never
 * jumps. Each clock of the home is that with an offset.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/step.h"
#include "node/relay_unit.h"
#include "sim/physics.h"
#include "sim/random.h"
#include "sim/simulate.h"

#define SIM_BATTERIES 2
#define SIM_RELAYS 6
#define SIM_QUEUE_MAX 256
#define SIM_MESSAGES_MAX 64
#define SIM_BACKLOG_MAX 24
#define SIM_ROWS_MAX 64

#define SIM_NEVER INT64_MAX
#define SIM_GRACE_MS 2000 /* docs/design.md, section 4 */
#define SIM_RECENT_RUN 3  /* readings that what is to be absurd must differ from */
#define SIM_RETRY_MS 5000 /* a contact that did not open; the relay server is quicker */

/* --- what happens next ------------------------------------------------------ */

enum sim_event_kind {
	SIM_EV_SENSOR,        /* battery: measures and publishes */
	SIM_EV_READING,       /* a reading arrives late; `slot` */
	SIM_EV_BROKER_BACK,   /* battery: what queued comes */
	SIM_EV_SENSOR_MENDED, /* battery */
	SIM_EV_REQUEST,       /* relay: a command arrives; `slot` */
	SIM_EV_ATTEMPT,       /* relay: a command is sent again; `slot` */
	SIM_EV_GIVE_UP,       /* relay: a command's deadline; `slot` */
	SIM_EV_ANSWER,        /* relay: the node's answer arrives; `slot` */
	SIM_EV_NOTICE,        /* relay: a notification arrives; `slot` */
	SIM_EV_READ,          /* relay: is read; `number` is the read's */
	SIM_EV_READ_FAILED,   /* relay; `number` */
	SIM_EV_LEASE,         /* relay: looks whether its lease has ended; `number` */
	SIM_EV_RELAY_MENDED,  /* relay */
	SIM_EV_BOOTED,        /* relay */
	SIM_EV_COMMITTED,     /* the journal has written what was noted */
	SIM_EV_START,         /* the daemon */
	SIM_EV_SECOND,        /* the daemon judges its clock */
	SIM_EV_WEATHER,
	SIM_EV_WORLD_MENDED, /* battery */
	SIM_EV_FAULT,
	SIM_EV_PERSON,
	SIM_EV_PLAN,
	SIM_EV_END,
};

struct sim_event {
	int64_t at;
	uint64_t order; /* of those at the same time the first made is the first */
	enum sim_event_kind kind;
	uint32_t index;
	int32_t slot;
	uint64_t number;
};

struct sim_queue {
	uint64_t order;
	size_t count;
	struct sim_event heap[SIM_QUEUE_MAX];
};

void sim_queue_add(struct sim_queue *queue, struct sim_event event);
/* Takes the first out; there is always one, SIM_EV_END the last. */
struct sim_event sim_queue_take(struct sim_queue *queue);

/* --- batteries and sensors -------------------------------------------------- */

/* What a sensor said, and what we know about it. */
struct sim_reading {
	uint64_t id; /* grows with each measurement of the battery */
	int64_t at;  /* when it was measured */
	int32_t soc_bp, temp_min_mc, temp_max_mc;
	int64_t sequence;
	int64_t stamp_ms; /* by the sensor's clock */
	bool is_refused, is_absurd, is_frozen, is_copy;
};

/* The last plan that the core should have taken, in true time; `until` 0: there is none. */
struct sim_plan {
	int64_t told_at, until;
	enum intent intent;
	bool was_locked;
};

/* What the core was given of a battery, by the design's rules; and what it must follow from it. */
struct sim_known {
	bool has_good;
	int64_t measured;      /* of the last that counted, as it can be known; true time */
	int64_t measured_true; /* of the last that counted and was no frozen value */
	int64_t held_at;       /* arrival of the last that was not a burst */
	bool has_held;
	uint64_t held_id;
	int64_t held_sequence, held_stamp_ms;
	bool held_has_own_time;
	bool has_restarted; /* its numbers fell, from here on */
	int64_t restarted_sequence;
	int32_t good_run;
	bool is_bad;
	int64_t bad_since;
	int32_t soc_bp, temp_min_mc, temp_max_mc;
	bool latched[2][3]; /* by role, for SoC, cold and hot: it tripped, and was not left since */
	bool latched_before[2][3]; /* before the last reading */
	int32_t truthful_run; /* in a row, since an absurd one, a start or a person's word */
	int32_t since_frozen; /* truthful ones since it stood still, and what it showed then: */
	int32_t frozen_soc_bp, frozen_min_mc, frozen_max_mc;
	int64_t good_at;      /* arrival of the last good one */
	int64_t leapt_at;     /* when the SoC last moved by more than the battery can */
	bool is_locked_out;   /* noted and durable, or noted in this run */
	int64_t settings_at;  /* when they changed last */
	bool is_watched;      /* monitor: someone else's switching is left as it is */
	int64_t watched_till;
	int64_t still_since;  /* what it showed has not changed since */
	bool has_shown;       /* something that the core believed */
	int32_t shown_soc_bp; /* the last of it */
	int32_t step_bp;      /* the smallest that it has shown; 0: none yet */
	double still_wh;      /* that flowed since, after the last pause */
	double before_wh;     /* and before it */
	double flow_w;        /* that was known until now */
	int64_t still_at;     /* up to then */
	bool was_used, is_still_due, is_frozen_judged;
	int64_t still_due_at; /* an alarm is, since then */
	/* charging with open relays */
	int64_t rise_since;
	int32_t rise_soc_bp;
	bool is_rise_watched, is_rise_judged;
};

/* The true state beyond which a truthful reading shows a limit passed. */
struct sim_border {
	double ceiling_bp, reserve_bp; /* >= and < of it are outside */
	double cold_c[2], hot_c[2];    /* by role; < and > of them are outside */
};

struct sim_battery {
	struct battery_traits traits;
	struct battery battery;
	struct battery_flow flow;
	int64_t at; /* how far the world has gone */
	double ambient_c, ambient_mean_c, offer_w, demand_w;
	bool is_exclusive; /* its paths, in truth */
	double gauge_bp;   /* what the gauge adds to the true SoC; counts as true */
	struct sim_border border;

	/* the sensor */
	int64_t interval_ms;
	bool has_stamp, has_sequence, has_interval;
	double resolution_bp, resolution_mc, noise_mc, spread_c;
	struct random noise;
	uint64_t measured; /* count */
	int64_t sequence, stamp_offset_ms;
	bool is_silent, is_frozen;
	int64_t silent_until, frozen_until, hot_until, cold_until;
	struct sim_reading last;                           /* what it showed last */
	int64_t lose, double_one, late_ms, refuse, absurd; /* what befalls the next readings */
	bool broker_is_away, comes_as_backlog;
	size_t backlog_count;
	struct sim_reading backlog[SIM_BACKLOG_MAX];
	int64_t trouble_at; /* the last fault between the battery and the core */

	struct reading wire; /* as the core gets it; what does not change is filled in */
	struct sim_known known;
	struct sim_plan plan;
	bool is_plan_judged;
};

/* --- relays ------------------------------------------------------------------ */

enum sim_hardware { SIM_SOUND, SIM_STUCK, SIM_WELDED, SIM_LYING, SIM_FAILING };

struct sim_relay;

/* What opened a contact last. */
enum sim_opener { SIM_BY_US, SIM_BY_LEASE, SIM_BY_REBOOT, SIM_BY_OTHERS, SIM_BY_MENDING };

struct sim_contact {
	bool is_closed, is_ordered;
	enum sim_hardware hardware;
	int64_t hardware_since;
	bool measures; /* the power through it */
	int64_t closed_at, opened_at;
	bool is_foreign;               /* someone else closed it last */
	enum sim_opener opener, mover; /* of the last opening; of what moves it now */
	bool closing_was_told;         /* the core has heard of the last closing before it opened */
};

struct sim_path {
	int64_t dead_until, lossy_until;
	double loss, slow; /* chances; of a datagram to be lost, to be late */
	int64_t
	    trouble_at; /* the last datagram that was lost or late, or the last time unreachable */
};

/* The daemon's side of the exchange. */
struct sim_hub {
	uint64_t exchange; /* number of the last command's; open or not */
	bool is_open;
	int64_t sent_at;
	uint64_t tag;
	bool wanted_on, is_confirmed, is_observed;
	uint64_t read;        /* number of the last read */
	int64_t failing_till; /* one is under way until then that gets no answer */
};

/* What the oracle knows of a relay. */
struct sim_watch {
	/* on though it must be open */
	int64_t outside_since; /* SIM_NEVER: it is not */
	int64_t outside_told;  /* a truthful reading said so; SIM_NEVER: not yet */
	int64_t both_since;
	int64_t told_on; /* the core was told, or told it itself, that it is on; SIM_NEVER */
	bool is_judged[SIM_RULE_COUNT]; /* counted once for as long as it lasts */
	/* what was sent and said */
	bool was_commanded;
	bool last_sent_on;
	uint64_t last_on_number;
	/* of the ONs that ask for one closing, and what was set then */
	int64_t on_first, dwell_ms, closings_allowed;
	int64_t off_first, off_last; /* of the row of OFFs that goes on */
	int64_t off_before;          /* the one before the last, or the same */
	bool said_on, has_said;      /* by the last status that arrived */
	int64_t said_at;             /* when that status was made */
	int64_t said_since;          /* when the first of those that agree with it arrived */
	int64_t mended_at;
	bool said_unaware; /* it says off, and has not seen our last ON or may yet close by it */
	int32_t closings_today;
	bool closing_is_refundable;
	int32_t leaks;
	int64_t leak_since, leak_at;
};

struct sim_relay {
	struct sim_home *home;
	uint32_t index;
	size_t battery;
	enum relay_role role;
	struct relay_unit unit;
	struct sim_contact contact;
	struct relay_memory memory; /* what its file holds */
	bool keeps_memory, is_down;
	uint64_t lease_timer; /* number of the last that was set */
	struct sim_path path;
	struct sim_hub hub;
	struct sim_watch watch;
};

/* A command or a status on its way. */
struct sim_message {
	bool is_used;
	uint64_t exchange;
	int32_t attempt;
	struct relay_command command;
	struct relay_status status;
	int64_t made_at;
	bool is_refused, is_read;
	struct sim_reading reading;
};

/* --- the daemon ---------------------------------------------------------------- */

struct sim_row {
	enum note_kind kind;
	uint32_t index;
	int64_t durable_at; /* a kill loses what is not; SIM_NEVER: not even begun */
	int64_t safe_at;    /* a power loss does */
	union {
		struct kept_battery battery;
		struct kept_relay relay;
		struct alert alert;
		uint32_t epoch;
	};
};

struct sim_journal {
	bool is_synced; /* store.sync: full */
	int64_t slow_until;
	size_t count;
	struct sim_row rows[SIM_ROWS_MAX]; /* newest last; not folded into the kept ones yet */
	bool has_battery[SIM_BATTERIES], has_relay[SIM_RELAYS];
	struct kept_battery batteries[SIM_BATTERIES];
	struct kept_relay relays[SIM_RELAYS];
	struct alert alerts[ALERTS_MAX];
	uint32_t epoch, last_alert_id;
	uint32_t epoch_written; /* the last, durable or not; 0 before the first */
};

struct sim_daemon {
	bool is_up;
	int64_t started_at, mono_base;
	int64_t wall_offset_ms;
	bool is_trusted;
	int32_t steady;
	int64_t seen_offset_ms;
	int32_t utc_offset_s;
	int64_t tick_at;   /* when the core wants to be asked again */
	int64_t ticked_at; /* when it was last */
	int64_t tick_most_ms;
	/* the day on which switches are counted */
	int64_t day, day_since;
};

struct sim_home {
	uint64_t seed;
	enum sim_break broken;
	int64_t now, ends;
	struct random draws, chance, weather, people, network, disk, plans;
	double fault_gap_ms, person_gap_ms;
	struct sim_queue queue;
	struct sim_message messages[SIM_MESSAGES_MAX];
	struct sim_battery batteries[SIM_BATTERIES];
	struct sim_relay relays[SIM_RELAYS];
	struct sim_daemon daemon;
	struct sim_journal journal;
	struct house house;
	struct settings settings[BATTERIES_MAX]; /* as a person set them; the core may get others */
	struct site site;
	struct event event;
	struct outcome outcome;
	struct sim_tally *tally;
	uint32_t findings;
	bool is_traced;
};

/* --- simulate.c --- */

void sim_after(struct sim_home *home, int64_t ms, enum sim_event_kind kind, size_t index);
void sim_count_fault(struct sim_home *home, enum sim_fault fault);

/* Writes a line on standard error where the home is traced. */
void sim_trace(const struct sim_home *home, const char *format, ...) PRINTF_LIKE(2, 3);

/* A slot for a message, or -1: then it is lost. */
int32_t sim_message_new(struct sim_home *home);

/* Chance. */
bool sim_happens(struct random *random, double chance);
/* Evenly spread in [from, to]. */
int64_t sim_between(struct random *random, int64_t from, int64_t to);
/* With mean `mean_ms`, at least 1. */
int64_t sim_gap(struct random *random, double mean_ms);

/* --- simulate_draw.c --- */

void sim_draw(struct sim_home *home);
/* New settings of `battery` that hold together. */
void sim_draw_settings(struct sim_home *home, struct random *random, size_t battery);

/* --- simulate_world.c --- */

/* Lets the world of `battery` go on to the present. */
void sim_world_to_now(struct sim_home *home, size_t battery);
void sim_world_weather(struct sim_home *home);
/* After limits or the gauge changed. */
void sim_world_borders(struct sim_home *home, size_t battery);
/* Whether a truthful reading would show that the path of `role` must be open. */
bool sim_world_is_outside(const struct sim_battery *at, enum relay_role role);

/* --- simulate_sensor.c --- */

void sim_sensor_measure(struct sim_home *home, size_t battery);
void sim_sensor_arrive(struct sim_home *home, size_t battery, const struct sim_reading *reading,
		       bool is_backlog, bool is_retained);
/* What queued while the broker or the daemon was away. */
void sim_sensor_flush(struct sim_home *home, size_t battery, bool is_backlog);

/* --- simulate_relay.c --- */

void sim_relay_begin(struct sim_home *home, size_t index);
void sim_relay_lease(struct sim_home *home, size_t index, uint64_t timer);
/* A command reaches the node, from us or from someone else. Returns relay_unit_obey()'s answer. */
int sim_relay_obey(struct sim_relay *relay, const struct relay_command *command, bool is_foreign);
struct relay_status sim_relay_status(struct sim_relay *relay);
void sim_relay_reboot(struct sim_home *home, size_t index, bool forgets);
void sim_relay_booted(struct sim_home *home, size_t index);
void sim_relay_break(struct sim_relay *relay, enum sim_hardware hardware);
void sim_relay_mend(struct sim_home *home, size_t index);

/* --- simulate_path.c --- */

void sim_path_command(struct sim_home *home, const struct command *command);
void sim_path_read(struct sim_home *home, size_t index);
void sim_path_event(struct sim_home *home, const struct sim_event *event);
/* The node tells whoever observes. */
void sim_path_notify(struct sim_relay *relay);
/* All exchanges end: the daemon is gone. */
void sim_path_forget(struct sim_home *home);
void sim_path_read_all(struct sim_home *home);

/* --- simulate_daemon.c --- */

void sim_daemon_start(struct sim_home *home);
void sim_daemon_stop(struct sim_home *home, bool is_power_loss);
void sim_daemon_second(struct sim_home *home);
/* The core takes in home->event. */
void sim_daemon_step(struct sim_home *home);
struct now sim_daemon_now(const struct sim_home *home);
/* home->event emptied as far as `kind` needs it. */
struct event *sim_daemon_event(struct sim_home *home, enum event_kind kind, size_t index);

/* --- simulate_journal.c --- */

void sim_journal_follow(struct sim_home *home);
/* The row with that epoch may be durable now. */
void sim_journal_committed(struct sim_home *home, uint64_t epoch);
void sim_journal_lose(struct sim_home *home, bool is_power_loss);
void sim_journal_restore(struct sim_home *home);

/* --- simulate_faults.c, simulate_people.c --- */

void sim_fault_strike(struct sim_home *home);
void sim_fault_mend_world(struct sim_home *home, size_t battery);
void sim_fault_mend_sensor(struct sim_home *home, size_t battery);
void sim_person_acts(struct sim_home *home);

/* --- simulate_plan.c --- */

void sim_plan_comes(struct sim_home *home);
/* After a step of the core: what it makes void, and whether what decides counts. */
void sim_plan_judge(struct sim_home *home);
/* Sees to every active alert of that code. */
void sim_person_acknowledges(struct sim_home *home, enum alert_code code);
/* Hands the settings of `battery` to the core, as they are or as the break has them. */
struct settings sim_person_settings(const struct sim_home *home, size_t battery);
