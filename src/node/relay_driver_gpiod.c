/*
 * A relay on a GPIO line, through libgpiod 1.6. The line is asked for as an output
 * that begins open and stays ours while the program runs.
 */
#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>

#include "node/relay_driver.h"

#define CONSUMER "amphora-relay"

struct gpio_contact {
	struct gpiod_chip *chip;
	struct gpiod_line *line; /* the chip's */
};

static int gpio_open(struct gpio_contact *contact, const char *chip, unsigned int line,
		     struct text *error);
static int gpio_set(void *user, bool is_on);
static int gpio_get(void *user);
static void gpio_close(void *user);

int relay_driver_gpiod(struct relay_driver *out, const char *chip, unsigned int line,
		       struct text *error)
{
	struct gpio_contact *contact = calloc(1, sizeof(*contact));
	int result;

	if (!contact)
		return -ENOMEM;
	result = gpio_open(contact, chip, line, error);
	if (result < 0) {
		gpio_close(contact);
		return result;
	}
	*out = (struct relay_driver){
	    .user = contact,
	    .set = gpio_set,
	    .get = gpio_get,
	    .close = gpio_close,
	};
	return 0;
}

static int gpio_open(struct gpio_contact *contact, const char *chip, unsigned int line,
		     struct text *error)
{
	int failure;

	contact->chip = gpiod_chip_open_lookup(chip);
	if (!contact->chip) {
		failure = errno ? errno : ENOENT;
		text_add(error, "cannot open the GPIO chip %s: %s; `gpiodetect` lists them", chip,
			 strerror(failure));
		return -failure;
	}
	contact->line = gpiod_chip_get_line(contact->chip, line);
	if (!contact->line) {
		failure = errno ? errno : ENOENT;
		text_add(error, "the GPIO chip %s has no line %u; `gpioinfo` lists them", chip,
			 line);
		return -failure;
	}
	if (gpiod_line_request_output(contact->line, CONSUMER, 0) < 0) {
		failure = errno ? errno : EIO;
		text_add(error, "cannot use line %u of %s as an output: %s", line, chip,
			 strerror(failure));
		return -failure;
	}
	return 0;
}

static int gpio_set(void *user, bool is_on)
{
	struct gpio_contact *contact = user;

	return gpiod_line_set_value(contact->line, is_on) < 0 ? -errno : 0;
}

static int gpio_get(void *user)
{
	struct gpio_contact *contact = user;
	int value = gpiod_line_get_value(contact->line);

	return value < 0 ? -errno : value;
}

static void gpio_close(void *user)
{
	struct gpio_contact *contact = user;

	if (contact->chip)
		gpiod_chip_close(contact->chip);
	free(contact);
}
