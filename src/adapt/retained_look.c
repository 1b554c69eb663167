#include "adapt/retained_look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/mqtt.h"
#include "adapt/password.h"
#include "wire/command_topic.h"

#define KEEPALIVE_S 30
#define CONNECT_MS 4000
#define LISTEN_MS 1000 /* retained messages come at once */
#define PASSWORD_TEXT_MAX 128
#define TROUBLE_MAX 160

struct retained_look {
	uv_timer_t timer; /* the first member: it is freed with it */
	struct mqtt_link *link;
	void (*on_done)(void *user, const struct retained_found *found);
	void *user;
	bool is_up;
	char trouble[TROUBLE_MAX];
	struct retained_found found;
};

static void on_over(uv_timer_t *timer)
{
	struct retained_look *look = (struct retained_look *)timer;

	look->found.trouble = look->is_up ? "" : look->trouble;
	look->on_done(look->user, &look->found);
}

static void on_up(void *user, bool has_session)
{
	static const char *const ALL[] = {"#"};
	struct retained_look *look = user;

	(void)has_session;
	/* A failure here means that the connection just ended. */
	(void)!mqtt_link_subscribe(look->link, ALL, 1, 0);
}

static void on_down(void *user, bool is_taken_over, const char *reason)
{
	struct retained_look *look = user;

	(void)is_taken_over;
	snprintf(look->trouble, sizeof(look->trouble), "%s", reason);
}

static void on_subscribed(void *user, bool is_granted)
{
	struct retained_look *look = user;

	look->is_up = is_granted;
	if (!is_granted)
		snprintf(look->trouble, sizeof(look->trouble),
			 "the broker lets our user listen to no #");
	uv_timer_start(&look->timer, on_over, is_granted ? LISTEN_MS : 0, 0);
}

/* What would spoil a line of a person's terminal is no part of a topic that is shown. */
static void keep_topic(char out[RETAINED_TOPIC_MAX], const char *topic)
{
	size_t i = 0;

	for (; topic[i] && i < RETAINED_TOPIC_MAX - 1; i++)
		out[i] = (unsigned char)topic[i] < ' ' || topic[i] == 0x7f ? '?' : topic[i];
	out[i] = '\0';
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct retained_look *look = user;
	struct retained_found *found = &look->found;

	if (!message->is_retained || message->length == 0 || !topic_commands(message->topic))
		return;
	if (found->count < RETAINED_TOPICS_MAX)
		keep_topic(found->topics[found->count], message->topic);
	found->count++;
}

static int look_connect(struct retained_look *look, uv_loop_t *loop,
			const struct broker_config *config, const char *password)
{
	struct broker_config broker = *config;
	struct text id = text_in(broker.client_id.text, sizeof(broker.client_id.text));
	struct mqtt_link_options link;
	const struct mqtt_link_events events = {.user = look,
						.on_up = on_up,
						.on_down = on_down,
						.on_subscribed = on_subscribed,
						.on_message = on_message};
	int result;

	text_add(&id, "amphora-look-%d-%llx", (int)getpid(), (unsigned long long)uv_hrtime());
	result = mqtt_broker_options(&link, &broker, password, "");
	link.keepalive_s = KEEPALIVE_S;
	return result == 0 ? mqtt_link_new(&look->link, loop, &link, &events) : result;
}

int retained_look_new(struct retained_look **out, uv_loop_t *loop,
		      const struct broker_config *broker,
		      void (*on_done)(void *user, const struct retained_found *found), void *user,
		      struct text *error)
{
	char password[PASSWORD_TEXT_MAX] = "";
	struct retained_look *look = calloc(1, sizeof(*look));
	int result = look ? password_read(password, sizeof(password), broker->password_file, error)
			  : -ENOMEM;

	if (result == 0) {
		look->on_done = on_done;
		look->user = user;
		snprintf(look->trouble, sizeof(look->trouble), "the broker does not answer");
		result = look_connect(look, loop, broker, password);
	}
	explicit_bzero(password, sizeof(password));
	if (result != 0) {
		if (error->length == 0)
			text_add(error, "%s", strerror(-result));
		free(look);
		return result;
	}
	uv_timer_init(loop, &look->timer);
	uv_timer_start(&look->timer, on_over, CONNECT_MS, 0);
	*out = look;
	return 0;
}

static void closed(uv_handle_t *handle)
{
	free(handle);
}

void retained_look_free(struct retained_look *look)
{
	if (!look)
		return;
	mqtt_link_free(look->link);
	uv_close((uv_handle_t *)&look->timer, closed);
}
