/*
 * Sensors are told how often to send, and held to it (interval_watch.h). A node
 * is told only what a person has set, in the file or at run time; otherwise it
 * keeps its own interval.
 */
#include "daemon/daemon.h"

#include "base/log.h"
#include "wire/node_message.h"
#include "wire/topic.h"

/* Whether it can be told: a device of another make sends as it is set there, and says nothing of it. */
static bool is_told(const struct daemon *daemon, size_t battery)
{
	enum sensor_transport transport = daemon->house.batteries[battery].transport;

	return transport == SENSOR_MQTT || transport == SENSOR_COAP;
}

/* What the sensor of `battery` is to do, in ms; 0 where nobody has set it. */
static int64_t wanted_ms(const struct daemon *daemon, size_t battery)
{
	const struct settings *settings = &daemon->site.settings[battery];

	if (settings->place[PARAMETER_INTERVAL] == LAYER_PRESET || !is_told(daemon, battery))
		return 0;
	return setting(settings, PARAMETER_INTERVAL);
}

static bool send_interval(struct daemon *daemon, size_t battery, int64_t interval_ms)
{
	const struct battery_config *config = &daemon->house.batteries[battery];
	char topic[TOPIC_MAX], payload[NODE_MESSAGE_MAX];
	struct text where = text_in(topic, sizeof topic), what = text_in(payload, sizeof payload);

	if (config->transport == SENSOR_COAP)
		return coap_hub_set_sensor_interval(daemon->hub, battery, interval_ms) == 0;
	if (daemon->control == NULL)
		return false;
	topic_build(&where, TOPIC_SET, config->node.text);
	interval_message_format(&what, interval_ms);
	return mqtt_control_publish(daemon->control, topic, payload, what.length, 1, false) == 0;
}

static void raise_ignored(struct daemon *daemon, size_t battery, bool is_active)
{
	const struct sensor_interval *interval = &daemon->status.intervals[battery];
	struct event event = {.kind = EVENT_CONDITION,
			      .condition = {.code = ALERT_INTERVAL_IGNORED,
					    .is_active = is_active,
					    .subject = daemon->house.batteries[battery].id,
					    .value = interval->seen_ms,
					    .limit = interval->set_ms}};
	struct text detail = text_in(event.condition.detail, sizeof event.condition.detail);

	sensor_interval_format(interval, &detail);
	daemon_step(daemon, &event);
}

static void tell(struct daemon *daemon, size_t battery)
{
	int64_t interval_ms = wanted_ms(daemon, battery);

	if (send_interval(daemon, battery, interval_ms))
		interval_watch_told(&daemon->intervals[battery], interval_ms,
				    clock_mono(&daemon->clock));
}

void intervals_tell(struct daemon *daemon, size_t battery)
{
	struct interval_watch *watch = &daemon->intervals[battery];
	int64_t interval_ms = wanted_ms(daemon, battery);

	daemon->status.intervals[battery].set_ms = interval_ms;
	if (interval_ms != watch->told_ms && interval_ms != 0) {
		tell(daemon, battery);
	} else if (interval_ms != watch->told_ms) {
		/* Nothing is asked of the node any more; it keeps what it was told. */
		*watch = (struct interval_watch){0};
		raise_ignored(daemon, battery, false);
	}
	daemon->status.intervals[battery].is_confirmed =
	    interval_ms == watch->told_ms && watch->is_confirmed;
}

void intervals_tell_anew(struct daemon *daemon, size_t battery)
{
	daemon->intervals[battery] = (struct interval_watch){0};
	intervals_tell(daemon, battery);
}

void intervals_heard(struct daemon *daemon, size_t battery, const struct reading *reading,
		     int64_t spacing_ms)
{
	struct interval_watch *watch = &daemon->intervals[battery];
	struct sensor_interval *interval = &daemon->status.intervals[battery];

	interval->says_ms =
	    reading->has_interval && is_told(daemon, battery) ? reading->interval_ms : 0;
	interval->seen_ms = spacing_ms;
	intervals_tell(daemon, battery); /* where it could not be sent before */
	switch (interval_watch_heard(watch, spacing_ms, clock_mono(&daemon->clock))) {
	case INTERVAL_OPEN:
		break;
	case INTERVAL_CONFIRMED:
		raise_ignored(daemon, battery, false);
		break;
	case INTERVAL_TELL_AGAIN:
		tell(daemon, battery);
		break;
	case INTERVAL_IGNORED:
		raise_ignored(daemon, battery, true);
		break;
	}
	interval->is_confirmed = watch->is_confirmed;
}
