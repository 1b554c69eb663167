/* What `prices` of the configuration may say, and what is said of what it may not. */
#include "wire/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct house house;
static char words[CONFIG_ERRORS_TEXT_MAX];

static int parse(const char *file)
{
	struct text errors = text_in(words, sizeof words);

	return config_parse(&house, "house.yaml", file, strlen(file), &errors);
}

static void prices_are_off_where_nothing_is_said(void **state)
{
	(void)state;
	assert_int_equal(parse("collector: c1\n"), 0);
	assert_false(house.prices.is_on);
}

static void prices_are_fixed_by_a_number(void **state)
{
	(void)state;
	assert_int_equal(parse("prices: {import: 0.30}\n"), 0);
	assert_true(house.prices.is_on);
	assert_string_equal(house.prices.currency, "EUR");
	assert_float_equal(house.prices.buy.fixed, 0.3, 0);
	assert_float_equal(house.prices.sell.fixed, 0, 0);
	assert_int_equal(parse("prices: {import: 0.30, export: -0.012345, currency: GBP}\n"), 0);
	assert_float_equal(house.prices.sell.fixed, -0.012345, 0);
	assert_string_equal(house.prices.currency, "GBP");
}

static void prices_are_read_from_a_tariff(void **state)
{
	const struct tariff *tariff = &house.prices.buy.tariff;

	(void)state;
	assert_int_equal(parse("prices:\n  import:\n    tariff:\n    - {price: 0.42, hours: "
			       "\"16:00-21:00\", days: mon-fri, months: jun-sep}\n    - {price: "
			       "0.18}\n  export: {tariff: [{price: 0.05}]}\n"),
			 0);
	assert_int_equal(house.prices.buy.kind, PRICE_IS_TARIFF);
	assert_int_equal(tariff->count, 2);
	assert_float_equal(tariff->rules[0].price, 0.42, 0);
	assert_int_equal(tariff->rules[0].hours.start_s, 16 * 3600);
	assert_int_equal(tariff->rules[0].hours.end_s, 21 * 3600);
	assert_int_equal(tariff->rules[0].days, 0x1f);
	assert_int_equal(tariff->rules[0].months, 0x1e0);
	assert_int_equal(tariff->rules[1].hours.end_s, TARIFF_DAY_S);
	assert_int_equal(tariff->rules[1].days, TARIFF_EVERY_DAY);
	assert_int_equal(house.prices.sell.kind, PRICE_IS_TARIFF);
}

