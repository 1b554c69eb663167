/* The book of alerts: one entry a matter, and what gives way when it is full. */
#include "core/alerts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/test_house.h"

static struct site site;
static struct house house;
static struct outcome outcome;
static struct turn turn = {.site = &site, .house = &house, .outcome = &outcome};

static int begin(void **state)
{
	(void)state;
	memset(&site, 0, sizeof(site));
	memset(&house, 0, sizeof(house));
	memset(&outcome, 0, sizeof(outcome));
	turn.now = (struct now){.mono = {1000}, .wall = {2000}};
	house.battery_count = 1;
	strcpy(house.batteries[0].id.text, "b1");
	return 0;
}

static struct ident named(const char *name)
{
	struct ident ident = {0};

	snprintf(ident.text, sizeof(ident.text), "%s", name);
	return ident;
}

static void one_matter_is_one_entry_that_is_counted(void **state)
{
	struct ident b1 = named("b1"), b2 = named("b2");

	(void)state;
	alerts_raise(&turn, ALERT_NO_EFFECT, &b1, 1, 10, "x");
	alerts_raise(&turn, ALERT_NO_EFFECT, &b1, 2, 20, NULL);
	alerts_raise(&turn, ALERT_NO_EFFECT, &b2, 3, 30, NULL);
	assert_int_equal(site.alerts[0].count, 2);
	assert_int_equal(site.alerts[0].value, 2);
	assert_string_equal(site.alerts[0].detail, "x");
	assert_int_equal(site.alerts[1].count, 1);
	assert_int_equal(outcome.note_count, 2);
}

static void an_alert_ends_and_begins_anew_under_a_new_id(void **state)
{
	(void)state;
	alerts_battery(&turn, 0, ALERT_NO_EFFECT, 1, 10, NULL);
	alerts_battery_clear(&turn, 0, ALERT_NO_EFFECT);
	assert_false(site.alerts[0].is_active);
	assert_int_equal(site.alerts[0].cleared.ms, 2000);
	alerts_battery(&turn, 0, ALERT_NO_EFFECT, 1, 10, NULL);
	assert_true(site.alerts[0].is_active);
	assert_int_equal(site.alerts[0].id, 2);
	assert_int_equal(site.alerts[0].count, 1);
	assert_int_equal(site.alerts[1].id, 0);
}

static void acknowledging_ends_only_what_merely_happened(void **state)
{
	struct ident r1 = named("r1");

	(void)state;
	alerts_raise(&turn, ALERT_RELAY_REBOOTED, &r1, 0, 0, NULL);
	alerts_raise(&turn, ALERT_RELAY_TIMEOUT, &r1, 0, 0, NULL);
	assert_non_null(alerts_acknowledge(&turn, 1));
	assert_non_null(alerts_acknowledge(&turn, 2));
	assert_false(site.alerts[0].is_active);
	assert_true(site.alerts[1].is_active);
	assert_true(site.alerts[1].is_acknowledged);
	assert_null(alerts_acknowledge(&turn, 3));
	assert_null(alerts_acknowledge(&turn, 0));
}

static void what_merely_happened_fades_after_an_hour(void **state)
{
	struct ident r1 = named("r1");

	(void)state;
	alerts_raise(&turn, ALERT_RELAY_FOREIGN, &r1, 0, 0, NULL);
	alerts_raise(&turn, ALERT_RELAY_TIMEOUT, &r1, 0, 0, NULL);
	turn.now.mono.ms += ALERT_FADES_MS - 1;
	alerts_fade(&turn);
	assert_true(site.alerts[0].is_active);
	turn.now.mono.ms += 1;
	alerts_fade(&turn);
	assert_false(site.alerts[0].is_active);
	assert_true(site.alerts[1].is_active);
}

static void an_alarm_that_happened_stays_until_it_is_seen(void **state)
{
	(void)state;
	alerts_raise(&turn, ALERT_JOURNAL_SET_ASIDE, &(struct ident){""}, 0, 0, "journal.db.1");
	turn.now.mono.ms += 2 * ALERT_FADES_MS;
	alerts_fade(&turn);
	assert_true(site.alerts[0].is_active);
	assert_non_null(alerts_acknowledge(&turn, site.alerts[0].id));
	assert_false(site.alerts[0].is_active);
}

