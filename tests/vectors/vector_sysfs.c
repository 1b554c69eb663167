/* Linux's files, written into a directory of their own and read by the sensor node's code. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/result.h"
#include "node/sysfs_battery.h"

/* A file that opens and cannot be read: EIO. */
#define UNREADABLE "/proc/self/mem"

static void write_files(const json_t *files, const char *directory)
{
	const char *name;
	json_t *content;

	json_object_foreach((json_t *)files, name, content)
	{
		char path[512];
		FILE *file;

		snprintf(path, sizeof path, "%s/%s", directory, name);
		if (!json_is_string(content)) {
			if (symlink(UNREADABLE, path) != 0)
				abort();
			continue;
		}
		file = fopen(path, "we");
		fputs(json_string_value(content), file);
		fclose(file);
	}
}

static void remove_files(const json_t *files, const char *directory)
{
	const char *name;
	json_t *content;

	json_object_foreach((json_t *)files, name, content)
	{
		char path[512];

		snprintf(path, sizeof path, "%s/%s", directory, name);
		unlink(path);
	}
	rmdir(directory);
}

static void keep(struct vector_result *result, const char *name, struct sysfs_value value)
{
	static const char *const reasons[] = {
	    [SYSFS_ABSENT] = "absent",
	    [SYSFS_BAD_NUMBER] = "bad-number",
	    [SYSFS_OUT_OF_RANGE] = "out-of-range",
	};

	if (value.answer == SYSFS_IS_THERE)
		json_object_set_new(result->got, name, json_real(value.value));
	else if (value.answer != SYSFS_HAS_NONE)
		vector_missing(result, name, reasons[value.answer]);
}

static void keep_battery(struct vector_result *result, const struct sysfs_battery *battery)
{
	if (battery->kind == SYSFS_IS_OTHER) {
		result->error = "not-usable";
		return;
	}
	if (battery->kind == SYSFS_IS_GONE) {
		json_object_set_new(result->got, "available", json_false());
		return;
	}
	keep(result, "soc_pct", battery->soc_pct);
	keep(result, "temp_c", battery->temp_c);
	keep(result, "voltage_v", battery->voltage_v);
	keep(result, "current_a", battery->current_a);
	keep(result, "power_w", battery->power_w);
}

static const char *config_text(const struct vector *vector, const char *key)
{
	return json_string_value(json_object_get(vector->config, key));
}

void vector_run_sysfs(const struct vector *vector, struct vector_result *result)
{
	const char *sign = config_text(vector, "power_sign");
	const char *supply_sign = config_text(vector, "sign");
	struct sysfs_monitor monitor = {
	    .name = config_text(vector, "name"),
	    .voltage = config_text(vector, "voltage_v"),
	    .current = config_text(vector, "current_a"),
	    .power = config_text(vector, "power_w"),
	    .temp = config_text(vector, "temp_c"),
	    .power_has_sign_of_current = sign != NULL && strcmp(sign, "current") == 0,
	};
	const json_t *files = json_object_get(vector->in, "files");
	char directory[] = "/tmp/amphora-vector-XXXXXX";
	struct sysfs_battery battery;

	if (mkdtemp(directory) == NULL)
		abort();
	write_files(files, directory);
	if (strcmp(config_text(vector, "profile"), "hwmon") == 0)
		sysfs_monitor_read(&battery, directory, &monitor);
	else
		sysfs_supply_read(&battery, directory,
				  supply_sign != NULL && strcmp(supply_sign, "status") == 0);
	remove_files(files, directory);
	keep_battery(result, &battery);
}
