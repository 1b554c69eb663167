/*
 * The life of one MQTT connection: connecting, waiting, connecting again.
 *
 * When it is read and written is mqtt_link_io.c; the blocking part of an
 * attempt to connect is mqtt_attempt.c. What is subscribed and what messages
 * mean is the owner's affair.
 *
 * A connection that the broker ends just after it accepted it, several times in
 * a row, is one that another client with our id takes over: the library shows
 * only the end. Both would knock each other out for ever, so we back off.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "adapt/mqtt_link_parts.h"
#include "adapt/mqtt_words.h"

#define TICK_MS 1000
#define GREETING_MS 10000
#define BACK_OFF_MIN_MS 1000
#define BACK_OFF_MAX_MS 30000
#define MQTT_V5 5
#define REASON_CODE_FAILED 0x80 /* and above, in CONNACK and SUBACK */

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

/* --- what the library tells us -------------------------------------------- */

static void link_enter(struct mqtt_link *link, enum link_state state)
{
	link->state = state;
	link->state_since_ms = uv_now(link->loop);
}

static void link_on_connect(struct mosquitto *client, void *object, int reason, int flags,
			    const mosquitto_property *properties)
{
	struct mqtt_link *link = object;

	(void)client;
	(void)properties;
	if (reason != 0) {
		struct text text = text_in(link->refusal, sizeof(link->refusal));

		mqtt_words_refusal(&text, reason, &link->options);
		return;
	}
	link->back_off_ms = 0;
	link_enter(link, LINK_UP);
	if (link->events.on_up != NULL)
		link->events.on_up(link->events.user, (flags & 1) != 0);
}

static void link_on_disconnect(struct mosquitto *client, void *object, int reason,
			       const mosquitto_property *properties)
{
	struct mqtt_link *link = object;

	(void)client;
	(void)properties;
	/* A refused CONNECT ends here too, with the library's own code: what was said counts. */
	if (reason >= REASON_CODE_FAILED) {
		struct text text = text_in(link->refusal, sizeof(link->refusal));

		mqtt_words_goodbye(&text, reason, &link->options);
	}
}

static void link_on_subscribe(struct mosquitto *client, void *object, int id, int count,
			      const int *granted, const mosquitto_property *properties)
{
	struct mqtt_link *link = object;
	bool is_granted = true;

	(void)client;
	(void)id;
	(void)properties;
	for (int i = 0; i < count; i++)
		is_granted = is_granted && granted[i] < REASON_CODE_FAILED;
	if (link->events.on_subscribed != NULL)
		link->events.on_subscribed(link->events.user, is_granted);
}

static void link_on_acknowledged(struct mosquitto *client, void *object, int id, int reason,
				 const mosquitto_property *properties)
{
	struct mqtt_link *link = object;

	(void)client;
	(void)id;
	(void)properties;
	if (reason < REASON_CODE_FAILED && link->events.on_acknowledged != NULL)
		link->events.on_acknowledged(link->events.user);
}

static void link_on_message(struct mosquitto *client, void *object,
			    const struct mosquitto_message *from,
			    const mosquitto_property *properties)
{
	struct mqtt_link *link = object;
	size_t length = from->payloadlen > 0 ? (size_t)from->payloadlen : 0;
	struct mqtt_message message = {
	    .topic = from->topic,
	    .payload = from->payload,
	    .length = length,
	    .id = (uint16_t)(from->qos > 0 ? from->mid : 0),
	    .qos = from->qos,
	    .is_retained = from->retain,
	    .payload_hash =
		hash_bytes(from->payload, length < MQTT_PAYLOAD_MAX ? length : MQTT_PAYLOAD_MAX),
	};

	(void)client;
	(void)properties;
	link->messages++;
	if (link->events.on_message != NULL)
		link->events.on_message(link->events.user, &message);
	/*
	 * The library would read on to the end of what TLS has decrypted, paused or not;
	 * this makes it return after each packet. What is left is read by link_arm().
	 */
	errno = EAGAIN;
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

static uint32_t link_next_back_off(const struct mqtt_link *link)
{
	uint32_t over = link->short_closes - MQTT_TAKEOVER_CLOSES;
	uint32_t doubled = link->back_off_ms * 2;

	if (link->short_closes >= MQTT_TAKEOVER_CLOSES)
		return over < 4 ? MQTT_TAKEOVER_BACK_OFF_MS << over : MQTT_TAKEOVER_BACK_OFF_MAX_MS;
	if (doubled < BACK_OFF_MIN_MS)
		return BACK_OFF_MIN_MS;
	return doubled < BACK_OFF_MAX_MS ? doubled : BACK_OFF_MAX_MS;
}

/* The back-off and up to half as much again, so that many clients do not knock at once. */
static uint64_t link_next_delay(struct mqtt_link *link)
{
	uint32_t random = 0;

	link->back_off_ms = link_next_back_off(link);
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint32_t)uv_hrtime();
	return link->back_off_ms + random % (link->back_off_ms / 2);
}

