/* amphora/meter/KIND, amphora/meter/KIND/NAME, amphora/meter/KIND/NAME/imported_wh. */
#include "wire/meter_topic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/meter_message.h"

static int read_kind(enum meter_kind *out, const char *text, size_t length)
{
	char name[8] = "";

	if (length >= sizeof(name))
		return -ENOENT;
	memcpy(name, text, length);
	return meter_kind_find(out, name);
}

static int read_what(struct meter_topic *topic, const char *word)
{
	if (strcmp(word, "imported_wh") == 0)
		topic->what = METER_COUNTS_IN;
	else if (strcmp(word, "exported_wh") == 0 && topic->kind == METER_GRID)
		topic->what = METER_COUNTS_OUT;
	else
		return -ENOENT;
	return 0;
}

int meter_topic_parse(struct meter_topic *out, const char *topic)
{
	struct meter_topic found = {.what = METER_SAYS_POWER};
	const char *kind = topic + strlen(METER_TOPIC), *name, *word;

	if (strncmp(topic, METER_TOPIC, strlen(METER_TOPIC)) != 0)
		return -ENOENT;
	name = strchr(kind, '/');
	if (read_kind(&found.kind, kind, name ? (size_t)(name - kind) : strlen(kind)) != 0)
		return -ENOENT;
	if (!name) {
		(void)snprintf(found.name.text, sizeof(found.name.text), "%s",
			       meter_kind_name(found.kind));
		*out = found;
		return 0;
	}
	name++;
	word = strchr(name, '/');
	if (ident_parse(&found.name, name, word ? (size_t)(word - name) : strlen(name)) != 0 ||
	    (word && read_what(&found, word + 1) != 0))
		return -ENOENT;
	*out = found;
	return 0;
}
