/* What the files of the API share. Nobody else includes it. */
#pragma once

#include <jansson.h>

#include "adapt/access.h"
#include "adapt/api.h"
#include "adapt/api_command.h"
#include "adapt/api_once.h"
#include "adapt/audit_pace.h"
#include "adapt/http.h"
#include "adapt/journal_read.h"

#define API_WORDS_MAX 384

/* One event of the ring, small: words are made when somebody asks. */
struct api_event {
	uint64_t number;
	struct wall_time at;
	enum api_event_kind {
		API_EVENT_READING,
		API_EVENT_DECISION,
		API_EVENT_RELAY,
		API_EVENT_ALERT,
		API_EVENT_OVERRIDE,
		API_EVENT_SETTING,
		API_EVENT_COMMAND,
		API_EVENT_NODE,
	} kind;
	struct ident subject; /* battery, relay or node; empty: the house */
	union {
		struct {
			int32_t soc_bp, temp_min_mc, temp_max_mc;
			enum quality quality;
			bool acts;
		} reading;
		struct {
			enum relay_phase phase;
			bool is_heard, is_on, wished_on;
		} relay;
		struct {
			uint32_t number;
			enum api_command_state state;
		} command;
		char words[256]; /* the others */
	};
};

struct api;

/* The names of batteries and relays that were let in, for workers. */
struct api_admitted {
	uv_mutex_t lock;
	size_t count;
	struct ident names[BATTERIES_MAX + RELAYS_MAX];
};

/* What is answered to a change that is done, once it is durable. */
struct api_change {
	int status;
	json_t *body; /* taken; NULL with 204 */
	uint32_t command; /* its number, of which the answer has the location; 0: none */
	bool is_of_part;  /* the request's path was of one override */
	uint64_t once;    /* see api_once_begin() */
	bool is_off;  /* a person's off: `body` says in `stored` whether it is */
	void (*settle)(struct api *api,
		       json_t *body); /* adds what only the end tells; may be NULL */
};

struct api_waiting {
	struct http_exchange *exchange;
	bool is_made; /* its answer is, and only held back */
	struct api_change change;
	uint64_t commit;
	uint64_t until_ms; /* the loop's time */
};

struct api {
	uv_loop_t *loop;
	struct api_host host;
	struct http_server *http;
	struct access *access;
	uint64_t last_event;                     /* number of the newest; 0 before the first */
	struct api_event events[API_EVENTS_MAX]; /* number n is at (n - 1) % API_EVENTS_MAX */
	uint64_t durable;                        /* the newest commit that is */
	struct api_commands commands;
	struct api_once once;
	struct api_admitted admitted;
	struct audit_pace audit_pace;
	bool is_stopped;                         /* nothing is written down any more */
	bool is_closing;                         /* nobody is let wait any more */
	bool is_importing;                       /* a piece of an import waits for the disk */
	uint64_t imported_before;                /* the host's imported() before it */
	size_t waiting_count;
	struct api_waiting waiting[HTTP_CONNECTIONS_MAX]; /* each holds a connection */
	size_t stopping_count;
	struct http_exchange *stopping[HTTP_CONNECTIONS_MAX]; /* who asked for a shutdown */
	size_t testing_count;
	struct http_exchange *testing[HTTP_CONNECTIONS_MAX]; /* a test of outlets */
	struct {
		struct detect_session *session; /* NULL: nobody listens */
		json_t *found;                  /* by the last one, or why it found nothing; or NULL */
		bool has_failed;
	} detection;
	struct {
		struct retained_look *look; /* under way; or NULL */
		size_t count;
		struct http_exchange *asking[HTTP_CONNECTIONS_MAX]; /* who wait for it */
	} doctor;
	struct demo_call *demo_calls; /* under way; each holds a connection */
	struct api_stream {
		struct http_feed *feed;
		uv_timer_t soon;         /* what is new goes out */
		uv_timer_t heartbeat;
		uint64_t told;           /* number of the newest event that went out */
		uint64_t told_at;        /* the loop's time */
		bool was_burst;          /* many came at once */
		bool has_meters;         /* a meter's value is new */
		uint64_t meters_told_at; /* the loop's time */
		char key[20];            /* of this start and house, in the events' ids */
		uint64_t renewals;
	} stream;
	/* What GET /state said last, for who asks at once again (api_state.c). */
	struct {
		struct http_kept *kept; /* NULL: nothing that may be said again */
		struct mono_time made_at;
	} known_state;
	int open_handles; /* its timers, and the server */
};

