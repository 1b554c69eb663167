#include "node/sysfs_battery.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/quantity.h"

#define TEXT_MAX 64
#define MICRO 1e6
#define MILLI 1e3
#define VOLTAGE_MAX 2000
#define CURRENT_MAX 10e3
#define POWER_MAX 10e6

/* The first line of a file, without its end. */
static enum sysfs_answer read_text(char out[TEXT_MAX], const char *directory, const char *name)
{
	char path[PATH_MAX + TEXT_MAX];
	FILE *file;
	bool is_read;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	file = fopen(path, "re");
	if (file == NULL)
		return errno == ENOENT ? SYSFS_HAS_NONE : SYSFS_ABSENT;
	is_read = fgets(out, TEXT_MAX, file) != NULL;
	is_read &= ferror(file) == 0;
	fclose(file);
	if (!is_read)
		return SYSFS_ABSENT;
	out[strcspn(out, "\n")] = '\0';
	return SYSFS_IS_THERE;
}

static bool says(const char *directory, const char *name, const char *text)
{
	char found[TEXT_MAX];

	return read_text(found, directory, name) == SYSFS_IS_THERE && strcmp(found, text) == 0;
}

/* The whole number in a file over `scale`, within min..max. */
static struct sysfs_value read_value(const char *directory, const char *name, double scale,
				     double min, double max)
{
	struct sysfs_value value = {.answer = SYSFS_HAS_NONE};
	char text[TEXT_MAX], *end;
	long long number;

	if (name == NULL)
		return value;
	value.answer = read_text(text, directory, name);
	if (value.answer != SYSFS_IS_THERE)
		return value;
	errno = 0;
	number = strtoll(text, &end, 10);
	value.value = (double)number / scale;
	if (end == text || *end != '\0' || errno != 0)
		value.answer = SYSFS_BAD_NUMBER;
	else if (value.value < min || value.value > max)
		value.answer = SYSFS_OUT_OF_RANGE;
	return value;
}

/* The direction that `status` says; a battery that does not know it has no current for us. */
static void sign_by_status(struct sysfs_value *value, const char *status)
{
	if (value->answer != SYSFS_IS_THERE)
		return;
	if (strcmp(status, "Charging") == 0)
		value->value = fabs(value->value);
	else if (strcmp(status, "Discharging") == 0)
		value->value = -fabs(value->value);
	else if (strcmp(status, "Unknown") == 0)
		value->answer = SYSFS_ABSENT;
}

void sysfs_supply_read(struct sysfs_battery *out, const char *directory, bool sign_is_of_status)
{
	char status[TEXT_MAX];

	*out = (struct sysfs_battery){.kind = SYSFS_IS_BATTERY};
	if (!says(directory, "type", "Battery") || says(directory, "scope", "Device"))
		out->kind = SYSFS_IS_OTHER;
	else if (says(directory, "present", "0"))
		out->kind = SYSFS_IS_GONE;
	if (out->kind != SYSFS_IS_BATTERY)
		return;
	if (read_text(status, directory, "status") != SYSFS_IS_THERE)
		snprintf(status, sizeof status, "Unknown");
	out->soc_pct = read_value(directory, "capacity", 1, 0, SOC_BP_MAX / 100.0);
	out->temp_c = read_value(directory, "temp", 10, TEMP_MC_MIN / MILLI, TEMP_MC_MAX / MILLI);
	out->voltage_v = read_value(directory, "voltage_now", MICRO, 0, VOLTAGE_MAX);
	out->current_a = read_value(directory, "current_now", MICRO, -CURRENT_MAX, CURRENT_MAX);
	out->power_w = read_value(directory, "power_now", MICRO, -POWER_MAX, POWER_MAX);
	if (!sign_is_of_status)
		return;
	sign_by_status(&out->current_a, status);
	sign_by_status(&out->power_w, status);
}

/* A file that is named and is not there is missing; one that nobody named is not. */
static struct sysfs_value named_value(const char *directory, const char *name, double scale,
				      double min, double max)
{
	struct sysfs_value value = read_value(directory, name, scale, min, max);

	if (name != NULL && value.answer == SYSFS_HAS_NONE)
		value.answer = SYSFS_ABSENT;
	return value;
}

void sysfs_monitor_read(struct sysfs_battery *out, const char *directory,
			const struct sysfs_monitor *monitor)
{
	*out =
	    (struct sysfs_battery){.kind = SYSFS_IS_BATTERY, .soc_pct = {.answer = SYSFS_HAS_NONE}};
	if (monitor->name != NULL && !says(directory, "name", monitor->name)) {
		out->kind = SYSFS_IS_OTHER;
		return;
	}
	out->voltage_v = named_value(directory, monitor->voltage, MILLI, 0, VOLTAGE_MAX);
	out->current_a = named_value(directory, monitor->current, MILLI, -CURRENT_MAX, CURRENT_MAX);
	out->power_w = named_value(directory, monitor->power, MICRO, -POWER_MAX, POWER_MAX);
	out->temp_c =
	    named_value(directory, monitor->temp, MILLI, TEMP_MC_MIN / MILLI, TEMP_MC_MAX / MILLI);
	if (!monitor->power_has_sign_of_current || out->power_w.answer != SYSFS_IS_THERE)
		return;
	if (out->current_a.answer == SYSFS_IS_THERE)
		out->power_w.value = copysign(out->power_w.value, out->current_a.value);
	else
		out->power_w.answer = SYSFS_ABSENT; /* a power without its direction is none */
}
