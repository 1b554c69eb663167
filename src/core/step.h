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
 * relay unread, dwell beginning now, the epoch 0 and not durable. `settings`
 * has one entry per battery. Send what the journal kept (EVENT_RESTORE, one
 * per battery and relay) and EVENT_EPOCH_DURABLE with the stored epoch + 1
 * before anything else.
 */
void core_init(struct site *site, const struct house *house, const struct settings *settings,
	       struct now now);

/*
 * A battery has come to the house as its last one, of index `battery`: begins its state as
 * core_init() does. Between two steps.
 */
void core_admit(struct site *site, size_t battery, const struct settings *settings, struct now now);

/*
 * The battery `battery` of `count` leaves the house: the state of those behind it moves up by one.
 * It has no relay and no active alert (EVENT_CONDITION ends one). Between two steps.
 */
void core_forget(struct site *site, size_t battery, size_t count);

/*
 * A relay has come to the house as its last one, of index `relay`: it begins unread, so that it may
 * be on, and its dwell begins at `now`, as in core_init(). Between two steps.
 */
void core_admit_relay(struct site *site, size_t relay, struct now now);

/*
 * The relay `relay` of `count` leaves the house: the state of those behind it moves up by one. It is
 * not ours to open (core_opening()) and has no active alert. Between two steps.
 */
void core_forget_relay(struct site *site, size_t relay, size_t count);

/*
 * Takes `event` at `now` and decides anew: for the battery that it is about,
 * or for all with EVENT_TICK, EVENT_OVERRIDE_CANCEL, EVENT_EPOCH_DURABLE and EVENT_STOP. `site` is
 * changed in place; `outcome` is overwritten with what is to be sent and
 * noted. Never fails: an event about an unknown index changes nothing.
 *
 * Each relay command is to be answered by exactly one EVENT_RELAY_STATUS with
 * ANSWER_COMMAND or EVENT_RELAY_FAILED with its number, and each answered PUT
 * to be followed by a readback; COMMAND_READ by a readback, or EVENT_RELAY_FAILED
 * without a command. A relay gets at most one command a step.
 */
void core_step(struct site *site, const struct house *house, const struct event *event,
	       struct now now, struct outcome *outcome);

/*
 * What would keep EVENT_OVERRIDE of `wish` from being taken at `now`; REASON_NONE: nothing.
 * `site` is not changed.
 */
struct hindrance core_refusal(struct site *site, const struct house *house,
			      const struct override_wish *wish, struct now now);

/* A tick comes this often at the least: what follows the wall clock has no other deadline. */
#define CORE_DUE_MAX_MS 1000

/*
 * How long until the next EVENT_TICK, in ms of `now`'s clock: until it could
 * change something (a reading grows stale, an override or dwell ends, a lease is
 * to be renewed, OFF is to be repeated), and no later than `most_ms`
 * (CORE_DUE_MAX_MS for the daemon) after the one before, which was at `ticked_at`.
 * What fell due since then is still to be done, as events between see to their
 * own battery only: that makes it 1, the least. For a timer in place of polling.
 */
int64_t core_next_due_ms(const struct site *site, const struct house *house, struct now now,
			 struct mono_time ticked_at, int64_t most_ms);

/* How `relay` is left when nothing more is sent to it from `now` on: for the end. */
struct opening core_opening(const struct site *site, const struct house *house, struct now now,
			    size_t relay);

/* What is to survive a restart, as it stands; made durable upon NOTE_KEEP_*. */
struct kept_battery core_keep_battery(const struct site *site, size_t battery);
struct kept_relay core_keep_relay(const struct site *site, size_t relay);
