/*
 * What Home Assistant is told over the broker, on the connection for commands.
 *
 * When that connection stands we first hear what the broker has kept of our last announcement,
 * then announce: what the house has, and that what it had is gone. States follow, not retained,
 * when they change and every STATE_REPEAT_MS, so that those who expire them see that we live.
 * `online` is retained, and `offline` the connection's will; what another connection of ours
 * left behind as a will that came late is corrected when it is heard.
 */
#include "daemon/home.h"
#include "daemon/home_assistant.h"
#include "daemon/pilot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "wire/topic.h"

#define READ_BACK_MS 1000     /* what the broker has kept mostly comes at once */
#define ANSWER_MS 100         /* commands that come sooner are answered with the second's states */
#define LISTENS_MS 2000       /* after an announcement it listens, if it had not yet */
#define STATE_REPEAT_MS 30000 /* a quarter of `exp_aft` */
#define MINUTES_AT_FIRST 30

static const char online[] = "online", offline[] = "offline";

/* ---- sending ---- */

static bool is_up(const struct home *home)
{
	return home->daemon->control != NULL && mqtt_control_is_up(home->daemon->control);
}

/* A failure here means that the connection has just ended: all is sent again on the next. */
static void publish(struct home *home, const char *topic, const char *payload, size_t length,
		    int qos, bool is_retained)
{
	(void)!mqtt_control_publish(home->daemon->control, topic, payload, length, qos,
				    is_retained);
}

static void publish_availability(struct home *home, const char *word)
{
	char topic[TOPIC_MAX];
	struct text text = text_in(topic, sizeof topic);

	ha_availability_topic(&text, &home->daemon->house.home_assistant);
	publish(home, topic, word, strlen(word), 1, true);
}

static void announce(struct home *home)
{
	char *room = malloc(HA_ANNOUNCE_MAX), topic[TOPIC_MAX];
	struct text text = text_in(topic, sizeof topic);
	struct text message;

	if (room == NULL) {
		log_error("home_assistant: no memory to announce anything");
		return;
	}
	message = text_in(room, HA_ANNOUNCE_MAX);
	ha_announce_topic(&text, &home->daemon->house.home_assistant);
	ha_announce_write(&message, &home->daemon->house, AMPHORA_VERSION,
			  home->gone != NULL ? home->gone : "");
	publish(home, topic, room, message.length, 1, true);
	free(room);
	publish_availability(home, online);
	home_show_anew(home);
	home->is_announced = home->shows_again = true;
	home->announced_at = uv_now(home->daemon->loop);
}

void home_show_anew(struct home *home)
{
	memset(home->batteries, 0, sizeof home->batteries);
	memset(home->relays, 0, sizeof home->relays);
	memset(home->meters, 0, sizeof home->meters);
	home->site = home->plan = (struct home_state){0};
}

/* What is not as it was, or was not told for a while. */
static void publish_state(struct home *home, struct home_state *last, const char *topic,
			  const struct text *state)
{
	uint64_t hash = hash_bytes(state->data, state->length), now_ms = uv_now(home->daemon->loop);

	if (hash == last->hash && now_ms - last->at < STATE_REPEAT_MS)
		return;
	*last = (struct home_state){.hash = hash, .at = now_ms};
	publish(home, topic, state->data, state->length, 0, false);
}

static void publish_plan(struct home *home)
{
	const struct house *house = &home->daemon->house;
	char topic[TOPIC_MAX], state[HA_STATE_MAX];
	struct text name = text_in(topic, sizeof topic), text = text_in(state, sizeof state);
	int battery = house_find_battery(house, house->home_assistant.planned.text);
	struct plan_status status;

	if (!house->home_assistant.plan_is_told || battery < 0)
		return;
	pilot_tell(home->daemon, (size_t)battery, &status);
	ha_plan_topic(&name, house, (size_t)battery);
	ha_plan_state(&text, &status, daemon_now(home->daemon).wall);
	publish_state(home, &home->plan, topic, &text);
}

