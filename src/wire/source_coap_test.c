/* CoAP answers by a source: names, units and times of the message's own, one bad value alone. */
#include "wire/source_coap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/coap_answer.h"
#include "wire/source_read.h"

#define NO_FORMAT -1
#define NOW_MS 1000000

static const char configuration[] =
    "sources:\n"
    "- id: a\n"
    "  transport: coap\n"
    "  stale_after: 60\n"
    "  read:\n"
    "    soc_pct: [{path: /s, name: soc}, {path: /3411/0/1}, {path: /plain}]\n"
    "    temp_c: [{path: /s, name: temp}, {path: /3303/0/5700}, {path: /two, split: ;, wrap: 16}]\n"
    "    power_w: {path: /s, name: power, unit: kW, invert: true}\n"
    "    state: {path: /3312/0/5850, map: {'1': on, '0': off}}\n";

static struct sources *sources;
static struct source_state state;
static struct source_slot slots[SOURCE_FIELD_COUNT];
static struct source_now now = {
    .mono = {NOW_MS}, .has_wall = true, .wall = {INT64_C(1780315200000)}};

static int begin(void **test)
{
	char words[2048];
	struct text errors = text_in(words, sizeof words);

	(void)test;
	if (sources_parse(&sources, "test", configuration, strlen(configuration),
			  &source_shelf_built_in, &errors) != 0)
		fail_msg("%s", words);
	source_state_init(&state, slots, sources->entries);
	now.mono.ms = NOW_MS;
	return 0;
}

static int end(void **test)
{
	(void)test;
	sources_free(sources);
	return 0;
}

static struct source_news take(const char *path, int format, const void *payload, size_t length,
			       int64_t fresh_for_ms)
{
	struct source_coap_answer answer = {.path = path,
					    .has_format = format != NO_FORMAT,
					    .format = (uint16_t)format,
					    .payload = payload,
					    .length = length,
					    .fresh_for_ms = fresh_for_ms};
	struct source_news news;

	source_coap_take(&news, sources->entries, &state, &answer, &now);
	return news;
}

static struct source_news take_text(const char *path, int format, const char *text)
{
	return take(path, format, text, strlen(text), 0);
}

static bool has(const struct source_news *news, enum source_field field, double value)
{
	return (news->got & SOURCE_BIT(field)) != 0 && fabs(news->value[field] - value) < 1e-6;
}

static bool lacks(const struct source_news *news, enum source_field field, enum refusal why)
{
	return (news->missing & SOURCE_BIT(field)) != 0 && news->reason[field] == why;
}

static void senml_values_come_in_the_unit_that_the_message_says(void **test)
{
	struct source_news news =
	    take_text("/s", COAP_FORMAT_SENML_JSON,
		      "[{\"n\":\"soc\",\"u\":\"/\",\"v\":0.552},{\"n\":\"temp\",\"u\":\"K\",\"v\":"
		      "297.25},{\"n\":\"power\",\"u\":\"W\",\"v\":400}]");

	(void)test;
	assert_int_equal(news.why, REFUSAL_NONE);
	assert_true(has(&news, SOURCE_SOC, 55.2));
	assert_true(has(&news, SOURCE_TEMP, 24.1));
	assert_true(has(&news, SOURCE_POWER, -400));
	/* Where it says none, the row's unit counts. */
	news = take_text("/s", NO_FORMAT, "[{\"n\":\"power\",\"v\":0.4}]");
	assert_true(has(&news, SOURCE_POWER, -400));
	assert_true(lacks(&news, SOURCE_SOC, REFUSAL_MISSING_FIELD));
}

