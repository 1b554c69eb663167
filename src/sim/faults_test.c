#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/faults.h"

static int set(struct faults *faults, const char *text, size_t battery_count)
{
	char said[256];
	struct text error = text_in(said, sizeof(said));
	int result = faults_set(faults, text, battery_count, &error);

	assert_int_equal(result != 0, error.length > 0);
	return result;
}

static void faults_befall_what_was_named(void **state)
{
	struct faults faults = {0};

	(void)state;
	assert_int_equal(set(&faults, "sensor-silent", 2), 0);
	assert_true(fault_is_active(&faults, FAULT_SENSOR_SILENT, 0));
	assert_false(fault_is_active(&faults, FAULT_SENSOR_SILENT, 1));
	assert_int_equal(set(&faults, "relay-stuck r3", 2), 0);
	assert_true(fault_is_on_relay(&faults, FAULT_RELAY_STUCK, 1, RELAY_SOURCE));
	assert_false(fault_is_on_relay(&faults, FAULT_RELAY_STUCK, 1, RELAY_LOAD));
	assert_false(fault_is_active(&faults, FAULT_RELAY_STUCK, 0));
	assert_int_equal(set(&faults, "relay-lying b2", 2), 0);
	assert_true(fault_is_on_relay(&faults, FAULT_RELAY_LYING, 1, RELAY_SOURCE));
	assert_true(fault_is_on_relay(&faults, FAULT_RELAY_LYING, 1, RELAY_LOAD));
	assert_int_equal(set(&faults, "relay-welded r2", 2), 0);
	assert_true(fault_is_on_relay(&faults, FAULT_RELAY_WELDED, 0, RELAY_LOAD));
	assert_int_equal(set(&faults, "broker-gone", 2), 0);
	assert_true(fault_is_active(&faults, FAULT_BROKER_GONE, 1));
	faults_clear(&faults);
	assert_false(fault_is_active(&faults, FAULT_BROKER_GONE, 1));
	assert_false(fault_is_on_relay(&faults, FAULT_RELAY_STUCK, 1, RELAY_SOURCE));
}

static void mending_one_fault_leaves_the_others(void **state)
{
	struct faults faults = {0};
	char said[256];
	struct text error = text_in(said, sizeof(said));

	(void)state;
	assert_int_equal(set(&faults, "sensor-silent b1", 2), 0);
	assert_int_equal(set(&faults, "sensor-silent b2", 2), 0);
	assert_int_equal(set(&faults, "cloud", 2), 0);
	assert_int_equal(faults_mend(&faults, "sensor-silent b2", 2, &error), 0);
	assert_true(fault_is_active(&faults, FAULT_SENSOR_SILENT, 0));
	assert_false(fault_is_active(&faults, FAULT_SENSOR_SILENT, 1));
	assert_true(fault_is_anywhere(&faults, FAULT_SENSOR_SILENT));
	assert_int_equal(faults_mend(&faults, "sensor-silent", 2, &error), 0);
	assert_false(fault_is_anywhere(&faults, FAULT_SENSOR_SILENT));
	assert_int_equal(faults_mend(&faults, "sensor-silent", 2, &error), 0);
	assert_true(fault_is_anywhere(&faults, FAULT_CLOUD));
	assert_int_not_equal(faults_mend(&faults, "fire", 2, &error), 0);
	assert_true(error.length > 0);
}

static void faults_reach_the_last_battery(void **state)
{
	struct faults faults = {0};

	(void)state;
	assert_int_equal(set(&faults, "relay-stuck r64", 32), 0);
	assert_true(fault_is_on_relay(&faults, FAULT_RELAY_STUCK, 31, RELAY_LOAD));
	assert_int_equal(set(&faults, "battery-hot b32", 32), 0);
	assert_true(fault_is_active(&faults, FAULT_BATTERY_HOT, 31));
}

static void faults_refuse_what_is_not_there(void **state)
{
	static const char *const WRONG[] = {"",
					    "fire",
					    "sensor-silent b3",
					    "sensor-silent r1",
					    "sensor-silent b0",
					    "relay-stuck r5",
					    "cloud b1",
					    "sensor-silent b1x",
					    "sensor-silent b",
					    "relay-stuck x1"};
	struct faults faults = {0}, none = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++) {
		assert_int_not_equal(set(&faults, WRONG[i], 2), 0);
		assert_memory_equal(&faults, &none, sizeof(none));
	}
}

static void fault_plan_reads_name_target_and_time(void **state)
{
	static const char *const WRONG[] = {"cloud",    "cloud@", "cloud@x",
					    "cloud@-1", "fire@3", "sensor-silent:b9@3"};
	char said[256];
	struct text error = text_in(said, sizeof(said));
	struct fault_plan plan;

	(void)state;
	assert_int_equal(fault_plan_parse(&plan, "sensor-silent:b2@12.5", 2, &error), 0);
	assert_string_equal(plan.text, "sensor-silent b2");
	assert_int_equal(plan.at_ms, 12500);
	assert_int_equal(fault_plan_parse(&plan, "clear@60", 2, &error), 0);
	assert_string_equal(plan.text, "clear");
	for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++)
		assert_int_not_equal(fault_plan_parse(&plan, WRONG[i], 2, &error), 0);
	assert_string_equal(plan.text, "clear");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_befall_what_was_named),
	    cmocka_unit_test(mending_one_fault_leaves_the_others),
	    cmocka_unit_test(faults_reach_the_last_battery),
	    cmocka_unit_test(faults_refuse_what_is_not_there),
	    cmocka_unit_test(fault_plan_reads_name_target_and_time),
	};

	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
