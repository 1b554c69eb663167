/*
 * The HTTP API: the state of the daemon as JSON, and the few things that a
 * person may ask of it. Paths, fields and errors are in docs/api.md.
 *
 * It holds no state of its own but the ring of recent events. What it shows it
 * reads from the host's structures on the loop; what it is asked to change goes
 * through the host's functions, which decide. History is read on a worker with
 * a connection of its own to the journal, so that it never stands before control.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/admission.h"
#include "model/relay_admission.h"
#include "model/audit.h"
#include "model/event.h"
#include "model/forecast.h"
#include "model/house.h"
#include "model/parameter.h"
#include "model/plan_change.h"
#include "model/planned.h"
#include "model/record.h"
#include "model/reading.h"
#include "model/rollup.h"
#include "model/site.h"
#include "model/status.h"

struct setup_wish;

/* Where the configuration is, or will be. */
struct api_setup_place {
	char file[PATH_TEXT_MAX];
	bool is_there; /* it is kept under another name where it is replaced */
	bool has_house; /* it has batteries or relays: a person has to agree that it is replaced */
	char why[PATH_TEXT_MAX + 128]; /* it cannot be written; empty: it can */
};

struct api_setup_done {
	char *text; /* of the new file, from malloc */
	char kept[PATH_TEXT_MAX + 32]; /* where the old one is; empty: there was none */
};

/* The last trial of a relay. */
struct api_trial {
	bool is_running, is_over; /* neither: there was none */
	bool is_passed;
	const char *result, *words; /* once it is over; until the next */
};

/* What the daemon lends to the API. All pointers outlive the API and are used on the loop only. */
struct api_host {
	void *user; /* first argument of each function below */
	const struct house *house;
	const struct site *site;
	const struct clock *clock;
	const struct daemon_status *status;
	const char *journal_path; /* read by workers, too: it never changes */
	/* The first of the house's batteries, which never change: workers look at these alone. */
	size_t configured_batteries, configured_relays;

	/* The house's local time; called by workers. */
	rollup_offset *offset_s;

	struct now (*now)(void *user);

	/*
	 * Sets (or with `is_set` false removes; `value` is NULL then) a parameter of
	 * the house (`scope` empty) or of a battery: checks, records, applies.
	 * Returns 0, -ENOENT (no such battery), -ERANGE with a sentence in `error`, or
	 * another negative errno. This one and the next five answer -EAGAIN with a sentence
	 * where nothing can be stored: then nothing was done.
	 */
	int (*set)(void *user, const char *scope, enum parameter_id id,
		   const struct parameter_value *value, bool is_set, struct text *error);

	/*
	 * Begins what `wish` asks for and takes the step; `id` is written on 0. -ERANGE with a
	 * sentence and `refusal` where the limits refuse it: then nothing was changed. An OFF is done at once,
	 * whatever can be stored.
	 */
	int (*override)(void *user, const struct override_wish *wish, uint32_t *id,
			struct hindrance *refusal, struct text *error);

	/* Ends it, for all its relays. -ENOENT where no active override has that id. */
	int (*override_cancel)(void *user, uint32_t id, struct text *error);

	/* A person has seen the alert. -ENOENT where no alert has that id. */
	int (*acknowledge)(void *user, uint32_t alert_id, struct text *error);

	/*
	 * Lets a sensor in that is heard and is in no configuration, as a battery that is watched.
	 * -ENOENT where none of that name is heard, -EEXIST where the name is the house's already,
	 * -ENOBUFS where there is no room, -ERANGE where its settings would not hold together.
	 */
	int (*admit)(void *user, const struct admission *admission, struct text *error);

	/*
	 * Likewise a relay that registered or was found; its address may be empty where there is
	 * one of that name. -ENOENT also for its battery, -ERANGE while it is not heard to be
	 * open, -EINVAL for an address that it may not have.
	 */
	int (*admit_relay)(void *user, const struct relay_admission *admission,
			   struct text *error);

