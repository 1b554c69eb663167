/*
 * How the daemon and its surroundings are: what is connected, counted and
 * heard besides the site's own state. The daemon fills it, the API shows it;
 * both on the loop. Plain data.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "model/house.h"
#include "model/ident.h"
#include "model/meter.h"
#include "model/meter_group.h"
#include "model/quantity.h"
#include "model/reading.h"

#define STATUS_DETAIL_MAX 160
#define UNKNOWN_NODES_MAX 64

struct broker_status {
	bool is_configured;
	bool is_connected;
	bool session_was_present; /* the broker had kept our session at the last connect */
	bool marker_is_awaited;   /* readings are recorded and not acted on until its echo */
	bool is_taken_over;       /* another client has our id, and no connection lasted since */
	int64_t retry_ms;         /* until it is tried again, real time; <= 0: up or being tried */
	uint64_t backlog;         /* readings recorded before the echo since the last connect */
	uint64_t connects;        /* since the start */
	char detail[STATUS_DETAIL_MAX]; /* last error, empty when there is none */
};

struct journal_status {
	bool is_ok;
	uint64_t rows;       /* readings in it */
	uint32_t trace_gaps; /* in what `amphora replay` reads, since the start */
	uint64_t written_bytes; /* since the start: into the file and its log */
	int64_t
	    written_per_day_bytes; /* of the last day, or as it was so far; -1 = not known yet */
	uint64_t commits;          /* since the start */
	struct mono_time committed_at; /* the last of them */
	size_t waiting;                /* records that are gathered for the next */
	uint64_t dropped;    /* records that a failed disk left no room for, since the start */
	int64_t used_bytes, max_bytes; /* max 0: not known yet */
	bool is_nearly_full;           /* that, or the disk */
	struct wall_time rolled_up;    /* readings up to here are in the rollups; 0: none */
	char detail[STATUS_DETAIL_MAX];
};

struct server_status {
	bool is_configured;
	bool is_connected;
	uint64_t unsent_rows;
	uint64_t refused_rows; /* left out by the server, since the start */
	uint64_t dead_letters; /* of ours in its table, also of earlier times; 0 until asked */
	char detail[STATUS_DETAIL_MAX];
};

/* How browsers reach us. */
struct web_status {
	uint16_t port;                  /* that we listen on; 0: we do not */
	char detail[STATUS_DETAIL_MAX]; /* why not, empty when there is no reason */
};

/* Of nodes that announced themselves, since the start. */
struct registration_status {
	uint64_t accepted;
	uint64_t refused; /* not allowed, not understood, or without the key of their name */
};

/* What a sensor node last said of itself on its status topic. */
enum presence { PRESENCE_UNKNOWN, PRESENCE_ONLINE, PRESENCE_OFFLINE };

/* How often a sensor sends, in ms; 0 = not known or not set. */
struct sensor_interval {
	int64_t set_ms;    /* what a person has set */
	int64_t says_ms;   /* what its last reading says of itself */
	int64_t seen_ms;   /* between its last two readings */
	bool is_confirmed; /* it sends as was set */
};

/* Whether readings `spacing_ms` apart come every `interval_ms`: within a quarter of it. */
bool sensor_interval_fits(int64_t spacing_ms, int64_t interval_ms);

/*
 * Writes how often it sends: "10 s", "10 s, as set", "says 10 s, sends every 60 s", "set to 5 s,
 * sends every 10 s"; nothing while nothing is known.
 */
void sensor_interval_format(const struct sensor_interval *interval, struct text *out);

/* A node that is in no configuration: shown, so that it can be added; never controls. */
struct unknown_node {
	struct ident name; /* empty: free entry */
	int32_t soc_bp;
	int32_t temp_min_mc;
	struct mono_time heard_at;
	uint64_t readings;
};

#define UNKNOWN_RELAYS_MAX 16

/* A relay that registered, or was found, and is in no configuration: shown, never commanded. */
struct unknown_relay {
	struct ident name;       /* as it calls itself; empty: a free entry, or not told yet */
	char uri[PATH_TEXT_MAX]; /* empty: a free entry */
	bool is_read, is_on;     /* it has said how it stands; and how */
	struct mono_time heard_at;
	char trouble[64]; /* why it could not be read, for people; or empty */
};

enum look_state { LOOK_IDLE, LOOK_UNDER_WAY, LOOK_DONE, LOOK_FAILED };

/* What looking for relays at an address came to; the last time that somebody asked. */
struct relay_look {
	enum look_state state;
	char address[PATH_TEXT_MAX];
	int found; /* that are new to the house */
	char detail[64];
};

struct meter_status {
	/* Missing: nothing heard, or it is too old; assumed: some are silent; suspect: it cannot be. */
	enum quality quality;
	int32_t power_w; /* of all that are heard; what was last, while missing; grid + = import */
	bool is_heard;   /* at least once */
	struct mono_time heard_at;
	double imported_wh, exported_wh; /* in all that it stored, over restarts; both >= 0 */
	struct meter_group group; /* the meters that it is the sum of */
};

/* What the last trial of a relay came to (adapt/relay_trial.h). */
struct relay_proof {
	struct ident relay; /* empty: none, nor any behind it */
	struct wall_time at;
	bool is_passed;
	char result[16]; /* "opens", … */
	uint64_t way;    /* that it was reached by, as a number of chance */
};

/* That of `relay`, or NULL. */
const struct relay_proof *relay_proof_find(const struct relay_proof *proofs, const char *relay);

/* How one outlet of alerts is. */
struct outlet_status {
	bool was_tried; /* since the start; then the next four are of the last try */
	struct wall_time at;
	bool has_arrived;
	uint32_t alert;                 /* its id; 0: a test */
	char detail[STATUS_DETAIL_MAX]; /* why it is not known to have arrived */
	size_t waiting;                 /* letters that have not arrived yet */
	uint64_t lost;                  /* that were given up, since the start */
};

struct daemon_status {
	struct relay_proof proofs[RELAYS_MAX];
	const char *version;      /* static */
	struct mono_time started; /* uptime is counted from here */
	bool is_stopping;
	char machine_zone[64]; /* of the process before it took the house's; empty: not known */
	struct broker_status broker;
	struct journal_status journal;
	struct server_status server;
	struct web_status web;
	struct registration_status registrations;
	uint64_t refused[REFUSAL_COUNT];
	uint64_t accepted;   /* readings taken since the start */
	uint64_t duplicates; /* readings that came again and were in the journal already */
	int64_t missing[BATTERIES_MAX]; /* readings of each whose number never came; saturates */
	enum presence presence[BATTERIES_MAX]; /* of each battery's sensor node */
	struct sensor_interval intervals[BATTERIES_MAX];
	struct unknown_node unknown[UNKNOWN_NODES_MAX];
	struct unknown_relay unknown_relays[UNKNOWN_RELAYS_MAX];
	struct relay_look relay_look;
	struct meter_status meters[METER_COUNT];
	struct outlet_status outlets[OUTLETS_MAX];
};
