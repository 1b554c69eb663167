/*
 * Sensors are told how often to send, and held to it: what counts is what the
 * node then does. A node is told only what a person has set, in the file or at
 * run time; otherwise it keeps its own interval.
 */
#include "daemon/daemon.h"

#include <stdlib.h>

#include "base/log.h"
#include "wire/node_message.h"
#include "wire/topic.h"

#define ATTEMPTS_MAX 3
#define READINGS_TO_FIT 2 /* in a row, so that one late reading is no verdict */
#define INTERVALS_TO_WAIT 4
#define WAIT_MIN_MS (30 * MS_PER_SECOND)

/* What the sensor of `battery` is to do, in ms; 0 where nobody has set it. */
static int64_t wanted_ms(const struct daemon *daemon, size_t battery)
{
	const struct settings *settings = &daemon->site.settings[battery];

	if (settings->place[PARAMETER_INTERVAL] == LAYER_PRESET)
		return 0;
	return setting(settings, PARAMETER_INTERVAL);
}

static bool send_interval(struct daemon *daemon, size_t battery, int64_t interval_ms)
{
	const struct battery_config *config = &daemon->house.batteries[battery];
	char topic[TOPIC_MAX], payload[NODE_MESSAGE_MAX];
	struct text where = text_in(topic, sizeof topic), what = text_in(payload, sizeof payload);

	if (config->transport == SENSOR_COAP)
		return coap_hub_set_sensor_interval(daemon->hub, battery,
						    (int32_t)(interval_ms / MS_PER_SECOND)) == 0;
	if (daemon->control == NULL)
		return false;
	topic_build(&where, TOPIC_SET, config->node.text);
	interval_message_format(&what, interval_ms);
	return mqtt_control_publish(daemon->control, topic, payload, what.length, 1, false) == 0;
}

static void raise_ignored(struct daemon *daemon, size_t battery, bool is_active, int64_t seen_ms,
			  int64_t set_ms)
{
	struct event event = {.kind = EVENT_CONDITION,
			      .condition = {.code = ALERT_INTERVAL_IGNORED,
					    .is_active = is_active,
					    .subject = daemon->house.batteries[battery].id,
					    .value = seen_ms,
					    .limit = set_ms}};

	daemon_step(daemon, &event);
}

void intervals_tell(struct daemon *daemon, size_t battery)
{
	struct interval_watch *watch = &daemon->intervals[battery];
	int64_t interval_ms = wanted_ms(daemon, battery);

	if (interval_ms == watch->told_ms && (interval_ms == 0 || watch->fitting > 0))
		return;
	if (interval_ms == 0) {
		/* Nothing is asked of the node any more; it keeps what it was told. */
		*watch = (struct interval_watch){0};
		raise_ignored(daemon, battery, false, 0, 0);
		return;
	}
	if (interval_ms != watch->told_ms)
		*watch = (struct interval_watch){.told_ms = interval_ms};
	if (!send_interval(daemon, battery, interval_ms))
		return;
	watch->told_at = clock_mono(&daemon->clock);
	watch->attempts++;
}

/* Whether the node does what it was told: by its own word, or else by the clock. */
static bool fits(const struct reading *reading, int64_t spacing_ms, int64_t told_ms)
{
	if (reading->has_interval)
		return reading->interval_ms == told_ms;
	return llabs(spacing_ms - told_ms) <= told_ms / 4;
}

void intervals_heard(struct daemon *daemon, size_t battery, const struct reading *reading,
		     int64_t spacing_ms)
{
	struct interval_watch *watch = &daemon->intervals[battery];
	int64_t waited_ms = mono_since(clock_mono(&daemon->clock), watch->told_at);
	int64_t patience_ms = INTERVALS_TO_WAIT * watch->told_ms;

	if (watch->told_ms == 0)
		return;
	if (fits(reading, spacing_ms, watch->told_ms)) {
		if (++watch->fitting == READINGS_TO_FIT)
			raise_ignored(daemon, battery, false, 0, 0);
		watch->attempts = 0;
		return;
	}
	watch->fitting = 0;
	if (waited_ms < (patience_ms > WAIT_MIN_MS ? patience_ms : WAIT_MIN_MS))
		return;
	if (watch->attempts < ATTEMPTS_MAX)
		intervals_tell(daemon, battery);
	else
		raise_ignored(daemon, battery, true,
			      reading->has_interval ? reading->interval_ms : spacing_ms,
			      watch->told_ms);
}
