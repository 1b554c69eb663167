/*
 * Forwards the journal's rows to MariaDB or MySQL.
 *
 * A thread of its own with a connection and a read-only journal of its own:
 * nothing that the server does can hold up the event loop. The journal is the
 * buffer, however long the server is away. After each connect the thread asks
 * the server for the highest row that it has of this collector and journal and
 * goes on after it, so that nothing is doubled or left out, also when the
 * answer to a commit was lost. Tables are made by `amphora db migrate`
 * (adapt/server_schema.h); the daemon's user needs INSERT and SELECT.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/text.h"
#include "model/alert.h"
#include "model/house.h"

struct server;

enum server_phase {
	SERVER_CONNECTING, /* not yet, or away: tried again with back-off, 1..60 s */
	SERVER_CONNECTED,
	SERVER_UNFIT, /* answers, but would alter values, or has no tables: likewise */
};

/* "connecting", "connected", "unfit" */
const char *server_phase_name(enum server_phase phase);

/* How forwarding stands. A copy; may be kept. */
struct server_progress {
	enum server_phase phase;
	uint64_t sent;          /* rows stored at the server since we started */
	bool is_position_known; /* the server was reached; before, `unsent` is the whole journal */
	uint64_t unsent;        /* rows in the journal that the server does not have yet */
	uint64_t refused; /* rows that the server refuses: left out, logged, kept in the journal */
	uint64_t letters; /* of ours in its table dead_letter, as far as we know */
	/* The server has, or refused, all up to here of each table. */
	int64_t reading_row, relay_row, decision_row, alert_row, parameter_row, meter_row;
	char error[ALERT_DETAIL_MAX];   /* of the last failure; empty while connected and well */
	char refusal[ALERT_DETAIL_MAX]; /* of the last refused row, with its number; may be empty */
};

/*
 * Called on the loop when phase, error or refused rows changed, or rows were
 * sent: several changes may come as one. `status` is borrowed for the call.
 */
typedef void (*server_changed)(void *context, const struct server_progress *status);

/*
 * Whether `config` is whole, and its password file and certificates can be
 * read. Returns 0, or a negative errno with a sentence in `error`.
 */
int server_check(const struct server_config *config, struct text *error) MUST_CHECK;

/*
 * Checks, reads the password file and starts the thread. All arguments are copied but
 * `context`, which is the caller's. `journal_path` need not be readable yet.
 * `changed` is called on `loop` from its next turn on. Returns 0, or a
 * negative errno, with a sentence in `error` where server_check() has one.
 */
int server_new(struct server **out, uv_loop_t *loop, const struct server_config *config,
	       const char *journal_path, server_changed changed, void *context,
	       struct text *error) MUST_CHECK;

/* Tells the thread that the journal has new rows; it looks every second besides. Never blocks. */
void server_wake(struct server *server);

/* How it stands now; for the API. Never blocks longer than a copy takes. */
struct server_progress server_read_status(struct server *server);

/*
 * Forwards what it can within `deadline_ms` (real time; 0: nothing more), ends
 * the thread and returns how many rows the server does not have, as far as the
 * thread has counted. Where the server is away it is tried once more and not
 * waited for. Blocks: at the deadline a statement under way is cut off, and the
 * thread's end is waited for up to SERVER_END_MS. What keeps it for longer, a name
 * service or a connection being made, is left behind: the thread ends by itself,
 * or with the process. `server` is invalid afterwards; its memory is freed when
 * the loop has run once more and the thread has ended. NULL is fine.
 */
uint64_t server_stop(struct server *server, int64_t deadline_ms);

#define SERVER_END_MS 2000
#define SERVER_CONNECT_TIMEOUT_S 5
#define SERVER_NETWORK_TIMEOUT_S 10
#define SERVER_BATCH_ROWS 4000
#define SERVER_BACKOFF_MAX_MS 60000
#define SERVER_PASSWORD_MAX 256
