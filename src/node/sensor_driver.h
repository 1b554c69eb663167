/*
 * What measures a battery. A driver is a small function table; the sensor does
 * not know which it has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/reading.h"

struct sensor_driver {
	void *user;
	bool is_simulated; /* whether a faster clock does no harm */

	/*
	 * Measures into `out` in plain units, NaN where the battery does not say.
	 * Returns 0, -ENODATA where SoC or temperature cannot be had at the moment (no
	 * message is sent then), or another negative errno.
	 */
	int (*measure)(void *user, struct wall_time at, struct reading_received *out);

	/* Frees `user`; may be NULL. */
	void (*close)(void *user);
};

/*
 * A battery that goes round: SoC and temperature are slow waves with a little
 * noise, the same for the same `seed`. Returns 0 or -ENOMEM.
 */
int sensor_driver_simulated(struct sensor_driver *out, uint64_t seed) MUST_CHECK;

/*
 * A battery as Linux shows it: the first of type Battery below
 * `root`/class/power_supply (one with `scope` Device, a mouse say, is passed
 * over), with its temperature from the first hwmon below `root`/class/hwmon where the
 * supply has none. `root` is "/sys" but in tests. Returns 0, or a negative errno
 * with a sentence in `error` that says what is missing.
 */
int sensor_driver_sysfs(struct sensor_driver *out, const char *root, struct text *error) MUST_CHECK;
