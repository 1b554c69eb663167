/* The words that a person reads. */
#include "model/decision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/result.h"
#include "model/alert.h"

#define WORDS_MAX 256

static void reason_shows_both_numbers_and_what_would_flip_it(void **state)
{
	static const struct {
		struct reason reason;
		const char *why, *flip;
	} rows[] = {
	    {{REASON_CHARGE_COLD, 2100, 5000}, "2.1 °C < 5.0 °C", ""},
	    {{REASON_CHARGE_COLD, -100, 5000}, "-0.1 °C < 5.0 °C", ""},
	    {{REASON_CHARGE_COLD, 4950, 5000}, "4.95 °C < 5.0 °C", ""},
	    {{REASON_CHARGE_COLD_LATCHED, 5100, 7000},
	     "5.1 °C < 7.0 °C",
	     "would be ON at ≥ 7.0 °C"},
	    {{REASON_CHARGE_HOT, 46000, 45000}, "46.0 °C > 45.0 °C", ""},
	    {{REASON_DISCHARGE_COLD, -1000, 0}, "-1.0 °C < 0.0 °C", ""},
	    {{REASON_DISCHARGE_HOT, 51000, 50000}, "51.0 °C > 50.0 °C", ""},
	    {{REASON_CEILING, 9501, 9500}, "95.01 % ≥ 95 %", ""},
	    {{REASON_CEILING_LATCHED, 9499, 9300}, "94.99 % ≥ 93 %", "would be ON at < 93 %"},
	    {{REASON_RESERVE, 1000, 1000}, "10 % ≤ 10 %", ""},
	    {{REASON_RESERVE_LATCHED, 1100, 1200}, "11 % < 12 %", "would be ON at ≥ 12 %"},
	    {{REASON_STALE, 91000, 90000}, "91 s > 90 s", "would decide after two good readings"},
	    {{REASON_STALE, 90001, 90000}, "90.1 s > 90 s", "would decide after two good readings"},
	    {{REASON_DWELL, 12500, 60000}, "12.5 s < 60 s", "would be ON after 60 s"},
	    {{REASON_SETTLING, 1, 2}, "1 of 2 good readings in a row", "would decide after 2"},
	    {{REASON_BUDGET, 40, 40}, "40 of 40", "would be ON tomorrow"},
	    {{REASON_CHARGE_BELOW, 2500, 3000}, "25 % < 30 %", ""},
	    {{REASON_CHARGE_UNTIL, 5520, 8000}, "55.2 % < 80 %", "would be OFF at ≥ 80 %"},
	    {{REASON_DISCHARGE_UNTIL, 5000, 3500}, "50 % > 35 %", "would be OFF at ≤ 35 %"},
	    {{REASON_BETWEEN, 5000, 3000},
	     "50 % is between the thresholds",
	     "would charge at < 30 %"},
	    {{REASON_SCHEDULE_WINDOW, 84600, 19800}, "23:30-05:30", "would end at 05:30"},
	    {{REASON_OVERRIDE, 7200000, 0},
	     "2 h left",
	     "would end after that, or once it is cancelled"},
	};
	char data[WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct text text = text_in(data, sizeof(data));

		reason_format(&rows[i].reason, &text);
		assert_string_equal(data, rows[i].why);
		text = text_in(data, sizeof(data));
		reason_format_flip(&rows[i].reason, &text);
		assert_string_equal(data, rows[i].flip);
	}
}

static void every_reason_has_a_name_and_words_of_its_own(void **state)
{
	(void)state;
	for (int code = 0; code < REASON_COUNT; code++) {
		struct reason reason = {(enum reason_code)code, 1, 2};
		char data[WORDS_MAX];
		struct text text = text_in(data, sizeof(data));

		assert_non_null(reason_name(reason.code));
		reason_format(&reason, &text);
		assert_true(text.length > 0);
		assert_false(text.is_cut);
		assert_null(strchr(data, '%') != NULL && strstr(data, "%V") ? data : NULL);
		for (int other = 0; other < code; other++)
			assert_string_not_equal(reason_name(reason.code),
						reason_name((enum reason_code)other));
	}
}

