/* What price services and forecasts say, in the shapes that they document, and in wrong ones. */
#include "wire/feed_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/time.h"

#define EXPECTED_MAX 6

static struct feed_news news;
static char words[300];

static int64_t utc(const char *text)
{
	struct wall_time wall;

	assert_int_equal(wall_parse(&wall, text, strlen(text)), 0);
	return wall.ms / MS_PER_SECOND;
}

/* Rome in 2026. */
static int32_t in_rome(int64_t at_s)
{
	return utc("2026-03-29T01:00:00Z") <= at_s && at_s < utc("2026-10-25T01:00:00Z") ? 7200
											 : 3600;
}

static int read(const struct feed_config *config, const char *payload)
{
	struct text text = text_in(words, sizeof words);

	words[0] = '\0';
	return feed_message_read(&news, config, in_rome, payload, strlen(payload), &text);
}

struct expected {
	const char *from;
	int minutes;
	double value;
};

static void expect(const struct expected *rows)
{
	size_t count = 0;

	while (count < EXPECTED_MAX && rows[count].from != NULL)
		count++;
	assert_int_equal(news.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(news.slots[i].from_s, utc(rows[i].from));
		assert_int_equal(news.slots[i].length_s, rows[i].minutes * 60);
		assert_float_equal(news.slots[i].value, rows[i].value, 1e-9);
	}
}

struct shape {
	const char *name;
	struct feed_config config;
	const char *payload;
	struct expected slots[EXPECTED_MAX];
};