static struct alert kept(enum alert_code code, const char *subject)
{
	return (struct alert){.id = 7,
			      .code = code,
			      .subject = named(subject),
			      .is_active = true,
			      .is_acknowledged = true,
			      .count = 3,
			      .raised = {100}};
}

static void a_restored_alert_is_as_it_was_and_ends_as_any_other(void **state)
{
	struct alert alert = kept(ALERT_SENSOR_STALE, "b1");

	(void)state;
	alerts_restore(&turn, &alert);
	assert_true(site.alerts[0].is_active && site.alerts[0].is_acknowledged);
	assert_int_equal(site.alerts[0].id, 7);
	assert_int_equal(site.alerts[0].raised.ms, 100);
	assert_int_equal(outcome.note_count, 0); /* nothing new to tell */
	alerts_battery_clear(&turn, 0, ALERT_SENSOR_STALE);
	assert_false(site.alerts[0].is_active);
	assert_int_equal(outcome.note_count, 1);
}

static void a_restored_alert_ends_where_nobody_would_end_it(void **state)
{
	struct alert gone = kept(ALERT_SENSOR_STALE, "b9"), anew = kept(ALERT_BROKER_AWAY, ""),
		     happened = kept(ALERT_JOURNAL_SET_ASIDE, "");

	(void)state;
	alerts_restore(&turn, &gone);
	alerts_restore(&turn, &anew);
	assert_false(site.alerts[0].is_active);
	assert_int_equal(site.alerts[0].cleared.ms, 2000);
	alerts_restore(&turn, &happened);
	for (size_t i = 0; i < ALERTS_MAX; i++)
		assert_int_equal(site.alerts[i].is_active,
				 site.alerts[i].code == ALERT_JOURNAL_SET_ASIDE);
}

static bool book_has(const char *name)
{
	for (size_t i = 0; i < ALERTS_MAX; i++)
		if (strcmp(site.alerts[i].subject.text, name) == 0)
			return true;
	return false;
}

static void in_a_full_book_what_is_over_gives_way_first_and_then_notices(void **state)
{
	(void)state;
	for (int i = 0; i < ALERTS_MAX; i++) {
		char name[16];
		struct ident subject;

		snprintf(name, sizeof(name), "n%d", i);
		subject = named(name);
		alerts_raise(&turn, i == 7 ? ALERT_SEQUENCE_GAP : ALERT_SENSOR_STALE, &subject, 0,
			     0, NULL);
		if (i == 9)
			alerts_clear(&turn, ALERT_SENSOR_STALE, &subject);
	}
	alerts_raise(&turn, ALERT_SENSOR_STALE, &(struct ident){"first"}, 0, 0, NULL);
	assert_false(book_has("n9")); /* over */
	alerts_raise(&turn, ALERT_SENSOR_STALE, &(struct ident){"second"}, 0, 0, NULL);
	assert_false(book_has("n7")); /* a notice */
	assert_true(book_has("n0"));
	assert_true(book_has("first"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(one_matter_is_one_entry_that_is_counted, begin),
	    cmocka_unit_test_setup(an_alert_ends_and_begins_anew_under_a_new_id, begin),
	    cmocka_unit_test_setup(acknowledging_ends_only_what_merely_happened, begin),
	    cmocka_unit_test_setup(what_merely_happened_fades_after_an_hour, begin),
	    cmocka_unit_test_setup(an_alarm_that_happened_stays_until_it_is_seen, begin),
	    cmocka_unit_test_setup(a_restored_alert_is_as_it_was_and_ends_as_any_other, begin),
	    cmocka_unit_test_setup(a_restored_alert_ends_where_nobody_would_end_it, begin),
	    cmocka_unit_test_setup(in_a_full_book_what_is_over_gives_way_first_and_then_notices,
				   begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
