/*
 * The life of one MQTT connection: connecting, waiting, connecting again.
 *
 * The library's client and what it tells us is mqtt_link_client.c; when it is
 * read and written is mqtt_link_io.c; the blocking part of an
 * attempt to connect is mqtt_attempt.c; how long to wait for the next one,
 * above all where another client has our id, is mqtt_patience.c. What is
 * subscribed and what messages mean is the owner's affair.
 */
#include <errno.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "adapt/mqtt_link_parts.h"
#include "adapt/mqtt_words.h"

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
	uv_close((uv_handle_t *)&link->nap, link_closed);
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
	struct mqtt_link *link = timer->data;

	if (link->is_paused)
		link->is_retry_due = true;
	else
		link_connect(link);
}

/* Up to half as much again, so that many clients do not knock at once. */
static uint64_t with_jitter(uint32_t wait_ms)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint32_t)uv_hrtime();
	return wait_ms + random % (wait_ms / 2);
}

static enum mqtt_end link_end(const struct mqtt_link *link, bool is_silent)
{
	if (link->state != LINK_UP)
		return MQTT_END_UNMADE;
	if (link->goodbye == MQTT_RC_SESSION_TAKEN_OVER)
		return MQTT_END_TAKEN_OVER;
	return is_silent && link->goodbye == 0 ? MQTT_END_SILENT : MQTT_END_OTHER;
}

static void link_words(const struct mqtt_link *link, struct text *text, bool is_taken_over,
		       const char *reason)
{
	if (is_taken_over)
		mqtt_words_goodbye(text, MQTT_RC_SESSION_TAKEN_OVER, &link->options);
	else
		text_add(text, "%s", link->refusal[0] != '\0' ? link->refusal : reason);
}

static void link_ended(struct mqtt_link *link, bool is_silent, const char *reason)
{
	char kept[MQTT_REASON_MAX];
	struct text text = text_in(kept, sizeof(kept));
	enum mqtt_end end = link_end(link, is_silent);
	bool is_taken_over;
	uint32_t wait_ms;

	if (link->is_freed || link->state == LINK_WAITING)
		return;
	wait_ms =
	    mqtt_patience_ended(&link->patience, end, uv_now(link->loop) - link->state_since_ms);
	is_taken_over = end != MQTT_END_UNMADE && mqtt_patience_is_taken_over(&link->patience);
	link_words(link, &text, is_taken_over, reason);
	link->refusal[0] = '\0';
	link->goodbye = 0;
	mqtt_link_unwatch(link);
	mqtt_link_enter(link, LINK_WAITING);
	link->is_draining = link->wants_nap = false;
	link->is_bursting = false;
	link->messages = 0;
	uv_timer_start(&link->retry, link_retry, with_jitter(wait_ms), 0);
	if (link->events.on_down != NULL)
		link->events.on_down(link->events.user, is_taken_over, kept);
}

void mqtt_link_down(struct mqtt_link *link, const char *reason)
{
	link_ended(link, false, reason);
}

/* Whether the failure is of the way to the broker, which TLS knows nothing about. */
static bool is_out_of_reach(int result)
{
	return result == -ECONNREFUSED || result == -ETIMEDOUT || result == -EHOSTUNREACH ||
	       result == -ENETUNREACH || result == MOSQ_ERR_EAI;
}

/* EBADF: the library met bytes that are no MQTT, such as a TLS alert, and closed its socket. */
static bool is_closed(int result)
{
	return result == -ECONNRESET || result == -EPIPE || result == -EBADF ||
	       result == MOSQ_ERR_CONN_LOST || result == MOSQ_ERR_NO_CONN;
}

void mqtt_link_failed(struct mqtt_link *link, int result)
{
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));

	if (result == MOSQ_ERR_ERRNO)
		result = -errno;
	if (link->tls == NULL && link->state == LINK_GREETING && is_closed(result))
		text_add(&text,
			 "the broker closed the connection before it answered; it may want "
			 "TLS on port %u",
			 link->options.port);
	else if (link->tls == NULL || is_out_of_reach(result) ||
		 !mqtt_tls_explain(link->tls, &text, link->state == LINK_UP, link->options.port))
		mqtt_words_failure(&text, result, &link->options);
	link_ended(link, is_closed(result), words);
}

static void link_attempt_over(uv_async_t *async)
{
	struct mqtt_link *link = async->data;
	int result;

	if (link->attempt == NULL || !mqtt_attempt_take(link->attempt, &result))
		return;
	link->attempt = NULL;
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

	link->is_retry_due = false;
	mqtt_link_enter(link, LINK_CONNECTING);
	if (link->tls != NULL)
		mqtt_tls_begin(link->tls);
	error = mqtt_attempt_new(&link->attempt, link->client, &link->options, &link->attempt_over);
	if (error != 0)
		mqtt_link_failed(link, error);
}

static void link_settle(struct mqtt_link *link)
{
	uint64_t lasted_ms = uv_now(link->loop) - link->state_since_ms;

	if (mqtt_patience_lasts(&link->patience, lasted_ms) && link->events.on_settled != NULL)
		link->events.on_settled(link->events.user);
}

static void link_was_not_greeted(struct mqtt_link *link)
{
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));

	if (link->tls == NULL || !mqtt_tls_explain(link->tls, &text, true, link->options.port))
		text_add(&text, "no greeting from the broker");
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
		link_settle(link);
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
	uv_timer_init(link->loop, &link->nap);
	link->attempt_over.data = link->retry.data = link->tick.data = link->nap.data = link;
	link->open_handles = 4;
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
	/*
	 * Queued acknowledgements would go out before the goodbye: where the owner
	 * does not allow that, the connection is just closed.
	 */
	if (link->state == LINK_UP && !link->is_in_library && mqtt_link_may_write(link)) {
		mosquitto_disconnect_v5(link->client, 0, NULL);
		mosquitto_loop_write(link->client, 1);
	}
	memset(&link->events, 0, sizeof(link->events));
	if (!link->is_in_library)
		mqtt_link_destroy(link);
}

/* --- quiet for a while ---------------------------------------------------- */

void mqtt_link_pause(struct mqtt_link *link)
{
	link->is_paused = true;
}

void mqtt_link_resume(struct mqtt_link *link)
{
	link->is_paused = false;
	if (link->is_retry_due)
		link_connect(link);
	else if (!link->is_in_library)
		mqtt_link_proceed(link);
}
