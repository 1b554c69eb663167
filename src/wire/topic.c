/* Building and recognising topics; what is done with a message is the daemon's affair. */
#include "wire/topic.h"

#include <string.h>

void topic_build(struct text *out, const char *pattern, const char *name)
{
	const char *plus = strchr(pattern, '+');

	if (plus == NULL)
		text_add(out, "%s", pattern);
	else
		text_add(out, "%.*s%s%s", (int)(plus - pattern), pattern, name, plus + 1);
}

bool topic_match(const char *pattern, const char *topic, struct ident *name)
{
	const char *plus = strchr(pattern, '+');
	size_t topic_length = strlen(topic), before, after;
	struct ident found;

	if (plus == NULL)
		return strcmp(pattern, topic) == 0;
	before = (size_t)(plus - pattern);
	after = strlen(plus + 1);
	if (topic_length < before + after || memcmp(topic, pattern, before) != 0 ||
	    strcmp(topic + topic_length - after, plus + 1) != 0)
		return false;
	/* No ident has a `/`, so that what stands for the `+` is one level. */
	if (ident_parse(&found, topic + before, topic_length - before - after) != 0)
		return false;
	if (name != NULL)
		*name = found;
	return true;
}

bool topic_is_plain(const char *topic)
{
	size_t length = strlen(topic);

	if (length == 0 || length >= TOPIC_MAX || topic[0] == '$')
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)topic[i];

		if (c < ' ' || c == 0x7f || c == '+' || c == '#')
			return false;
	}
	return true;
}

enum topic_kind topic_classify(const char *topic, struct ident *name)
{
	static const struct {
		const char *pattern;
		enum topic_kind kind;
	} rows[] = {
	    {TOPIC_BATTERY, TOPIC_IS_BATTERY},
	    {TOPIC_STATUS, TOPIC_IS_STATUS}, {TOPIC_SET, TOPIC_IS_SET},
	    {TOPIC_MARKER, TOPIC_IS_MARKER},
	};

	/* First, since `meter` stands where others have a node. */
	if (topic_match(TOPIC_METER_KIND, topic, name) ||
	    strncmp(topic, TOPIC_METER, strlen(TOPIC_METER) - 1) == 0)
		return TOPIC_IS_METER;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		if (topic_match(rows[i].pattern, topic, name))
			return rows[i].kind;
	}
	return TOPIC_IS_OTHER;
}