static const struct shape shapes[] = {
    {"Octopus: half hours, the latest first, pence",
     {.items = "/results",
      .from = "/valid_from",
      .to = "/valid_to",
      .value = "/value_inc_vat",
      .factor = 0.01,
      .max = 5},
     "{\"count\":2,\"next\":null,\"previous\":null,\"results\":["
     "{\"value_exc_vat\":-2.0,\"value_inc_vat\":-2.1,\"valid_from\":\"2026-11-30T13:30:00Z\","
     "\"valid_to\":\"2026-11-30T14:00:00Z\",\"payment_method\":null},"
     "{\"value_exc_vat\":20.0,\"value_inc_vat\":21.0,\"valid_from\":\"2026-11-30T13:00:00Z\","
     "\"valid_to\":\"2026-11-30T13:30:00Z\",\"payment_method\":null}]}",
     {{"2026-11-30T13:00:00Z", 30, 0.21}, {"2026-11-30T13:30:00Z", 30, -0.021}}},
    {"Octopus: a tariff whose last price has no end, told once for each way of paying",
     {.items = "/results",
      .from = "/valid_from",
      .to = "/valid_to",
      .value = "/value_inc_vat",
      .factor = 0.01,
      .max = 5},
     "{\"results\":[{\"value_inc_vat\":25,\"valid_from\":\"2026-11-30T23:00:00Z\",\"valid_to\":"
     "null,\"payment_method\":\"DIRECT_DEBIT\"},{\"value_inc_vat\":25,\"valid_from\":\"2026-11-"
     "30T23:00:00Z\",\"valid_to\":null},{\"value_inc_vat\":10,\"valid_from\":\"2026-11-30T18:00:"
     "00Z\",\"valid_to\":\"2026-11-30T23:00:00Z\"}]}",
     {{"2026-11-30T18:00:00Z", 300, 0.1}, {"2026-11-30T23:00:00Z", 2 * 9 * 1440, 0.25}}},
    {"aWATTar: epoch ms and EUR/MWh, with tax and grid",
     {.items = "/data",
      .from = "/start_timestamp",
      .to = "/end_timestamp",
      .value = "/marketprice",
      .factor = 0.001,
      .scale = 1.2,
      .add = 0.1,
      .max = 5},
     "{\"object\":\"list\",\"data\":[{\"start_timestamp\":1796083200000,\"end_timestamp\":"
     "1796086800000,\"marketprice\":104.6,\"unit\":\"Eur/MWh\"},{\"start_timestamp\":"
     "1796086800000,\"end_timestamp\":1796090400000,\"marketprice\":-5,\"unit\":\"Eur/MWh\"}],"
     "\"url\":\"/de/v1/marketdata\"}",
     {{"2026-12-01T00:00:00Z", 60, 0.1046 * 1.2 + 0.1}, {"2026-12-01T01:00:00Z", 60, 0.094}}},
    {"Energy-Charts: two lists, epoch s, quarters",
     {.from = "/unix_seconds", .value = "/price", .factor = 0.001, .max = 5},
     "{\"license_info\":\"x\",\"unix_seconds\":[1796083200,1796084100,1796085000],\"price\":[90.5,"
     "null,80],\"unit\":\"EUR / MWh\",\"deprecated\":false}",
     {{"2026-12-01T00:00:00Z", 30, 0.0905}, {"2026-12-01T00:30:00Z", 30, 0.08}}},
    {"Tibber: today and tomorrow, which are empty until they are known",
     {.items = "/data/viewer/homes/0/currentSubscription/priceInfo/today "
	       "/data/viewer/homes/0/currentSubscription/priceInfo/tomorrow",
      .from = "/startsAt",
      .value = "/total",
      .scale = 1,
      .max = 5},
     "{\"data\":{\"viewer\":{\"homes\":[{\"currentSubscription\":{\"priceInfo\":{\"today\":[{"
     "\"total\":0.31,\"startsAt\":\"2026-11-30T00:00:00.000+01:00\"},{\"total\":0.29,\"startsAt\":"
     "\"2026-11-30T01:00:00.000+01:00\"}],\"tomorrow\":[]}}}]}}}",
     {{"2026-11-29T23:00:00Z", 60, 0.31}, {"2026-11-30T00:00:00Z", 60, 0.29}}},
    {"Nord Pool in Home Assistant: attributes of a sensor",
     {.items = "/attributes/raw_today /attributes/raw_tomorrow",
      .from = "/start",
      .to = "/end",
      .value = "/value",
      .scale = 1,
      .max = 5},
     "{\"entity_id\":\"sensor.nordpool\",\"state\":\"0.1\",\"attributes\":{\"raw_today\":[{"
     "\"start\":\"2026-11-30T22:00:00+01:00\",\"end\":\"2026-11-30T23:00:00+01:00\",\"value\":0.11}"
     "]"
     ",\"raw_tomorrow\":[{\"start\":\"2026-12-01T00:00:00+01:00\",\"end\":\"2026-12-01T00:15:00+01:"
     "00\",\"value\":0.2}],\"tomorrow_valid\":true}}",
     {{"2026-11-30T21:00:00Z", 60, 0.11}, {"2026-11-30T23:00:00Z", 15, 0.2}}},
    {"evcc: rates",
     {.items = "/rates", .from = "/start", .to = "/end", .value = "/value", .scale = 1, .max = 5},
     "{\"rates\":[{\"start\":\"2026-11-30T10:00:00+01:00\",\"end\":\"2026-11-30T11:00:00+01:00\","
     "\"value\":0.2761}]}",
     {{"2026-11-30T09:00:00Z", 60, 0.2761}}},
    {"a list alone, of pairs",
     {.from = "/0", .value = "/1", .scale = 1, .max = 5},
     "[[\"2026-11-30T10:00Z\",\"0.25\"],[\"2026-11-30T10:30Z\",0.26]]",
     {{"2026-11-30T10:00:00Z", 30, 0.25}, {"2026-11-30T10:30:00Z", 30, 0.26}}},
    {"Forecast.Solar: Wh of the time until each moment of the house's clock",
     {.items = "/result/watt_hours_period", .to = "/", .amount = FEED_IS_ENERGY, .max = 1e6},
     "{\"result\":{\"watt_hours_period\":{\"2026-06-01 05:15:00\":0,\"2026-06-01 06:00:00\":75,"
     "\"2026-06-01 07:00:00\":400}},\"message\":{\"code\":0}}",
     {{"2026-06-01T02:15:00Z", 60, 0},
      {"2026-06-01T03:15:00Z", 45, 100},
      {"2026-06-01T04:00:00Z", 60, 400}}},
    {"Solcast: kW of the half hour that ends",
     {.items = "/forecasts",
      .to = "/period_end",
      .value = "/pv_estimate",
      .length_s = 1800,
      .factor = 1000,
      .max = 1e6},
     "{\"forecasts\":[{\"pv_estimate\":1.25,\"pv_estimate10\":1,\"pv_estimate90\":2,\"period_end\":"
     "\"2026-06-01T10:30:00.0000000Z\",\"period\":\"PT30M\"}]}",
     {{"2026-06-01T10:00:00Z", 30, 1250}}},
};

