/* Whether `home_assistant` can be: a broker, topics of its own, a name that may stand in them. */
#include <string.h>

#include "wire/config_check.h"
#include "wire/topic.h"

static void note(struct config_reader *reader, const char *key, const char *words)
{
	config_error(reader->errors, reader->home_line, key, "%s", words);
}

/* What Home Assistant takes as the name of a device in a topic. */
static bool is_home_name(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "_-")] == '\0';
}

/* Whether our states and its commands would come to us as what sensors and meters say. */
static bool is_listened_to(const char *base)
{
	char room[TOPIC_MAX];
	struct text topic = text_in(room, sizeof room);

	text_add(&topic, "%s/status", base);
	return topic_classify(room, NULL) != TOPIC_IS_OTHER;
}

void config_check_home(struct config_reader *reader)
{
	struct home_assistant_config *home = &reader->house->home_assistant;

	if (reader->home_line > 0 && !home->is_on)
		note(reader, "home_assistant", "is empty: {} turns it on with all defaults");
	if (!home->is_on)
		return;
	if (home->id.text[0] == '\0')
		home->id = reader->house->collector;
	if (reader->house->broker.host[0] == '\0')
		note(reader, "home_assistant", "needs a broker: mqtt.host is empty");
	if (!is_home_name(home->id.text))
		note(reader, "home_assistant.id",
		     "only letters, digits, _ and - can stand in Home Assistant's topics; without "
		     "it the collector is taken");
	if (is_listened_to(home->topic))
		note(reader, "home_assistant.topic", "is where sensors and meters publish");
}
