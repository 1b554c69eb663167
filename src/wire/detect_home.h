/*
 * What others announced to Home Assistant, among what is found on a broker: batteries by the
 * unique ids of their entities, and the lines that take them over. Internal to wire/detect*.c.
 */
#pragma once

#include "wire/detect.h"
#include "wire/ha_book.h"

/*
 * Tells of each announced entity that may be a battery's state of charge and has a temperature
 * beside it, of the same device. Those are proposed, not found: nothing of their values is told.
 */
void detect_home_report(const struct ha_book *book,
			void (*tell)(void *user, const struct detect_device *device), void *user);