static void feed_reads_the_shapes_of_known_services(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
		print_message("# %s\n", shapes[i].name);
		assert_int_equal(read(&shapes[i].config, shapes[i].payload), 0);
		print_message("# %s\n", words);
		expect(shapes[i].slots);
		assert_false(news.is_present);
	}
}

static const struct feed_config plain = {
    .items = "/p", .from = "/s", .to = "/e", .value = "/v", .scale = 1, .max = 5};

#define ENTRY(from, to, value) \
	"{\"s\":\"2026-11-30T" from "Z\",\"e\":\"2026-11-30T" to "Z\",\"v\":" value "}"

static void feed_leaves_out_what_it_cannot_read_and_says_so(void **state)
{
	static const struct expected rest[] = {
	    {"2026-11-30T10:00:00Z", 60, 0.3}, {"2026-11-30T16:00:00Z", 60, 0}, {NULL, 0, 0}};

	(void)state;
	assert_int_equal(
	    read(
		&plain,
		"{\"p\":[" ENTRY("16:00", "17:00", "0") "," ENTRY("10:00", "11:00", "0.3") "," ENTRY(
		    "11:00", "12:00",
		    "null") "," ENTRY("12:00", "13:00",
				      "\"n/a\"") "," ENTRY("13:00", "14:00",
							   "\"nan\"") "," ENTRY("15:00", "14:00",
										"0.3") ",{\"v\":0."
										       "1},7,{"
										       "\"s\":"
										       "\"yesterday"
										       "\",\"v\":1}"
										       ","
										       "{\"s\":12,"
										       "\"v\":1}]"
										       "}"),
	    0);
	expect(rest);
	assert_string_equal(words, "8 of 10 entries have no value or time that can be read");
}

static void feed_takes_the_first_of_two_that_contradict_each_other(void **state)
{
	static const struct expected rest[] = {{"2026-11-30T10:00:00Z", 60, 0.1},
					       {"2026-11-30T11:00:00Z", 30, 0.3},
					       {"2026-11-30T11:30:00Z", 60, 0.4},
					       {NULL, 0, 0}};

	(void)state;
	assert_int_equal(
	    read(&plain, "{\"p\":[" ENTRY("10:00", "11:00", "0.1") "," ENTRY(
			     "10:00", "11:00",
			     "0.2") "," ENTRY("11:00", "12:00",
					      "0.3") "," ENTRY("11:30", "12:30",
							       "0.4") "," ENTRY("11:30", "12:30",
										"0.4") "]}"),
	    0);
	expect(rest);
	assert_string_equal(words, "2 entries overlap others, of which the first counts");
}

