/* The broker's two connections: with which topics they are opened. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/mqtt_tls.h"
#include "adapt/password.h"
#include "daemon/daemon.h"
#include "daemon/feeds.h"
#include "daemon/home_assistant.h"
#include "wire/topic.h"

#define PASSWORD_TEXT_MAX 128

/* Lists of topics, as the connections take them. */
struct topic_lists {
	const char **stored, **standing;
	size_t stored_count, standing_count;
	struct home_topics home;
};

static void add_own_topics(const struct house *house, const char *topics[], size_t *stored_count)
{
	size_t count = *stored_count;

	topics[count++] = TOPIC_BATTERY;
	topics[count++] = TOPIC_STATUS;
	topics[count++] = TOPIC_METER;
	for (size_t i = 0; i < house->battery_count; i++) {
		const struct battery_config *battery = &house->batteries[i];

		if (battery->transport == SENSOR_MQTT &&
		    topic_classify(battery->topic, NULL) == TOPIC_IS_OTHER)
			topics[count++] = battery->topic;
	}
	*stored_count = count;
}

/* What is stored: ours, and those that the configuration adds; what is always listened to. */
static int collect_topics(struct daemon *daemon, struct mqtt_control_options *control,
			  struct topic_lists *lists)
{
	int result;

	lists->stored = calloc(MQTT_TOPICS_MAX, sizeof(*lists->stored));
	lists->standing = calloc(HOME_TOPICS, sizeof(*lists->standing));
	if (lists->stored == NULL || lists->standing == NULL)
		return -ENOMEM;
	add_own_topics(&daemon->house, lists->stored, &lists->stored_count);
	result = devices_add_topics(daemon, &lists->stored, &lists->stored_count);
	home_listen(daemon, control, &lists->home);
	for (size_t i = 0; i < control->standing_count; i++)
		lists->standing[lists->standing_count++] = control->standing[i];
	if (result == 0)
		result = device_relays_add_topics(daemon, &lists->standing, &lists->standing_count);
	if (result == 0)
		result = feeds_add_topics(daemon, &lists->standing, &lists->standing_count);
	control->topics = lists->stored;
	control->topic_count = lists->stored_count;
	control->standing = lists->standing;
	control->standing_count = lists->standing_count;
	return result;
}

static int connect_both(struct daemon *daemon, const char *password,
			struct mqtt_control_options *control, const struct topic_lists *lists)
{
	struct mqtt_ingest_events ingest_events = daemon_ingest_events;
	struct mqtt_control_events control_events = daemon_control_events;
	struct mqtt_ingest_options ingest = {
	    .broker = control->broker,
	    .password = password,
	    .collector = daemon->house.collector.text,
	    .topics = lists->stored,
	    .topic_count = lists->stored_count,
	    .expects_session = daemon->expects_session,
	};
	int result;

	control->password = password;
	ingest_events.user = control_events.user = daemon;
	result = mqtt_ingest_new(&daemon->ingest, daemon->loop, &ingest, &ingest_events);
	return result != 0
		   ? result
		   : mqtt_control_new(&daemon->control, daemon->loop, control, &control_events);
}

int broker_open(struct daemon *daemon, struct text *error)
{
	const struct broker_config *broker = &daemon->house.broker;
	struct mqtt_control_options control = {.broker = broker};
	struct topic_lists lists = {0};
	char password[PASSWORD_TEXT_MAX] = "";
	int result;

	if (broker->host[0] == '\0')
		return 0;
	daemon->status.broker.is_configured = true;
	result = mqtt_tls_check(&broker->tls, broker->host, error);
	if (result == 0)
		result = password_read(password, sizeof password, broker->password_file, error);
	if (result != 0)
		return result;
	result = collect_topics(daemon, &control, &lists);
	if (result == 0)
		result =
		    connect_both(daemon, password[0] != '\0' ? password : NULL, &control, &lists);
	explicit_bzero(password, sizeof password);
	free(lists.stored);
	free(lists.standing);
	if (result != 0)
		text_add(error, "mqtt: %s: %s", broker->host, strerror(-result));
	return result;
}