static void publish_states(struct home *home)
{
	const struct house *house = &home->daemon->house;
	const struct site *site = &home->daemon->site;
	struct now now = daemon_now(home->daemon);
	char topic[TOPIC_MAX], state[HA_STATE_MAX];
	struct text name, text;

	home->published_at = uv_now(home->daemon->loop);
	for (size_t i = 0; i < house->battery_count; i++) {
		name = text_in(topic, sizeof topic);
		text = text_in(state, sizeof state);
		ha_battery_topic(&name, house, i);
		ha_battery_state(&text, house, site, i, now, home->minutes[i]);
		publish_state(home, &home->batteries[i], topic, &text);
	}
	for (size_t i = 0; i < house->relay_count; i++) {
		name = text_in(topic, sizeof topic);
		text = text_in(state, sizeof state);
		ha_relay_topic(&name, house, i);
		ha_relay_state(&text, house, site, i, now);
		publish_state(home, &home->relays[i], topic, &text);
	}
	publish_plan(home);
	for (int kind = 0; kind < METER_COUNT; kind++) {
		if (!house->home_assistant.is_metered[kind])
			continue;
		name = text_in(topic, sizeof topic);
		text = text_in(state, sizeof state);
		ha_meter_topic(&name, house, (enum meter_kind)kind);
		ha_meter_state(&text, &home->daemon->status.meters[kind], (enum meter_kind)kind);
		publish_state(home, &home->meters[kind], topic, &text);
	}
	name = text_in(topic, sizeof topic);
	text = text_in(state, sizeof state);
	ha_site_topic(&name, house);
	ha_site_state(&text, site, home->outcome);
	publish_state(home, &home->site, topic, &text);
}

/* ---- what is heard ---- */

static bool is_topic(const struct home *home, const char *topic,
		     void (*write)(struct text *, const struct home_assistant_config *))
{
	char room[TOPIC_MAX];
	struct text text = text_in(room, sizeof room);

	write(&text, &home->daemon->house.home_assistant);
	return strcmp(room, topic) == 0;
}

static bool says(const struct mqtt_message *message, const char *word)
{
	return message->length == strlen(word) &&
	       memcmp(message->payload, word, message->length) == 0;
}

/* Of which battery there may be a plan, by the configuration and `logic`; empty: of none is. */
static struct ident planned_battery(const struct daemon *daemon)
{
	int battery = pilot_battery_of(daemon);

	return battery >= 0 ? daemon->house.batteries[battery].id : (struct ident){""};
}

static bool is_of_another(const struct home *home)
{
	struct ident battery = planned_battery(home->daemon);

	return strcmp(battery.text, home->daemon->house.home_assistant.planned.text) != 0;
}

static void choose_planned(struct home *home)
{
	struct home_assistant_config *config = &home->daemon->house.home_assistant;

	if (!is_of_another(home))
		return;
	config->planned = planned_battery(home->daemon);
	config->plan_is_told = false;
}

/* Takes an announcement of before: what is in it and not in the house any more is gone. */
static void take_gone(struct home *home, const void *payload, size_t length)
{
	struct text gone;

	free(home->gone);
	home->gone = malloc(HA_ANNOUNCE_MAX);
	if (home->gone == NULL)
		return;
	gone = text_in(home->gone, HA_ANNOUNCE_MAX);
	choose_planned(home);
	ha_announce_gone(&gone, &home->daemon->house, payload, length);
	if (gone.length == 0 || gone.is_cut) {
		free(home->gone);
		home->gone = NULL;
	}
}

/*
 * What the broker has kept of our last announcement; what we say now comes back, too. Where it comes
 * after we have announced, what is gone is said in another one.
 */
static void take_back(struct home *home, const struct mqtt_message *message)
{
	if (!message->is_retained || home->is_read_back)
		return;
	home->is_read_back = true;
	take_gone(home, message->payload, message->length);
	if (home->gone != NULL)
		home->is_announced = false;
}

void home_heard(struct daemon *daemon, const struct mqtt_message *message)
{
	struct home *home = daemon->home;

	if (home == NULL)
		return;
	if (is_topic(home, message->topic, ha_announce_topic)) {
		take_back(home, message);
	} else if (is_topic(home, message->topic, ha_birth_topic)) {
		/* It has started and knows nothing; however often it says so, once a second. */
		if (says(message, online))
			home->is_announced = false;
	} else if (is_topic(home, message->topic, ha_availability_topic)) {
		if (says(message, offline) && home->is_announced)
			publish_availability(home, online);
	} else if (home_command(home, message)) {
		home_show_anew(home);
		if (uv_now(daemon->loop) - home->published_at >= ANSWER_MS)
			publish_states(home);
	}
}

/* ---- the connection, and time ---- */

void home_up(struct daemon *daemon, bool is_up)
{
	struct home *home = daemon->home;

	if (home == NULL)
		return;
	home->is_announced = false;
	if (is_up) {
		home->up_at = uv_now(daemon->loop);
		home->is_read_back = false;
	}
}

/* A meter that was heard for the first time is announced. */
static void look_for_meters(struct home *home)
{
	struct daemon *daemon = home->daemon;

	for (int kind = 0; kind < METER_COUNT; kind++) {
		bool *is_metered = &daemon->house.home_assistant.is_metered[kind];

		if (*is_metered || !daemon->status.meters[kind].is_heard)
			continue;
		*is_metered = true;
		home->is_announced = false;
	}
}

