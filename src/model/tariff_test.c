/* Tariffs: which price holds when, on both sides of each boundary. */
#include "model/tariff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/time.h"

/* The moment of the house's clock that `text` names. */
static struct tariff_moment at(const char *text)
{
	char zoned[WALL_TEXT_MAX];
	struct text room = text_in(zoned, sizeof zoned);
	struct wall_time wall;

	text_add(&room, "%sZ", text);
	assert_int_equal(wall_parse(&wall, zoned, room.length), 0);
	return tariff_moment_of(wall.ms / MS_PER_SECOND);
}

static struct tariff_rule rule(double price, const char *hours, const char *days,
			       const char *months)
{
	struct tariff_rule made;

	tariff_rule_init(&made);
	made.price = price;
	if (hours != NULL)
		assert_int_equal(tariff_hours_parse(&made.hours, hours), 0);
	if (days != NULL)
		assert_int_equal(tariff_days_parse(&made.days, days), 0);
	if (months != NULL)
		assert_int_equal(tariff_months_parse(&made.months, months), 0);
	return made;
}

static double price_at(const struct tariff *tariff, const char *text)
{
	struct tariff_moment moment = at(text);
	const struct tariff_rule *found = tariff_find(tariff, &moment);

	assert_non_null(found);
	return found->price;
}

struct row {
	const char *at;
	double price;
};

static void check(const struct tariff *tariff, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		print_message("# %s\n", rows[i].at);
		assert_float_equal(price_at(tariff, rows[i].at), rows[i].price, 0);
	}
}

static void tariff_prices_change_on_the_second_and_in_the_season(void **state)
{
	const struct tariff tariff = {.count = 2,
				      .rules = {rule(0.42, "16:00-21:00", "mon-fri", "jun-sep"),
						rule(0.18, NULL, NULL, NULL)}};
	static const struct row rows[] = {
	    {"2026-06-01T15:59:59", 0.18}, {"2026-06-01T16:00:00", 0.42}, /* a Monday */
	    {"2026-06-01T20:59:59", 0.42}, {"2026-06-01T21:00:00", 0.18},
	    {"2026-06-05T18:00:00", 0.42}, {"2026-06-06T18:00:00", 0.18}, /* Friday, Saturday */
	    {"2026-05-29T18:00:00", 0.18}, {"2026-09-30T20:59:59", 0.42},
	    {"2026-10-01T16:00:00", 0.18},
	};

	(void)state;
	check(&tariff, rows, ARRAY_LENGTH(rows));
}

static void case_h3_hours_over_midnight_are_those_of_the_evening(void **state)
{
	const struct tariff tariff = {
	    .count = 2,
	    .rules = {rule(0.1, "23:30-05:30", "fri", "jan"), rule(0.3, NULL, NULL, NULL)}};
	static const struct row rows[] = {
	    {"2026-01-02T23:29:59", 0.3}, {"2026-01-02T23:30:00", 0.1}, /* a Friday */
	    {"2026-01-03T00:10:00", 0.1}, {"2026-01-03T05:29:59", 0.1},
	    {"2026-01-03T05:30:00", 0.3}, {"2026-01-03T23:45:00", 0.3},
	    {"2026-01-02T00:10:00", 0.3}, /* Thursday's night */
	    {"2026-01-30T23:45:00", 0.1}, {"2026-01-31T01:00:00", 0.1},
	    {"2027-01-01T01:00:00", 0.3}, /* a Friday's morning, of a Thursday in December */
	};

	(void)state;
	check(&tariff, rows, ARRAY_LENGTH(rows));
}

static void tariff_night_that_begins_in_the_season_ends_in_it(void **state)
{
	const struct tariff tariff = {
	    .count = 2,
	    .rules = {rule(0.1, "22:00-06:00", NULL, "jan"), rule(0.3, NULL, NULL, NULL)}};
	static const struct row rows[] = {
	    {"2026-01-01T05:00:00", 0.3}, {"2026-01-31T22:00:00", 0.1},
	    {"2026-02-01T05:59:59", 0.1}, {"2026-02-01T06:00:00", 0.3},
	    {"2026-02-01T22:00:00", 0.3},
	};

	(void)state;
	check(&tariff, rows, ARRAY_LENGTH(rows));
}

static void tariff_first_entry_that_fits_counts(void **state)
{
	const struct tariff tariff = {.count = 3,
				      .rules = {rule(-0.05, "12:00-14:00", "sun", NULL),
						rule(0.2, "12:00-24:00", NULL, NULL),
						rule(0.1, "00:00-13:00", NULL, NULL)}};
	static const struct row rows[] = {
	    {"2026-03-01T12:00:00", -0.05}, {"2026-03-01T14:00:00", 0.2}, /* a Sunday */
	    {"2026-03-02T12:30:00", 0.2},   {"2026-03-02T11:59:59", 0.1},
	    {"2026-03-02T23:59:59", 0.2},   {"2026-03-03T00:00:00", 0.1},
	};

	(void)state;
	check(&tariff, rows, ARRAY_LENGTH(rows));
}

