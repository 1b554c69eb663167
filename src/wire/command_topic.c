#include "wire/command_topic.h"

#include <string.h>

#include "base/result.h"

/* `word` as a whole level of the topic, other than its first; the last one where `is_last`. */
static bool has_level(const char *topic, const char *word, bool is_last)
{
	size_t length = strlen(word);

	for (const char *level = strchr(topic, '/'); level; level = strchr(level + 1, '/')) {
		char after = strncmp(level + 1, word, length) == 0 ? level[1 + length] : 'x';

		if (after == '\0' || (after == '/' && !is_last))
			return true;
	}
	return false;
}

bool topic_commands(const char *topic)
{
	return strncmp(topic, "cmnd/", 5) == 0 || has_level(topic, "set", false) ||
	       has_level(topic, "command", false) || has_level(topic, "cmd", true) ||
	       has_level(topic, "rpc", true);
}
