/*
 * A home on a virtual clock: the core, the relay's state machine with its lease
 * and the house's physics in one process, without sockets, threads or sleep.
 * What the home is like and what breaks in it follow from its seed alone.
 *
 * An oracle that never asks the gate holds what truly happened against the
 * bounds of docs/design.md, section 4 (simulate_oracle.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

/* What can go wrong, as it is counted. */
enum sim_fault {
	SIM_READING_LOST,
	SIM_READING_LATE,
	SIM_READING_DOUBLED,
	SIM_READING_REFUSED,  /* out of range, or against itself */
	SIM_READING_ABSURD,   /* in range, and nothing that the battery could have done */
	SIM_READING_RETAINED, /* an old one is given out as the broker keeps it */
	SIM_SENSOR_SILENT,
	SIM_SENSOR_FROZEN,
	SIM_SENSOR_RESTART, /* counts its readings from 1 again */
	SIM_SENSOR_CLOCK,   /* its time stamps go wrong */
	SIM_GAUGE_JUMP,  /* the battery's gauge puts itself right: what it shows counts as true */
	SIM_BROKER_AWAY, /* readings queue up and come at once */
	SIM_PATH_LOSSY,  /* commands and answers are lost, late, doubled, reordered */
	SIM_PATH_DEAD,
	SIM_RELAY_STUCK,   /* moves no more, and says so */
	SIM_RELAY_WELDED,  /* closes and opens no more; reports what it was told */
	SIM_RELAY_LYING,   /* moves no more, reports what it was told, measures nothing */
	SIM_RELAY_FAILING, /* answers commands with an error */
	SIM_RELAY_REBOOT,
	SIM_RELAY_FORGETS, /* reboots and has lost its memory */
	SIM_RELAY_FOREIGN, /* someone else switches it */
	SIM_RESTART,       /* the daemon is killed */
	SIM_POWER_LOSS,    /* the machine is; the journal's last rows may be missing */
	SIM_SLOW_DISK,
	SIM_CLOCK_STEP,
	SIM_BATTERY_HOT,
	SIM_COLD_SNAP,
	SIM_FAULT_COUNT
};

/* "reading-lost", … */
const char *sim_fault_name(enum sim_fault fault);

/* What the oracle holds against what happened. */
enum sim_rule {
	SIM_RULE_OUTSIDE,   /* on while the battery's true state forbids it */
	SIM_RULE_STALE,     /* on after the last reading was too old */
	SIM_RULE_BAD,       /* on after a message that no battery could have meant */
	SIM_RULE_BOTH,      /* source and load on at once with exclusive paths */
	SIM_RULE_EXPLAINED, /* ON without fresh, good, allowing readings */
	SIM_RULE_LEASE,     /* a lease beyond the reading's validity */
	SIM_RULE_DWELL,
	SIM_RULE_BUDGET,
	SIM_RULE_OFF,     /* OFF was given up */
	SIM_RULE_ALARM,   /* what cannot be helped was not told in time */
	SIM_RULE_LOCKOUT, /* ON while locked out */
	SIM_RULE_PLAN,    /* a plan decides that does not count */
	SIM_RULE_COUNT
};

/* "outside", … */
const char *sim_rule_name(enum sim_rule rule);

/* Ways to break what is under test, so that a blind oracle is found out. */
enum sim_break {
	SIM_BREAK_NOTHING,
	SIM_BREAK_STALE,       /* readings are good for 10 s longer */
	SIM_BREAK_CEILING,     /* 2 % higher */
	SIM_BREAK_RESERVE,     /* 2 % lower */
	SIM_BREAK_COLD,        /* charging is allowed 3 K colder */
	SIM_BREAK_HOT,         /* and 3 K hotter */
	SIM_BREAK_HYSTERESIS,  /* none */
	SIM_BREAK_REFUSED,     /* messages that are refused are not told to the core */
	SIM_BREAK_BACKLOG,     /* what queued while we were away counts as live */
	SIM_BREAK_EXCLUSIVE,   /* the core believes the paths to be independent */
	SIM_BREAK_LEASE,       /* the relay does not open at its lease's end */
	SIM_BREAK_LEASE_LONG,  /* commands carry a lease of 5 s more */
	SIM_BREAK_OFF_ONCE,    /* an OFF is not sent again */
	SIM_BREAK_DWELL,       /* none */
	SIM_BREAK_BUDGET,      /* none */
	SIM_BREAK_KEPT,        /* nothing is taken back after a restart */
	SIM_BREAK_POWER,       /* the relay's W never arrives, and the SoC stays low */
	SIM_BREAK_ACKNOWLEDGE, /* every lockout is acknowledged at once */
	SIM_BREAK_PLAN,        /* a plan that is void or over is told to be of now */
	SIM_BREAK_FROZEN,      /* a sensor that stands still is seen to move by a thousandth */
	SIM_BREAK_COUNT
};

/* "stale", … */
const char *sim_break_name(enum sim_break what);

/* Returns 0, or -ENOENT where nothing is called `name`. */
int sim_break_find(enum sim_break *out, const char *name) MUST_CHECK;

#define SIM_HOME_DAYS 10 /* the most that one home is played */
#define SIM_FINDINGS_MAX 200
#define SIM_WORDS_MAX 320

struct sim_finding {
	uint64_t seed; /* of the home */
	int32_t day;   /* in which it happened, from 1 */
	enum sim_rule rule;
	char words[SIM_WORDS_MAX];
};

/* Sums over homes. Plain data. */
struct sim_tally {
	uint64_t days, homes, readings, faults, switches, unsafe, unavoidable;
	uint64_t by_fault[SIM_FAULT_COUNT], by_rule[SIM_RULE_COUNT];
	uint32_t finding_count; /* the first ones, by home */
	struct sim_finding findings[SIM_FINDINGS_MAX];
};

void sim_tally_init(struct sim_tally *tally);

/* Adds `other`, whose homes come after those of `tally`. */
void sim_tally_add(struct sim_tally *tally, const struct sim_tally *other);

struct sim_home;

/* Room for one home after another, or NULL without memory. */
struct sim_home *sim_home_new(void);
void sim_home_free(struct sim_home *home);

/* From now on what happens is told on standard error, a line for each thing. */
void sim_home_trace(struct sim_home *home);

/* Plays the home of `seed` for `days` days, 1..SIM_HOME_DAYS, and adds to `tally`. */
void sim_home_play(struct sim_home *home, uint64_t seed, int32_t days, enum sim_break broken,
		   struct sim_tally *tally);
