/* The sensor's message: what is taken, what is refused and why, and that it comes back equal. */
#include "wire/sensor_message.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum refusal parse(struct reading *out, const char *node, const char *payload,
			  struct refusal_detail *detail)
{
	return sensor_message_parse(out, node, payload, strlen(payload), detail);
}

static struct reading parsed(const char *payload)
{
	struct reading reading;

	assert_int_equal(parse(&reading, NULL, payload, NULL), REFUSAL_NONE);
	return reading;
}

static void sensor_message_takes_the_briefs_payload(void **state)
{
	struct reading reading;
	(void)state;

	assert_int_equal(
	    parse(&reading, "b1", "{\"node\":\"b1\",\"SoC\":55.2,\"Temp\":24.1}", NULL),
	    REFUSAL_NONE);
	assert_string_equal(reading.node.text, "b1");
	assert_int_equal(reading.soc_bp, 5520);
	assert_int_equal(reading.temp_min_mc, 24100);
	assert_int_equal(reading.temp_max_mc, 24100);
	assert_true(reading.received.soc_pct == 55.2);
	assert_true(isnan(reading.received.voltage_v));
	assert_false(reading.has_time || reading.has_sequence || reading.has_voltage ||
		     reading.has_current || reading.has_power || reading.has_interval);
	assert_int_equal(reading.cell_count, 0);
}

static void sensor_message_takes_every_optional_value(void **state)
{
	struct reading reading = parsed(
	    "{\"node\":7,\"soc\":55,\"TEMP\":-2,\"tempmax\":3.5,\"ts\":1780315200.25,\"seq\":9,"
	    "\"V\":52.4,\"A\":-13.4,\"W\":-702,\"SoH\":98,\"interval\":10,"
	    "\"cells\":[3.31,3.315],\"firmware\":{\"is\":[\"passed over\"]}}");
	(void)state;

	assert_string_equal(reading.node.text, "7");
	assert_int_equal(reading.temp_min_mc, -2000);
	assert_int_equal(reading.temp_max_mc, 3500);
	assert_true(reading.has_time && reading.has_sequence && reading.has_interval);
	assert_int_equal(reading.measured.ms, 1780315200250);
	assert_int_equal(reading.sequence, 9);
	assert_int_equal(reading.voltage_mv, 52400);
	assert_int_equal(reading.current_ma, -13400);
	assert_int_equal(reading.power_mw, -702000);
	assert_int_equal(reading.interval_ms, 10000);
	assert_true(reading.received.soh_pct == 98);
	assert_int_equal(reading.cell_count, 2);
	assert_int_equal(reading.cell_mv[1], 3315);
}

static void sensor_message_rounds_temperature_towards_the_limits(void **state)
{
	static const struct {
		const char *temp;
		int32_t min_mc, max_mc;
	} rows[] = {
	    {"4.9999", 4999, 5000},  {"5", 5000, 5000},       {"5.0001", 5000, 5001},
	    {"-0.0004", -1, 0},      {"-0.0", 0, 0},          {"1.001", 1001, 1001},
	    {"-60", -60000, -60000}, {"150", 150000, 150000}, {"4.35", 4350, 4350},
	};
	char payload[128];
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct text text = text_in(payload, sizeof payload);
		struct reading reading;

		text_add(&text, "{\"node\":\"b1\",\"SoC\":1,\"Temp\":%s}", rows[i].temp);
		reading = parsed(payload);
		assert_int_equal(reading.temp_min_mc, rows[i].min_mc);
		assert_int_equal(reading.temp_max_mc, rows[i].max_mc);
	}
}

static void sensor_message_reads_time_in_each_form(void **state)
{
	static const struct {
		const char *ts;
		int64_t ms;
	} rows[] = {
	    {"1780315200", 1780315200000},
	    {"1780315200000", 1780315200000},
	    {"1780315200123", 1780315200123},
	    {"\"2026-06-01T12:00:00Z\"", 1780315200000},
	    {"\"2026-06-01T14:00:00.5+02:00\"", 1780315200500},
	    {"0", 0},
	};
	char payload[128];
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct text text = text_in(payload, sizeof payload);

		text_add(&text, "{\"node\":\"b1\",\"SoC\":1,\"Temp\":2,\"ts\":%s}", rows[i].ts);
		assert_int_equal(parsed(payload).measured.ms, rows[i].ms);
	}
}

#define HEAD "{\"node\":\"b1\","
#define GOOD HEAD "\"SoC\":55,\"Temp\":24"

