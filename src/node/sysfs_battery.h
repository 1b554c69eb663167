/*
 * A battery's values as Linux writes them into files, each with why it is not
 * there. Documentation/ABI/testing/sysfs-class-power and hwmon/sysfs-interface.rst
 * in the kernel: capacity in %, temp in tenths of a degree, voltage_now in µV,
 * current_now in µA, power_now in µW; hwmon in mV, mA, µW and thousandths of a
 * degree.
 */
#pragma once

#include <stdbool.h>

enum sysfs_answer {
	SYSFS_IS_THERE,
	SYSFS_HAS_NONE, /* no such file: it does not measure that */
	SYSFS_ABSENT,   /* a file that cannot be read at the moment */
	SYSFS_BAD_NUMBER,
	SYSFS_OUT_OF_RANGE,
};

struct sysfs_value {
	enum sysfs_answer answer;
	double value; /* in plain units, charging positive; where it is there */
};

enum sysfs_kind {
	SYSFS_IS_BATTERY,
	SYSFS_IS_OTHER, /* a mains supply, a mouse's battery, another chip */
	SYSFS_IS_GONE,  /* the battery was taken out */
};

struct sysfs_battery {
	enum sysfs_kind kind; /* the values are only where it is a battery */
	struct sysfs_value soc_pct, temp_c, voltage_v, current_a, power_w;
};

/*
 * Reads the power supply in `directory`. With `sign_is_of_status` the sign of current and power
 * is that of `status` where it says Charging or Discharging, as many drivers write none, and with
 * Unknown there is none.
 */
void sysfs_supply_read(struct sysfs_battery *out, const char *directory, bool sign_is_of_status);

/* Which files of a hardware monitor mean what; NULL: none does. */
struct sysfs_monitor {
	const char *name; /* of the chip: numbers change from boot to boot; NULL: any */
	const char *voltage, *current, *power, *temp;
	bool power_has_sign_of_current; /* power is written without one */
};

void sysfs_monitor_read(struct sysfs_battery *out, const char *directory,
			const struct sysfs_monitor *monitor);