	/*
	 * Begins to ask coap://host[:port] for its relays: they come to be among the strangers.
	 * -EINVAL for another address, -EBUSY while one is being asked.
	 */
	int (*look_for_relays)(void *user, const char *address, struct text *error);

	/*
	 * It is a stranger again. -ENOENT where it was not let in, -ERANGE for a battery with
	 * relays and for a relay that is not known to be open, unless `is_seen_open` says that a
	 * person has seen that it is.
	 */
	int (*forget)(void *user, const char *node, bool is_seen_open, struct text *error);

	/* Keeps at one of API_ONCE_MAX places what api_once.h has written; likewise. */
	void (*keep_asked)(void *user, size_t place, const char *text);

	/* Writes down what somebody asked for; store() makes it durable as all else. */
	void (*audit)(void *user, const struct audit *entry);

	/*
	 * Stores a reading of the past (RECORD_IMPORTED), and does nothing else with it.
	 * Returns 0, -ENOBUFS where there is no room before the next commit, or -EAGAIN with
	 * a sentence where nothing can be stored.
	 */
	int (*import)(void *user, const struct record *record, struct text *error);

	/* How many of them were not there already, of those that are durable. */
	uint64_t (*imported)(void *user);

	/*
	 * Sees to it that all that was recorded so far becomes durable without delay, and
	 * returns the number of the commit that makes it so, which api_stored() will tell.
	 */
	uint64_t (*store)(void *user);

	/*
	 * Sends a test through every outlet; api_outlets_tested() follows, within a minute and
	 * not in this call. A test that is under way is not begun again. Returns 0, or -ENOENT
	 * with a sentence where there is no outlet.
	 */
	int (*test_outlets)(void *user, struct text *error);

	/*
	 * Slots of prices from `from_s` to `to_s` (since 1970), at most `capacity`, and how their
	 * sources do. 0 slots where no price is configured. Both may be NULL.
	 */
	size_t (*prices)(void *user, int64_t from_s, int64_t to_s, struct price_slot *out,
			 size_t capacity);
	void (*price_sources)(void *user, struct price_source_view out[PRICE_SOURCES]);

	/* What the roof is foreseen to give, in W, likewise. */
	size_t (*pv_forecast)(void *user, int64_t from_s, int64_t to_s, struct feed_slot *out,
			      size_t capacity);

	/* Begins a clean shutdown and returns at once; api_stopped() follows. */
	void (*shutdown)(void *user);

	void (*setup_place)(void *user, struct api_setup_place *out);

	/*
	 * Makes a configuration of `wish`, and unless that is a preview checks and writes it, and
	 * begins to start again with it. Returns 0, -EEXIST (it has to be confirmed), -ERANGE (the
	 * check has refused it), -EACCES (it cannot be written), -EAGAIN or another negative errno,
	 * each with a sentence: then nothing was changed. Blocks on files.
	 */
	int (*setup)(void *user, struct setup_wish *wish, struct api_setup_done *done,
		     struct text *error);

	/* What is to be said of the plan of `battery`; what it points to lasts for the call. */
	void (*plan)(void *user, size_t battery, struct plan_status *out);

	/*
	 * Begins to try `relay` (adapt/relay_trial.h). Returns 0, -EBUSY while another is tried, -ERANGE
	 * where it may not be closed now, or another negative errno, with a sentence.
	 */
	int (*try_relay)(void *user, size_t relay, struct text *error);
	void (*trial)(void *user, size_t relay, struct api_trial *out);

	/*
	 * What the journal tells of `node`'s next days (daemon/foresee.h). Called by workers.
	 * Returns 0, or a negative errno with a sentence in `error`.
	 */
	int (*foresee)(const char *journal_path, const char *node, struct wall_time now,
		       struct forecast *out, struct text *error);