/* A plan is announced from the first one on; what another battery had of it is taken away. */
static void look_for_plan(struct home *home)
{
	struct home_assistant_config *config = &home->daemon->house.home_assistant;
	struct plan_status status = {0};
	char *announced;
	int battery;

	if (config->plan_is_told && is_of_another(home)) {
		announced = home_announced(home->daemon);
		if (announced != NULL)
			take_gone(home, announced, strlen(announced));
		free(announced);
		home->is_announced = false;
	}
	choose_planned(home);
	battery = config->plan_is_told ? -1
				       : house_find_battery(&home->daemon->house, config->planned.text);
	if (battery >= 0)
		pilot_tell(home->daemon, (size_t)battery, &status);
	if (status.plan == NULL)
		return;
	config->plan_is_told = true;
	home->is_announced = false;
}

void home_second(struct daemon *daemon)
{
	struct home *home = daemon->home;

	if (home == NULL)
		return;
	home_command_sum_up(home, false);
	look_for_meters(home);
	look_for_plan(home);
	if (!is_up(home))
		return;
	if (!home->is_announced &&
	    (home->is_read_back || uv_now(daemon->loop) - home->up_at >= READ_BACK_MS))
		announce(home);
	/* It may have subscribed to our states after they had been told. */
	if (home->shows_again && uv_now(daemon->loop) - home->announced_at >= LISTENS_MS) {
		home->shows_again = false;
		home_show_anew(home);
	}
	if (home->is_announced)
		publish_states(home);
}

void home_listen(struct daemon *daemon, struct mqtt_control_options *options,
		 struct home_topics *topics)
{
	const struct home_assistant_config *config = &daemon->house.home_assistant;
	size_t count = config->commands_are_taken ? HOME_TOPICS : HOME_TOPICS_OF_STATE;
	struct text text[HOME_TOPICS], will;

	if (daemon->home == NULL)
		return;
	for (size_t i = 0; i < HOME_TOPICS; i++) {
		text[i] = text_in(topics->text[i], sizeof topics->text[i]);
		topics->list[i] = topics->text[i];
	}
	ha_announce_topic(&text[0], config);
	ha_birth_topic(&text[1], config);
	ha_availability_topic(&text[2], config);
	text_add(&text[3], "%s/ack/set", config->topic);
	text_add(&text[4], "%s/+/+/set", config->topic);
	options->standing = topics->list;
	options->standing_count = count;
	options->will = (struct mqtt_will){.qos = 1, .is_retained = true};
	will = text_in(options->will.topic, sizeof options->will.topic);
	ha_availability_topic(&will, config);
	memcpy(options->will.payload, offline, sizeof offline);
}

int home_open(struct daemon *daemon, struct text *error)
{
	(void)error;
	if (!daemon->house.home_assistant.is_on || !daemon->house.home_assistant.is_announced)
		return 0;
	daemon->home = calloc(1, sizeof *daemon->home);
	if (daemon->home == NULL)
		return -ENOMEM;
	daemon->home->daemon = daemon;
	for (size_t i = 0; i < BATTERIES_MAX; i++)
		daemon->home->minutes[i] = MINUTES_AT_FIRST;
	return 0;
}

char *home_announced(const struct daemon *daemon)
{
	const struct home *home = daemon->home;
	char *room = home != NULL && home->is_announced ? malloc(HA_ANNOUNCE_MAX) : NULL;
	struct text message;

	if (room == NULL)
		return NULL;
	message = text_in(room, HA_ANNOUNCE_MAX);
	ha_announce_write(&message, &daemon->house, AMPHORA_VERSION,
			  home->gone != NULL ? home->gone : "");
	return room;
}

void home_rehoused(struct daemon *daemon, char *announced, size_t left)
{
	struct home *home = daemon->home;

	if (home != NULL) {
		if (announced != NULL)
			take_gone(home, announced, strlen(announced));
		for (size_t i = left; i + 1 < BATTERIES_MAX; i++)
			home->minutes[i] = home->minutes[i + 1];
		home->is_announced = false;
	}
	free(announced);
}

void home_close(struct daemon *daemon)
{
	struct home *home = daemon->home;

	if (home == NULL)
		return;
	home_command_sum_up(home, true);
	/* We say goodbye to the broker, so that it says no will for us. */
	if (is_up(home))
		publish_availability(home, offline);
	free(home->gone);
	free(home);
	daemon->home = NULL;
}