static void senml_value_that_means_something_else_is_missing_alone(void **test)
{
	struct source_news news =
	    take_text("/s", COAP_FORMAT_SENML_JSON,
		      "[{\"n\":\"soc\",\"u\":\"Cel\",\"v\":55},{\"n\":\"temp\",\"v\":24},"
		      "{\"n\":\"power\",\"u\":\"lm\",\"v\":4}]");

	(void)test;
	assert_true(has(&news, SOURCE_TEMP, 24));
	assert_true(lacks(&news, SOURCE_SOC, REFUSAL_NOT_USABLE));
	assert_true(lacks(&news, SOURCE_POWER, REFUSAL_NOT_USABLE));
	news = take_text("/s", COAP_FORMAT_SENML_JSON, "[{\"n\":\"soc\",\"vs\":\"55\"}]");
	assert_int_equal(news.why, REFUSAL_WRONG_TYPE);
	assert_int_equal(news.got, 0);
	news = take_text("/s", COAP_FORMAT_SENML_JSON, "[{\"n\":\"soc\",\"vb\":true}]");
	assert_int_equal(news.why, REFUSAL_WRONG_TYPE);
}

static void senml_times_are_the_age_of_each_value(void **test)
{
	int64_t age_ms;
	double value;
	struct source_news news = take_text("/s", COAP_FORMAT_SENML_JSON,
					    "[{\"n\":\"soc\",\"v\":55,\"t\":-50},{\"n\":\"temp\","
					    "\"v\":24,\"t\":-61}]");

	(void)test;
	assert_true(has(&news, SOURCE_SOC, 55));
	assert_true(lacks(&news, SOURCE_TEMP, REFUSAL_STALE));
	assert_true(source_value(&value, &age_ms, sources->entries, &state, SOURCE_SOC, now.mono));
	assert_int_equal(age_ms, 50000);
	news = take_text("/s", COAP_FORMAT_SENML_JSON, "[{\"n\":\"soc\",\"v\":55,\"t\":120}]");
	assert_int_equal(news.why, REFUSAL_CLOCK_SKEW);
}

static void tlv_answers_only_for_what_was_asked(void **test)
{
	static const uint8_t level[] = {0xc1, 0x01, 0x37}, on[] = {0xe1, 0x16, 0xda, 0x01};
	struct source_news news = take("/3411/0/1", COAP_FORMAT_LWM2M_TLV, level, sizeof level, 0);

	(void)test;
	assert_true(has(&news, SOURCE_SOC, 55));
	assert_int_equal(news.missing, 0);
	news = take("/3312/0", COAP_FORMAT_LWM2M_TLV_EARLY, on, sizeof on, 0);
	assert_true(has(&news, SOURCE_STATE, 1));
	news = take("/3316/0", COAP_FORMAT_LWM2M_TLV, level, sizeof level, 0);
	assert_false(news.is_ours);
	news = take("/3411/0/1", COAP_FORMAT_LWM2M_TLV, level, 2, 0);
	assert_int_equal(news.why, REFUSAL_BAD_TLV);
}

static void json_with_single_quotes_is_none(void **test)
{
	struct source_news news = take_text("/plain", COAP_FORMAT_JSON, "{'soc':55}");

	(void)test;
	assert_int_equal(news.why, REFUSAL_NOT_JSON);
	news = take_text("/plain", COAP_FORMAT_TEXT, "55");
	assert_true(has(&news, SOURCE_SOC, 55));
	news = take_text("/two", NO_FORMAT, "65531;1850");
	assert_true(has(&news, SOURCE_TEMP, -5));
}

static void answer_is_fresh_no_longer_than_its_max_age(void **test)
{
	(void)test;
	take("/plain", COAP_FORMAT_TEXT, "55", 2, 5000);
	now.mono.ms = NOW_MS + 5000;
	assert_true(source_is_available(sources->entries, &state, now.mono));
	now.mono.ms = NOW_MS + 5001;
	assert_false(source_is_available(sources->entries, &state, now.mono));
	take("/plain", COAP_FORMAT_TEXT, "55", 2, 90000);
	now.mono.ms += 60000;
	assert_true(source_is_available(sources->entries, &state, now.mono));
	now.mono.ms++;
	assert_false(source_is_available(sources->entries, &state, now.mono));
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(senml_values_come_in_the_unit_that_the_message_says),
	    ROW(senml_value_that_means_something_else_is_missing_alone),
	    ROW(senml_times_are_the_age_of_each_value),
	    ROW(tlv_answers_only_for_what_was_asked),
	    ROW(json_with_single_quotes_is_none),
	    ROW(answer_is_fresh_no_longer_than_its_max_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
