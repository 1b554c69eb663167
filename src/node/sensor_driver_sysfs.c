/*
 * The battery of this machine: which of Linux's power supplies it is, and where its temperature
 * comes from. What the files say is sysfs_battery.c's; a value that is not there is not made up.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/sensor_driver.h"
#include "node/sysfs_battery.h"

#define SUPPLIES "class/power_supply"
#define MONITORS "class/hwmon"

struct battery_files {
	char supply[PATH_MAX];
	char monitor[PATH_MAX]; /* its temp1_input, where the supply has no temp; else empty */
};

typedef bool entry_test(const char *path);

static bool find_entry(char out[PATH_MAX], const char *root, const char *class,
		       entry_test *is_wanted);
static bool is_battery(const char *path);
static bool has_temperature(const char *path);
static int check(const struct battery_files *files, struct text *error);
static int measure(void *user, struct wall_time at, struct reading_received *out);
static double temperature_c(const struct battery_files *files, const struct sysfs_battery *battery);
static double monitor_temp_c(const char *directory);
static double or_nan(struct sysfs_value value);

int sensor_driver_sysfs(struct sensor_driver *out, const char *root, struct text *error)
{
	struct battery_files *files = calloc(1, sizeof(*files));
	struct sysfs_battery battery;
	int result;

	if (!files)
		return -ENOMEM;
	if (!find_entry(files->supply, root, SUPPLIES, is_battery)) {
		text_add(error, "no battery below %s/" SUPPLIES, root);
		free(files);
		return -ENODEV;
	}
	sysfs_supply_read(&battery, files->supply, true);
	if (isnan(or_nan(battery.temp_c)) &&
	    !find_entry(files->monitor, root, MONITORS, has_temperature))
		files->monitor[0] = '\0';
	result = check(files, error);
	if (result < 0) {
		free(files);
		return result;
	}
	*out = (struct sensor_driver){.user = files, .measure = measure, .close = free};
	return 0;
}

/* The first entry of a class, by name, that is wanted. */
static bool find_entry(char out[PATH_MAX], const char *root, const char *class,
		       entry_test *is_wanted)
{
	char directory[PATH_MAX];
	struct dirent **entries;
	bool is_found = false;
	int count;

	snprintf(directory, sizeof(directory), "%s/%s", root, class);
	count = scandir(directory, &entries, NULL, alphasort);
	if (count < 0)
		return false;
	for (int i = 0; i < count; i++) {
		int len = snprintf(out, PATH_MAX, "%s/%s/%s", root, class, entries[i]->d_name);

		is_found =
		    !is_found && entries[i]->d_name[0] != '.' && len < PATH_MAX && is_wanted(out);
		if (is_found)
			break;
	}
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return is_found;
}

/* The batteries of mice and headsets are supplies too; one that was taken out may come back. */
static bool is_battery(const char *path)
{
	struct sysfs_battery battery;

	sysfs_supply_read(&battery, path, true);
	return battery.kind != SYSFS_IS_OTHER;
}

static bool has_temperature(const char *path)
{
	return !isnan(monitor_temp_c(path));
}

static int check(const struct battery_files *files, struct text *error)
{
	struct sysfs_battery battery;

	sysfs_supply_read(&battery, files->supply, true);
	if (isnan(or_nan(battery.soc_pct))) {
		text_add(error, "%s/capacity cannot be read: the battery says no SoC",
			 files->supply);
		return -ENODATA;
	}
	if (isnan(temperature_c(files, &battery))) {
		text_add(error,
			 "%s/temp cannot be read and no hwmon has a temp1_input: a battery "
			 "without a temperature is not run",
			 files->supply);
		return -ENODATA;
	}
	return 0;
}

static int measure(void *user, struct wall_time at, struct reading_received *out)
{
	const struct battery_files *files = user;
	struct sysfs_battery battery;
	struct reading_received received = {.temp_max_c = NAN, .soh_pct = NAN, .interval_s = NAN};

	(void)at;
	sysfs_supply_read(&battery, files->supply, true);
	if (battery.kind != SYSFS_IS_BATTERY)
		return -ENODATA;
	received.soc_pct = or_nan(battery.soc_pct);
	received.temp_c = temperature_c(files, &battery);
	received.voltage_v = or_nan(battery.voltage_v);
	received.current_a = or_nan(battery.current_a);
	received.power_w = or_nan(battery.power_w);
	if (isnan(received.soc_pct) || isnan(received.temp_c))
		return -ENODATA;
	*out = received;
	return 0;
}

static double temperature_c(const struct battery_files *files, const struct sysfs_battery *battery)
{
	return files->monitor[0] == '\0' ? or_nan(battery->temp_c) : monitor_temp_c(files->monitor);
}

static double monitor_temp_c(const char *directory)
{
	static const struct sysfs_monitor monitor = {.temp = "temp1_input"};
	struct sysfs_battery battery;

	sysfs_monitor_read(&battery, directory, &monitor);
	return or_nan(battery.temp_c);
}

static double or_nan(struct sysfs_value value)
{
	return value.answer == SYSFS_IS_THERE ? value.value : NAN;
}
