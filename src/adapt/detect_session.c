#include "adapt/detect_session.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/mqtt.h"
#include "base/text.h"

#define KEEPALIVE_S 30
#define TROUBLE_MAX 256
#define PORTALS_MAX 8
#define PORTAL_TEXT_MAX 32
#define SHELLIES_MAX 32
#define SHELLY_TEXT_MAX 64
#define SHELLY_ANSWERS "amphora-detect" /* the topic below which a Shelly of the second generation answers */

struct detect_session {
	uv_timer_t timer; /* the first member: it is freed with it */
	struct mqtt_link *link;
	struct detect *detect;
	struct detect_session_events events;
	uint32_t seconds;
	bool only_listens, is_up;
	char trouble[TROUBLE_MAX];
	size_t portal_count; /* of Venus OS, which were asked */
	char portals[PORTALS_MAX][PORTAL_TEXT_MAX];
	size_t shelly_count; /* of the second generation, which were asked */
	char shellies[SHELLIES_MAX][SHELLY_TEXT_MAX];
};

/* Questions that each maker has for this, and that change nothing. */
static const struct {
	const char *topic, *payload;
} QUESTIONS[] = {
    {"cmnd/tasmotas/State", ""},       /* Tasmota's group topic, as it comes */
    {"shellies/command", "announce"},  /* Shelly, first generation */
    {"shellies/command", "update"},
};

static void say_trouble(struct detect_session *session, const char *reason)
{
	struct text text = text_in(session->trouble, sizeof(session->trouble));

	text_add(&text, "%s", reason);
}

static void on_over(uv_timer_t *timer)
{
	struct detect_session *session = (struct detect_session *)timer;

	session->events.on_done(session->events.user, session->detect,
				session->is_up ? "" : session->trouble);
}

static void on_up(void *user, bool has_session)
{
	static const char *const ALL[] = {"#"};
	struct detect_session *session = user;

	(void)has_session;
	/* A failure here means that the connection just ended. */
	(void)!mqtt_link_subscribe(session->link, ALL, 1, 0);
}

static void on_down(void *user, bool is_taken_over, const char *reason)
{
	struct detect_session *session = user;

	(void)is_taken_over;
	say_trouble(session, reason);
}

static void on_subscribed(void *user, bool is_granted)
{
	struct detect_session *session = user;

	if (!is_granted) {
		say_trouble(session, "the broker lets this user listen to no #");
		return;
	}
	if (!session->is_up)
		uv_timer_start(&session->timer, on_over, (uint64_t)session->seconds * MS_PER_SECOND, 0);
	session->is_up = true;
	for (size_t i = 0; !session->only_listens && i < ARRAY_LENGTH(QUESTIONS); i++)
		(void)!mqtt_link_publish(session->link, QUESTIONS[i].topic, QUESTIONS[i].payload,
					 strlen(QUESTIONS[i].payload), 0, false);
}

/* A Venus OS tells its values only to whom asks for them: once for each. */
static void ask_venus(struct detect_session *session, const char *topic)
{
	char ask[MQTT_TEXT_MAX];
	size_t length = strcspn(topic + 2, "/");

	if (strncmp(topic, "N/", 2) != 0 || topic[2 + length] != '/' || length >= PORTAL_TEXT_MAX)
		return;
	for (size_t i = 0; i < session->portal_count; i++)
		if (strlen(session->portals[i]) == length &&
		    memcmp(session->portals[i], topic + 2, length) == 0)
			return;
	if (session->portal_count == PORTALS_MAX)
		return;
	memcpy(session->portals[session->portal_count], topic + 2, length);
	session->portals[session->portal_count++][length] = '\0';
	snprintf(ask, sizeof(ask), "R/%.*s/keepalive", (int)length, topic + 2);
	(void)!mqtt_link_publish(session->link, ask, "", 0, 0, false);
}

/*
 * A Shelly of the second generation says "true" on its prefix/online, and as it is delivered nothing
 * more before it is asked: once for each.
 */
