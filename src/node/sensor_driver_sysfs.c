/*
 * A battery as Linux shows it (Documentation/ABI/testing/sysfs-class-power and
 * hwmon/sysfs-interface.rst in the kernel): capacity in %, temp in tenths of a
 * degree, voltage_now in µV, current_now in µA, the direction in status. A value that
 * is not there is not made up.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/sensor_driver.h"

#define VALUE_TEXT_MAX 64
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
static double temperature_c(const struct battery_files *files);
static double current_a(const struct battery_files *files);
static double value_of(const char *directory, const char *name, double scale);
static bool text_of(char out[VALUE_TEXT_MAX], const char *directory, const char *name);

int sensor_driver_sysfs(struct sensor_driver *out, const char *root, struct text *error)
{
	struct battery_files *files = calloc(1, sizeof(*files));
	int result;

	if (!files)
		return -ENOMEM;
	if (!find_entry(files->supply, root, SUPPLIES, is_battery)) {
		text_add(error, "no battery below %s/" SUPPLIES, root);
		free(files);
		return -ENODEV;
	}
	if (isnan(value_of(files->supply, "temp", 1)) &&
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

/* The batteries of mice and headsets are supplies too, of scope Device. */
static bool is_battery(const char *path)
{
	char text[VALUE_TEXT_MAX];

	if (!text_of(text, path, "type") || strcmp(text, "Battery") != 0)
		return false;
	return !text_of(text, path, "scope") || strcmp(text, "Device") != 0;
}

static bool has_temperature(const char *path)
{
	return !isnan(value_of(path, "temp1_input", 1));
}

static int check(const struct battery_files *files, struct text *error)
{
	if (isnan(value_of(files->supply, "capacity", 1))) {
		text_add(error, "%s/capacity cannot be read: the battery says no SoC",
			 files->supply);
		return -ENODATA;
	}
	if (isnan(temperature_c(files))) {
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
	struct reading_received received = {
	    .soc_pct = value_of(files->supply, "capacity", 1),
	    .temp_c = temperature_c(files),
	    .temp_max_c = NAN,
	    .voltage_v = value_of(files->supply, "voltage_now", 1e6),
	    .current_a = current_a(files),
	    .power_w = NAN,
	    .soh_pct = NAN,
	    .interval_s = NAN,
	};

	(void)at;
	if (isnan(received.soc_pct) || isnan(received.temp_c))
		return -ENODATA;
	*out = received;
	return 0;
}

static double temperature_c(const struct battery_files *files)
{
	return files->monitor[0] == '\0' ? value_of(files->supply, "temp", 10)
					 : value_of(files->monitor, "temp1_input", 1000);
}

/* Drivers differ in the sign; where status says the direction, that counts. */
static double current_a(const struct battery_files *files)
{
	double current = value_of(files->supply, "current_now", 1e6);
	char status[VALUE_TEXT_MAX];

	if (!text_of(status, files->supply, "status"))
		return NAN;
	if (strcmp(status, "Charging") == 0)
		return fabs(current);
	if (strcmp(status, "Discharging") == 0)
		return -fabs(current);
	return strcmp(status, "Unknown") == 0 ? NAN : current;
}

/* The whole number in a file over `scale`, or NaN. */
static double value_of(const char *directory, const char *name, double scale)
{
	char text[VALUE_TEXT_MAX];
	char *end;
	long long number;

	if (!text_of(text, directory, name) || text[0] == '\0')
		return NAN;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (*end != '\0' || errno != 0)
		return NAN;
	return (double)number / scale;
}

/* The first line of a file, without its end. */
static bool text_of(char out[VALUE_TEXT_MAX], const char *directory, const char *name)
{
	char path[PATH_MAX + VALUE_TEXT_MAX];
	FILE *file;
	bool is_read;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	is_read = fgets(out, VALUE_TEXT_MAX, file) != NULL;
	fclose(file);
	if (is_read)
		out[strcspn(out, "\n")] = '\0';
	return is_read;
}
