/*
 * The life of one MQTT connection: connecting, waiting, connecting again.
 *
 * The library's client and what it tells us is mqtt_link_client.c; when it is
 * read and written is mqtt_link_io.c; the blocking part of an
 * attempt to connect is mqtt_link_call.c; how it ended and how long to wait for the
 * next one is mqtt_ending.c. What is subscribed and what messages mean is the
 * owner's affair.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/mqtt_link_parts.h"

#define TICK_MS 1000
#define GREETING_MS 10000

/* --- the handles ---------------------------------------------------------- */

static void link_closed(uv_handle_t *handle)
{
	struct mqtt_link *link = handle->data;

	if (--link->open_handles > 0)
		return;
	mqtt_tls_free(link->tls);
	free(link);
}

void mqtt_link_destroy(struct mqtt_link *link)
{
	if (link->attempt != NULL)
		mqtt_attempt_abandon(link->attempt);
	else
		mosquitto_destroy(link->client);
	mqtt_link_unwatch(link);
	uv_close((uv_handle_t *)&link->attempt_over, link_closed);
	uv_close((uv_handle_t *)&link->retry, link_closed);
	uv_close((uv_handle_t *)&link->tick, link_closed);
}

void mqtt_link_enter(struct mqtt_link *link, enum link_state state)
{
	link->state = state;
	link->state_since_ms = uv_now(link->loop);
}

/* --- connecting ----------------------------------------------------------- */

static void link_connect(struct mqtt_link *link);

static void link_retry(uv_timer_t *timer)
{
	link_connect(timer->data);
}

static void link_ended(struct mqtt_link *link, bool is_silent, const char *reason)
{
	struct mqtt_verdict verdict;

	if (link->is_freed || link->state == LINK_WAITING)
		return;
	verdict = mqtt_ending_judge(&link->ending, &link->options, link->state,
				    uv_now(link->loop) - link->state_since_ms, is_silent, reason);
	mqtt_link_unwatch(link);
	mqtt_link_enter(link, LINK_WAITING);
	uv_timer_start(&link->retry, link_retry, verdict.wait_ms, 0);
	if (link->events.on_down != NULL)
		link->events.on_down(link->events.user, verdict.is_taken_over, verdict.words);
}

void mqtt_link_down(struct mqtt_link *link, const char *reason)
{
	link_ended(link, false, reason);
}

void mqtt_link_failed(struct mqtt_link *link, int result)
{
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));

	if (result == MOSQ_ERR_ERRNO)
		result = -errno;
	mqtt_ending_words(&text, &link->options, link->tls, link->state, result);
	link_ended(link, mqtt_ending_is_silent(result), words);
}

static void link_attempt_over(uv_async_t *async)
{
	struct mqtt_link *link = async->data;
	int result;

	if (link->attempt == NULL || !mqtt_attempt_take(link->attempt, &result))
		return;
	link->attempt = NULL;
	free(link->call);
	link->call = NULL;
	if (result != MOSQ_ERR_SUCCESS) {
		mqtt_link_failed(link, result);
		return;
	}
	mqtt_link_enter(link, LINK_GREETING);
	result = mqtt_link_watch(link);
	if (result != 0) {
		mqtt_link_failed(link, result);
		return;
	}
	mqtt_link_proceed(link);
}

static void link_connect(struct mqtt_link *link)
{
	int error;

	mqtt_link_enter(link, LINK_CONNECTING);
	if (link->tls != NULL)
		mqtt_tls_begin(link->tls);
	error = mqtt_link_call(link);
	if (error != 0)
		mqtt_link_failed(link, error);
}

static void link_was_not_greeted(struct mqtt_link *link)
{
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));

	mqtt_ending_no_greeting(&text, &link->options, link->tls);
	mqtt_link_down(link, words);
}

static void link_tick(uv_timer_t *timer)
{
	struct mqtt_link *link = timer->data;

	if (link->state < LINK_GREETING)
		return;
	link->is_in_library = true;
	mosquitto_loop_misc(link->client);
	link->is_in_library = false;
	if (link->state == LINK_UP)
		(void)mqtt_patience_lasts(&link->ending.patience,
					  uv_now(link->loop) - link->state_since_ms);
	if (link->is_freed)
		return;
	if (mosquitto_socket(link->client) < 0)
		mqtt_link_down(link, "the broker does not answer");
	else if (link->state == LINK_GREETING &&
		 uv_now(link->loop) - link->state_since_ms > GREETING_MS)
		link_was_not_greeted(link);
	else
		mqtt_link_proceed(link);
}

/* --- making and ending ---------------------------------------------------- */

static void library_init(void)
{
	mosquitto_lib_init();
}

static void link_open_handles(struct mqtt_link *link)
{
	uv_async_init(link->loop, &link->attempt_over, link_attempt_over);
	uv_timer_init(link->loop, &link->retry);
	uv_timer_init(link->loop, &link->tick);
	link->attempt_over.data = link->retry.data = link->tick.data = link;
	link->open_handles = 3;
	uv_timer_start(&link->tick, link_tick, TICK_MS, TICK_MS);
}

int mqtt_link_new(struct mqtt_link **out, uv_loop_t *loop, const struct mqtt_link_options *options,
		  const struct mqtt_link_events *events)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct mqtt_link *link;
	int error;

	if (options->host[0] == '\0' || options->client_id[0] == '\0')
		return -EINVAL;
	pthread_once(&once, library_init);
	link = calloc(1, sizeof(*link));
	if (link == NULL)
		return -ENOMEM;
	link->loop = loop;
	link->options = *options;
	link->events = *events;
	error = mqtt_link_make_client(link);
	if (error != 0) {
		mosquitto_destroy(link->client);
		mqtt_tls_free(link->tls);
		free(link);
		return error;
	}
	link_open_handles(link);
	uv_timer_start(&link->retry, link_retry, 0, 0);
	*out = link;
	return 0;
}

void mqtt_link_free(struct mqtt_link *link)
{
	if (link == NULL || link->is_freed)
		return;
	link->is_freed = true;
	if (link->state == LINK_UP && !link->is_in_library) {
		mosquitto_disconnect_v5(link->client, 0, NULL);
		mosquitto_loop_write(link->client, 1);
	}
	memset(&link->events, 0, sizeof(link->events));
	if (!link->is_in_library)
		mqtt_link_destroy(link);
}