void api_admitted_init(struct api_admitted *admitted, const struct api_host *host);
void api_admitted_deinit(struct api_admitted *admitted);

/* The house has other batteries or relays than before. */
void api_admitted_follow(struct api_admitted *admitted, const struct api_host *host);

/* Opens and closes the event stream (api_stream.c); closing counts down `open_handles` later. */
int api_stream_open(struct api *api) MUST_CHECK;
void api_stream_close(struct api *api, uv_close_cb closed);

/* An event is new, or a meter's value. */
void api_stream_wake(struct api *api);
void api_stream_meter(struct api *api);

/* The house has other batteries than before: who watches gets a snapshot, and who comes again too.
 */
void api_stream_renew(struct api *api);

/* Answers GET /events as a stream. */
void api_stream_join(struct api *api, const struct http_request *request, struct http_reply *reply);

/* An event as JSON; NULL when memory is out. */
json_t *api_event_json(const struct api_event *event);

/* Something was changed or has happened: what GET /state said last is not said again. */
void api_forget_state(struct api *api);

/* Takes `body` (NULL: out of memory, a 500) as the reply. */
void api_reply(struct http_reply *reply, int status, json_t *body);

/* Replies to a change that is done, now or once it is stored (api_wait.c). */
void api_reply_when_stored(struct api *api, const struct http_request *request,
			   struct http_reply *reply, const struct api_change *change);

/*
 * Holds back an answer that is made already until all that was recorded so far is durable.
 * Returns false where it need not or must not wait.
 */
bool api_hold(struct api *api, const struct http_request *request);

/* Writes down that `request` is done and is going to be answered with `status`. */
void api_audit_done(struct api *api, const struct http_request *request, int status,
		    uint32_t command);

/* Once a second: writes down what was summed up; `is_last` at the end. */
void api_audit_sum_up(struct api *api, bool is_last);

struct http_witness api_audit_witness(struct api *api);

/*
 * Whether the request was answered before, by its Idempotency-Key; then that is the reply. Else
 * the change that is done may be marked with api_once_begin().
 */
bool api_is_repeated(struct api *api, const struct http_request *request, const char *what,
		     struct http_reply *reply);

/* Judges the commands that are pending, and tells what has come of them. */
void api_commands_look(struct api *api);
json_t *api_command_json(const struct api *api, uint32_t number);
void api_event_command(struct api *api, const struct api_command *command);

/* The ETag of all settings, quoted; memory short: empty, which matches nothing. */
#define API_ETAG_MAX 24
void api_settings_etag(const struct api *api, char out[API_ETAG_MAX]);

/* Replies with the problem `rc`, a negative errno, and its sentence. */
void api_refuse(struct http_reply *reply, int rc, const struct text *error);

/* The number in the path, 0 where it is none: no override or alert has it. */
uint32_t api_path_number(const struct http_request *request);

/* Replies 204, or what kept it from being done; `what` is what nothing with that number is. */
void api_reply_to_number(struct api *api, const struct http_request *request,
			 struct http_reply *reply, int rc, struct text *error, const char *what);

/* Reads a time (ISO 8601 or ms), or leaves `out` alone where `text` is NULL. -EINVAL: neither. */
int api_read_time(struct wall_time *out, const char *text) MUST_CHECK;

/* Likewise a number of rows, 1..`most`. */
int api_read_limit(uint32_t *out, const char *text, uint32_t most) MUST_CHECK;

/*
 * Whether a battery, sensor or relay of that name is configured, and the index of the battery, or
 * -1. For workers: what was let in since is not looked at, and its readings are under its name.
 */
bool api_is_configured(struct api *api, const char *name);
int api_configured_battery(const struct api *api, const char *name);
bool api_is_admitted(struct api *api, const char *name);

/* Likewise, or a meter that there may be. */
bool api_is_known(struct api *api, enum journal_subject subject, const char *name);

/* `value` / `scale` as a JSON number. */
json_t *api_scaled(int64_t value, int32_t scale);
json_t *api_seconds(int64_t ms);
json_t *api_wall(struct wall_time at);