static const struct {
	const char *payload;
	enum refusal why;
	const char *field;
	double value;
} refusals[] = {
    {"", REFUSAL_EMPTY, "", NAN},
    {" \n", REFUSAL_EMPTY, "", NAN},
    {"hello", REFUSAL_NOT_JSON, "", NAN},
    {"{", REFUSAL_NOT_JSON, "", NAN},
    {GOOD "} x", REFUSAL_NOT_JSON, "", NAN},
    {GOOD ",}", REFUSAL_NOT_JSON, "", NAN},
    {"\xef\xbb\xbf" GOOD "}", REFUSAL_NOT_JSON, "", NAN},
    {"55.2", REFUSAL_WRONG_TYPE, "", NAN},
    {"[" GOOD "}]", REFUSAL_WRONG_TYPE, "", NAN},
    {"null", REFUSAL_WRONG_TYPE, "", NAN},
    {HEAD "\"SoC\":55,\"Temp\":24,\"x\":\"\xff\"}", REFUSAL_BAD_UTF8, "", NAN},
    {HEAD "\"SoC\":55,\"Temp\":24,\"x\":\"\xc0\xaf\"}", REFUSAL_BAD_UTF8, "", NAN},
    {HEAD "\"SoC\":55,\"Temp\":24,\"x\":\"\xed\xa0\x80\"}", REFUSAL_BAD_UTF8, "", NAN},
    {GOOD ",\"SoC\":56}", REFUSAL_DUPLICATE_KEY, "", NAN},
    {GOOD ",\"soc\":55}", REFUSAL_DUPLICATE_KEY, "SoC", NAN},
    {"{\"SoC\":55,\"Temp\":24}", REFUSAL_MISSING_FIELD, "node", NAN},
    {HEAD "\"Temp\":24}", REFUSAL_MISSING_FIELD, "SoC", NAN},
    {HEAD "\"SoC\":55}", REFUSAL_MISSING_FIELD, "Temp", NAN},
    {"{}", REFUSAL_MISSING_FIELD, "node", NAN},
    {HEAD "\"SoC\":\"55.2\",\"Temp\":24}", REFUSAL_WRONG_TYPE, "SoC", NAN},
    {HEAD "\"SoC\":\"56,577\",\"Temp\":24}", REFUSAL_WRONG_TYPE, "SoC", NAN},
    {HEAD "\"SoC\":\"nan\",\"Temp\":24}", REFUSAL_WRONG_TYPE, "SoC", NAN},
    {HEAD "\"SoC\":null,\"Temp\":24}", REFUSAL_WRONG_TYPE, "SoC", NAN},
    {HEAD "\"SoC\":true,\"Temp\":24}", REFUSAL_WRONG_TYPE, "SoC", NAN},
    {HEAD "\"SoC\":[55],\"Temp\":24}", REFUSAL_WRONG_TYPE, "SoC", NAN},
    {HEAD "\"SoC\":55,\"Temp\":{}}", REFUSAL_WRONG_TYPE, "Temp", NAN},
    {HEAD "\"SoC\":56,577,\"Temp\":24}", REFUSAL_NOT_JSON, "", NAN},
    {HEAD "\"SoC\":NaN,\"Temp\":24}", REFUSAL_NOT_FINITE, "", NAN},
    {HEAD "\"SoC\":nan,\"Temp\":24}", REFUSAL_NOT_FINITE, "", NAN},
    {HEAD "\"SoC\":-Infinity,\"Temp\":24}", REFUSAL_NOT_FINITE, "", NAN},
    {HEAD "\"SoC\":1e999,\"Temp\":24}", REFUSAL_NOT_FINITE, "", NAN},
    {HEAD "\"SoC\":100.01,\"Temp\":24}", REFUSAL_OUT_OF_RANGE, "SoC", 100.01},
    {HEAD "\"SoC\":-0.01,\"Temp\":24}", REFUSAL_OUT_OF_RANGE, "SoC", -0.01},
    {HEAD "\"SoC\":99999999999999999999999,\"Temp\":24}", REFUSAL_OUT_OF_RANGE, "SoC", 1e23},
    {HEAD "\"SoC\":55,\"Temp\":-22089}", REFUSAL_OUT_OF_RANGE, "Temp", -22089},
    {HEAD "\"SoC\":55,\"Temp\":-60.001}", REFUSAL_OUT_OF_RANGE, "Temp", -60.001},
    {HEAD "\"SoC\":55,\"Temp\":150.001}", REFUSAL_OUT_OF_RANGE, "Temp", 150.001},
    {GOOD ",\"TempMax\":23.9}", REFUSAL_CONTRADICTORY, "TempMax", 23.9},
    {GOOD ",\"TempMax\":151}", REFUSAL_OUT_OF_RANGE, "TempMax", 151},
    {GOOD ",\"V\":-1}", REFUSAL_OUT_OF_RANGE, "V", -1},
    {GOOD ",\"V\":\"52\"}", REFUSAL_WRONG_TYPE, "V", NAN},
    {GOOD ",\"A\":10001}", REFUSAL_OUT_OF_RANGE, "A", 10001},
    {GOOD ",\"W\":null}", REFUSAL_WRONG_TYPE, "W", NAN},
    {GOOD ",\"SoH\":121}", REFUSAL_OUT_OF_RANGE, "SoH", 121},
    {GOOD ",\"interval\":0}", REFUSAL_OUT_OF_RANGE, "interval", 0},
    {GOOD ",\"seq\":1.5}", REFUSAL_WRONG_TYPE, "seq", NAN},
    {GOOD ",\"seq\":-1}", REFUSAL_OUT_OF_RANGE, "seq", -1},
    {GOOD ",\"ts\":-1}", REFUSAL_OUT_OF_RANGE, "ts", -1000},
    {GOOD ",\"ts\":\"2026-06-01T12:00:00\"}", REFUSAL_WRONG_TYPE, "ts", NAN},
    {GOOD ",\"ts\":\"yesterday\"}", REFUSAL_WRONG_TYPE, "ts", NAN},
    {GOOD ",\"cells\":3.3}", REFUSAL_WRONG_TYPE, "cells", NAN},
    {GOOD ",\"cells\":[3.3,\"3.3\"]}", REFUSAL_WRONG_TYPE, "cells", NAN},
    {GOOD ",\"cells\":[3.3,21]}", REFUSAL_OUT_OF_RANGE, "cells", 21},
    {"{\"node\":\"b 1\",\"SoC\":55,\"Temp\":24}", REFUSAL_WRONG_TYPE, "node", NAN},
    {"{\"node\":1.5,\"SoC\":55,\"Temp\":24}", REFUSAL_WRONG_TYPE, "node", NAN},
    {"{\"node\":\"b2\",\"SoC\":55,\"Temp\":24}", REFUSAL_NODE_MISMATCH, "node", NAN},
    /* Another node's nonsense is no word about ours. */
    {"{\"node\":\"b2\",\"SoC\":155,\"Temp\":24}", REFUSAL_NODE_MISMATCH, "node", NAN},
    /* What cannot be read at all weighs more than what is out of range. */
    {HEAD "\"SoC\":155,\"Temp\":\"x\"}", REFUSAL_WRONG_TYPE, "Temp", NAN},
    {HEAD "\"SoC\":55,\"Temp\":24,\"x\":\"\\u0000\"}", REFUSAL_NOT_JSON, "", NAN},
};

