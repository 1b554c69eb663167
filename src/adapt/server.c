/*
 * The forwarder's thread: when to connect, when to send, when to wait, and
 * what to tell the loop. What is sent is for adapt/server_forward.
 *
 * The thread owns link and forward; loop and thread share what `mutex` guards,
 * and no call to the server is made while it is held. Name service and connecting
 * take as long as they like, so nobody has to wait for the thread: whoever of the
 * two is last frees all.
 */
#include "adapt/server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapt/password.h"
#include "adapt/server_forward.h"
#include "adapt/server_link.h"
#include "base/log.h"

#define PAUSE_MS 1000 /* between two looks at the journal */
#define BACKOFF_MIN_MS 1000
#define NS_PER_MS 1000000

/* How far into a file of certificates one is looked for. */
#define CERTIFICATE_LINES_MAX 100000
#define CERTIFICATE_LINE_MAX 256
#define PEM_BEGIN "-----BEGIN "

struct server {
	/* set before the thread starts */
	struct server_config config;
	char password[SERVER_PASSWORD_MAX];
	server_changed changed;
	void *context;
	uv_async_t async;
	uv_thread_t thread;

	/* the thread's */
	struct server_link link;
	struct server_forward *forward;
	uint64_t backoff_ms;
	unsigned int jitter; /* of rand_r() */

	/* guarded by `mutex` */
	uv_mutex_t mutex;
	uv_cond_t is_woken_up;
	uv_cond_t has_ended_changed;
	struct server_progress progress;
	bool is_woken;
	bool is_stopping;
	uint64_t deadline_ns; /* with is_stopping; of uv_hrtime() */
	bool has_ended;       /* the thread, for what can be seen of it */
	bool is_closed;       /* nobody is to be told any more */
	int owners;           /* the loop's handle, and the thread once there is one */
	int socket;           /* a second descriptor of the link's, to cut it off; -1: none */
};

const char *server_phase_name(enum server_phase phase)
{
	switch (phase) {
	case SERVER_CONNECTING:
		return "connecting";
	case SERVER_CONNECTED:
		return "connected";
	case SERVER_UNFIT:
		return "unfit";
	}
	return "?";
}

/* With the mutex held: takes over what the thread has counted. */
static void take_counts(struct server *server)
{
	const struct server_counts *counts = server_forward_counts(server->forward);
	struct server_progress *progress = &server->progress;

	progress->sent = counts->sent;
	progress->unsent = counts->unsent;
	progress->refused = counts->refused;
	progress->letters = counts->letters;
	progress->is_position_known = counts->is_position_known;
	progress->reading_row = counts->position[SERVER_READINGS];
	progress->relay_row = counts->position[SERVER_RELAYS];
	progress->meter_row = counts->position[SERVER_METERS];
	progress->decision_row = counts->position[SERVER_DECISIONS];
	progress->alert_row = counts->position[SERVER_ALERTS];
	progress->parameter_row = counts->position[SERVER_PARAMETERS];
	snprintf(progress->refusal, sizeof(progress->refusal), "%s", counts->refusal);
}

/* Takes the counts over, sets phase and error, and tells the loop. */
static void publish(struct server *server, enum server_phase phase, const char *error)
{
	uv_mutex_lock(&server->mutex);
	take_counts(server);
	server->progress.phase = phase;
	snprintf(server->progress.error, sizeof(server->progress.error), "%s", error);
	if (!server->is_closed)
		uv_async_send(&server->async);
	uv_mutex_unlock(&server->mutex);
}

/* Counts what is unsent before an attempt to connect, which may be the last. */
static void count(struct server *server)
{
	server_forward_count(server->forward);
	uv_mutex_lock(&server->mutex);
	take_counts(server);
	uv_mutex_unlock(&server->mutex);
}

static void keep_socket(struct server *server, int descriptor)
{
	uv_mutex_lock(&server->mutex);
	if (server->socket >= 0)
		close(server->socket);
	server->socket = descriptor;
	uv_mutex_unlock(&server->mutex);
}

static bool is_stopping(struct server *server)
{
	uv_mutex_lock(&server->mutex);
	bool result = server->is_stopping;
	uv_mutex_unlock(&server->mutex);
	return result;
}

static bool is_too_late(struct server *server)
{
	uv_mutex_lock(&server->mutex);
	bool result = server->is_stopping && uv_hrtime() >= server->deadline_ns;
	uv_mutex_unlock(&server->mutex);
	return result;
}

static void disconnect(struct server *server)
{
	keep_socket(server, -1);
	server_link_close(&server->link);
}

/* The next pause before trying again: doubles, and differs between collectors. */
static uint64_t back_off(struct server *server)
{
	uint64_t pause_ms = server->backoff_ms;

	server->backoff_ms =
	    2 * pause_ms < SERVER_BACKOFF_MAX_MS ? 2 * pause_ms : SERVER_BACKOFF_MAX_MS;
	return pause_ms / 2 + (uint64_t)rand_r(&server->jitter) % (pause_ms / 2 + 1);
}