static void ask_shelly(struct detect_session *session, const struct mqtt_message *message)
{
	static const char END[] = "/online", QUESTION[] = "{\"id\":1,\"src\":\"" SHELLY_ANSWERS
							  "\",\"method\":\"Shelly.GetStatus\"}";
	size_t length = strlen(message->topic), end = strlen(END);
	char *prefix = session->shellies[session->shelly_count], ask[MQTT_TEXT_MAX];

	if (session->shelly_count == SHELLIES_MAX || length <= end || length - end >= SHELLY_TEXT_MAX ||
	    strcmp(message->topic + length - end, END) != 0 || message->length != 4 ||
	    memcmp(message->payload, "true", 4) != 0 || strncmp(message->topic, "shellies/", 9) == 0)
		return;
	snprintf(prefix, SHELLY_TEXT_MAX, "%.*s", (int)(length - end), message->topic);
	for (size_t i = 0; i < session->shelly_count; i++)
		if (strcmp(session->shellies[i], prefix) == 0)
			return;
	session->shelly_count++;
	snprintf(ask, sizeof(ask), "%s/rpc", prefix);
	(void)!mqtt_link_publish(session->link, ask, QUESTION, strlen(QUESTION), 0, false);
}

/* What it answers of each switch is heard as if it told that by itself, on its own topic. */
static void hear_shelly(struct detect_session *session, const struct mqtt_message *message)
{
	json_t *answer = strcmp(message->topic, SHELLY_ANSWERS "/rpc") == 0
			     ? json_loadb((const char *)message->payload, message->length, 0, NULL)
			     : NULL;
	const char *prefix = json_string_value(json_object_get(answer, "src")), *part;
	json_t *value;

	json_object_foreach(json_object_get(answer, "result"), part, value)
	{
		char topic[MQTT_TEXT_MAX];
		char *text = prefix && strncmp(part, "switch:", 7) == 0 ? json_dumps(value, JSON_COMPACT) : NULL;

		if (text && (size_t)snprintf(topic, sizeof(topic), "%s/status/%s", prefix, part) < sizeof(topic))
			detect_hear(session->detect, topic, text, strlen(text), false);
		free(text);
	}
	json_decref(answer);
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct detect_session *session = user;

	if (!session->only_listens) {
		ask_venus(session, message->topic);
		ask_shelly(session, message);
		hear_shelly(session, message);
	}
	detect_hear(session->detect, message->topic, message->payload, message->length,
		    message->is_retained);
}

static int session_connect(struct detect_session *session, uv_loop_t *loop,
		   const struct detect_session_options *options)
{
	struct broker_config broker = *options->broker;
	struct text id = text_in(broker.client_id.text, sizeof(broker.client_id.text));
	struct mqtt_link_options link;
	struct mqtt_link_events events = {.user = session,
					  .on_up = on_up,
					  .on_down = on_down,
					  .on_subscribed = on_subscribed,
					  .on_message = on_message};
	int result;

	text_add(&id, "amphora-detect-%d-%llx", (int)getpid(), (unsigned long long)uv_hrtime());
	result = mqtt_broker_options(&link, &broker, options->password, "");
	link.keepalive_s = KEEPALIVE_S;
	return result == 0 ? mqtt_link_new(&session->link, loop, &link, &events) : result;
}

static void closed(uv_handle_t *handle)
{
	struct detect_session *session = (struct detect_session *)handle;

	detect_free(session->detect);
	free(session);
}

int detect_session_new(struct detect_session **out, uv_loop_t *loop,
		       const struct detect_session_options *options,
		       const struct detect_session_events *events)
{
	struct detect_session *session = calloc(1, sizeof(*session));
	int result;

	if (!session)
		return -ENOMEM;
	session->events = *events;
	session->seconds = options->seconds;
	session->only_listens = options->only_listens;
	say_trouble(session, "it does not answer");
	session->detect = detect_new();
	result = session->detect ? session_connect(session, loop, options) : -ENOMEM;
	if (result != 0) {
		detect_free(session->detect);
		free(session);
		return result;
	}
	uv_timer_init(loop, &session->timer);
	uv_timer_start(&session->timer, on_over, (uint64_t)session->seconds * MS_PER_SECOND, 0);
	*out = session;
	return 0;
}

bool detect_session_is_up(const struct detect_session *session)
{
	return session->is_up;
}

void detect_session_free(struct detect_session *session)
{
	if (!session)
		return;
	mqtt_link_free(session->link);
	uv_close((uv_handle_t *)&session->timer, closed);
}
