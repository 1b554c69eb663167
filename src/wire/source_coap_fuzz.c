/*
 * Any answer by a CoAP source: the first byte chooses the path that was asked, the second the
 * format; the rest is the payload. What comes out is within its range.
 */
#include "wire/source_coap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/coap_answer.h"
#include "wire/source_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char configuration[] =
    "sources:\n"
    "- id: a\n"
    "  transport: coap\n"
    "  read:\n"
    "    soc_pct: [{path: /3411/0/1}, {path: /s, name: dev1/soc}]\n"
    "    temp_c: [{path: /3303/0/5700}, {path: /s, name: dev1/temp}, {path: /t, split: ;, wrap: "
    "16}]\n"
    "    state: {path: /3312/0/5850, map: {'1': on, '0': off}}\n"
    "    power_w: [{path: /s, name: dev1/power}, {path: /j, pointer: /w, invert: true}]\n";

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
	if ((news->why != REFUSAL_NONE && news->got != 0) || (news->got & news->missing) != 0 ||
	    news->age_ms < 0)
		abort();
	for (int field = 0; field < SOURCE_FIELD_COUNT; field++) {
		const struct source_field_info *info = source_field_info((enum source_field)field);

		if ((news->got & SOURCE_BIT(field)) != 0 &&
		    !(news->value[field] >= info->min && news->value[field] <= info->max))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/s",      "/t",           "/j",    "/3303/0/5700",
					    "/3303/0", "/3312/0/5850", "/3411", "/none"};
	static const uint16_t formats[] = {COAP_FORMAT_TEXT, COAP_FORMAT_JSON,
					   COAP_FORMAT_SENML_JSON, COAP_FORMAT_SENML_CBOR,
					   COAP_FORMAT_LWM2M_TLV};
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_now now = {
	    .mono = {1000000}, .has_wall = true, .wall = {INT64_C(1780315200000)}};
	struct source_coap_answer answer;
	struct source_state state;
	struct source_news news;

	if (sources == NULL)
		begin();
	if (size < 2)
		return 0;
	answer = (struct source_coap_answer){.path = paths[data[0] % ARRAY_LENGTH(paths)],
					     .has_format = data[1] % 6 < ARRAY_LENGTH(formats),
					     .format = formats[data[1] % 5],
					     .payload = data + 2,
					     .length = size - 2};
	source_state_init(&state, slots, sources->entries);
	source_coap_take(&news, sources->entries, &state, &answer, &now);
	check(&news);
	return 0;
}