/* Gives the connection up and returns how long to wait before the next. */
static uint64_t fail(struct server *server, enum server_phase phase, const char *error)
{
	disconnect(server);
	server_forward_count(server->forward);
	publish(server, phase, error);
	return back_off(server);
}

/* Returns an enum server_forward_answer. */
static int open_link(struct server *server, struct text *error)
{
	count(server);
	switch (server_link_open(&server->link, &server->config, server->password,
				 SERVER_NETWORK_TIMEOUT_S, error)) {
	case SERVER_LINK_OPEN:
		break;
	case SERVER_LINK_UNFIT:
		return SERVER_FORWARD_UNFIT;
	default:
		return SERVER_FORWARD_AWAY;
	}
	keep_socket(server, dup((int)mysql_get_socket(server->link.mysql)));
	return server_forward_begin(server->forward, &server->link, error);
}

/* Sends all there is, connecting first where needed. Returns the pause after it, in ms. */
static uint64_t forward_all(struct server *server)
{
	char words[ALERT_DETAIL_MAX];
	struct text error = text_in(words, sizeof(words));
	int answer = SERVER_FORWARD_MORE;

	if (!server->link.mysql && (answer = open_link(server, &error)) == SERVER_FORWARD_DONE)
		answer = SERVER_FORWARD_MORE;
	while (answer == SERVER_FORWARD_MORE && !is_too_late(server)) {
		answer = server_forward_step(server->forward, &error);
		if (answer == SERVER_FORWARD_DONE || answer == SERVER_FORWARD_MORE) {
			server->backoff_ms = BACKOFF_MIN_MS;
			server_forward_count(server->forward);
			publish(server, SERVER_CONNECTED, "");
		}
	}
	switch (answer) {
	case SERVER_FORWARD_AWAY:
		return fail(server, SERVER_CONNECTING, words);
	case SERVER_FORWARD_UNFIT:
		return fail(server, SERVER_UNFIT, words);
	case SERVER_FORWARD_NO_JOURNAL:
		publish(server, server->link.mysql ? SERVER_CONNECTED : SERVER_CONNECTING, words);
		return back_off(server);
	default:
		return PAUSE_MS;
	}
}

/* Waits until woken or told to stop, at most `pause_ms`; while the server is away only the latter.
 */
static void wait_for_work(struct server *server, uint64_t pause_ms)
{
	uint64_t end = uv_hrtime() + pause_ms * NS_PER_MS;
	bool is_connected = server->link.mysql != NULL;

	uv_mutex_lock(&server->mutex);
	while (!server->is_stopping && !(server->is_woken && is_connected)) {
		uint64_t now = uv_hrtime();
		if (now >= end ||
		    uv_cond_timedwait(&server->is_woken_up, &server->mutex, end - now) != 0)
			break;
	}
	server->is_woken = false;
	uv_mutex_unlock(&server->mutex);
}

static void free_server(struct server *server)
{
	server_forward_free(server->forward);
	explicit_bzero(server->password, sizeof(server->password));
	uv_cond_destroy(&server->has_ended_changed);
	uv_cond_destroy(&server->is_woken_up);
	uv_mutex_destroy(&server->mutex);
	free(server);
}

static void release(struct server *server)
{
	bool is_last;

	uv_mutex_lock(&server->mutex);
	is_last = --server->owners == 0;
	uv_mutex_unlock(&server->mutex);
	if (is_last)
		free_server(server);
}

static void run(void *argument)
{
	struct server *server = argument;
	sigset_t all;
	bool is_last = false;

	sigfillset(&all); /* SIGPIPE above all: a server that goes away is an error of the call */
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!is_last) {
		is_last = is_stopping(server);
		if (is_last && is_too_late(server))
			break;
		uint64_t pause_ms = forward_all(server);
		if (!is_last)
			wait_for_work(server, pause_ms);
	}
	server_forward_count(server->forward);
	publish(server, SERVER_CONNECTING, "");
	disconnect(server);

	uv_mutex_lock(&server->mutex);
	server->has_ended = true;
	uv_cond_signal(&server->has_ended_changed);
	uv_mutex_unlock(&server->mutex);
	release(server);
}