static void decision_says_what_why_and_what_would_flip_it(void **state)
{
	struct decision decision = {.intent = INTENT_SAFE,
				    .winner = DECIDER_SAFETY,
				    .wanted = INTENT_CHARGE,
				    .reason = {REASON_CHARGE_COLD, 2100, 5000},
				    .flip = {REASON_CHARGE_COLD_LATCHED, 2100, 7000}};
	char data[WORDS_MAX];
	struct text text = text_in(data, sizeof(data));

	(void)state;
	decision_format(&decision, &text);
	assert_string_equal(data, "IDLE: charging is not allowed: 2.1 °C < 5.0 °C; "
				  "would be ON at ≥ 7.0 °C");
	decision.intent = INTENT_CHARGE;
	decision.reason = decision.flip = (struct reason){REASON_CHARGE_BELOW, 2000, 3000};
	text = text_in(data, sizeof(data));
	decision_format(&decision, &text);
	assert_string_equal(data, "CHARGE: 20 % < 30 %");
}

static void every_alert_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	for (int code = 0; code < ALERT_COUNT; code++) {
		struct alert alert = {.code = (enum alert_code)code,
				      .subject = {"b1"},
				      .value = 1500,
				      .limit = 125,
				      .detail = "SoC 186"};
		char data[WORDS_MAX];
		struct text text = text_in(data, sizeof(data));

		assert_non_null(alert_name(alert.code));
		alert_format(&alert, &text);
		assert_true(text.length > 10);
		assert_false(text.is_cut);
		text = text_in(data, sizeof(data));
		alert_format_over(&alert, &text);
		assert_true(text.length > 10);
	}
}

static void alert_names_both_numbers(void **state)
{
	struct alert alert = {
	    .code = ALERT_SOC_IMPLAUSIBLE, .subject = {"b1"}, .value = -450, .limit = 120};
	char data[WORDS_MAX];
	struct text text = text_in(data, sizeof(data));

	(void)state;
	alert_format(&alert, &text);
	assert_string_equal(data, "b1: the state of charge moved by -4.5 % where at most 1.2 % is "
				  "possible; check the sensor, or acknowledge this alert if it is "
				  "right");
	alert = (struct alert){
	    .code = ALERT_SENSOR_STALE, .subject = {"b1"}, .value = 90054, .limit = 90000};
	text = text_in(data, sizeof(data));
	alert_format(&alert, &text);
	assert_string_equal(data, "b1: no good reading for 90.1 s, 90 s allowed; see whether the "
				  "sensor runs");
	text = text_in(data, sizeof(data));
	alert_format_over(&alert, &text);
	assert_string_equal(data, "b1: good readings come again");
}

static void alert_tells_its_numbers_with_their_unit(void **state)
{
	static const struct {
		struct alert alert;
		bool has_value, has_limit;
		double value, limit;
		const char *unit;
	} CASES[] = {
	    {{.code = ALERT_SENSOR_STALE, .value = 372000, .limit = 90000}, true, true, 372, 90, "s"},
	    {{.code = ALERT_STILL_CHARGING, .value = 305, .limit = 300}, true, true, 3.05, 3, "%"},
	    {{.code = ALERT_RELAY_WELDED, .value = 2500000, .limit = 50000}, true, true, 2500, 50, "W"},
	    {{.code = ALERT_SENSOR_FROZEN, .value = 900000}, true, false, 900, 0, "s"},
	    {{.code = ALERT_SEQUENCE_GAP, .value = 3}, true, false, 3, 0, ""},
	    {{.code = ALERT_RELAY_MISMATCH}, false, false, 0, 0, ""},
	    {{.code = ALERT_LIMIT_TRIPPED, .value = 9504, .limit = 9500, .detail = "95.04 % ≥ 95 %"},
	     true, true, 95.04, 95, "%"},
	    {{.code = ALERT_LIMIT_TRIPPED, .value = 51800, .limit = 45000,
	      .detail = "no charging: 51.8 °C > 45 °C"},
	     true, true, 51.8, 45, "°C"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct alert_values values = alert_values(&CASES[i].alert);

		assert_int_equal(values.has_value, CASES[i].has_value);
		assert_int_equal(values.has_limit, CASES[i].has_limit);
		assert_float_equal(values.value, CASES[i].value, 1e-9);
		assert_float_equal(values.limit, CASES[i].limit, 1e-9);
		assert_string_equal(values.unit, CASES[i].unit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reason_shows_both_numbers_and_what_would_flip_it),
	    cmocka_unit_test(every_reason_has_a_name_and_words_of_its_own),
	    cmocka_unit_test(decision_says_what_why_and_what_would_flip_it),
	    cmocka_unit_test(every_alert_has_a_name_and_a_sentence),
	    cmocka_unit_test(alert_names_both_numbers),
	    cmocka_unit_test(alert_tells_its_numbers_with_their_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