static void sensor_message_refuses_with_reason_and_number(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
		struct reading reading, before;
		struct refusal_detail detail;
		enum refusal why;

		memset(&reading, 0xa5, sizeof reading);
		before = reading;
		why = parse(&reading, "b1", refusals[i].payload, &detail);
		if (why != refusals[i].why)
			print_message("# %s: %s\n", refusals[i].payload, refusal_name(why));
		assert_int_equal(why, refusals[i].why);
		assert_string_equal(detail.field, refusals[i].field);
		if (isnan(refusals[i].value))
			assert_true(isnan(detail.value));
		else
			assert_true(detail.value == refusals[i].value);
		assert_memory_equal(&reading, &before, sizeof reading);
	}
}

static void sensor_message_names_the_limit_that_was_broken(void **state)
{
	struct refusal_detail detail;
	struct reading reading;
	(void)state;

	assert_int_equal(parse(&reading, "b1", HEAD "\"SoC\":106,\"Temp\":24}", &detail),
			 REFUSAL_OUT_OF_RANGE);
	assert_true(detail.limit == 100);
	assert_int_equal(parse(&reading, "b1", GOOD ",\"TempMax\":20}", &detail),
			 REFUSAL_CONTRADICTORY);
	assert_true(detail.limit == 24);
}

static void sensor_message_takes_a_good_one_after_a_bad_one(void **state)
{
	struct reading reading;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
		assert_int_equal(parse(&reading, "b1", GOOD "}", NULL), REFUSAL_NONE);
		assert_int_equal(parse(&reading, "b1", refusals[i].payload, NULL), refusals[i].why);
		assert_int_equal(parse(&reading, "b1", GOOD "}", NULL), REFUSAL_NONE);
		assert_int_equal(reading.soc_bp, 5500);
	}
}

