/*
 * The one entry into the core: event, state and now in; new state, commands
 * and notes out. It is a pure function of its arguments: no clock, no I/O, no
 * allocation. The same inputs give the same decisions, bit for bit.
 *
 * Within a step: take the event in (intake, relay), let each decider wish
 * (control), ask the gate what may happen (safety), tell the relays (relay),
 * and write down why (decision).
 */
#pragma once

#include "model/event.h"
#include "model/site.h"

/*
 * Makes the state of `house` at `now`: nothing heard, nothing wished, every
 * relay unread, dwell beginning now. `settings` has one entry per battery.
 */
void core_init(struct site *site, const struct house *house, const struct settings *settings,
               struct now now);

/*
 * Takes `event` at `now` and decides for every battery anew. `site` is changed
 * in place; `outcome` is overwritten with what is to be sent and noted. Never
 * fails: an event about an unknown index changes nothing.
 */
void core_step(struct site *site, const struct house *house, const struct event *event,
               struct now now, struct outcome *outcome);
/* What is to survive a restart. */
struct kept_battery core_keep_battery(const struct site *site, size_t battery);
struct kept_relay core_keep_relay(const struct site *site, size_t relay);
