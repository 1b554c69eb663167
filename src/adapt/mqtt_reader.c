/*
 * The life of a reader's connection: connecting, waiting, connecting again, and whether
 * the broker still answers. The blocking part is mqtt_dial.c; how a connection ended and
 * when the next is tried is mqtt_ending.c.
 */
#include <errno.h>
#include <mosquitto.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/mqtt_reader_parts.h"

#include <openssl/ssl.h>

#define TICK_MS 1000
#define GREETING_MS 10000
#define ANSWER_MS 20000 /* for PINGRESP */

/* --- the handles ---------------------------------------------------------- */

static void reader_dispose(struct mqtt_reader *reader)
{
	mqtt_tls_free(reader->tls);
	explicit_bzero(reader->options.link.password, sizeof(reader->options.link.password));
	free(reader->in);
	free(reader->out.bytes);
	free(reader);
}

static void reader_closed(uv_handle_t *handle)
{
	struct mqtt_reader *reader = handle->data;

	if (--reader->open_handles == 0)
		reader_dispose(reader);
}

void mqtt_reader_destroy(struct mqtt_reader *reader)
{
	if (reader->attempt != NULL)
		mqtt_attempt_abandon(reader->attempt);
	mqtt_reader_unwatch(reader);
	uv_close((uv_handle_t *)&reader->attempt_over, reader_closed);
	uv_close((uv_handle_t *)&reader->retry, reader_closed);
	uv_close((uv_handle_t *)&reader->tick, reader_closed);
	uv_close((uv_handle_t *)&reader->nap, reader_closed);
	uv_close((uv_handle_t *)&reader->again, reader_closed);
}

void mqtt_reader_enter(struct mqtt_reader *reader, enum link_state state)
{
	reader->state = state;
	reader->state_since_ms = uv_now(reader->loop);
}

static uint64_t since_ms(const struct mqtt_reader *reader, uint64_t time_ms)
{
	return uv_now(reader->loop) - time_ms;
}

/* --- connecting ----------------------------------------------------------- */

static void reader_connect(struct mqtt_reader *reader);

static void reader_retry(uv_timer_t *timer)
{
	struct mqtt_reader *reader = timer->data;

	if (reader->is_paused)
		reader->is_retry_due = true;
	else
		reader_connect(reader);
}

static void forget_connection(struct mqtt_reader *reader)
{
	reader->in_taken = reader->in_length = 0;
	reader->out.length = 0;
	reader->was_full = false;
	reader->asked_ms = 0;
	reader->subscription = (struct reader_subscription){0};
	reader->is_bursting = reader->wants_nap = false;
}

static void reader_ended(struct mqtt_reader *reader, bool is_silent, const char *reason)
{
	struct mqtt_verdict verdict;

	if (reader->is_freed || reader->state == LINK_WAITING)
		return;
	verdict = mqtt_ending_judge(&reader->ending, &reader->options.link, reader->state,
				    since_ms(reader, reader->state_since_ms), is_silent, reason);
	mqtt_reader_unwatch(reader);
	forget_connection(reader);
	mqtt_reader_enter(reader, LINK_WAITING);
	uv_timer_start(&reader->retry, reader_retry, verdict.wait_ms, 0);
	reader->events.on_down(reader->events.user, verdict.is_taken_over, verdict.words);
}

void mqtt_reader_down(struct mqtt_reader *reader, const char *reason)
{
	reader_ended(reader, false, reason);
}

void mqtt_reader_failed(struct mqtt_reader *reader, int result)
{
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));

	mqtt_ending_words(&text, &reader->options.link, reader->tls, reader->state, result);
	reader_ended(reader, mqtt_ending_is_silent(result), words);
}

static void reader_attempt_over(uv_async_t *async)
{
	struct mqtt_reader *reader = async->data;
	int result;

	if (reader->attempt == NULL || !mqtt_attempt_take(reader->attempt, &result))
		return;
	reader->attempt = NULL;
	if (result == 0) {
		mqtt_reader_enter(reader, LINK_GREETING);
		result = mqtt_reader_watch(reader, mqtt_dial_take(reader->dial));
	}
	mqtt_dial_free(reader->dial);
	reader->dial = NULL;
	if (result != 0) {
		mqtt_reader_failed(reader, result);
		return;
	}
	reader->heard_ms = reader->spoke_ms = uv_now(reader->loop);
	mqtt_reader_greet(reader);
	mqtt_reader_flush(reader);
}

static int reader_attempt(struct mqtt_reader *reader)
{
	const struct mqtt_link_options *options = &reader->options.link;
	SSL *session = NULL;
	int error = 0;

	if (reader->tls != NULL) {
		mqtt_tls_begin(reader->tls);
		error = mqtt_tls_session(reader->tls, &session);
	}
	if (error == 0)
		error = mqtt_dial_new(&reader->dial, options->host, options->port, session);
	if (error != 0) {
		SSL_free(session);
		return error;
	}
	error = mqtt_attempt_new(&reader->attempt, &mqtt_dial_work, reader->dial,
				 &reader->attempt_over);
	if (error != 0) {
		mqtt_dial_free(reader->dial);
		reader->dial = NULL;
	}
	return error;
}

static void reader_connect(struct mqtt_reader *reader)
{
	int error;

	reader->is_retry_due = false;
	mqtt_reader_enter(reader, LINK_CONNECTING);
	error = reader_attempt(reader);
	if (error != 0)
		mqtt_reader_failed(reader, error);
}

/* --- whether it still stands ----------------------------------------------- */

