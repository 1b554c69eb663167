/*
 * What moves a contact. A driver is a small function table; the relay server
 * does not know which it has.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

struct relay_driver {
	void *user;
	bool is_simulated; /* whether a faster clock does no harm */

	/* Moves the contact. 0, or a negative errno: then it is not known how it stands. */
	int (*set)(void *user, bool is_on);

	/* How the contact stands, 1 on, 0 off, or a negative errno; NULL where it cannot be read.
	 */
	int (*get)(void *user);

	/* Power through the contact in mW, returns whether it is known; NULL where it is not. */
	bool (*power)(void *user, int64_t *power_mw);

	/* Frees `user`; may be NULL. Does not move the contact: the server opens it first. */
	void (*close)(void *user);
};

/* A contact in memory. Returns 0 or -ENOMEM. */
int relay_driver_simulated(struct relay_driver *out) MUST_CHECK;

/*
 * Writes `1\n` or `0\n` to the file at `path` (an LED, a GPIO in sysfs, or a file
 * that something else reads), which is made where it is missing. Returns 0, or
 * a negative errno with a sentence in `error`.
 */
int relay_driver_file(struct relay_driver *out, const char *path, struct text *error) MUST_CHECK;

/*
 * Drives line `line` of a GPIO chip (`gpiochip0`, a path or a label) as an output,
 * active high, beginning open. Returns 0, or a negative errno with a sentence in
 * `error`.
 */
int relay_driver_gpiod(struct relay_driver *out, const char *chip, unsigned int line,
		       struct text *error) MUST_CHECK;
