/* A trial's way to its relay: a connection of its own to the broker, or CoAP. */
#include <errno.h>
#include <string.h>

#include "adapt/password.h"
#include "adapt/relay_trial_parts.h"

#define PASSWORD_TEXT_MAX 128
#define KEEPALIVE_S 20
#define READBACK_MS 2000

static struct mono_time now_of(const struct relay_trial *trial)
{
	return (struct mono_time){(int64_t)uv_now(trial->loop)};
}

/* ---- what comes, by either way ---- */

static void on_status(void *user, size_t index, enum relay_answer answer,
		      const struct relay_status *status, uint64_t tag)
{
	struct relay_trial *trial = user;

	(void)index;
	(void)tag;
	if (answer == ANSWER_BLIND)
		trial_taken_blind(trial);
	if (answer != ANSWER_READBACK && (answer != ANSWER_COMMAND || trial->source))
		return;
	if (trial->step == TRIAL_CLOSES && status->is_on && status->lease_left_ms > 0)
		trial->lease_ms = status->lease_left_ms;
	trial_stands(trial, status->is_on);
}

static void on_failed(void *user, size_t index, bool is_command, uint64_t tag, bool is_refused,
		      const char *detail)
{
	(void)index;
	(void)tag;
	if (is_command)
		trial_failed(user, is_refused, detail);
}

/* ---- MQTT ---- */

static int publish(void *user, const char *topic, const char *payload)
{
	struct relay_trial *trial = user;

	return mqtt_link_publish(trial->link, topic, payload, strlen(payload), 0, false);
}

static void on_up(void *user, bool has_session)
{
	struct relay_trial *trial = user;

	(void)has_session;
	mqtt_topics_subscribe(&trial->topics, trial->link, 1);
}

static void on_subscribed(void *user, bool is_granted)
{
	struct relay_trial *trial = user;

	if (!is_granted) {
		trial_way_lost(trial, "the broker refused a subscription");
		return;
	}
	trial->is_up = true;
	source_relay_up(&trial->relay, true, now_of(trial));
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct relay_trial *trial = user;
	const struct source_message taken = {.topic = message->topic,
					     .payload = message->payload,
					     .length = message->length,
					     .is_retained = message->is_retained};
	const struct source_now now = {.mono = now_of(trial)};

	source_relay_take(&trial->relay, &taken, &now);
}

static int listen_to(struct relay_trial *trial)
{
	const char *topics[SOURCE_ROWS_MAX + SOURCE_AVAILABLE_MAX];
	const struct source *source = trial->source;
	size_t count = 0;

	for (size_t i = 0; i < source->row_count; i++) {
		if (i == 0 || strcmp(source->rows[i].topic, source->rows[i - 1].topic) != 0)
			topics[count++] = source->rows[i].topic;
	}
	for (size_t i = 0; i < source->available_count; i++)
		topics[count++] = source->available[i].topic;
	return mqtt_topics_take(&trial->topics, topics, count, NULL);
}

static int connect_to(struct relay_trial *trial, struct text *error)
{
	const struct broker_config *broker = &trial->house->broker;
	struct mqtt_link_events events = {.user = trial,
					  .on_up = on_up,
					  .on_subscribed = on_subscribed,
					  .on_message = on_message};
	char password[PASSWORD_TEXT_MAX] = "";
	struct mqtt_link_options options;
	int result = password_read(password, sizeof password, broker->password_file, error);

	if (result == 0) {
		result = mqtt_broker_options(&options, broker,
					     password[0] != '\0' ? password : NULL, "-trial");
		options.keepalive_s = KEEPALIVE_S;
	}
	if (result == 0)
		result = mqtt_link_new(&trial->link, trial->loop, &options, &events);
	explicit_bzero(password, sizeof password);
	return result;
}

static int open_mqtt(struct relay_trial *trial, struct text *error)
{
	int result;

	trial->handlers = (struct source_relay_handlers){trial, publish, on_status, on_failed};
	source_relay_init(&trial->relay, trial->index, &trial->house->relays[trial->index].id,
			  trial->source, &trial->handlers, now_of(trial));
	result = listen_to(trial);
	return result == 0 ? connect_to(trial, error) : result;
}

/* ---- CoAP ---- */

static int set_node(struct relay_trial *trial, const char *uri, struct text *error)
{
	const struct relay_config *config = &trial->house->relays[trial->index];
	const struct source *source = trial->source;
	const char *key_file = config->key_file, *identity = config->identity;
	struct shared_key key = {0};
	int result = 0;

	if (source) {
		key_file = source->key_file ? source->key_file : "";
		identity = source->identity ? source->identity : source->id.text;
	}
	if (key_file[0] != '\0')
		result = shared_key_read(&key, key_file, identity, error);
	if (result == 0)
		result = coap_hub_set_relay_key(trial->hub, trial->index, &config->id, &key);
	explicit_bzero(&key, sizeof key);
	if (result == 0 && source)
		return coap_hub_set_device_relay(trial->hub, trial->index, &config->id, source, uri);
	return result == 0 ? coap_hub_set_relay(trial->hub, trial->index, uri) : result;
}

static int open_coap(struct relay_trial *trial, const char *uri, struct text *error)
{
	const struct coap_hub_handlers handlers = {
	    .user = trial, .on_relay_status = on_status, .on_relay_failed = on_failed};
	int result = coap_hub_new(&trial->hub, trial->loop, &handlers);

	if (result != 0)
		return result;
	coap_hub_set_readback(trial->hub, READBACK_MS);
	coap_hub_set_clock_factor(trial->hub, trial->clock_factor);
	trial->is_up = true;
	return set_node(trial, uri, error);
}

/* ---- either ---- */

int trial_way_open(struct relay_trial *trial, const char *uri, struct text *error)
{
	int result = uri && uri[0] != '\0' ? open_coap(trial, uri, error)
		     : trial->source       ? open_mqtt(trial, error)
					   : -EINVAL;

	if (result != 0 && error->length == 0)
		text_add(error, "no way to the relay: %s", strerror(-result));
	return result;
}

void trial_way_close(struct relay_trial *trial)
{
	coap_hub_free(trial->hub);
	trial->hub = NULL;
	mqtt_link_free(trial->link);
	trial->link = NULL;
	mqtt_topics_free(&trial->topics);
}

void trial_way_command(struct relay_trial *trial, const struct relay_command *command)
{
	if (trial->hub) {
		if (coap_hub_command(trial->hub, trial->index, command, 1) != 0)
			trial_failed(trial, false, "it cannot be reached");
	} else if (trial->link) {
		source_relay_command(&trial->relay, command, 1, now_of(trial));
	}
}

void trial_way_read(struct relay_trial *trial)
{
	if (trial->hub)
		coap_hub_read_relay(trial->hub, trial->index);
	else
		source_relay_read(&trial->relay, now_of(trial));
}

void trial_way_turn(struct relay_trial *trial)
{
	if (!trial->hub && trial->is_up)
		source_relay_turn(&trial->relay, now_of(trial));
}

int64_t trial_way_lease_ms(const struct relay_trial *trial)
{
	return trial->hub ? trial->lease_ms : trial->relay.lease_ms;
}
