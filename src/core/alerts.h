/*
 * The book of alerts: one entry for each code and subject, which begins, is
 * counted, is acknowledged and ends. NOTE_ALERT marks beginning, end and
 * acknowledgement.
 */
#pragma once

#include "core/turn.h"

/* How long something that only happened (a reboot, a gap) stays in sight. */
#define ALERT_FADES_MS MS_PER_HOUR

/*
 * Raises `code` about `subject` (copied), or counts it once more with its new
 * numbers. `detail` may be NULL; it is cut to fit. In a full book the oldest
 * entry that is over gives way, and after those the oldest of the lowest level.
 */
void alerts_raise(const struct turn *turn, enum alert_code code, const struct ident *subject,
		  int64_t value, int64_t limit, const char *detail);

/* Ends it, if it is active. */
void alerts_clear(const struct turn *turn, enum alert_code code, const struct ident *subject);

/*
 * Marks the alert `id` as seen and ends it where it only tells of something
 * that happened. Returns it, borrowed from the site, or NULL if there is none.
 */
const struct alert *alerts_acknowledge(const struct turn *turn, uint32_t id);

/* Ends what only happened, is no alarm, and happened long ago. */
void alerts_fade(const struct turn *turn);

/*
 * At the start, takes back an alert (copied) that was active at the last end, as it was: seen or
 * not, until what it tells of is over. Ends it at once where its subject is no more, or where the
 * daemon finds out afresh how it stands.
 */
void alerts_restore(const struct turn *turn, const struct alert *kept);

/* Whether `code` is active about a battery or relay. */
bool alerts_battery_has(const struct turn *turn, size_t battery, enum alert_code code);
bool alerts_relay_has(const struct turn *turn, size_t relay, enum alert_code code);

/* Raising and clearing for one battery or relay, cheap where nothing changes. */
void alerts_battery(const struct turn *turn, size_t battery, enum alert_code code, int64_t value,
		    int64_t limit, const char *detail);
void alerts_battery_clear(const struct turn *turn, size_t battery, enum alert_code code);
void alerts_relay(const struct turn *turn, size_t relay, enum alert_code code, int64_t value,
		  int64_t limit, const char *detail);
void alerts_relay_clear(const struct turn *turn, size_t relay, enum alert_code code);