static void prices_that_cannot_be_name_line_key_and_what_is_allowed(void **state)
{
	static const struct {
		const char *file, *error;
	} rows[] = {
	    {"prices: {export: 0.1}\n",
	     "house.yaml:1: prices.import: is missing: a price per kWh, -10000 to 10000, or a "
	     "mapping"},
	    {"prices:\n  import: cheap\n", "house.yaml:2: prices.import: \"cheap\" is not allowed"},
	    {"prices:\n  import: \"0,30\"\n",
	     "house.yaml:2: prices.import: \"0,30\" is not allowed"},
	    {"prices:\n  import: .nan\n", "house.yaml:2: prices.import: \".nan\" is not allowed"},
	    {"prices:\n  import: 10001\n", "house.yaml:2: prices.import: \"10001\" is not allowed"},
	    {"prices:\n  import: [0.3]\n", "house.yaml:2: prices.import: a list is not allowed"},
	    {"prices:\n  import: {}\n",
	     "house.yaml:2: prices.import: does not say where the price comes from: one of tariff, "
	     "topic, file and url is needed"},
	    {"prices:\n  import: {file: /a, url: \"http://b\"}\n",
	     "house.yaml:2: prices.import: has several places: one of tariff, topic, file and url"},
	    {"prices:\n  import: {file: /a, tariff: [{price: 1}]}\n", "has several places"},
	    {"prices:\n  import: {file: /a, unit: GBP/kWh}\n",
	     "prices.import: unit \"GBP/kWh\" is not allowed: EUR/kWh, EUR/MWh, ct/kWh"},
	    {"prices:\n  import: {file: /a, unit: EUR}\n", "unit \"EUR\" is not allowed"},
	    {"prices:\n  import: {file: /a, unit: ct/kWh, price: v, from: /s}\n",
	     "price \"v\" is not allowed: a JSON Pointer, such as /price"},
	    {"prices:\n  import: {file: /a, unit: ct/kWh, items: \"/a b\", price: /v, from: /s}\n",
	     "items \"b\" is not allowed: a JSON Pointer"},
	    {"prices:\n  import: {file: /a, unit: ct/kWh, price: /v}\n",
	     "has price without from or to: when does an entry hold? A present value is named by "
	     "at"},
	    {"prices:\n  import: {file: /a, unit: ct/kWh, from: /v}\n",
	     "has from or to, but no price"},
	    {"prices:\n  import: {file: /a, unit: ct/kWh, at: /v, price: /v}\n",
	     "has at, for a present value, beside items, from, to or price"},
	    {"prices:\n  import: {file: /a, unit: ct/kWh, every: 1h}\n",
	     "has every, body, token_file or tls_ca, which are of a url"},
	    {"prices:\n  import: {url: \"ftp://a\", unit: ct/kWh}\n",
	     "prices.import.url: \"ftp://a\" is not allowed"},
	    {"prices:\n  import: {url: \"smtp://a\", unit: ct/kWh}\n",
	     "url must be http:// or https://"},
	    {"prices:\n  import: {url: \"http://a\", unit: ct/kWh, every: 5s}\n",
	     "prices.import.every: \"5s\" is not allowed: a duration such as 90s, 15min, 1h or 1d, "
	     "60 s to 86400 s"},
	    {"prices:\n  import: {url: \"http://a\", unit: ct/kWh, every: 5}\n",
	     "prices.import.every: \"5\" is not allowed"},
	    {"mqtt: {host: \"\"}\nprices:\n  import: {topic: a/b, unit: ct/kWh}\n",
	     "needs a broker for its topic: mqtt.host is empty"},
	    {"prices:\n  import:\n    tarif: []\n",
	     "prices.import.tarif: no such key; did you mean tariff?"},
	    {"prices:\n  import: 0.3\n  currency: euro\n",
	     "prices.currency: \"euro\" is not allowed"},
	    {"prices:\n  import: 0.3\n  currency: eur\n",
	     "prices.currency: \"eur\" is not allowed: three capital letters, such as EUR"},
	    {"prices:\n  import:\n    tariff:\n    - {hours: \"16:00-21:00\"}\n    - {price: 1}\n",
	     "house.yaml:4: prices.import.tariff[0].price: is missing: -10000 to 10000"},
	    {"prices:\n  import:\n    tariff:\n    - {price: 1, hours: \"16-21\"}\n    - {price: "
	     "1}\n",
	     "house.yaml:4: prices.import.tariff[0].hours: \"16-21\" is not allowed: hours "
	     "HH:MM-HH:MM"},
	    {"prices:\n  import:\n    tariff:\n    - {price: 1, days: weekend}\n    - {price: 1}\n",
	     "tariff[0].days: \"weekend\" is not allowed: days such as mon-fri"},
	    {"prices:\n  import:\n    tariff:\n    - {price: 1, months: summer}\n    - {price: "
	     "1}\n",
	     "tariff[0].months: \"summer\" is not allowed: months such as jun-sep"},
	    {"prices:\n  import:\n    tariff: [{price: 1, hours: \"07:00-23:00\"}]\n",
	     "house.yaml:3: prices.import: has no price for mon in jan at 00:00: a last "
	     "entry "
	     "that is a price alone always fits"},
	    {"prices:\n  import: 0.3\n  export: {tariff: []}\n",
	     "house.yaml:3: prices.export: does not say where the price comes from"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		print_message("# %s", rows[i].file);
		assert_int_not_equal(parse(rows[i].file), 0);
		print_message("# %s", words);
		assert_non_null(strstr(words, rows[i].error));
	}
}

static void prices_are_read_from_what_others_publish(void **state)
{
	const struct feed_config *feed = &house.prices.buy.feed;

	(void)state;
	assert_int_equal(
	    parse("prices:\n  import: {url: \"https://example.org/p?a=1\", every: 30min, items: "
		  "\"/today /tomorrow\", from: /start, to: /end, price: /value, unit: "
		  "EUR/MWh, scale: 1.22, add: 0.05}\n  export: {topic: home/price, at: "
		  "/now, unit: ct/kWh, length: 15min}\nmqtt: {host: localhost}\n"),
	    0);
	assert_int_equal(house.prices.buy.kind, PRICE_IS_FEED);
	assert_int_equal(feed->kind, FEED_URL);
	assert_int_equal(feed->every_s, 1800);
	assert_float_equal(feed->factor, 0.001, 1e-15);
	assert_float_equal(feed->scale, 1.22, 0);
	assert_float_equal(feed->add, 0.05, 0);
	assert_float_equal(feed->max, 5, 0);
	feed = &house.prices.sell.feed;
	assert_int_equal(feed->kind, FEED_TOPIC);
	assert_int_equal(feed->length_s, 900);
	assert_float_equal(feed->factor, 0.01, 0);
	assert_int_equal(
	    parse("prices: {currency: SEK, import: {file: /a, scale: 0.01, max: 7}}\n"), 0);
	assert_float_equal(house.prices.buy.feed.max, 7, 0);
	assert_float_equal(house.prices.buy.feed.factor, 1, 0);
	assert_int_equal(parse("prices: {currency: SEK, import: {file: /a, unit: öre/kWh}}\n"), 0);
	assert_float_equal(house.prices.buy.feed.max, 100, 0);
}

static void case_i4_without_a_unit_a_price_is_refused(void **state)
{
	(void)state;
	assert_int_not_equal(
	    parse("prices:\n  import: {file: /a, items: /p, from: /s, price: /v}\n"), 0);
	assert_non_null(strstr(words,
			       "house.yaml:2: prices.import: has no unit: unit (such as EUR/kWh, "
			       "EUR/MWh, ct/kWh) or scale is needed"));
	assert_int_equal(parse("prices:\n  import: {file: /a, unit: EUR/MWh}\n"), 0);
	assert_int_equal(parse("prices:\n  import: {file: /a, scale: 0.001}\n"), 0);
}

static void forecast_of_the_sun_has_a_place_and_a_unit(void **state)
{
	static const struct {
		const char *file, *error;
	} rows[] = {
	    {"forecast:\n  pv: {url: \"http://a\", items: /r, to: /}\n",
	     "house.yaml:2: forecast.pv.unit: is missing"},
	    {"forecast:\n  pv: {url: \"http://a\", items: /r, unit: MWh}\n",
	     "house.yaml:2: forecast.pv: unit \"MWh\" is not allowed: W, kW, Wh or kWh"},
	    {"forecast:\n  pv: {unit: W}\n",
	     "house.yaml:2: forecast.pv: one of topic, file and url is needed"},
	    {"forecast:\n  pv: {file: /a, unit: W, value: /w}\n", "has value without from or to"},
	    {"forecast:\n  pv: {file: /a, unit: W, price: /w, from: /f}\n",
	     "forecast.pv.price: no such key"},
	};
	const struct feed_config *pv = &house.forecast.pv;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		print_message("# %s", rows[i].file);
		assert_int_not_equal(parse(rows[i].file), 0);
		print_message("# %s", words);
		assert_non_null(strstr(words, rows[i].error));
	}
	assert_int_equal(parse("collector: c1\n"), 0);
	assert_false(house.forecast.has_pv);
	assert_int_equal(
	    parse("forecast: {pv: {url: \"http://a\", items: /r, to: /, unit: kWh}}\n"), 0);
	assert_true(house.forecast.has_pv);
	assert_int_equal(pv->kind, FEED_URL);
	assert_int_equal(pv->amount, FEED_IS_ENERGY);
	assert_float_equal(pv->factor, 1000, 0);
	assert_float_equal(pv->max, 1e6, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prices_are_off_where_nothing_is_said),
	    cmocka_unit_test(prices_are_fixed_by_a_number),
	    cmocka_unit_test(prices_are_read_from_a_tariff),
	    cmocka_unit_test(prices_are_read_from_what_others_publish),
	    cmocka_unit_test(case_i4_without_a_unit_a_price_is_refused),
	    cmocka_unit_test(forecast_of_the_sun_has_a_place_and_a_unit),
	    cmocka_unit_test(prices_that_cannot_be_name_line_key_and_what_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