static void sensor_message_takes_numbers_at_both_bounds(void **state)
{
	(void)state;

	assert_int_equal(parsed(HEAD "\"SoC\":0,\"Temp\":-60}").soc_bp, 0);
	assert_int_equal(parsed(HEAD "\"SoC\":100.0,\"Temp\":150}").soc_bp, 10000);
	assert_int_equal(parsed(GOOD ",\"TempMax\":24}").temp_max_mc, 24000);
}

static void sensor_message_matches_a_number_as_node_with_the_topic(void **state)
{
	struct reading reading;
	(void)state;

	assert_int_equal(parse(&reading, "7", "{\"node\":7,\"soc\":0,\"temp\":-0.0}", NULL),
			 REFUSAL_NONE);
	assert_int_equal(parse(&reading, "07", "{\"node\":7,\"soc\":0,\"temp\":-0.0}", NULL),
			 REFUSAL_NODE_MISMATCH);
}

static void sensor_message_comes_back_as_it_was_written(void **state)
{
	static const double numbers[] = {0, 24.1, 55.2, 0.1, 33.333333333333336, 99.99, 1e-7, 5};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
		char first[SENSOR_MESSAGE_MAX], second[SENSOR_MESSAGE_MAX];
		struct text text = text_in(first, sizeof first);
		struct reading reading = parsed(
		    "{\"node\":\"b1\",\"SoC\":1,\"Temp\":2,\"V\":52.4,\"A\":-13.4,\"W\":-702.16,"
		    "\"SoH\":98.5,\"interval\":0.166,\"cells\":[3.31,3.3],\"seq\":42,"
		    "\"ts\":1780315200123}");

		reading.received.soc_pct = numbers[i];
		sensor_message_format(&text, &reading);
		assert_false(text.is_cut);
		reading = parsed(first);
		assert_true(reading.received.soc_pct == numbers[i]);
		text = text_in(second, sizeof second);
		sensor_message_format(&text, &reading);
		assert_string_equal(first, second);
	}
}

/* A node without a real-time clock boots in 1970: found by the fuzzer. */
static void sensor_message_comes_back_from_1970_too(void **state)
{
	static const int64_t times_ms[] = {0, 1, 1789123, 99999999999, 100000000000};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(times_ms); i++) {
		char data[SENSOR_MESSAGE_MAX];
		struct text text = text_in(data, sizeof data);
		struct reading reading = parsed("{\"node\":\"b1\",\"SoC\":1,\"Temp\":2,\"ts\":0}");

		reading.measured.ms = times_ms[i];
		sensor_message_format(&text, &reading);
		assert_int_equal(parsed(data).measured.ms, times_ms[i]);
	}
}

static void sensor_message_is_written_short_and_with_dots(void **state)
{
	char data[SENSOR_MESSAGE_MAX];
	struct text text = text_in(data, sizeof data);
	struct reading reading = parsed("{\"node\":\"b1\",\"SoC\":55.2,\"Temp\":24.1}");
	(void)state;

	sensor_message_format(&text, &reading);
	assert_string_equal(data, "{\"node\":\"b1\",\"SoC\":55.2,\"Temp\":24.1}");
}

/* No program of ours sets a locale from its surroundings; the library must not do it either. */
static void sensor_message_reads_dots_under_a_comma_locale(void **state)
{
	struct reading reading;
	enum refusal why;
	(void)state;

	if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
		print_message("# the locale de_DE.UTF-8 is not installed\n");
		skip();
	}
	why = parse(&reading, "b1", "{\"node\":\"b1\",\"SoC\":55.2,\"Temp\":24.1}", NULL);
	setlocale(LC_ALL, "C");
	assert_int_equal(why, REFUSAL_NONE);
	assert_int_equal(reading.temp_min_mc, 24100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sensor_message_takes_the_briefs_payload),
	    cmocka_unit_test(sensor_message_takes_every_optional_value),
	    cmocka_unit_test(sensor_message_rounds_temperature_towards_the_limits),
	    cmocka_unit_test(sensor_message_reads_time_in_each_form),
	    cmocka_unit_test(sensor_message_refuses_with_reason_and_number),
	    cmocka_unit_test(sensor_message_names_the_limit_that_was_broken),
	    cmocka_unit_test(sensor_message_takes_a_good_one_after_a_bad_one),
	    cmocka_unit_test(sensor_message_takes_numbers_at_both_bounds),
	    cmocka_unit_test(sensor_message_matches_a_number_as_node_with_the_topic),
	    cmocka_unit_test(sensor_message_comes_back_as_it_was_written),
	    cmocka_unit_test(sensor_message_comes_back_from_1970_too),
	    cmocka_unit_test(sensor_message_is_written_short_and_with_dots),
	    cmocka_unit_test(sensor_message_reads_dots_under_a_comma_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
