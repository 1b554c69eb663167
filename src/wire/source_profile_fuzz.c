/*
 * Any bytes as a profile, named by a source with keys and by one without. What is taken can be read and
 * commanded: a device that is told on is told off too, and never where it is read.
 */
#include "wire/source_read.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/source_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char configuration[] =
    "sources:\n"
    "- {id: a, profile: p, topic: t, name: n, relay: 2, role: inverter, lease: none, uri: 'coap://h'}\n"
    "- {id: b, profile: p}\n";

struct profile {
	const char *text;
	size_t length;
};

static const char *find(void *user, const char *name, size_t *length)
{
	const struct profile *profile = user;

	(void)name;
	*length = profile->length;
	return profile->text;
}

static void list(void *user, struct text *out)
{
	(void)user;
	text_add(out, "p");
}

static void check(const struct source *source)
{
	struct source_command command;
	bool has_on = source->write.on.topic != NULL;

	if (source->is_coap)
		return;
	if (has_on != (source->write.off.topic != NULL))
		abort();
	for (size_t i = 0; i < source->row_count; i++) {
		if (source->rows[i].topic == NULL ||
		    (has_on && strcmp(source->rows[i].topic, source->write.off.topic) == 0))
			abort();
	}
	(void)!source_command_on(&command, source, 0, 1);
	(void)!source_command_on(&command, source, 90000, 1);
	if ((source_command_off(&command, source, 1) == SOURCE_COMMAND_GOOD) != has_on)
		abort();
	(void)!source_command_read(&command, source, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char words[CONFIG_ERRORS_TEXT_MAX];
	struct text errors = text_in(words, sizeof words);
	struct profile profile = {(const char *)data, size};
	const struct source_shelf shelf = {&profile, find, list, NULL};
	struct sources *sources = NULL;
	int result = sources_parse(&sources, "fuzz", configuration, strlen(configuration), &shelf, &errors);

	if ((result == -EINVAL) != (errors.length > 0))
		abort();
	for (size_t i = 0; result == 0 && i < sources->count; i++)
		check(&sources->entries[i]);
	if (result == 0)
		sources_free(sources);
	return 0;
}
