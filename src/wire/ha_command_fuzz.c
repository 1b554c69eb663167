/* Any topic, up to the first line's end, and any payload as a command: what is taken is in bounds.
 */
#include "wire/ha_command.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOPIC_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const modes[] = {"monitor", "threshold", "schedule", NULL};
	static const struct ha_bounds bounds = {0, 95, modes};
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t length = end != NULL ? (size_t)(end - data) : 0;
	struct ha_command command;
	char topic[TOPIC_MAX];

	if (end == NULL || length >= sizeof topic)
		return 0;
	memcpy(topic, data, length);
	topic[length] = '\0';
	if (ha_command_read(&command, "amphora", topic, false, end + 1, size - length - 1,
			    &bounds) != HA_TAKEN)
		return 0;
	if (command.choice >= ARRAY_LENGTH(modes) - 1 ||
	    (command.kind == HA_COMMAND_RESERVE &&
	     !(command.number >= 0 && command.number <= 95)) ||
	    (command.kind == HA_COMMAND_MINUTES &&
	     !(command.number >= 1 && command.number <= HA_MINUTES_MAX)))
		abort();
	return 0;
}
