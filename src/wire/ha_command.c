/* Reading Home Assistant's commands: by the rows that announced them. */
#include "wire/ha_command.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "wire/ha_parts.h"

#define PAYLOAD_MAX 64

const char *ha_answer_name(enum ha_answer answer)
{
	static const char *const names[HA_ANSWER_COUNT] = {
	    [HA_TAKEN] = "taken",
	    [HA_NOT_OURS] = "not-ours",
	    [HA_RETAINED_COMMAND] = "retained-command",
	    [HA_EMPTY] = "empty-payload",
	    [HA_BAD_NUMBER] = "bad-number",
	    [HA_OUT_OF_RANGE] = "out-of-range",
	    [HA_UNKNOWN_STATE] = "unknown-state",
	};

	return names[answer];
}

/* The row whose commands come on `level` of a topic of `owner`, or NULL. */
static const struct ha_part *part_of_level(enum ha_owner owner, const char *level, size_t length)
{
	for (size_t i = 0; i < ha_part_count(); i++) {
		const struct ha_part *part = ha_part(i);

		if (part->level != NULL && part->owner == owner && strlen(part->level) == length &&
		    memcmp(part->level, level, length) == 0)
			return part;
	}
	return NULL;
}

/* `BASE/BATTERY/LEVEL/set`, or of the site `BASE/LEVEL/set`. */
static const struct ha_part *part_of_topic(struct ident *battery, const char *base,
					   const char *topic)
{
	size_t length = strlen(base);
	const char *first, *second, *end;

	*battery = (struct ident){""};
	if (strncmp(topic, base, length) != 0 || topic[length] != '/')
		return NULL;
	first = topic + length + 1;
	end = strrchr(first, '/');
	if (end == NULL || strcmp(end, "/set") != 0)
		return NULL;
	second = memchr(first, '/', (size_t)(end - first));
	if (second == NULL)
		return part_of_level(HA_OF_SITE, first, (size_t)(end - first));
	if (ident_parse(battery, first, (size_t)(second - first)) != 0)
		return NULL;
	return part_of_level(HA_OF_BATTERY, second + 1, (size_t)(end - second - 1));
}

static enum ha_answer read_number(double *out, const char *text, size_t len, double min, double max)
{
	double number;

	/* What a double cannot hold is out of any range. */
	switch (number_parse(&number, text, len)) {
	case 0:
		break;
	case -ERANGE:
		return HA_OUT_OF_RANGE;
	default:
		return HA_BAD_NUMBER;
	}
	if (!(number >= min && number <= max))
		return HA_OUT_OF_RANGE;
	*out = number;
	return HA_TAKEN;
}

/* Exactly one of `words`; Home Assistant sends them as they were announced. */
static enum ha_answer read_word(size_t *out, const char *text, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return HA_TAKEN;
		}
	}
	return HA_UNKNOWN_STATE;
}

static enum ha_answer read_payload(struct ha_command *command, const char *text, size_t len,
				   const struct ha_bounds *bounds)
{
	static const char *const switched[] = {"OFF", "ON", NULL}, *const pressed[] = {"PRESS",
										       NULL};
	enum ha_answer answer;
	size_t which = 0;

	switch (command->kind) {
	case HA_COMMAND_MODE:
		return read_word(&command->choice, text, bounds->modes);
	case HA_COMMAND_RESERVE:
		return read_number(&command->number, text, len, bounds->reserve_min_pct,
				   bounds->reserve_max_pct);
	case HA_COMMAND_MINUTES:
		return read_number(&command->number, text, len, 1, HA_MINUTES_MAX);
	case HA_COMMAND_ENABLE:
		answer = read_word(&which, text, switched);
		command->is_on = which == 1;
		return answer;
	default:
		return read_word(&which, text, pressed);
	}
}

enum ha_answer ha_command_read(struct ha_command *out, const char *base, const char *topic,
			       bool is_retained, const void *payload, size_t len,
			       const struct ha_bounds *bounds)
{
	struct ha_command command = {0};
	const struct ha_part *part = part_of_topic(&command.battery, base, topic);
	char text[PAYLOAD_MAX + 1];

	if (part == NULL)
		return HA_NOT_OURS;
	command.kind = part->kind;
	*out = command;
	/* One that the broker kept would be done again at each of our starts. */
	if (is_retained)
		return HA_RETAINED_COMMAND;
	if (len == 0)
		return HA_EMPTY;
	if (len > PAYLOAD_MAX || memchr(payload, '\0', len) != NULL)
		return HA_UNKNOWN_STATE;
	memcpy(text, payload, len);
	text[len] = '\0';
	return read_payload(out, text, len, bounds);
}
