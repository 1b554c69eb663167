/*
 * Whether what happened in a simulated home was as docs/design.md, section 4,
 * says. It is told what truly happened and what the core was given, never asks
 * the core's gate, and counts what went beyond a bound.
 *
 * A relay that is truly closed must open
 *   - interval + 2 s after the battery left the path's envelope, as a truthful
 *     reading would show it, or 2 s after such a reading came;
 *   - stale_after + 2 s after the last reading that counted was measured, which
 *     also bounds the first where readings were lost, late or refused;
 *   - 2 s after a message that no battery could have meant;
 *   - 2 s after the other path was closed, where the paths are exclusive;
 *   - where commands do not reach it, at its lease's end.
 * Someone else's closing counts from when the relay was heard to be on.
 * What a broken relay, a frozen sensor or a relay without a lease holds up is
 * unavoidable; then an alarm must come in time.
 */
#pragma once

#include "sim/simulate_home.h"

/* OFF is sent again at the latest after this: the longest back-off, and its way. */
#define OFF_AGAIN_MS (62 * MS_PER_SECOND)

/* The true state of `battery` is now outside, or not, for relays of `role`; since `since`. */
void sim_oracle_envelope(struct sim_home *home, size_t battery, enum relay_role role,
			 bool is_outside, int64_t since);

/* The daemon starts or has ended. */
void sim_oracle_start(struct sim_home *home);
void sim_oracle_stop(struct sim_home *home);

/* Before the core is given it. */
void sim_oracle_reading(struct sim_home *home, size_t battery, const struct sim_reading *reading,
			bool is_old);
void sim_oracle_status(struct sim_relay *relay, const struct relay_status *status, int64_t made_at);

/* Before it is sent. */
void sim_oracle_command(struct sim_home *home, const struct command *command);

/* Before a step of the core, and after it. */
void sim_oracle_day(struct sim_home *home);
void sim_oracle_step(struct sim_home *home);

/* The contact has moved. */
void sim_oracle_switched(struct sim_relay *relay);
/* Who closed it. */
void sim_oracle_closed_by(struct sim_relay *relay, bool is_foreign);
void sim_oracle_mended(struct sim_relay *relay);

void sim_oracle_settings(struct sim_home *home, size_t battery);
void sim_oracle_gauge(struct sim_home *home, size_t battery);
void sim_oracle_acknowledged(struct sim_home *home, const struct alert *alert);

/* --- among simulate_oracle*.c --- */

/* Counts a violation, and keeps its words while there is room. */
void sim_oracle_found(struct sim_home *home, enum sim_rule rule, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The last reading that counted is held against limits that may be new. */
void sim_oracle_limits(struct sim_home *home, size_t battery);
/* Why ON may not be, or NULL. */
const char *sim_oracle_unexplained(const struct sim_home *home, const struct sim_relay *relay);
/* Whether OFF is sent again for as long as the contact is closed and not said to be open. */
void sim_oracle_off(struct sim_relay *relay);
/* Whether the core has found the relay's contact closed although it is reported open. */
bool sim_oracle_is_convicted(const struct sim_relay *relay);
/* The values that a sensor shows have moved. */
void sim_oracle_moved(struct sim_home *home, size_t battery);
/* Power through a contact that is reported open. */
void sim_oracle_leak(struct sim_relay *relay, const struct relay_status *status);
/* A person has seen to it: what was gathered before says nothing. */
void sim_oracle_anew(struct sim_home *home, size_t battery);
/* Judges the alarms that are due by now. */
void sim_oracle_alarms(struct sim_home *home);