/* Whether the battery's last reading counts, by its age. */
bool api_reading_is_live(const struct api *api, size_t battery, struct now now);

/* Whether what the relay said last still counts; and its lease, below 0 when that is over. */
bool api_relay_is_known(const struct api *api, size_t relay, struct now now);
int64_t api_lease_left_ms(const struct relay_state *relay, struct now now);

/* Nouns as JSON objects; NULL when memory is out. */
json_t *api_state(const struct api *api, struct now now);
json_t *api_nodes(const struct api *api, struct now now);
json_t *api_sensor_node(const struct api *api, size_t battery, struct now now);
json_t *api_stranger(const struct api *api, const char *name,
		     struct now now); /* NULL where there is none */
json_t *api_explain(const struct api *api, size_t battery, struct now now);
json_t *api_broker(const struct api *api);
json_t *api_store(const struct api *api);
json_t *api_counters(const struct api *api);
json_t *api_battery(const struct api *api, size_t battery, struct now now);
json_t *api_relay(const struct api *api, size_t relay, struct now now);
/* For how long a relay that was sent a command may be silent yet; null where none is on its way. */
json_t *api_deadline_left(const struct api *api, size_t relay, struct now now);
json_t *api_meters(const struct api *api, struct now now);
json_t *api_alert(const struct alert *alert);
json_t *api_override(const struct api *api, size_t relay, struct now now); /* null where none */
json_t *api_decision(const struct decision *decision, const char *sensor);
/* With what would change it: `flip`, of a decision not always the reason itself. `names` may be NULL. */
json_t *api_reason(const struct reason *reason, const struct reason *flip,
		   const struct reason_names *names);
json_t *api_explanation(const struct api *api, size_t battery);
json_t *api_outlets(const struct api *api);
json_t *api_alerts(const struct api *api, bool active_only);
json_t *api_overrides(const struct api *api, uint32_t id, struct now now); /* 0: all */
json_t *api_money(float value);                   /* to a hundredth of a cent; null where NaN */
/*
 * Why `plan` does what it does in `slot`. `happened`: what came of it, taken; null where nothing
 * has yet.
 */
json_t *api_plan_why(const struct planned *plan, const struct planned_slot *slot, json_t *happened);
json_t *api_plan_sun(const struct planned *plan); /* null where nobody outside is asked */
/* What exclusive paths cost; null where charging can follow the sun. */
json_t *api_plan_paths(const struct planned *plan, const char *currency);
json_t *api_price_sources(const struct api *api); /* and of the forecast; null where none is */
json_t *api_web(const struct api *api); /* null where it is off */
json_t *api_daemon(const struct api *api, struct now now);
json_t *api_parameter_value(enum parameter_id id, const struct parameter_value *value);

/* Answers who waits for the demo's house: the daemon ends (api_demo.c). */
void api_detect_end(struct api *api);
void api_doctor_end(struct api *api);
void api_demo_end(struct api *api);

/* Likewise who waits for a test of the outlets (api_outlets.c). */
void api_outlets_end(struct api *api);

/* Handlers; `user` is the api. */
http_handler api_get_session, api_post_session, api_delete_session, api_post_login_code,
    api_get_users, api_post_user, api_patch_user, api_delete_user, api_get_tokens, api_post_token,
    api_delete_token, api_get_state, api_get_nodes, api_get_relays, api_get_explain,
    api_get_command, api_get_battery_health, api_get_battery_life, api_get_doctor,
    api_get_detections, api_post_detection, api_get_setup, api_post_setup, api_get_plan,
    api_get_plan_explain, api_get_plan_past, api_get_plan_worth, api_get_plan_then,
    api_get_plan_what_if, api_get_forecast, api_get_prices, api_get_forecast_pv, api_get_version,
    api_get_health, api_get_settings, api_patch_settings, api_get_overrides, api_post_override,
    api_delete_override, api_get_alerts, api_acknowledge_alert, api_post_alerts_test,
    api_post_shutdown, api_get_events, api_get_series, api_get_decisions, api_get_export,
    api_post_import, api_get_faults, api_post_fault, api_post_admission, api_delete_admission,
    api_post_look, api_get_look, api_get_audit, api_get_metrics;
http_handler api_get_trial, api_post_trial;