static void tariff_knows_weekday_and_month_of_any_day(void **state)
{
	static const struct {
		const char *at;
		int weekday, month, month_before;
	} rows[] = {
	    {"1970-01-01T00:00:00", 3, 0, 11},  {"2024-02-29T12:00:00", 3, 1, 1},
	    {"2024-03-01T00:00:00", 4, 2, 1},   {"2026-11-30T23:59:59", 0, 10, 10},
	    {"2026-12-01T00:00:00", 1, 11, 10}, {"2100-03-01T00:00:00", 0, 2, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct tariff_moment moment = at(rows[i].at);

		assert_int_equal(moment.weekday, rows[i].weekday);
		assert_int_equal(moment.month, rows[i].month);
		assert_int_equal(moment.month_of_day_before, rows[i].month_before);
	}
	assert_int_equal(tariff_moment_of(-1).second, TARIFF_DAY_S - 1);
	assert_int_equal(tariff_moment_of(-1).month, 11);
}

static void tariff_gap_is_found_wherever_it_is(void **state)
{
	struct tariff tariff = {
	    .count = 2,
	    .rules = {rule(1, "07:00-23:00", NULL, NULL), rule(2, "23:00-07:00", NULL, NULL)}};
	struct tariff_moment moment;
	char words[80];
	struct text text = text_in(words, sizeof words);

	(void)state;
	assert_false(tariff_has_gap(&tariff, &moment));
	tariff.rules[1] = rule(2, "23:00-06:59", NULL, NULL);
	assert_true(tariff_has_gap(&tariff, &moment));
	assert_int_equal(moment.second, (6 * 60 + 59) * 60);
	tariff.rules[1] = rule(2, "23:00-07:00", "mon-sat", NULL);
	assert_true(tariff_has_gap(&tariff, &moment));
	tariff_moment_format(&moment, &text);
	assert_string_equal(words, "mon in jan at 00:00");
	tariff.rules[1] = rule(2, "23:00-07:00", NULL, "jan-nov"); /* the night to 1 January too */
	assert_true(tariff_has_gap(&tariff, &moment));
	tariff.count = 0;
	assert_true(tariff_has_gap(&tariff, &moment));
}

static void tariff_grain_is_as_fine_as_its_hours(void **state)
{
	static const struct {
		const char *hours;
		int32_t grain_s;
	} rows[] = {{"16:00-21:00", 3600}, {"00:30-05:30", 1800}, {"00:15-07:00", 900},
		    {"00:20-07:20", 300},  {"00:00-07:01", 60},   {"22:00-24:00", 3600}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct tariff tariff = {.count = 1, .rules = {rule(1, rows[i].hours, NULL, NULL)}};

		assert_int_equal(tariff_grain_s(&tariff), rows[i].grain_s);
	}
}

static void tariff_words_are_read_whole_or_not_at_all(void **state)
{
	static const char *const bad_hours[] = {
	    "",          "16:00",        "16:00-16:00", "24:00-05:00", "16:00-25:00",
	    "1600-2100", "16:00-21:00x", "16-21"};
	static const char *const bad_days[] = {"",     "mo",      "monday", "mon-",
					       "mon,", "mon-xyz", "mon fri"};
	struct tariff_hours hours = {1, 2};
	uint8_t days = 9;
	uint16_t months;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad_hours); i++)
		assert_int_equal(tariff_hours_parse(&hours, bad_hours[i]), -EINVAL);
	assert_int_equal(hours.start_s, 1);
	for (size_t i = 0; i < ARRAY_LENGTH(bad_days); i++)
		assert_int_equal(tariff_days_parse(&days, bad_days[i]), -EINVAL);
	assert_int_equal(days, 9);
	assert_int_equal(tariff_days_parse(&days, "fri-mon, wed"), 0);
	assert_int_equal(days, 0x75);
	assert_int_equal(tariff_days_parse(&days, "mon-sun"), 0);
	assert_int_equal(days, TARIFF_EVERY_DAY);
	assert_int_equal(tariff_months_parse(&months, "nov-feb"), 0);
	assert_int_equal(months, 0xc03);
	assert_int_equal(tariff_months_parse(&months, "mon"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tariff_prices_change_on_the_second_and_in_the_season),
	    cmocka_unit_test(case_h3_hours_over_midnight_are_those_of_the_evening),
	    cmocka_unit_test(tariff_night_that_begins_in_the_season_ends_in_it),
	    cmocka_unit_test(tariff_first_entry_that_fits_counts),
	    cmocka_unit_test(tariff_knows_weekday_and_month_of_any_day),
	    cmocka_unit_test(tariff_gap_is_found_wherever_it_is),
	    cmocka_unit_test(tariff_grain_is_as_fine_as_its_hours),
	    cmocka_unit_test(tariff_words_are_read_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
