/*
 * What we tell Home Assistant of ourselves: one discovery message in device form, and
 * small state messages, one topic for each battery, relay and the site; docs/home-assistant.md
 * has them for people. Pure; nothing here allocates but ha_announce_gone().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/event.h"
#include "model/house.h"
#include "model/planned.h"
#include "model/site.h"
#include "model/status.h"

/* Enough for the largest house with the longest names. */
#define HA_ANNOUNCE_MAX (512 * 1024)
#define HA_STATE_MAX 2048
#define HA_WORDS_MAX 250 /* Home Assistant shows no state of more than 255 characters */

/* PREFIX/device/ID/config; PREFIX/status, where it says that it is there; BASE/status, ours. */
void ha_announce_topic(struct text *out, const struct home_assistant_config *home);
void ha_birth_topic(struct text *out, const struct home_assistant_config *home);
void ha_availability_topic(struct text *out, const struct home_assistant_config *home);

/*
 * Writes the discovery message: what the house has, then `gone` as ha_announce_gone() wrote
 * it (may be empty), which takes away what it had.
 */
void ha_announce_write(struct text *out, const struct house *house, const char *version,
		       const char *gone);

/*
 * From an announcement of ours that the broker kept: members that take away what the house
 * has no more. What an earlier one took away is not named again. What cannot be read
 * has nothing. Allocates within the bounds of MQTT_PACKET_MAX.
 */
void ha_announce_gone(struct text *out, const struct house *house, const void *payload, size_t len);

/* BASE/BATTERY/state, BASE/relay/RELAY/state, BASE/energy/KIND/state, BASE/plan/BATTERY/state,
 * BASE/state. */
void ha_battery_topic(struct text *out, const struct house *house, size_t battery);
void ha_relay_topic(struct text *out, const struct house *house, size_t relay);
void ha_meter_topic(struct text *out, const struct house *house, enum meter_kind kind);
void ha_plan_topic(struct text *out, const struct house *house, size_t battery);
void ha_site_topic(struct text *out, const struct house *house);

/* State messages: what is not known, too old or not believed is null. */
void ha_battery_state(struct text *out, const struct house *house, const struct site *site,
		      size_t battery, struct now now, int32_t minutes);
void ha_relay_state(struct text *out, const struct house *house, const struct site *site,
		    size_t relay, struct now now);
void ha_meter_state(struct text *out, const struct meter_status *meter, enum meter_kind kind);
void ha_plan_state(struct text *out, const struct plan_status *status, struct wall_time now);
void ha_site_state(struct text *out, const struct site *site, const char *outcome);
