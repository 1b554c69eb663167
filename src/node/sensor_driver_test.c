/* Sensor drivers: the kernel's files on a tree of our own, and the simulated battery. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/result.h"
#include "node/sensor_driver.h"

#define BATTERY "class/power_supply/BAT0/"

static char root[] = "/tmp/amphora-sysfs-XXXXXX";

/* Writes `text` to a file below the root, making its directories; NULL removes it. */
static void set_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	if (!text) {
		unlink(path);
		return;
	}
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_tree(void **test)
{
	(void)test;
	strcpy(root, "/tmp/amphora-sysfs-XXXXXX");
	assert_non_null(mkdtemp(root));
	set_file("class/power_supply/AC/type", "Mains\n");
	set_file("class/power_supply/A_mouse/type", "Battery\n");
	set_file("class/power_supply/A_mouse/scope", "Device\n");
	set_file("class/power_supply/A_mouse/capacity", "12\n");
	set_file("class/power_supply/A_mouse/temp", "300\n");
	set_file(BATTERY "type", "Battery\n");
	set_file(BATTERY "capacity", "55\n");
	set_file(BATTERY "temp", "241\n");
	set_file(BATTERY "voltage_now", "51200000\n");
	set_file(BATTERY "current_now", "2500000\n");
	set_file(BATTERY "status", "Charging\n");
	return 0;
}

static int remove_tree(void **test)
{
	char command[64];

	(void)test;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static struct sensor_driver open_driver(void)
{
	char message[512];
	struct text error = text_in(message, sizeof(message));
	struct sensor_driver driver;

	assert_int_equal(sensor_driver_sysfs(&driver, root, &error), 0);
	return driver;
}

static struct reading_received measured(struct sensor_driver *driver)
{
	struct reading_received received;

	assert_int_equal(driver->measure(driver->user, (struct wall_time){0}, &received), 0);
	return received;
}

static void sysfs_reads_the_battery_and_not_the_mouse(void **test)
{
	struct sensor_driver driver = open_driver();
	struct reading_received received = measured(&driver);

	(void)test;
	assert_false(driver.is_simulated);
	assert_float_equal(received.soc_pct, 55, 0);
	assert_float_equal(received.temp_c, 24.1, 1e-9);
	assert_float_equal(received.voltage_v, 51.2, 1e-9);
	assert_float_equal(received.current_a, 2.5, 1e-9);
	driver.close(driver.user);
}

static void sysfs_takes_the_direction_from_status(void **test)
{
	static const struct {
		const char *status, *current;
		double expected_a;
	} cases[] = {
	    {"Charging\n", "2500000\n", 2.5},
	    {"Charging\n", "-2500000\n", 2.5},
	    {"Discharging\n", "2500000\n", -2.5},
	    {"Discharging\n", "-2500000\n", -2.5},
	    {"Full\n", "0\n", 0},
	    {"Unknown\n", "2500000\n", NAN},
	    {"Charging\n", "no number\n", NAN},
	};
	struct sensor_driver driver = open_driver();

	(void)test;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		set_file(BATTERY "status", cases[i].status);
		set_file(BATTERY "current_now", cases[i].current);
		if (isnan(cases[i].expected_a))
			assert_true(isnan(measured(&driver).current_a));
		else
			assert_float_equal(measured(&driver).current_a, cases[i].expected_a, 1e-9);
	}
	driver.close(driver.user);
}

static void sysfs_sends_nothing_when_a_value_vanishes(void **test)
{
	static const char *const needed[] = {BATTERY "capacity", BATTERY "temp"};
	struct sensor_driver driver = open_driver();
	struct reading_received received;

	(void)test;
	for (size_t i = 0; i < ARRAY_LENGTH(needed); i++) {
		set_file(needed[i], NULL);
		assert_int_equal(driver.measure(driver.user, (struct wall_time){0}, &received),
				 -ENODATA);
		set_file(needed[i], "42\n");
		measured(&driver);
	}
	set_file(BATTERY "voltage_now", NULL);
	assert_true(isnan(measured(&driver).voltage_v));
	driver.close(driver.user);
}

static void sysfs_takes_the_temperature_from_hwmon_where_the_supply_has_none(void **test)
{
	struct sensor_driver driver;

	(void)test;
	set_file(BATTERY "temp", NULL);
	set_file("class/hwmon/hwmon0/name", "fan\n");
	set_file("class/hwmon/hwmon1/temp1_input", "-4500\n");
	driver = open_driver();
	assert_float_equal(measured(&driver).temp_c, -4.5, 1e-9);
	driver.close(driver.user);
}

static void sysfs_says_what_is_missing(void **test)
{
	static const struct {
		const char *file, *says;
	} cases[] = {
	    {BATTERY "capacity", "capacity cannot be read"},
	    {BATTERY "temp", "temp cannot be read and no hwmon"},
	    {BATTERY "type", "no battery below"},
	};

	(void)test;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char message[512];
		struct text error = text_in(message, sizeof(message));
		struct sensor_driver driver;

		set_file(cases[i].file, NULL);
		assert_true(sensor_driver_sysfs(&driver, root, &error) < 0);
		assert_non_null(strstr(message, cases[i].says));
		set_file(cases[i].file, "42\n");
	}
}

static void simulated_battery_is_the_same_for_the_same_seed(void **test)
{
	struct sensor_driver one, same, other;
	bool differs = false;

	(void)test;
	assert_int_equal(sensor_driver_simulated(&one, 5), 0);
	assert_int_equal(sensor_driver_simulated(&same, 5), 0);
	assert_int_equal(sensor_driver_simulated(&other, 6), 0);
	for (int64_t minute = 0; minute < 1440; minute++) {
		struct wall_time at = {minute * MS_PER_MINUTE};
		struct reading_received a, b, c;

		assert_int_equal(one.measure(one.user, at, &a), 0);
		assert_int_equal(same.measure(same.user, at, &b), 0);
		assert_int_equal(other.measure(other.user, at, &c), 0);
		assert_true(a.soc_pct == b.soc_pct && a.temp_c == b.temp_c);
		assert_true(a.soc_pct >= 0 && a.soc_pct <= 100);
		differs = differs || a.soc_pct != c.soc_pct;
	}
	assert_true(differs);
	one.close(one.user);
	same.close(same.user);
	other.close(other.user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(sysfs_reads_the_battery_and_not_the_mouse, make_tree,
					    remove_tree),
	    cmocka_unit_test_setup_teardown(sysfs_takes_the_direction_from_status, make_tree,
					    remove_tree),
	    cmocka_unit_test_setup_teardown(sysfs_sends_nothing_when_a_value_vanishes, make_tree,
					    remove_tree),
	    cmocka_unit_test_setup_teardown(
		sysfs_takes_the_temperature_from_hwmon_where_the_supply_has_none, make_tree,
		remove_tree),
	    cmocka_unit_test_setup_teardown(sysfs_says_what_is_missing, make_tree, remove_tree),
	    cmocka_unit_test(simulated_battery_is_the_same_for_the_same_seed),
	};

	return cmocka_run_group_tests_name("sensor_driver", tests, NULL, NULL);
}
