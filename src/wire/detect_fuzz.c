/*
 * Any messages of a broker, one a line: topic, a tab, payload; `!` before the topic is retained. What
 * is found has an id of its own, values within their range, and lines that are read as configuration
 * and make a source of that id.
 */
#include "wire/detect.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/source_read.h"

#define MESSAGE_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const struct detect_device *device)
{
	for (int field = 0; field < SOURCE_FIELD_COUNT; field++) {
		const struct source_field_info *info = source_field_info((enum source_field)field);

		if ((device->got & SOURCE_BIT(field)) != 0 && info->kind == SOURCE_IS_NUMBER &&
		    !(device->value[field] >= info->min && device->value[field] <= info->max))
			abort();
	}
}

/* Its entry under `sources`, as a person would put it into the configuration. */
static void check_lines(const struct detect_device *device)
{
	char text[MESSAGE_MAX], words[1024];
	struct text yaml = text_in(text, sizeof text), errors = text_in(words, sizeof words);
	struct sources *sources = NULL;

	if (device->source[0] == '\0')
		return;
	text_add(&yaml, "sources:\n%s", device->source);
	if (yaml.is_cut ||
	    sources_parse(&sources, "found", text, strlen(text), &source_shelf_built_in, &errors) != 0 ||
	    sources->count != 1 || strcmp(sources->entries[0].id.text, device->id) != 0)
		abort();
	for (size_t i = 0; strcmp(device->profile, "generic") == 0 && i < sources->entries[0].row_count;
	     i++) {
		if (strcmp(sources->entries[0].rows[i].topic, device->topic) != 0)
			abort();
	}
	sources_free(sources);
}

static void check(void *user, const struct detect_device *device)
{
	(void)user;
	if (device->id[0] == '\0' || device->topic == NULL || strlen(device->lines) == 0)
		abort();
	check_values(device);
	check_lines(device);
}

static void hear(struct detect *detect, char *line)
{
	bool is_retained = line[0] == '!';
	char *payload = strchr(line, '\t');

	if (payload == NULL)
		return;
	*payload++ = '\0';
	detect_hear(detect, line + is_retained, payload, strlen(payload), is_retained);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct detect *detect; /* to read the profiles takes longer than all the rest */
	char line[MESSAGE_MAX];

	if (detect == NULL && (detect = detect_new()) == NULL)
		return 0;
	detect_forget(detect);
	for (size_t at = 0; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t length = end != NULL ? (size_t)(end - data) - at : size - at;
		size_t kept = length < sizeof line ? length : sizeof line - 1;

		memcpy(line, data + at, kept);
		line[kept] = '\0';
		hear(detect, line);
		at += length + 1;
	}
	if (detect_report(detect, check, NULL) != 0)
		abort();
	return 0;
}
