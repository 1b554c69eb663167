/*
 * Any message by any source: the first byte is the number of a source of those below, the
 * second of one of its topics; the rest is the payload. What comes out is within its range.
 */
#include "wire/source_read.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/source_command.h"
#include "wire/source_take.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char configuration[] =
    "sources:\n"
    "- {id: a, profile: tasmota, topic: p, temp: /DS18B20/Temperature, tz: '+02:00'}\n"
    "- {id: b, profile: shelly2, prefix: s}\n"
    "- {id: c, profile: z2m, name: a/b, role: inverter, lease: on_time}\n"
    "- {id: d, profile: victron, portal: x, battery: 5, relay: system/0/Relay/0/State}\n"
    "- {id: e, profile: onbattery}\n"
    "- {id: f, profile: evcc}\n"
    "- {id: g, profile: shelly1, device: y, auto_off_s: 60}\n"
    "- id: h\n"
    "  null_values: [65535, -127]\n"
    "  time: {path: /ts}\n"
    "  read:\n"
    "    soc_pct: {topic: t, path: /a/0/b~1c, scale: 0.1, offset: 1, unit: permille}\n"
    "    temp_c: {topic: t, path: /t, unit: F, sum: true}\n"
    "    power_w: {topic: u, suffix: W, split: ';', index: 1, wrap: 16, invert: true}\n"
    "    charge_allowed: {topic: u}\n";

static struct sources *sources;

static void begin(void)
{
	char words[4096];
	struct text errors = text_in(words, sizeof words);

	if (sources_parse(&sources, "fuzz", configuration, strlen(configuration),
			  &source_shelf_built_in, &errors) != 0) {
		fputs(words, stderr);
		abort();
	}
}

static void check(const struct source_news *news)
{
	if (news->why != REFUSAL_NONE && news->got != 0)
		abort();
	if ((news->got & news->missing) != 0 || news->age_ms < 0)
		abort();
	for (int field = 0; field < SOURCE_FIELD_COUNT; field++) {
		const struct source_field_info *info = source_field_info((enum source_field)field);

		if ((news->got & SOURCE_BIT(field)) == 0)
			continue;
		if (info->kind == SOURCE_IS_WORD
			? news->word[field] == NULL
			: !(news->value[field] >= info->min && news->value[field] <= info->max))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_now now = {
	    .mono = {1000000}, .has_wall = true, .wall = {INT64_C(1780315200000)}};
	struct source_state state;
	struct source_news news;
	const struct source *source;
	struct source_message message;

	if (sources == NULL)
		begin();
	if (size < 2)
		return 0;
	source = &sources->entries[data[0] % sources->count];
	message = (struct source_message){.topic = source->rows[data[1] % source->row_count].topic,
					  .payload = data + 2,
					  .length = size - 2,
					  .is_retained = (data[1] & 0x80) != 0};
	source_state_init(&state, slots, source);
	source_take(&news, source, &state, &message, &now);
	check(&news);
	if (source->time.topic != NULL) {
		message.topic = source->time.topic;
		source_take(&news, source, &state, &message, &now);
	}
	for (size_t i = 0; i < source->available_count; i++) {
		message.topic = source->available[i].topic;
		source_take(&news, source, &state, &message, &now);
	}
	return 0;
}