static void on_async(uv_async_t *async)
{
	struct server *server = async->data;
	struct server_progress progress = server_read_status(server);

	server->changed(server->context, &progress);
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static int check_whole(const struct server_config *config, struct text *error)
{
	if (config->user[0] == '\0')
		text_add(error, "store.server.user is missing");
	else if (config->host[0] == '\0' && config->socket[0] == '\0')
		text_add(error, "store.server needs a host or a socket");
	else if (config->database[0] == '\0')
		text_add(error, "store.server.database is missing");
	else
		return 0;
	return -EINVAL;
}

static bool has_certificate(FILE *file)
{
	char line[CERTIFICATE_LINE_MAX];

	for (int i = 0; i < CERTIFICATE_LINES_MAX && fgets(line, sizeof(line), file); i++)
		if (strncmp(line, PEM_BEGIN, strlen(PEM_BEGIN)) == 0)
			return true;
	return false;
}

/* The library would only say, at each attempt, that the connection failed. */
static int check_certificates(const char *path, struct text *error)
{
	bool is_found = false;
	FILE *file;
	int failure;

	if (path[0] == '\0')
		return 0;
	errno = 0;
	file = fopen(path, "re");
	if (file)
		is_found = has_certificate(file);
	failure = errno;
	if (file)
		fclose(file);
	if (is_found)
		return 0;
	text_add(error, "store.server.tls_ca: %s: %s", path,
		 failure ? strerror(failure) : "holds no certificate in PEM form");
	return -EINVAL;
}

static int read_secrets(const struct server_config *config, char password[SERVER_PASSWORD_MAX],
			struct text *error)
{
	int result = check_whole(config, error);

	if (result == 0)
		result = check_certificates(config->tls_ca, error);
	if (result == 0)
		result = password_read(password, SERVER_PASSWORD_MAX, config->password_file, error);
	return result;
}

int server_check(const struct server_config *config, struct text *error)
{
	char password[SERVER_PASSWORD_MAX];
	int result = read_secrets(config, password, error);

	explicit_bzero(password, sizeof(password));
	return result;
}

/* Everything but the loop's handle and the thread. */
static struct server *make_server(const struct server_config *config, const char *journal_path)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	if (server_forward_new(&server->forward, journal_path) != 0) {
		free(server);
		return NULL;
	}
	server->config = *config;
	server->backoff_ms = BACKOFF_MIN_MS;
	server->jitter = (unsigned int)uv_hrtime();
	server->socket = -1;
	if (uv_mutex_init(&server->mutex) != 0 || uv_cond_init(&server->is_woken_up) != 0 ||
	    uv_cond_init(&server->has_ended_changed) != 0)
		abort(); /* they fail only where a process cannot go on */
	return server;
}

static int start_thread(struct server *server)
{
	int result;

	server->owners++;
	result = uv_thread_create(&server->thread, run, server);
	if (result != 0)
		server->owners--;
	return result;
}

int server_new(struct server **out, uv_loop_t *loop, const struct server_config *config,
	       const char *journal_path, server_changed changed, void *context, struct text *error)
{
	char password[SERVER_PASSWORD_MAX];
	int result = read_secrets(config, password, error);

	if (result != 0)
		return result;
	struct server *server = make_server(config, journal_path);
	if (!server)
		return -ENOMEM;
	memcpy(server->password, password, sizeof(password));
	explicit_bzero(password, sizeof(password));
	server->changed = changed;
	server->context = context;

	result = uv_async_init(loop, &server->async, on_async);
	if (result != 0) {
		free_server(server);
		return result;
	}
	server->async.data = server;
	server->owners = 1;
	result = start_thread(server);
	if (result != 0) {
		uv_close((uv_handle_t *)&server->async, on_closed);
		return result;
	}
	*out = server;
	return 0;
}

void server_wake(struct server *server)
{
	uv_mutex_lock(&server->mutex);
	server->is_woken = true;
	uv_cond_signal(&server->is_woken_up);
	uv_mutex_unlock(&server->mutex);
}

struct server_progress server_read_status(struct server *server)
{
	uv_mutex_lock(&server->mutex);
	struct server_progress progress = server->progress;
	uv_mutex_unlock(&server->mutex);
	return progress;
}

/* With the mutex held: waits for the thread's end until `deadline_ns`. */
static void wait_for_end(struct server *server, uint64_t deadline_ns)
{
	while (!server->has_ended) {
		uint64_t now = uv_hrtime();
		if (now >= deadline_ns || uv_cond_timedwait(&server->has_ended_changed,
							    &server->mutex, deadline_ns - now) != 0)
			break;
	}
}

uint64_t server_stop(struct server *server, int64_t deadline_ms)
{
	if (!server)
		return 0;
	uv_mutex_lock(&server->mutex);
	server->is_stopping = true;
	server->deadline_ns =
	    uv_hrtime() + (uint64_t)(deadline_ms > 0 ? deadline_ms : 0) * NS_PER_MS;
	uv_cond_signal(&server->is_woken_up);
	wait_for_end(server, server->deadline_ns);
	if (!server->has_ended && server->socket >= 0)
		shutdown(server->socket, SHUT_RDWR);
	wait_for_end(server, uv_hrtime() + SERVER_END_MS * (uint64_t)NS_PER_MS);
	server->is_closed = true;
	uint64_t unsent = server->progress.unsent;
	bool has_ended = server->has_ended;
	uv_mutex_unlock(&server->mutex);
	/* What it is still at is no call that can block: it also frees what OpenSSL keeps for it.
	 */
	if (has_ended)
		uv_thread_join(&server->thread);
	else
		pthread_detach(server->thread);
	uv_close((uv_handle_t *)&server->async, on_closed);
	return unsent;
}