static void was_not_greeted(struct mqtt_reader *reader)
{
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));

	mqtt_ending_no_greeting(&text, &reader->options.link, reader->tls);
	mqtt_reader_down(reader, words);
}

/* The broker's own time beats ours (3.2.2.3.14); 0 is none. */
static uint64_t keepalive_ms(const struct mqtt_reader *reader)
{
	int32_t granted_s = reader->granted.keepalive_s;

	return (uint64_t)(granted_s >= 0 ? granted_s : reader->options.link.keepalive_s) * 1000;
}

/* Asks after silence in either direction: a peer that vanished says nothing, and takes anything. */
static void ask_for_life(struct mqtt_reader *reader)
{
	uint64_t keepalive = keepalive_ms(reader);

	if (keepalive == 0 || reader->asked_ms != 0 ||
	    (since_ms(reader, reader->heard_ms) < keepalive &&
	     since_ms(reader, reader->spoke_ms) + TICK_MS < keepalive))
		return;
	if (mqtt_packet_pingreq(&reader->out) != 0)
		return;
	reader->asked_ms = uv_now(reader->loop);
	mqtt_reader_flush(reader);
}

static void reader_settle(struct mqtt_reader *reader)
{
	if (mqtt_patience_lasts(&reader->ending.patience, since_ms(reader, reader->state_since_ms)))
		reader->events.on_settled(reader->events.user);
}

static void reader_tick(uv_timer_t *timer)
{
	struct mqtt_reader *reader = timer->data;

	if (reader->state == LINK_GREETING &&
	    since_ms(reader, reader->state_since_ms) > GREETING_MS) {
		was_not_greeted(reader);
	} else if (reader->state == LINK_UP && reader->is_paused &&
		   mqtt_socket_has_ended(&reader->watch->socket)) {
		mqtt_reader_failed(reader, -ECONNRESET);
	} else if (reader->state == LINK_UP) {
		/* What a paused reader was answered it does not know. */
		if (reader->asked_ms != 0 && !reader->is_paused &&
		    since_ms(reader, reader->asked_ms) > ANSWER_MS) {
			mqtt_reader_failed(reader, MOSQ_ERR_KEEPALIVE);
			return;
		}
		ask_for_life(reader);
		reader_settle(reader);
	}
}

/* --- making and ending ----------------------------------------------------- */

static void open_handles(struct mqtt_reader *reader)
{
	uv_async_init(reader->loop, &reader->attempt_over, reader_attempt_over);
	uv_timer_init(reader->loop, &reader->retry);
	uv_timer_init(reader->loop, &reader->tick);
	uv_timer_init(reader->loop, &reader->nap);
	uv_idle_init(reader->loop, &reader->again);
	reader->attempt_over.data = reader->retry.data = reader->tick.data = reader->nap.data =
	    reader;
	reader->again.data = reader;
	reader->open_handles = 5;
	uv_timer_start(&reader->tick, reader_tick, TICK_MS, TICK_MS);
}

static int make_parts(struct mqtt_reader *reader)
{
	const struct mqtt_link_options *options = &reader->options.link;
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));

	/* Not cleared: what is never read into is never in memory. */
	reader->in = malloc(MQTT_READER_IN);
	reader->out =
	    (struct mqtt_outbox){.bytes = malloc(MQTT_READER_OUT), .size = MQTT_READER_OUT};
	if (reader->in == NULL || reader->out.bytes == NULL)
		return -ENOMEM;
	return options->tls.is_required
		   ? mqtt_tls_new(&reader->tls, &options->tls, options->host, &text)
		   : 0;
}

int mqtt_reader_new(struct mqtt_reader **out, uv_loop_t *loop,
		    const struct mqtt_reader_options *options,
		    const struct mqtt_reader_events *events)
{
	struct mqtt_reader *reader;
	int error;

	if (options->link.host[0] == '\0' || options->link.client_id[0] == '\0')
		return -EINVAL;
	reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return -ENOMEM;
	reader->loop = loop;
	reader->options = *options;
	reader->events = *events;
	error = make_parts(reader);
	if (error != 0) {
		reader_dispose(reader);
		return error;
	}
	open_handles(reader);
	uv_timer_start(&reader->retry, reader_retry, 0, 0);
	*out = reader;
	return 0;
}

void mqtt_reader_free(struct mqtt_reader *reader)
{
	if (reader == NULL || reader->is_freed)
		return;
	if (reader->state == LINK_UP && mqtt_packet_disconnect(&reader->out, 0) == 0)
		mqtt_reader_flush(reader);
	reader->is_freed = true;
	if (!reader->is_busy)
		mqtt_reader_destroy(reader);
}

bool mqtt_reader_is_up(const struct mqtt_reader *reader)
{
	return reader->state == LINK_UP;
}

int64_t mqtt_reader_retry_ms(const struct mqtt_reader *reader)
{
	return reader->state == LINK_WAITING ? (int64_t)uv_timer_get_due_in(&reader->retry) : -1;
}

/* --- quiet for a while ------------------------------------------------------ */

/* The watch stays armed until it wakes: a pause is mostly over before that. */
void mqtt_reader_pause(struct mqtt_reader *reader)
{
	reader->is_paused = true;
}

void mqtt_reader_resume(struct mqtt_reader *reader)
{
	if (!reader->is_paused)
		return;
	reader->is_paused = false;
	reader->asked_ms = reader->asked_ms != 0 ? uv_now(reader->loop) : 0;
	if (reader->is_retry_due) {
		reader_connect(reader);
		return;
	}
	if (reader->watch == NULL)
		return;
	mqtt_reader_read_again(reader); /* what was read before the pause shows on no socket */
	mqtt_reader_arm(reader);
}
