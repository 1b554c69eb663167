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
	decision_format(&decision, "b1", &text);
	assert_string_equal(data, "Stopped because the battery is 2.1 °C; charging is allowed from "
				  "5.0 °C. It would charge again from 7.0 °C.");
	decision.intent = INTENT_CHARGE;
	decision.winner = DECIDER_THRESHOLD;
	decision.reason = (struct reason){REASON_CHARGE_BELOW, 2000, 3000};
	decision.flip = (struct reason){REASON_CHARGE_UNTIL, 2000, 8000};
	text = text_in(data, sizeof(data));
	decision_format(&decision, "b1", &text);
	assert_string_equal(data, "Charging because 20 % is below 30 %, where charging begins. It "
				  "would stop at 80 %.");
}

static void decision_has_a_verb_for_who_decided_and_why(void **state)
{
	static const struct {
		enum intent intent;
		enum decider winner;
		enum reason_code reason;
		const char *verb;
	} rows[] = {
	    {INTENT_CHARGE, DECIDER_PLAN, REASON_PLAN_SUN, "Charging"},
	    {INTENT_DISCHARGE, DECIDER_OVERRIDE, REASON_OVERRIDE, "Discharging"},
	    {INTENT_BOTH, DECIDER_THRESHOLD, REASON_CHARGE_UNTIL, "Charging, in use"},
	    {INTENT_SAFE, DECIDER_THRESHOLD, REASON_BETWEEN, "Resting"},
	    {INTENT_SAFE, DECIDER_SAFETY, REASON_CEILING, "Stopped"},
	    {INTENT_SAFE, DECIDER_SAFETY, REASON_NO_READING, "Waiting"},
	    {INTENT_SAFE, DECIDER_SAFETY, REASON_SETTLING, "Waiting"},
	    {INTENT_SAFE, DECIDER_SAFETY, REASON_LOCKED_OUT, "Stopped"},
	    {INTENT_SAFE, DECIDER_SAFETY, REASON_DWELL, "Waiting"},
	    {INTENT_SAFE, DECIDER_SAFETY, REASON_NOT_CONFIGURED, "Watching"},
	    {INTENT_SAFE, DECIDER_MONITOR, REASON_MONITOR, "Watching"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		assert_string_equal(
		    verb_words(decision_verb(rows[i].intent, rows[i].winner, rows[i].reason)),
		    rows[i].verb);
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
	    cmocka_unit_test(decision_says_what_why_and_what_would_flip_it),
	    cmocka_unit_test(decision_has_a_verb_for_who_decided_and_why),
	    cmocka_unit_test(every_alert_has_a_name_and_a_sentence),
	    cmocka_unit_test(alert_names_both_numbers),
	    cmocka_unit_test(alert_tells_its_numbers_with_their_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