/* Whether the connection that ends now was once more one that hardly began. */
static bool link_is_taken_over(struct mqtt_link *link)
{
	if (link->state == LINK_UP) {
		bool is_short = uv_now(link->loop) - link->state_since_ms < MQTT_TAKEOVER_MS;

		link->short_closes = is_short ? link->short_closes + 1 : 0;
	}
	return link->short_closes >= MQTT_TAKEOVER_CLOSES;
}

void mqtt_link_down(struct mqtt_link *link, const char *reason)
{
	char kept[MQTT_REASON_MAX];
	struct text text = text_in(kept, sizeof(kept));
	bool is_taken_over = link_is_taken_over(link);

	if (link->is_freed || link->state == LINK_WAITING)
		return;
	text_add(&text, "%s", link->refusal[0] != '\0' ? link->refusal : reason);
	link->refusal[0] = '\0';
	mqtt_link_unwatch(link);
	link_enter(link, LINK_WAITING);
	link->is_draining = link->wants_nap = false;
	link->burst = link->messages = 0;
	uv_timer_start(&link->retry, link_retry, link_next_delay(link), 0);
	if (link->events.on_down != NULL)
		link->events.on_down(link->events.user, is_taken_over, kept);
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
	mqtt_link_down(link, words);
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
	link_enter(link, LINK_GREETING);
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
	link_enter(link, LINK_CONNECTING);
	if (link->tls != NULL)
		mqtt_tls_begin(link->tls);
	error = mqtt_attempt_new(&link->attempt, link->client, &link->options, &link->attempt_over);
	if (error != 0)
		mqtt_link_failed(link, error);
}

/* A connection that lasts is nobody else's. */
static void link_settle(struct mqtt_link *link)
{
	if (link->short_closes == 0 || uv_now(link->loop) - link->state_since_ms < MQTT_TAKEOVER_MS)
		return;
	link->short_closes = 0;
	if (link->events.on_settled != NULL)
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

static int link_configure(struct mqtt_link *link)
{
	const struct mqtt_link_options *options = &link->options;
	const struct mqtt_will *will = &options->will;
	struct mosquitto *client = link->client;
	int result = mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_V5);

	if (link->tls != NULL && mqtt_tls_use(link->tls, client) != 0)
		return -EINVAL;
	mosquitto_threaded_set(client, true);
	mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	if (options->receive_max > 0)
		mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, options->receive_max);
	if (result == MOSQ_ERR_SUCCESS && options->user[0] != '\0')
		result = mosquitto_username_pw_set(client, options->user, options->password);
	if (result == MOSQ_ERR_SUCCESS && will->topic[0] != '\0')
		result = mosquitto_will_set_v5(client, will->topic, (int)strlen(will->payload),
					       will->payload, will->qos, will->is_retained, NULL);
	mosquitto_connect_v5_callback_set(client, link_on_connect);
	mosquitto_disconnect_v5_callback_set(client, link_on_disconnect);
	mosquitto_subscribe_v5_callback_set(client, link_on_subscribe);
	mosquitto_message_v5_callback_set(client, link_on_message);
	mosquitto_publish_v5_callback_set(client, link_on_acknowledged);
	return result == MOSQ_ERR_SUCCESS ? 0 : -EINVAL;
}

static int link_make_client(struct mqtt_link *link)
{
	const struct mqtt_link_options *options = &link->options;
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));
	int error = 0;

	if (options->tls.is_required)
		error = mqtt_tls_new(&link->tls, &options->tls, options->host, &text);
	if (error != 0)
		return error;
	link->client = mosquitto_new(options->client_id, !options->keeps_session, link);
	return link->client == NULL ? -ENOMEM : link_configure(link);
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
	error = link_make_client(link);
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
