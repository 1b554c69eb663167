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
	    {"prices:\n  import: {}\n", "house.yaml:2: prices.import.tariff: is missing"},
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
	     "house.yaml:3: prices.import.tariff: has no price for mon in jan at 00:00: a last "
	     "entry "
	     "that is a price alone always fits"},
	    {"prices:\n  import: 0.3\n  export: {tariff: []}\n",
	     "house.yaml:3: prices.export.tariff: has no price for mon in jan at 00:00"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		print_message("# %s", rows[i].file);
		assert_int_not_equal(parse(rows[i].file), 0);
		print_message("# %s", words);
		assert_non_null(strstr(words, rows[i].error));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prices_are_off_where_nothing_is_said),
	    cmocka_unit_test(prices_are_fixed_by_a_number),
	    cmocka_unit_test(prices_are_read_from_a_tariff),
	    cmocka_unit_test(prices_that_cannot_be_name_line_key_and_what_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