/* What ends twice at one time has no time left since the one before. */
static void feed_takes_the_first_of_two_that_end_at_one_time(void **state)
{
	static const struct feed_config ends = {
	    .items = "/p", .to = "/e", .value = "/v", .scale = 1, .max = 5};
	static const struct expected slots[] = {{"2026-11-30T10:00:00Z", 60, 0.1},
						{"2026-11-30T11:00:00Z", 15, 0.2},
						{"2026-11-30T11:15:00Z", 15, 0.4},
						{NULL, 0, 0}};

	(void)state;
	assert_int_equal(read(&ends, "{\"p\":[{\"e\":\"2026-11-30T11:00Z\",\"v\":0.1},"
				     "{\"e\":\"2026-11-30T11:15Z\",\"v\":0.2},"
				     "{\"e\":\"2026-11-30T11:15Z\",\"v\":0.3},"
				     "{\"e\":\"2026-11-30T11:30Z\",\"v\":0.4}]}"),
			 0);
	expect(slots);
	assert_string_equal(words, "1 entries overlap others, of which the first counts");
}

static void feed_refuses_what_its_unit_cannot_mean(void **state)
{
	struct feed_config config = plain;

	(void)state;
	assert_int_not_equal(read(&plain, "{\"p\":[" ENTRY("10:00", "11:00", "0.3") "," ENTRY(
					      "11:00", "12:00", "31.2") "]}"),
			     0);
	assert_string_equal(words,
			    "31.2 at 2026-11-30T11:00:00.000Z is beyond 5: is the unit right?");
	assert_int_not_equal(read(&plain, "{\"p\":[" ENTRY("10:00", "11:00", "-31.2") "]}"), 0);
	assert_int_not_equal(read(&plain, "{\"p\":[" ENTRY("10:00", "11:00", "1e308") "]}"), 0);
	config.scale = 1e300;
	assert_int_not_equal(read(&config, "{\"p\":[" ENTRY("10:00", "11:00", "1e300") "]}"), 0);
	assert_int_equal(read(&plain, "{\"p\":[" ENTRY("10:00", "11:00", "5") "]}"), 0);
	assert_int_equal(read(&plain, "{\"p\":[" ENTRY("10:00", "11:00", "-5") "]}"), 0);
}

static void feed_says_where_all_values_are_a_thousand_times_too_small(void **state)
{
	char payload[2048];
	struct text text = text_in(payload, sizeof payload);

	(void)state;
	for (int i = 0; i < 12; i++)
		text_add(&text, "%s[\"2026-11-30T%02d:00Z\",0.000%d]", i > 0 ? "," : "[", i,
			 i + 10);
	text_add(&text, "]");
	assert_int_equal(
	    read(&(struct feed_config){.from = "/0", .value = "/1", .max = 5}, payload), 0);
	assert_string_equal(words, "no value is above 0.00021: is the unit right?");
	assert_int_equal(news.count, 12);
}

static void feed_reads_a_present_value(void **state)
{
	const struct feed_config plain_number = {.scale = 1, .max = 5},
				 member = {
				     .at = "/price/now", .factor = 0.01, .max = 5, .length_s = 900};

	(void)state;
	assert_int_equal(read(&plain_number, " 0.31\n"), 0);
	assert_true(news.is_present);
	assert_float_equal(news.slots[0].value, 0.31, 0);
	assert_int_equal(news.slots[0].length_s, 3600);
	assert_int_equal(read(&member, "{\"price\":{\"now\":\"12.5\"}}"), 0);
	assert_float_equal(news.slots[0].value, 0.125, 1e-12);
	assert_int_equal(news.slots[0].length_s, 900);
	assert_int_not_equal(read(&plain_number, "12,5"), 0);
	assert_int_not_equal(read(&plain_number, "NaN"), 0);
	assert_int_not_equal(read(&plain_number, "unavailable"), 0);
	assert_int_not_equal(read(&plain_number, ""), 0);
	assert_string_equal(words, "is empty");
	assert_int_not_equal(read(&plain_number, "null"), 0);
	assert_string_equal(words, "there is no number at \"\"");
	assert_int_not_equal(read(&plain_number, "31"), 0);
	assert_string_equal(words, "31 is beyond 5: is the unit right?");
}