	/*
	 * What the plan of `battery` would come to with `change`; `done` gets `call` on the loop,
	 * once and later, unless this fails: -ENOENT without a plan, -EBUSY, -ERANGE or -ENOMEM,
	 * with a sentence in `error`.
	 */
	int (*compare_plans)(void *user, size_t battery, const struct plan_change *change,
			     plan_compared_done *done, void *call, struct text *error);

	/* What is set at `place`; NULL for LAYER_PRESET. `battery` counts for LAYER_BATTERY_*. */
	const struct parameter_layer *(*layer)(void *user, enum layer_place place, size_t battery);
};

struct api;

/*
 * Listens on the Unix socket `socket_path` (mode 0660; its directory must
 * exist) in `loop`. `host` is copied. Returns 0, or a negative errno with a
 * sentence in `error`: -EADDRINUSE where another daemon answers there.
 */
int api_open(struct api **out, uv_loop_t *loop, const struct api_host *host,
	     const char *socket_path, struct text *error) MUST_CHECK;

/*
 * Lets browsers in over TCP as well, as the house's `web` says. Returns the port, or a negative
 * errno with a sentence in `error`; then it may be tried again. Blocks while its files do.
 */
int api_open_web(struct api *api, struct text *error) MUST_CHECK;

/* The code with which the first user is made in a browser; NULL where there is a user. */
const char *api_first_code(const struct api *api);

/*
 * How long a change that a person asked for may wait for its commit before it
 * is answered as not known to be stored; a switching off, which acts at once.
 */
#define API_STORED_WAIT_MS 10000
#define API_OFF_WAIT_MS 1000
#define API_HOLD_MS 1000 /* likewise what is stored elsewhere, for the row of who asked for it */

/*
 * The commits up to number `durable` are. To be called after each commit and
 * once a second, with the loop's time: answers those who waited for one of
 * them, and those who have waited for too long. Accepts a NULL `api`.
 */
void api_stored(struct api *api, uint64_t durable, uint64_t now_ms);

/*
 * The relays have had their time to open, and the daemon ends: answers those who asked
 * for it with what `openings` says of each relay. Before api_close(), from the loop or
 * after it. Accepts a NULL `api`.
 */
void api_stopped(struct api *api, const struct opening openings[RELAYS_MAX]);

/* No test of the outlets is under way any more: answers who waits for it. Accepts NULL. */
void api_outlets_tested(struct api *api);

/*
 * Stops listening, removes the socket and frees the API; accepts NULL. The
 * loop must run on until its handles are closed: a read that is under way ends
 * first. Who still waits for a commit is told that it is not known to be stored. No other function
 * may be called with `api` afterwards.
 */
void api_close(struct api *api);

/*
 * The ring of the last API_EVENTS_MAX events, each with a growing number from 1;
 * `GET /api/v1/events?after=N` reads it. All accept a NULL `api` and do not
 * block, allocate or fail. Cheap enough to be called for each reading.
 */
#define API_EVENTS_MAX 1000

void api_event_reading(struct api *api, const struct reading *reading, enum quality quality,
		       bool acts);

/* A note of the core, as it stands in the site now; notes that only keep things are passed over. */
void api_event_note(struct api *api, const struct note *note);

/* A sensor was let in or forgotten: those who watch are told all anew. */
void api_event_node(struct api *api, const struct ident *node, bool is_admitted);

/* Likewise a relay, which had `index` when it was forgotten. */
void api_event_relay(struct api *api, const struct ident *node, bool is_admitted, size_t index);

/* There are other strangers than before: those who watch are told all anew. */
void api_event_nodes(struct api *api);

/* A meter's value is new: no event of its own, but those who watch are told. */
void api_event_meter(struct api *api);

/* `value` is NULL where the parameter was unset; `scope` is empty for the house. */
void api_event_setting(struct api *api, const char *scope, enum parameter_id id,
		       const struct parameter_value *value);