static void feed_that_is_none_says_what_is_missing(void **state)
{
	static const struct {
		const char *payload, *words;
	} rows[] = {
	    {"<html>", "is no JSON that can be read"},
	    {"{\"q\":[]}", "there is no list at \"/p\""},
	    {"{\"p\":7}", "there is no list at \"/p\""},
	    {"{\"p\":[]}", "has no entry that can be read, of 0"},
	    {"{\"p\":null}", "has no entry that can be read, of 0"},
	    {"{\"p\":[1,2]}", "has no entry that can be read, of 2"},
	    {"{\"errors\":[{\"message\":\"no\"}]}", "there is no list at \"/p\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_int_not_equal(read(&plain, rows[i].payload), 0);
		assert_string_equal(words, rows[i].words);
	}
	assert_int_not_equal(
	    read(&(struct feed_config){.from = "/t", .value = "/v"}, "{\"t\":[1]}"), 0);
	assert_string_equal(words,
			    "there is no list: neither the whole is one nor what stands at \"/t\"");
}

static void case_i4_three_units_are_one_price(void **state)
{
	static const struct {
		double factor;
		const char *price;
	} rows[] = {{0.001, "104.6"}, {0.01, "10.46"}, {1, "0.1046"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct feed_config config = {.factor = rows[i].factor, .max = 5};

		assert_int_equal(read(&config, rows[i].price), 0);
		assert_float_equal(news.slots[0].value, 0.1046, 1e-12);
	}
}

static void feed_times_are_read_in_all_their_forms(void **state)
{
	static const struct {
		const char *text, *utc; /* NULL: refused */
	} rows[] = {
	    {"2026-11-30T05:15:00Z", "2026-11-30T05:15:00Z"},
	    {"2026-11-30T05:15Z", "2026-11-30T05:15:00Z"},
	    {"2026-11-30T05:15+01:00", "2026-11-30T04:15:00Z"},
	    {"2026-11-30T05:15:00.0000000Z", "2026-11-30T05:15:00Z"},
	    {"2026-11-30 05:15:00", "2026-11-30T04:15:00Z"},
	    {"2026-06-30 05:15", "2026-06-30T03:15:00Z"},
	    {"1796083200", "2026-12-01T00:00:00Z"},
	    {"1796083200000", "2026-12-01T00:00:00Z"},
	    /* The change of the clocks: before, within and after it. */
	    {"2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
	    {"2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},
	    {"2026-10-25 01:59:59", "2026-10-24T23:59:59Z"},
	    {"2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
	    {"2026-11-30", NULL},
	    {"2026-11-31T05:15:00Z", NULL},
	    {"05:15", NULL},
	    {"20261130", NULL},
	    {"1e300", NULL},
	    {"-1796083200", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int64_t at_s = 0;
		int result = feed_time_read(&at_s, rows[i].text, strlen(rows[i].text), in_rome);

		print_message("# %s\n", rows[i].text);
		assert_int_equal(result == 0, rows[i].utc != NULL);
		if (result == 0)
			assert_int_equal(at_s, utc(rows[i].utc));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(feed_reads_the_shapes_of_known_services),
	    cmocka_unit_test(feed_leaves_out_what_it_cannot_read_and_says_so),
	    cmocka_unit_test(feed_takes_the_first_of_two_that_contradict_each_other),
	    cmocka_unit_test(feed_takes_the_first_of_two_that_end_at_one_time),
	    cmocka_unit_test(feed_refuses_what_its_unit_cannot_mean),
	    cmocka_unit_test(feed_says_where_all_values_are_a_thousand_times_too_small),
	    cmocka_unit_test(feed_reads_a_present_value),
	    cmocka_unit_test(feed_that_is_none_says_what_is_missing),
	    cmocka_unit_test(case_i4_three_units_are_one_price),
	    cmocka_unit_test(feed_times_are_read_in_all_their_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
